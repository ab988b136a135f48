"""Registers of persons with known truth: made ones of several kinds, and real ones from files.

Made names are syllables, so that no list of names is needed; how often each occurs falls
with its rank. Real files are read as a manifest maps their columns.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from algorithms.identity.linkage.cluster import communities
from algorithms.identity.linkage.model import Model
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.score import score
from algorithms.identity.linkage.settings import derive, read_choices
from algorithms.identity.linkage.training import train

Numbers = npt.NDArray[np.int64]
Record = dict[str, str | None]

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
SYLLABLES: Final = tuple(
    f"{consonant}{vowel}" for consonant in ("k", "l", "m", "r", "t") for vowel in "aeio"
)
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
LISTS: Final = ("phone", "email")


@dataclass(frozen=True)
class Register:
    """Persons as ``match_rows`` takes them, and who each of them is."""

    persons: pa.Table
    truth: Numbers


@dataclass(frozen=True)
class Linked:
    """What layer 2 made of a register."""

    rows: pa.Table
    model: Model
    pairs: pa.Table
    labels: Numbers


def linked(register: Register, *, seed: int = 1) -> Linked:
    """Run layer 2 from rows to persons, with shipped settings."""
    rows = match_rows(register.persons, np.arange(len(register.truth)))
    model = train(rows, derive(rows, read_choices()), seed=seed)
    pairs = score(model, rows)
    labels = communities(pairs, rows.num_rows, resolution=model.limits.resolution)
    return Linked(rows, model, pairs, labels)


# ---------------------------------------------------------------------- grading


@dataclass(frozen=True)
class Grade:
    """Pairwise precision, recall and F1, and B-cubed F1."""

    precision: float
    recall: float
    f1: float
    b_cubed: float


def graded(labels: Numbers, truth: Numbers) -> Grade:
    """Grade a partition, counting in plain Python."""
    ours, theirs = Counter(labels.tolist()), Counter(truth.tolist())
    both = Counter(zip(labels.tolist(), truth.tolist(), strict=True))
    precision = _pairs(both) / max(_pairs(ours), 1)
    recall = _pairs(both) / max(_pairs(theirs), 1)
    n = len(truth)
    b_precision = sum(k * k / ours[cell[0]] for cell, k in both.items()) / n
    b_recall = sum(k * k / theirs[cell[1]] for cell, k in both.items()) / n
    return Grade(precision, recall, _mean(precision, recall), _mean(b_precision, b_recall))


def _pairs(sizes: Counter[int] | Counter[tuple[int, int]]) -> float:
    return sum(n * (n - 1) / 2 for n in sizes.values())


def _mean(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


# ---------------------------------------------------------------------- made registers


def persons_of(records: Sequence[Mapping[str, object]]) -> pa.Table:
    """Return records as a table: texts, and lists of texts for phones and e-mails."""
    names = sorted({name for record in records for name in record})
    columns = {
        name: pa.array(
            [record.get(name) for record in records],
            pa.list_(pa.string()) if name in LISTS else pa.string(),
        )
        for name in names
    }
    return pa.table({"account_id": [f"a:{at}" for at in range(len(records))], **columns})


@dataclass
class Maker:
    """Draws people and writes them down with slips."""

    random: np.random.Generator
    slips: float

    def name(self, *, ranks: int) -> str:
        """Return a name; the lower its rank, the likelier."""
        share = 1 / np.arange(1, ranks + 1) ** 0.8
        rank = int(self.random.choice(ranks, p=share / share.sum()))
        base = len(SYLLABLES)
        digits = [rank % base, rank // base % base, (rank * 7) % base]
        return "".join(SYLLABLES[digit] for digit in digits)

    def birth_date(self) -> str:
        """Return a birth date of the last century."""
        return date.fromordinal(int(self.random.integers(695_000, 730_000))).isoformat()

    def person(self) -> Record:
        """Return a person with all that a register may know."""
        place = int(self.random.zipf(1.5)) % 200
        return {
            "given_name": self.name(ranks=200),
            "family_name": self.name(ranks=800),
            "birth_date": self.birth_date(),
            "gender": str(self.random.choice(["female", "male"])),
            "city": f"{SYLLABLES[place % 20]}{SYLLABLES[place // 10]} town",
            "postcode": str(10_000 + place * 13),
        }

    def written(self, person: Record) -> Record:
        """Write a person down: now and then a slip, now and then nothing."""
        return {name: self._slip(name, value) for name, value in person.items()}

    def _slip(self, name: str, value: str | None) -> str | None:
        chance = self.random.random()
        if value is None or name == "gender" or chance > self.slips:
            return value
        if chance < self.slips / 3:
            return None
        at = int(self.random.integers(len(value)))
        signs = LETTERS if value[at].isalpha() else "123456789"
        sign = str(self.random.choice(list(signs)))
        return value if value[at] == "-" else value[:at] + sign + value[at + 1 :]


def made(
    sizes: Sequence[int],
    *,
    seed: int,
    slips: float = 0.1,
    columns: Sequence[str] = ("given_name", "family_name", "birth_date", "city", "postcode"),
) -> Register:
    """Return a register of people recorded so many times each, in random order."""
    maker = Maker(np.random.default_rng(seed), slips)
    records, truth = [], []
    for at, size in enumerate(sizes):
        person = maker.person()
        person = {name: person[name] for name in columns}
        records += [maker.written(person) for _ in range(size)]
        truth += [at] * size
    order = maker.random.permutation(len(records))
    return Register(persons_of([records[at] for at in order]), np.array(truth)[order])


def two_files(n: int, *, overlap: int, seed: int) -> Register:
    """Return two files without duplicates inside that have ``overlap`` people in common."""
    both = made([2] * overlap + [1] * (n - overlap), seed=seed)
    seen: set[int] = set()
    source = []
    for person in both.truth.tolist():
        source.append("new" if person in seen or (person % 2 and person >= overlap) else "old")
        seen.add(person)
    return Register(both.persons.append_column("source", pa.array(source)), both.truth)


def households(n: int, *, twice: float, seed: int) -> Register:
    """Return families at one address with one phone; a share of the people is there twice."""
    maker = Maker(np.random.default_rng(seed), 0.08)
    records: list[Record] = []
    truth: list[int] = []
    for _ in range(n):
        home = {
            **maker.person(),
            "address": f"{maker.random.integers(300)} {maker.name(ranks=400)} road",
        }
        for _ in range(int(maker.random.choice([1, 2, 3, 4]))):
            own = {name: maker.person()[name] for name in ("given_name", "birth_date", "gender")}
            times = 1 + int(maker.random.random() < twice)
            truth += [len(set(truth))] * times
            records += [maker.written({**home, **own}) for _ in range(times)]
    return Register(persons_of(records), np.array(truth))


# ---------------------------------------------------------------------- real registers


def splink_fake_1000() -> Register:
    """Return made-up British persons with many blanks and slips."""
    rows = _read("splink_fake_1000/fake_1000.csv")
    names = {
        "given_name": "first_name",
        "family_name": "surname",
        "birth_date": "dob",
        "city": "city",
        "email": "email",
    }
    return _register(rows, names, truth=[row["cluster"] for row in rows])


def febrl(number: int) -> Register:
    """Return synthetic Australian persons with slips; only dates that are dates stand."""
    rows = _read(f"febrl123/febrl{number}.csv.gz")
    for row in rows:
        parts = [row["street_number"], row["address_1"], row["address_2"]]
        row["address"] = " ".join(part for part in parts if part)
        row["born"] = _iso(row["date_of_birth"])
    names = {
        "given_name": "given_name",
        "family_name": "surname",
        "birth_date": "born",
        "address": "address",
        "postcode": "postcode",
        "city": "suburb",
        "region": "state",
        "national_id": "soc_sec_id",
    }
    return _register(rows, names, truth=[row["rec_id"].split("-")[1] for row in rows])


def rldata500() -> Register:
    """Return German persons: names and birth dates alone, fifty of them twice."""
    rows = _read("rldata500/RLdata500.csv")
    for row in rows:
        for name in ("fname", "lname"):
            parts = [row[f"{name}_c1"], row[f"{name}_c2"]]
            row[name] = " ".join(part for part in parts if part not in ("NA", ""))
        row["born"] = f"{row['by']}-{int(row['bm']):02d}-{int(row['bd']):02d}"
    names = {"given_name": "fname", "family_name": "lname", "birth_date": "born"}
    return _register(rows, names, truth=[row["ent_id"] for row in rows])


REAL: Final[Mapping[str, Callable[[], Register]]] = {
    "splink_fake_1000": splink_fake_1000,
    "febrl1": lambda: febrl(1),
    "febrl2": lambda: febrl(2),
    "febrl3": lambda: febrl(3),
    "rldata500": rldata500,
}


def _read(name: str) -> list[dict[str, str]]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not on this machine")
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


def _register(
    rows: Sequence[Mapping[str, str]], names: Mapping[str, str], *, truth: Sequence[str]
) -> Register:
    records = [
        {to: _cell(row[column], as_list=to in LISTS) for to, column in names.items()}
        for row in rows
    ]
    places = {person: at for at, person in enumerate(sorted(set(truth)))}
    return Register(persons_of(records), np.array([places[person] for person in truth]))


def _cell(text: str, *, as_list: bool) -> str | list[str] | None:
    if as_list:
        return [text] if text else []
    return text or None


def _iso(digits: str) -> str:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return ""
