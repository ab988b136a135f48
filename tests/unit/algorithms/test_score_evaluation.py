"""Scores are graded at past cuts: features before, outcomes after, nothing in between."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from algorithms.contract import Algorithm, Graded, Inputs, Result, owned
from algorithms.evaluation import (
    Evaluation,
    NotGradedError,
    NothingToJudgeByError,
    Plan,
    evaluate,
    upstream_of,
)
from algorithms.measures import AmountGrade, ProbabilityGrade
from algorithms.parameters import DatedParameters
from algorithms.purchases import PAID, READS
from algorithms.registry import REGISTRY, Registry
from graph.language import Text
from graph.settings import Settings, read_settings
from tests.pure import Rows, Shelf, money, utc

SEEN = f"WITH {PAID} SELECT customer_id, MAX(ordered_at) AS last_at FROM paid GROUP BY 1 ORDER BY 1"


class OracleParameters(DatedParameters):
    pass


def compute(inputs: Inputs, params: OracleParameters) -> Result:
    """Say that whoever bought within 30 days will buy again, surely; and two orders of 10."""
    seen = inputs["seen"]
    ago = (pd.Timestamp(params.as_of) - seen["last_at"]).dt.days.to_numpy()
    columns = {
        "customer_id": seen["customer_id"],
        "oracle_buys": (ago < 30).astype(float),
        "oracle_orders": np.full(len(seen), 2.0),
        "oracle_spend": np.full(len(seen), money(10)),
        "oracle_group": np.where(ago < 30, "warm", "cold"),
    }
    return Result({"Customer": pd.DataFrame(columns)})


ABOUT = Text("made up", "虚构")
ORACLE = Algorithm(
    name="oracle",
    version="1",
    about=ABOUT,
    stage="model",
    source="made up",
    reads=READS,
    parameters=OracleParameters,
    compute=compute,
    reduce={"seen": SEEN},
    properties={
        "Customer": (
            owned("oracle_buys", "number", about=ABOUT),
            owned("oracle_orders", "number", about=ABOUT),
            owned("oracle_spend", "money", about=ABOUT),
            owned("oracle_group", "code", about=ABOUT, codes=("warm", "cold")),
        )
    },
    graded=(
        Graded("oracle_buys", "buys", 30),
        Graded("oracle_orders", "orders", 30),
        Graded("oracle_spend", "spend", 30),
    ),
)
GROUPED = replace(ORACLE, graded=(), segments=("oracle_group",))


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def order(who: str, day: str, amount: float = 10.0) -> dict[str, object]:
    at = utc(day)
    return {
        "order_id": f"{who} {day}",
        "customer_id": who,
        "account_id": who,
        "ordered_at": at,
        "ordered_day": at.date(),
        "amount": money(amount),
    }


# the latest order is of the last day of April: with windows of 30 days the cuts lie at the
# ends of 30 January, 1 March and 31 March
ORDERS: Rows = [
    order("ann", "2026-01-20"),
    order("ann", "2026-02-10"),
    order("ann", "2026-03-15", 5),
    order("ann", "2026-04-30"),
    order("bob", "2025-11-01"),
    order("bob", "2026-04-10", 40),
    order("cem", "2025-12-01"),
]


def evaluated(home: Settings, *orders: dict[str, object], plan: Plan | None = None) -> Evaluation:
    shelf = Shelf({"orders": list(orders)})
    return evaluate(shelf, plan or Plan("oracle", registry=Registry((ORACLE,))), settings=home)


def grades_of(found: Evaluation, score: str) -> list[ProbabilityGrade | AmountGrade | None]:
    return [one.grade for one in found.judged if one.score == score]


def test_cuts_roll_back_from_the_latest_order_by_the_horizon(home: Settings) -> None:
    found = evaluated(home, *ORDERS)

    cuts = sorted({one.cut for one in found.judged})
    assert [cut.date().isoformat() for cut in cuts] == ["2026-01-30", "2026-03-01", "2026-03-31"]
    assert {later - earlier for earlier, later in pairwise(cuts)} == {timedelta(days=30)}


def test_long_horizons_overlap_but_leave_themselves_time(home: Settings) -> None:
    yearly = replace(ORACLE, graded=(Graded("oracle_spend", "spend", 365),))
    orders = [order("ann", "2020-01-01"), order("ann", "2026-01-01")]

    found = evaluated(home, *orders, plan=Plan("oracle", registry=Registry((yearly,))))

    cuts = [one.cut.date().isoformat() for one in found.judged]
    assert cuts == ["2024-07-05", "2024-10-03", "2025-01-01"]


def test_a_forecast_is_judged_by_what_came_after_its_cut(home: Settings) -> None:
    found = evaluated(home, *ORDERS)

    grades = grades_of(found, "oracle_buys")
    rates = [(g.n, g.n_events) for g in grades if isinstance(g, ProbabilityGrade)]
    # ann bought after every cut, bob after the last one, cem never
    assert rates == [(3, 1), (3, 1), (3, 2)]
    first, _, last = grades
    assert isinstance(first, ProbabilityGrade)
    assert (first.auc, first.brier, first.accuracy) == (1.0, 0.0, 1.0)
    assert isinstance(last, ProbabilityGrade)
    assert last.auc == 0.75
    assert last.accuracy == pytest.approx(2 / 3)
    assert last.always_no == pytest.approx(1 / 3)


def test_the_last_instant_before_a_cut_is_past_and_the_cut_itself_is_future(home: Settings) -> None:
    end = {**order("bob", "2026-04-30"), "ordered_at": utc("2026-04-30T12:00")}
    cut = utc("2026-03-31T12:00") + timedelta(milliseconds=1)
    on_it = {**order("ann", "2026-03-31"), "ordered_at": cut, "order_id": "on"}
    before = {**on_it, "ordered_at": cut - timedelta(milliseconds=1), "order_id": "before"}
    plan = Plan("oracle", cuts=1, registry=Registry((ORACLE,)))

    known = evaluated(home, end, before, plan=plan)
    unknown = evaluated(home, end, on_it, plan=plan)

    (grade,) = grades_of(known, "oracle_buys")
    assert isinstance(grade, ProbabilityGrade)
    assert (grade.n, grade.n_events) == (1, 0)
    assert grades_of(unknown, "oracle_buys") == [None]


def test_amounts_are_held_against_the_pace_so_far(home: Settings) -> None:
    found = evaluated(home, *ORDERS, plan=Plan("oracle", 1, registry=Registry((ORACLE,))))

    (orders,), (spend,) = grades_of(found, "oracle_orders"), grades_of(found, "oracle_spend")
    assert isinstance(orders, AmountGrade)
    assert orders.mean == 2.0
    assert orders.actual == pytest.approx(2 / 3)
    assert isinstance(spend, AmountGrade)
    # in units of the currency: ann spent 10 and bob 40 after the cut, cem nothing
    assert spend.mean == 10.0
    assert spend.actual == pytest.approx(50 / 3)
    assert spend.error == pytest.approx((0 + 30 + 10) / 3)


def test_a_pure_return_is_no_visit_and_lowers_the_spend(home: Settings) -> None:
    back = order("ann", "2026-04-20", -4)
    plan = Plan("oracle", 1, registry=Registry((ORACLE,)))

    found = evaluated(home, *ORDERS, back, plan=plan)

    (orders,), (spend,) = grades_of(found, "oracle_orders"), grades_of(found, "oracle_spend")
    assert isinstance(orders, AmountGrade)
    assert orders.actual == pytest.approx(2 / 3)
    assert isinstance(spend, AmountGrade)
    assert spend.actual == pytest.approx(46 / 3)


def test_segments_are_followed_from_cut_to_cut(home: Settings) -> None:
    found = evaluated(
        home, *ORDERS, plan=Plan("oracle", horizon_days=30, registry=Registry((GROUPED,)))
    )

    assert found.judged == ()
    assert [(s.n, s.unchanged) for s in found.stability] == [(3, 1.0), (3, 1.0)]
    assert all(s.index == 0 for s in found.stability)


def test_undated_columns_that_it_reads_are_named(home: Settings) -> None:
    assert evaluated(home, *ORDERS).leaky == ("orders.status",)


def test_means_are_over_the_cuts_that_have_the_figure(home: Settings) -> None:
    found = evaluated(home, *ORDERS)

    assert found.means()["oracle_buys"]["auc"] == pytest.approx((1 + 1 + 0.75) / 3)
    assert found.metrics()["leaky"] == ["orders.status"]


def test_nothing_to_judge_by_is_said(home: Settings) -> None:
    with pytest.raises(NothingToJudgeByError):
        evaluated(home)


@pytest.mark.parametrize(
    "plan",
    [Plan("rollup"), Plan("oracle", horizon_days=45, registry=Registry((ORACLE,)))],
    ids=["no score", "no score of that horizon"],
)
def test_an_algorithm_without_such_a_score_is_refused(home: Settings, plan: Plan) -> None:
    with pytest.raises(NotGradedError):
        evaluated(home, *ORDERS, plan=plan)


def test_upstream_is_followed_to_its_source() -> None:
    one = replace(
        ORACLE, name="one", properties={"Customer": (owned("one_x", "number", about=ABOUT),)}
    )
    two = replace(
        one,
        name="two",
        reads={"customers": ("one_x",)},
        properties={"Customer": (owned("two_x", "number", about=ABOUT),)},
        reduce={},
    )
    three = replace(
        two,
        name="three",
        reads={"customers": ("two_x",)},
        properties={"Customer": (owned("three_x", "number", about=ABOUT),)},
    )

    assert upstream_of("three", Registry((one, two, three))) == {"one", "two", "three"}
    assert upstream_of("rfm", REGISTRY) == {"rfm"}
