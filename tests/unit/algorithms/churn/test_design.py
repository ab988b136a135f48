"""What can be estimated is kept; what cannot is left out by its name, before any fit."""

import numpy as np
import pandas as pd
import pytest

from algorithms.churn.design import Design, designed
from algorithms.churn.factors import factor_of

N = 200


def frame_of(**covariates: object) -> pd.DataFrame:
    """Return customers of whom every second one leaves."""
    event = np.arange(N) % 2 == 0
    return pd.DataFrame({"duration": np.arange(N) + 1, "event": event, **covariates})


def design(
    frame: pd.DataFrame,
    *,
    references: dict[str, str] | None = None,
    squares: dict[str, str] | None = None,
) -> Design:
    return designed(frame, references=references or {}, squares=squares or {})


def noise(seed: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.random.default_rng(seed).normal(size=N)


def cards(**counts: int) -> list[str]:
    return [name for name, n in counts.items() for _ in range(n)]


def test_numbers_stay_as_they_are() -> None:
    values = noise(1)

    found = design(frame_of(a=values))

    assert found.columns["a"].tolist() == values.tolist()
    assert found.notes == ()


def test_levels_become_a_column_each_but_for_the_most_frequent() -> None:
    found = design(frame_of(card=cards(gold=60, plain=100, silver=40)))

    assert [*found.columns] == ["card=gold", "card=silver"]
    assert found.references == {"card": "plain"}
    assert found.columns.sum().tolist() == [60, 40]


def test_a_level_of_comparison_can_be_asked_for() -> None:
    frame = frame_of(card=cards(gold=60, plain=100, silver=40))

    found = design(frame, references={"card": "gold"})

    assert [*found.columns] == ["card=plain", "card=silver"]


def test_equally_frequent_levels_are_compared_with_the_first_in_the_alphabet() -> None:
    assert design(frame_of(card=cards(b=100, a=100))).references == {"card": "a"}


def test_the_unknown_is_a_level_but_not_one_to_compare_with() -> None:
    card = [None] * 90 + cards(gold=70, plain=40)

    found = design(frame_of(card=card))

    assert found.references == {"card": "gold"}
    assert [*found.columns] == ["card=plain", "card=unknown"]


def test_a_level_of_comparison_that_is_absent_is_replaced_and_said() -> None:
    found = design(frame_of(card=cards(gold=120, plain=80)), references={"card": "diamond"})

    assert found.references == {"card": "gold"}
    assert "cannot be compared with diamond" in found.notes[0].en


def test_a_level_without_events_loses_its_column_and_its_rows() -> None:
    frame = frame_of(card=cards(gold=100, plain=80, diamond=20))
    frame.loc[frame["card"] == "diamond", "event"] = False

    found = design(frame)

    assert [*found.columns] == ["card=plain"]
    assert found.is_kept.sum() == 180
    assert [(i.covariate, i.n, i.events) for i in found.inestimable] == [("card=diamond", 20, 0)]


@pytest.mark.parametrize(("events", "is_lost"), [(4, True), (5, False)])
def test_a_level_needs_five_events(events: int, is_lost: bool) -> None:
    frame = frame_of(card=cards(gold=180, plain=20))
    frame.loc[180:, "event"] = np.arange(20) < events

    found = design(frame)

    assert ("card=plain" in found.columns) is not is_lost


def test_a_factor_without_two_levels_to_compare_is_left_out_with_its_rows_kept() -> None:
    frame = frame_of(card=cards(gold=196, plain=2, diamond=2))

    found = design(frame)

    assert found.columns.empty
    assert found.is_kept.all()
    assert found.notes[0].en.startswith("card: not estimable")


def test_small_levels_that_have_enough_events_together_are_compared_as_one() -> None:
    # every second one leaves: three of six, two of four
    found = design(frame_of(card=cards(gold=190, silver=6, diamond=4)))

    assert [*found.columns] == ["card=other"]
    assert found.columns["card=other"].sum() == 10
    assert found.is_kept.all()
    assert found.inestimable == ()
    assert found.pooled == {"card": ("diamond", "silver")}
    assert "card: diamond, silver have too few events each" in found.notes[0].en
    assert "diamond、silver" in found.notes[0].zh


def test_small_levels_that_are_too_few_together_stay_apart_and_are_left_out() -> None:
    found = design(frame_of(card=cards(gold=98, plain=98, silver=2, diamond=2)))

    assert [*found.columns] == ["card=plain"]
    assert [i.covariate for i in found.inestimable] == ["card=diamond", "card=silver"]
    assert found.pooled == {}


def test_a_large_level_without_events_is_not_hidden_among_small_ones() -> None:
    frame = frame_of(card=cards(gold=150, diamond=40, silver=5, bronze=5))
    frame.loc[frame["card"] == "diamond", "event"] = False
    frame.loc[frame["card"].isin(["silver", "bronze"]), "event"] = np.arange(10) % 5 < 3

    found = design(frame)

    # three events of five each; of forty diamonds nineteen would be expected
    assert found.pooled == {"card": ("bronze", "silver")}
    assert [(i.covariate, i.n, i.events) for i in found.inestimable] == [("card=diamond", 40, 0)]
    assert [*found.columns] == ["card=other"]


def test_a_level_called_other_takes_small_ones_in() -> None:
    found = design(frame_of(card=cards(gold=150, other=44, diamond=6)))

    assert found.columns["card=other"].sum() == 50
    assert found.pooled == {"card": ("diamond",)}


def test_the_unknown_is_not_pooled_with_what_is_known() -> None:
    card = [*cards(gold=188, silver=6), *[None] * 6]

    found = design(frame_of(card=card))

    assert found.pooled == {}
    assert "card: not estimable" in found.notes[0].en


def test_what_is_pooled_is_no_level_of_comparison() -> None:
    frame = frame_of(card=cards(gold=190, silver=6, diamond=4))

    found = design(frame, references={"card": "diamond"})

    assert found.references == {"card": "gold"}
    assert "cannot be compared with diamond" in found.notes[-1].en


def test_nobody_leaves_where_a_flag_is_set() -> None:
    flag = (np.arange(N) >= 150).astype(int)
    frame = frame_of(flag=flag, a=noise(1))
    frame.loc[150:, "event"] = False

    found = design(frame)

    assert [*found.columns] == ["a"]
    assert [(i.covariate, i.n, i.events) for i in found.inestimable] == [("flag", 50, 0)]


@pytest.mark.parametrize("value", [3.0, "gold"])
def test_a_constant_is_left_out_and_named(value: object) -> None:
    found = design(frame_of(same=[value] * N, a=noise(1)))

    assert [*found.columns] == ["a"]
    assert found.notes[0].en == "same has one value only and was left out."
    assert "same" in found.notes[0].zh


def test_a_number_with_gaps_and_one_value_is_a_constant() -> None:
    same = np.where(np.arange(N) % 3 == 0, np.nan, 1.0)

    assert "one value only" in design(frame_of(same=same)).notes[0].en


@pytest.mark.parametrize(("missing", "is_kept"), [(0.5, True), (0.51, False)])
def test_more_than_half_missing_is_left_out_and_named(missing: float, is_kept: bool) -> None:
    values = noise(1)
    values[: int(N * missing)] = np.nan

    found = design(frame_of(gaps=values, a=noise(2)))

    assert ("gaps" in found.columns) is is_kept
    assert any("gaps is missing for 51%" in note.en for note in found.notes) is not is_kept


def test_a_gap_becomes_the_middle_value() -> None:
    values = np.arange(N).astype(float)
    values[0] = np.nan

    assert design(frame_of(a=values)).columns["a"][0] == 100.0


def test_of_two_that_agree_the_later_is_left_out_and_both_are_named() -> None:
    first = noise(1)

    found = design(frame_of(first=first, second=first * 3 + noise(2) / 100))

    assert [*found.columns] == ["first"]
    assert "second says the same as first (correlation 1.000)" in found.notes[0].en


def test_opposites_agree_too() -> None:
    first = noise(1)

    assert [*design(frame_of(first=first, second=-first)).columns] == ["first"]


def test_a_square_may_run_with_its_root_if_it_is_declared() -> None:
    age = np.linspace(20, 30, N)

    found = design(frame_of(age=age, age_squared=age**2), squares={"age_squared": "age"})
    undeclared = design(frame_of(age=age, age_squared=age**2))

    assert [*found.columns] == ["age", "age_squared"]
    assert [*undeclared.columns] == ["age"]


def test_a_sum_of_others_is_left_out_and_named() -> None:
    a, b, c = noise(1), noise(2), noise(3)

    found = design(frame_of(a=a, b=b, c=c, total=a + b + c))

    assert [*found.columns] == ["a", "b", "c"]
    assert found.notes[0].en.startswith("total follows from other covariates")


def test_fewer_than_ten_events_a_coefficient_are_said() -> None:
    many = {f"x{i}": noise(i) for i in range(11)}

    found = design(frame_of(**many))

    assert found.notes[-1].en.startswith("100 events carry 11 coefficients: fewer than 10 each")
    assert "11" in found.notes[-1].zh


def test_ten_events_a_coefficient_are_enough() -> None:
    assert design(frame_of(**{f"x{i}": noise(i) for i in range(10)})).notes == ()


def test_levels_are_counted() -> None:
    event = np.array([True, False, True, True])

    factor = factor_of("card", pd.Series(["b", "a", None, "b"]), event=event)

    assert factor.levels == ("a", "b", "unknown")
    assert factor.counts.tolist() == [1, 2, 1]
    assert factor.events.tolist() == [0, 2, 1]
