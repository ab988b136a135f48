"""Layer 2 from rows to persons: seconds of each step, peak memory, accuracy against truth.

    python bench/linkage.py [--rows 1000000] [--seed 7]

Synthetic customers in the Chinese style: two or three records a person on average; phone 30 %
missing, 15 % another number, 3 % a wrong digit; e-mail 60 % and birth date 35 % missing; city
sometimes another; names now and then traditional, in letters, or with a character changed.
"""

import argparse
import time
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from apart import Work, measured  # type: ignore[import-not-found]  # lies beside this script

from algorithms.identity.linkage.cluster import communities
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.score import score
from algorithms.identity.linkage.settings import derive, read_choices
from algorithms.identity.linkage.training import train

Texts = npt.NDArray[np.str_]
Numbers = npt.NDArray[np.int64]

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文斌红梅志鹏飞鑫波辉健俊"
    "宇浩然子轩梓涵欣怡雨思佳琪晨曦博天一诺嘉慧颖婷雪琳晓燕春海龙凤云山峰永东光荣成林"
    "家宝"
)
CITIES = 300
RECORDS_PER_PERSON = 2.4


def people(n: int, *, random: np.random.Generator) -> dict[str, Texts]:
    """Return ``n`` people with all that is known of them."""
    surname = _popular(np.array(list(SURNAMES)), n, random=random)
    first = _popular(np.array(list(GIVEN)), n, random=random)
    second = np.where(random.random(n) < 0.8, random.choice(list(GIVEN), n), "")
    days = np.datetime64("1945-01-01") + random.integers(0, 23_000, n).astype("timedelta64[D]")
    number = random.integers(10**8, 10**9, n).astype(str)
    return {
        "full_name": np.char.add(np.char.add(surname, first), second),
        "birth_date": days.astype(str),
        "phone": np.char.add(random.choice(["13", "15", "17", "18"], n), number),
        "email": np.char.add(random.integers(10**7, 10**9, n).astype(str), "@example.com"),
        "city": np.char.add("市", np.minimum(random.zipf(1.4, n), CITIES).astype(str)),
    }


def _popular(values: Texts, n: int, *, random: np.random.Generator) -> Texts:
    share = 1 / np.arange(1, len(values) + 1) ** 0.7
    return random.choice(values, n, p=share / share.sum())


def records(n: int, *, seed: int) -> tuple[pa.Table, Numbers]:
    """Return ``n`` noisy records as ``match_rows`` takes them, and the person of each."""
    random = np.random.default_rng(seed)
    known = people(int(n / RECORDS_PER_PERSON), random=random)
    person = random.integers(0, len(known["phone"]), n)
    told = {name: values[person] for name, values in known.items()}
    told["full_name"] = _slipped(told["full_name"], list(GIVEN), share=0.04, random=random)
    digits = [str(digit) for digit in range(10)]
    told["phone"] = _slipped(told["phone"], digits, share=0.03, random=random)
    other = random.random(n) < 0.15
    told["phone"][other] = np.char.add("19", random.integers(10**8, 10**9, other.sum()).astype(str))
    moved = random.random(n) < 0.08
    told["city"][moved] = np.char.add("市", random.integers(1, CITIES, moved.sum()).astype(str))
    missing = {"phone": 0.30, "email": 0.60, "birth_date": 0.35, "city": 0.05}
    columns = {
        name: pa.array(values, mask=random.random(n) < missing.get(name, 0.0))
        for name, values in told.items()
    }
    for name in ("phone", "email"):
        columns[name] = _as_lists(columns[name])
    return pa.table({"account_id": np.arange(n).astype(str), **columns}), person


def _slipped(
    values: Texts, signs: list[str], *, share: float, random: np.random.Generator
) -> Texts:
    """Change the last sign of a share of the values."""
    slips = random.random(len(values)) < share
    changed = [
        text[:-1] + sign
        for text, sign in zip(values[slips], random.choice(signs, slips.sum()), strict=True)
    ]
    found = values.copy()
    found[slips] = changed
    return found


def _as_lists(values: pa.Array) -> pa.Array:
    lengths = np.asarray(values.is_valid()).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values.drop_null())


def linkage(n: int, *, seed: int) -> Work:
    """Return the whole of layer 2 on ``n`` records, each step timed."""
    persons, truth = records(n, seed=seed)

    def work() -> object:
        seconds, last = {}, time.perf_counter()

        def done(step: str) -> None:
            nonlocal last
            seconds[step], last = round(time.perf_counter() - last, 1), time.perf_counter()

        rows = match_rows(persons, np.arange(n))
        done("rows")
        settings = derive(rows, read_choices())
        done("settings")
        model = train(rows, settings, seed=1)
        done("train")
        pairs = score(model, rows)
        done("score")
        labels = communities(pairs, n, resolution=model.limits.resolution)
        done("cluster")
        return seconds, settings.n_pairs, pairs.num_rows, accuracy(labels, truth)

    return work


def accuracy(labels: Numbers, truth: Numbers) -> dict[str, float]:
    """Return pairwise and B-cubed precision, recall and F1, and the largest community."""
    cells, cell = np.unique(np.stack([labels, truth]), axis=1, return_inverse=True)
    both, ours, theirs = (np.bincount(x) for x in (cell, labels, truth))
    together = [float((n * (n - 1) / 2).sum()) for n in (both, ours, theirs)]
    precision, recall = together[0] / max(together[1], 1), together[0] / max(together[2], 1)
    b_precision = float((both[cell] / ours[labels]).mean())
    b_recall = float((both[cell] / theirs[truth]).mean())
    found = {
        "P": precision,
        "R": recall,
        "F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "B3": 2 * b_precision * b_recall / (b_precision + b_recall),
    }
    del cells
    return {name: round(value, 4) for name, value in found.items()} | {"largest": int(ours.max())}


def main() -> None:
    """Print seconds by step, peak memory and accuracy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    found = measured(partial(linkage, asked.rows, seed=asked.seed))
    print(f"{asked.rows} rows: {found.seconds:.1f} s, peak {found.megabytes:.0f} MB")
    print(found.answer)


if __name__ == "__main__":
    main()
