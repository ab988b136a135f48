"""The strict form and the one with a floor, bands and flags, from posts to what is written."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from algorithms.contract import Result
from algorithms.influence import ALGORITHM
from algorithms.influence.settings import InfluenceParameters
from algorithms.influence.words import BANDS
from algorithms.parameters import ParameterError, UnknownParameterError, parameters_of
from tests.forum_rows import people, thread
from tests.pure import result_of, rows_of, utc

AS_OF = "2026-03-02"  # day 60
Replies = list[tuple[str, str, float]]

CIRCLE = [f"o{i}" for i in range(6)]
OLD: Replies = [
    *((one, other, 5.0 + i) for i, one in enumerate(CIRCLE) for other in CIRCLE if one != other),
    *((one, other, 55.0) for one, other in pairwise(CIRCLE)),
]
"""Six old people who all answered each other early in a window of sixty days."""
PUPPETS: Replies = [(f"p{i:02}", "target", 58.0) for i in range(30)]
NEW: dict[str, dict[str, object]] = {
    f"p{i:02}": {"registered_at": utc("2026-02-25")} for i in range(30)
}


def measured(replies: Replies, **settings: str) -> Result:
    names = sorted({name for reply in replies for name in reply[:2]})
    rows = {
        "posts": thread(*replies),
        **people(*names, **{name: NEW[name] for name in names if name in NEW}),
    }
    return result_of(ALGORITHM, rows, settings={"window_days": "60", **settings}, as_of=AS_OF)


def by_id(result: Result, column: str) -> "pd.Series[float]":
    frame = result.frames["Customer"].set_index("customer_id")
    return frame[f"influence_{column}"]


def words(result: Result, column: str) -> dict[str, object]:
    """Return what is written in words of each person."""
    rows = rows_of(result.frames["Customer"], "customer_id", f"influence_{column}")
    return {str(who): told for who, told in rows}


def boosted(result: Result) -> list[str]:
    """Return whose rank looks boosted by new accounts."""
    flags = words(result, "flags").items()
    return [who for who, of in flags if isinstance(of, list) and "boosted_by_new_accounts" in of]


def test_in_the_strict_form_thirty_new_accounts_add_nothing() -> None:
    result = measured([*OLD, *PUPPETS])

    assert (result.metrics["form"], result.metrics["floor"]) == ("strict", None)
    assert by_id(result, "score")["target"] == 0.0
    assert by_id(result, "untrusted_rank")["target"] == 1
    assert by_id(result, "rank")["target"] == 7
    assert words(result, "band")["target"] == "quiet"


def test_with_a_floor_the_same_accounts_buy_the_first_rank() -> None:
    result = measured([*OLD, *PUPPETS], trust="floor", floor="0.25")

    assert (result.metrics["form"], result.metrics["floor"]) == ("floor", 0.25)
    decay = 0.5 ** (2 / 15)  # two days old; a half-life is a quarter of the window
    assert by_id(result, "score")["target"] == pytest.approx(30 * 0.25 * decay)
    assert by_id(result, "rank")["target"] == 1


def test_bought_attention_is_flagged_where_it_did_not_help() -> None:
    assert boosted(measured([*OLD, *PUPPETS])) == ["target"]


def test_attention_of_old_accounts_is_not_flagged_as_bought() -> None:
    honest: Replies = [(f"q{i:02}", "target", 58.0) for i in range(30)]

    result = measured([*OLD, *honest], trust="strict")

    # the ranks by trust and without it lie as far apart, but nobody is new
    assert by_id(result, "untrusted_rank")["target"] == 1
    assert boosted(result) == []


def test_a_floor_of_nothing_silences_the_new_alone() -> None:
    result = measured([*OLD, *PUPPETS], trust="floor", floor="0")

    score, untrusted = by_id(result, "score"), by_id(result, "untrusted_score")
    assert score["target"] == 0.0
    # who is not new weighs from three quarters to one
    old = score.index != "target"
    assert (score[old] >= untrusted[old] * 0.75 - 1e-12).all()
    assert (score[old] <= untrusted[old]).all()


def test_a_floor_of_one_is_no_trust_at_all() -> None:
    result = measured([*OLD, *PUPPETS], trust="floor", floor="1")

    assert by_id(result, "score").tolist() == by_id(result, "untrusted_score").tolist()


@pytest.mark.parametrize("floors", [(0.0, 0.1), (0.1, 0.25), (0.25, 1.0)])
def test_a_higher_floor_takes_no_score_from_anybody(floors: tuple[float, float]) -> None:
    low, high = (
        by_id(measured([*OLD, *PUPPETS], trust="floor", floor=str(f)), "score") for f in floors
    )

    assert (high >= low - 1e-12).all()
    assert high["target"] > low["target"]


def test_the_score_without_trust_is_the_same_in_all_forms() -> None:
    found = [
        by_id(measured([*OLD, *PUPPETS], trust=t), "untrusted_score").tolist()
        for t in ("rule", "strict", "floor")
    ]

    assert found[0] == found[1] == found[2]


def test_every_band_is_one_that_has_a_name() -> None:
    bands = words(measured([*OLD, *PUPPETS]), "band")

    assert set(bands.values()) <= set(BANDS)


def test_rising_people_are_those_in_the_band() -> None:
    result = measured(OLD, rising="2", leaders="1", recent_days="30")

    bands, rising = words(result, "band"), words(result, "rising")
    assert rising == {who: band == "rising" for who, band in bands.items()}
    assert [*bands.values()].count("leader") == 1


def test_no_rising_people_are_called_where_none_are_wished_for() -> None:
    bands = words(measured(OLD, rising="0"), "band")

    assert "rising" not in bands.values()


@pytest.mark.parametrize("wished", ["1", "2", "500"])
def test_a_list_is_a_tenth_of_those_answered_however_many_are_wished_for(wished: str) -> None:
    replies: Replies = [("z", f"t{i:02}", 30.0 + i / 10) for i in range(25)]

    result = measured(replies, leaders=wished, trust="floor")

    n = min(int(wished), 3)  # a tenth of 25, upwards
    assert result.metrics["leaders"] == n
    assert [*words(result, "band").values()].count("leader") == n


def test_ranks_fall_with_the_score_and_percentiles_with_the_rank() -> None:
    result = measured([*OLD, *PUPPETS], trust="floor")

    frame = result.frames["Customer"].sort_values("influence_rank")
    assert np.all(np.diff(frame["influence_score"]) <= 1e-12)
    n = len(frame)
    assert frame["influence_percentile"].tolist() == pytest.approx(
        [100 * (n - i) / n for i in range(n)]
    )


# ---------------------------------------------------------------- what can be set


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("half_life_days", "0.4"),
        ("half_life_days", "3651"),
        ("half_life_days", "soon"),
        ("trust", "blind"),
        ("floor", "-0.1"),
        ("floor", "1.1"),
        ("leaders", "0"),
        ("rising", "-1"),
        ("recent_days", "0"),
        ("grade_days", "0"),
        ("pivots", "15"),
        ("seed", "-1"),
        ("window_days", "0"),
        ("window_days", "36501"),
        ("window_days", "1.5"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parameters_of(InfluenceParameters, {name: value}, algorithm="influence", as_of=utc(AS_OF))

    assert f"influence.{name}" in str(caught.value)
    assert value in str(caught.value)


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownParameterError, match="half_life_days"):
        measured(OLD, halflife="3")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 60.0),
        ({"window_days": "100"}, 25.0),
        ({"window_days": "1"}, 0.25),
        ({"window_days": "100", "half_life_days": "90"}, 90.0),
    ],
)
def test_the_rule_remembers_as_the_parameters_say(
    settings: dict[str, str], expected: float
) -> None:
    params = parameters_of(InfluenceParameters, settings, algorithm="influence", as_of=utc(AS_OF))

    assert params.rule.half_life == expected


def test_what_a_run_says_of_itself_can_be_kept_as_json() -> None:
    metrics = measured([*OLD, *PUPPETS]).metrics

    assert json.loads(json.dumps(metrics)) == metrics
