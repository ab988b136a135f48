"""Names: commoner ones oftener, three ways to write them, and the ways they go wrong."""

from collections import Counter

import numpy as np
import pytest

from loaders.demo.draw import Flags, Ints, stream
from loaders.demo.identity.names import (
    NONE,
    PINYIN,
    SIMPLIFIED,
    TITLES,
    TRADITIONAL,
    Names,
    as_given,
    names_of,
    styles,
    written,
)
from loaders.demo.people import Households, households
from loaders.demo.vocabulary import shares, words
from tests.chances import misfit, near
from tests.identity_company import made

N = 30_000


def alone(n: int = N) -> Households:
    return Households(np.arange(n), np.zeros(n, dtype=np.int64), np.arange(n))


def half_women(n: int = N) -> Flags:
    women: Flags = np.arange(n) % 2 == 0
    return women


def drawn() -> Names:
    return names_of(alone(), half_women(), rng=stream(5, "names"))


def plain(names: Names) -> list[str]:
    style = np.full(len(names.surname), SIMPLIFIED)
    texts: list[str] = written(names, style).to_pylist()
    return texts


def one(surname: str, first: str, second: str = "") -> Names:
    pool = words("people", "female") + words("people", "male")
    surnames = shares("people", "surnames")[0]
    numbers = (surnames.index(surname), pool.index(first), pool.index(second) if second else NONE)
    return Names(*(np.array([number]) for number in numbers))


def write_one(names: Names, style: int) -> str:
    text: str = written(names, np.array([style]))[0].as_py()
    return text


# ---------------------------------------------------------------- three ways to write


@pytest.mark.parametrize(
    ("parts", "simplified", "traditional", "pinyin"),
    [
        (("刘", "伟"), "刘伟", "劉偉", "Liu Wei"),
        (("陈", "建", "国"), "陈建国", "陳建國", "Chen Jianguo"),
        (("王", "芳"), "王芳", "王芳", "Wang Fang"),
        (("欧阳", "丽", "红"), "欧阳丽红", "歐陽麗紅", "Ouyang Lihong"),
        (("曾", "静"), "曾静", "曾靜", "Zeng Jing"),
        (("吕", "强"), "吕强", "呂強", "Lyu Qiang"),
    ],
)
def test_a_name_is_written_in_three_ways(
    parts: tuple[str, ...], simplified: str, traditional: str, pinyin: str
) -> None:
    name = one(*parts)

    assert write_one(name, SIMPLIFIED) == simplified
    assert write_one(name, TRADITIONAL) == traditional
    assert write_one(name, PINYIN) == pinyin


def test_each_row_has_its_own_style() -> None:
    name = one("刘", "伟").of(np.array([0, 0, 0]))

    assert written(name, np.array([PINYIN, SIMPLIFIED, TRADITIONAL])).to_pylist() == [
        "Liu Wei",
        "刘伟",
        "劉偉",
    ]


def test_styles_are_drawn_at_their_shares() -> None:
    counts = np.bincount(styles(N, traditional=0.03, pinyin=0.05, rng=stream(1, "styles")))

    assert counts[TRADITIONAL] / N == near(0.03, n=N)
    assert counts[PINYIN] / N == near(0.05, n=N)


def test_no_shares_mean_simplified_characters_alone() -> None:
    assert not styles(1000, traditional=0.0, pinyin=0.0, rng=stream(1, "styles")).any()


# ---------------------------------------------------------------- how common names are


def test_surnames_are_as_common_as_in_the_country() -> None:
    pool, weights = shares("people", "surnames")

    counts = np.bincount(drawn().surname, minlength=len(pool))

    assert misfit(counts, weights) < 1.6


def test_given_names_are_of_their_sex() -> None:
    names, is_woman = drawn(), half_women()
    n_female = len(words("people", "female"))

    assert (names.first[is_woman] < n_female).all()
    assert (names.first[~is_woman] >= n_female).all()


def test_a_common_character_is_several_times_as_common_as_a_rare_one() -> None:
    counts = Counter(drawn().first[half_women()].tolist())

    n_female = len(words("people", "female"))
    rarest = counts[n_female - 1]
    # weights fall as the square root of the rank: eight to one over 64 ranks
    assert 5 < counts[0] / rarest < 12


def test_one_name_in_six_is_short() -> None:
    assert (drawn().second == NONE).mean() == near(0.18, n=N)


def test_namesakes_exist_and_no_name_is_everybodys() -> None:
    counts = Counter(plain(drawn()))

    assert len(counts) > 0.5 * N
    assert counts.most_common(1)[0][1] < 0.005 * N


def test_children_bear_the_heads_surname_and_couples_mostly_their_own() -> None:
    homes = households((0.0, 0.0, 1.0), N, rng=stream(2, "homes"))
    names = names_of(homes, half_women(), rng=stream(2, "names"))
    is_heads = names.surname == names.surname[homes.head]

    child, spouse = (is_heads[homes.place == place].mean() for place in (2, 1))

    # 90 %, and now and then by chance
    assert 0.88 < child < 0.93
    assert spouse < 0.1


# ---------------------------------------------------------------- names that are not as they are


def given(differs: float) -> tuple[Names, Names]:
    right = drawn()
    return right, as_given(right, half_women(), differs=differs, rng=stream(9, "given"))


def changed(right: Names, other: Names) -> Flags:
    different = (right.surname != other.surname) | (right.first != other.first)
    flags: Flags = different | (right.second != other.second)
    return flags


def test_at_no_rate_no_name_differs() -> None:
    assert not changed(*given(0.0)).any()


@pytest.mark.parametrize("rate", [0.06, 0.5])
def test_names_differ_at_the_stated_rate(rate: float) -> None:
    share = changed(*given(rate)).mean()

    # a wrong character is sometimes the right one by chance
    assert 0.96 * rate < share < rate + 5 * np.sqrt(rate * (1 - rate) / N)


def test_a_mistake_never_touches_the_surname() -> None:
    right, other = given(1.0)

    assert (right.surname == other.surname).all()


def test_the_four_mistakes_come_at_their_shares() -> None:
    right, other = given(1.0)
    is_title = np.isin(
        plain(other), [s + t for s in shares("people", "surnames")[0] for t in TITLES]
    )
    same_first = right.first == other.first
    gained = same_first & (right.second == NONE) & (other.second != NONE)
    lost = same_first & (right.second != NONE) & (other.second == NONE) & ~is_title

    assert is_title.mean() == near(0.15, n=N)
    assert (gained.sum() + lost.sum()) / N == near(0.25, n=N)


def test_a_title_fits_the_person() -> None:
    _, other = given(1.0)
    texts = plain(other)

    women = {text[-2:] for text, woman in zip(texts, half_women(), strict=True) if woman}
    men = {text[-2:] for text, woman in zip(texts, half_women(), strict=True) if not woman}

    assert "女士" in women - men
    assert "先生" in men - women


def test_most_wrong_names_are_still_like_the_right_one() -> None:
    right, other = given(1.0)
    kept = (right.first == other.first) | ((right.second == other.second) & (right.second != NONE))

    assert 0.6 < kept.mean() < 0.75


def test_names_can_be_taken_by_place_and_by_flag() -> None:
    names = drawn()
    places: Ints = np.array([4, 2])

    assert plain(names.of(places)) == [plain(names)[4], plain(names)[2]]
    assert len(names.of(half_women()).surname) == N // 2


# ---------------------------------------------------------------- in the files


def test_names_in_the_files_are_the_persons_but_for_the_stated_share() -> None:
    members = made().rows("crm", "members").dropna(subset=["full_name"])
    right = np.array(plain(made().world.people.names))[members["person"]]

    share = (members["full_name"] != right).mean()

    assert 0.9 * 0.06 < share < 0.06 + 0.01


@pytest.mark.parametrize(
    ("source", "relation", "known"),
    [
        ("crm", "members", 0.95),
        ("shop", "users", 0.9),
        ("till", "cards", 0.4),
        ("call", "calls", 0.6),
    ],
)
def test_names_are_known_at_each_systems_rate(source: str, relation: str, known: float) -> None:
    names = made().rows(source, relation)["full_name"]

    assert names.notna().mean() == near(known, n=len(names))


@pytest.mark.parametrize(
    ("source", "relation"), [("shop", "users"), ("till", "cards"), ("app", "users")]
)
def test_some_systems_write_pinyin_and_traditional_characters(source: str, relation: str) -> None:
    names = made().rows(source, relation)["full_name"].dropna()

    is_latin = names.str.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+")
    assert is_latin.mean() == near(0.05, n=len(names))
    assert names.str.contains("[劉陳張楊黃趙吳]").any()


@pytest.mark.parametrize(("source", "relation"), [("crm", "members"), ("call", "calls")])
def test_other_systems_write_simplified_characters_alone(source: str, relation: str) -> None:
    names = made().rows(source, relation)["full_name"].dropna()

    assert not names.str.contains("[a-zA-Z劉陳張楊黃趙吳]").any()
