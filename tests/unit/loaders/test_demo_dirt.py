"""What goes wrong between a person and a record, at the stated rates."""

import numpy as np
import pandas as pd
import pytest

from loaders.demo.dirt import a_few, as_typed, default_phones, doubled, names_given, slipped
from loaders.demo.draw import stream
from tests.demo_exports import company

PHONES = np.full(20_000, 13_812_345_678)


def test_slips_change_one_of_the_last_eight_digits() -> None:
    typed = slipped(PHONES, rate=1.0, hits=0.0, rng=stream(1, "x"))

    for number in set(typed.tolist()):
        pairs = zip(str(number), "13812345678", strict=True)
        different = [place for place, (a, b) in enumerate(pairs) if a != b]
        assert len(different) == 1
        assert different[0] >= 3


def test_slips_happen_at_the_stated_rate() -> None:
    typed = slipped(PHONES, rate=0.03, hits=0.0, rng=stream(1, "x"))

    assert (typed != PHONES).mean() == pytest.approx(0.03, abs=0.006)


def test_some_slips_hit_a_number_that_exists() -> None:
    phones = 13_800_000_000 + np.arange(20_000) * 1_000

    typed = slipped(phones, rate=1.0, hits=0.5, rng=stream(1, "x"))

    real = set(phones.tolist())
    assert np.mean([number in real for number in typed.tolist()]) > 0.45


@pytest.mark.parametrize(
    ("habit", "written"),
    [
        (0, "13812345678"),
        (1, "138 1234 5678"),
        (2, "138-1234-5678"),
        (3, "+86 13812345678"),
        (4, "１３８１２３４５６７８"),
    ],
)
def test_a_number_is_typed_in_each_habit(habit: int, written: str) -> None:
    weights = tuple(float(place == habit) for place in range(5))

    assert as_typed(PHONES[:1], weights=weights, rng=stream(1, "x")).to_pylist() == [written]


def test_the_commonest_default_leads() -> None:
    drawn = pd.Series(default_phones(20_000, rng=stream(1, "x")).to_pylist()).value_counts()

    # Zipf over 30 values: 1 / (1 + 1/2 + ... + 1/30) = 0.2503
    assert drawn.index[0] == "13800000000"
    assert drawn.iloc[0] / 20_000 == pytest.approx(0.2503, abs=0.015)
    assert len(drawn) == 30


def test_names_differ_at_the_stated_rate_in_the_given_name_only() -> None:
    people = company().people
    persons = np.arange(20_000)

    given = names_given(people, persons, differs=0.12, rng=stream(1, "x")).to_pylist()

    true, surname = people.full_name.to_pylist(), people.surname.to_pylist()
    assert np.mean([a != b for a, b in zip(given, true, strict=False)]) == pytest.approx(
        0.12, abs=0.012
    )
    assert all(a.startswith(b) for a, b in zip(given, surname, strict=False))


def test_doubled_rows_follow_their_first() -> None:
    assert doubled(3, rate=1.0, rng=stream(1, "x")).tolist() == [0, 0, 1, 1, 2, 2]
    assert doubled(3, rate=0.0, rng=stream(1, "x")).tolist() == [0, 1, 2]


def test_a_few_is_one_at_least() -> None:
    assert a_few(50, rate=0.0, rng=stream(1, "x")).sum() == 1
    assert a_few(0, rate=0.5, rng=stream(1, "x")).sum() == 0
