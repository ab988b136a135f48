"""Pieces of an evaluation: means, what may leak, segments from cut to cut, and its record."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from algorithms import rfm
from algorithms.contract import Algorithm, Graded, owned
from algorithms.evaluation import (
    LEAKY,
    NOTHING,
    Evaluation,
    Judged,
    NotGradedError,
    Plan,
    Stability,
    _customers,
    _graded,
    _judged,
    _leaky,
    _stability,
)
from algorithms.measures import AmountGrade, Bin, ProbabilityGrade
from algorithms.registry import REGISTRY, Registry
from algorithms.run import Computed
from graph.language import Text
from graph.shapes import shape_of
from graph.spec import fact_spec
from tests.pure import money, utc

ABOUT = Text("made up", "虚构")
CUT = utc("2026-03-01")
CUTS = [CUT - timedelta(days=30 * back) for back in (2, 1, 0)]
LIKELY = ProbabilityGrade(
    n=10,
    n_events=2,
    rate=0.2,
    mean=0.3,
    auc=0.8,
    recency_auc=0.7,
    brier=0.1,
    base_brier=0.16,
    skill=0.4,
    accuracy=0.9,
    always_no=0.8,
    lift=3.0,
    calibration=(Bin(10, 0.3, 0.2),),
    calibration_error=0.1,
)
UNRANKED = replace(LIKELY, auc=None, recency_auc=None, skill=None, lift=None, n=20, mean=0.1)


def made_up(name: str = "made", **more: object) -> Algorithm:
    """Return an algorithm that says nothing and needs nothing."""
    plain = replace(
        rfm.ALGORITHM,
        name=name,
        reads={"orders": ("order_id",)},
        properties={"Customer": (owned(f"{name}_x", "number", about=ABOUT),)},
        segments=(),
        graded=(),
        links=(),
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # fields by name


def judged(*grades: ProbabilityGrade | AmountGrade | None, score: str = "made_x") -> list[Judged]:
    cuts = zip(CUTS, grades, strict=False)
    return [Judged(cut, score, "buys", 30, grade) for cut, grade in cuts]


def evaluation(*judged: Judged, stability: tuple[Stability, ...] = ()) -> Evaluation:
    return Evaluation("made", "1", "{}", CUT, judged, stability, ("orders.status",))


def test_a_mean_is_over_the_cuts_that_have_the_figure() -> None:
    means = evaluation(*judged(LIKELY, UNRANKED, None)).means()["made_x"]

    assert means["auc"] == 0.8
    assert means["n"] == 15.0
    assert means["mean"] == pytest.approx(0.2)
    assert "calibration" not in means


def test_scores_have_means_of_their_own() -> None:
    other = judged(replace(LIKELY, auc=0.6), score="made_y")

    means = evaluation(*judged(LIKELY), *other).means()

    assert (means["made_x"]["auc"], means["made_y"]["auc"]) == (0.8, 0.6)


def test_where_no_cut_has_a_grade_there_is_no_mean() -> None:
    assert evaluation(*judged(None, None)).means() == {}


def test_what_is_kept_of_an_evaluation_is_json_and_loses_nothing() -> None:
    nothing = Judged(CUT, "made_x", "buys", 30, None, NOTHING)
    moved = Stability("made_group", CUTS[1], CUT, 10, 0.9, 0.02)

    kept = json.loads(
        json.dumps(evaluation(*judged(LIKELY), nothing, stability=(moved,)).metrics())
    )

    first, second = kept["cuts"]
    assert first["cut"] == "2025-12-31T00:00:00+00:00"
    assert first["grade"]["calibration"] == [{"n": 10, "mean": 0.3, "rate": 0.2}]
    assert first["note"] is None
    assert (second["grade"], second["note"]["zh"]) == (None, NOTHING.zh)
    assert kept["stability"][0]["until"] == "2026-03-01T00:00:00+00:00"
    assert kept["leaky"] == ["orders.status"]
    assert kept["means"]["made_x"]["auc"] == 0.8


SCORES = (Graded("made_x", "buys", 30), Graded("made_y", "buys", 90))


def test_a_horizon_picks_the_scores_of_it() -> None:
    algorithm = made_up(graded=SCORES)

    assert _graded(algorithm, Plan("made")) == list(SCORES)
    assert _graded(algorithm, Plan("made", horizon_days=90)) == [SCORES[1]]


def test_segments_alone_can_be_followed_over_any_horizon() -> None:
    algorithm = made_up(segments=("made_group",))

    assert _graded(algorithm, Plan("made", horizon_days=77)) == []


@pytest.mark.parametrize("segments", [(), ("made_group",)])
def test_a_horizon_that_no_score_has_is_refused_with_those_who_can(
    segments: tuple[str, ...],
) -> None:
    algorithm = made_up(graded=SCORES, segments=segments)
    plan = Plan("made", horizon_days=45, registry=Registry((algorithm, made_up("mute"))))

    with pytest.raises(NotGradedError) as refused:
        _graded(algorithm, plan)

    said = refused.value.message("en")
    assert said == (
        "made has no score over 45 days that later orders could judge. These have: made."
    )
    assert "（45 天）" in refused.value.message("zh")


def test_what_may_leak_is_followed_to_its_source() -> None:
    first = made_up("first", reads={"orders": ("order_id", "status"), "posts": ("n_likes",)})
    second = made_up("second", reads={"customers": ("first_x",), "accounts": ("card_tier",)})
    registry = Registry((first, second))

    assert _leaky(first, registry) == ("orders.status", "posts.n_likes")
    assert _leaky(second, registry) == ("accounts.card_tier", "orders.status", "posts.n_likes")


def test_columns_that_may_leak_are_columns_that_there_are() -> None:
    spec = fact_spec()

    for table, columns in LEAKY.items():
        assert columns <= set(shape_of(spec, table).properties())


def customers(**columns: list[object]) -> pa.Table:
    n = len(next(iter(columns.values())))
    return pa.table({"customer_id": [f"c{i}" for i in range(n)], **columns})


def visits_of(*rows: tuple[str, datetime, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [who for who, *_ in rows],
            "ordered_at": pd.DatetimeIndex([at for _, at, _ in rows], tz="UTC"),
            "ordered_day": [at.date() for _, at, _ in rows],
            "amount": [money(units) for *_, units in rows],
        }
    )


# c0 came yesterday and comes again, c1 came forty days ago and is gone
VISITS = visits_of(
    ("c0", CUT - timedelta(days=1), 5),
    ("c0", CUT + timedelta(days=1), 20),
    ("c1", CUT - timedelta(days=40), 5),
)


def grade(scores: list[object], *, score: Graded) -> ProbabilityGrade | AmountGrade | None:
    found = _judged(customers(made_x=scores), score, visits=VISITS, cut=CUT)
    assert (found.cut, found.score, found.horizon_days) == (CUT, "made_x", 30)
    assert (found.note is None) == (found.grade is not None)
    return found.grade


def test_staying_away_is_judged_with_recency_the_other_way_round() -> None:
    buys = grade([0.9, 0.2], score=Graded("made_x", "buys", 30))
    leaves = grade([0.1, 0.8], score=Graded("made_x", "does_not_buy", 30))

    assert isinstance(buys, ProbabilityGrade)
    assert isinstance(leaves, ProbabilityGrade)
    # c0 buys and came lately, c1 does neither: both rankings are right both times
    assert (buys.auc, buys.recency_auc) == (leaves.auc, leaves.recency_auc) == (1.0, 1.0)
    assert buys.brier == pytest.approx(leaves.brier) == pytest.approx((0.01 + 0.04) / 2)


def test_money_is_judged_in_currency_and_counts_as_they_are() -> None:
    spend = grade([money(10), money(4)], score=Graded("made_x", "spend", 30))
    orders = grade([2.0, 0.5], score=Graded("made_x", "orders", 30))

    assert isinstance(spend, AmountGrade)
    assert (spend.mean, spend.actual, spend.error) == (7.0, 10.0, 7.0)
    assert isinstance(orders, AmountGrade)
    assert (orders.mean, orders.actual, orders.error) == (1.25, 0.5, 0.75)


def test_customers_without_a_score_are_not_judged() -> None:
    found = grade([0.9, None], score=Graded("made_x", "buys", 30))

    assert isinstance(found, ProbabilityGrade)
    assert (found.n, found.n_events) == (1, 1)


def test_a_score_that_nobody_has_is_no_grade_and_that_is_said() -> None:
    score = Graded("made_x", "buys", 30)
    nobody = pa.array([None, None], pa.float64())

    absent = _judged(customers(other=[1, 2]), score, visits=VISITS, cut=CUT)
    empty = _judged(
        customers(other=[1, 2]).append_column("made_x", nobody), score, visits=VISITS, cut=CUT
    )

    for found in (absent, empty):
        assert (found.grade, found.note) == (None, NOTHING)


GROUPED = made_up(segments=("made_group",))


def stability(*groups: dict[str, str | None]) -> list[Stability]:
    """Follow customers, each of whom is in a group at each cut."""
    found = {
        cut: pa.table(
            {
                "customer_id": pa.array(of_cut, pa.string()),
                "made_group": pa.array(list(of_cut.values()), pa.string()),
            }
        )
        for cut, of_cut in zip(CUTS, groups, strict=False)
    }
    return list(_stability(GROUPED, found))


def test_whoever_stays_is_counted_among_those_in_both() -> None:
    # b moves, c leaves, d comes: of a and b, who are in both, a stays
    (found,) = stability({"a": "x", "b": "x", "c": "y"}, {"a": "x", "b": "y", "d": "y"})

    assert (found.scheme, found.since, found.until) == ("made_group", *CUTS[:2])
    assert (found.n, found.unchanged) == (2, 0.5)
    # sizes go from two and one to one and two
    assert found.index == pytest.approx(2 / 3 * 0.6931471805599453)


def test_every_pair_of_neighbouring_cuts_is_followed_in_order_of_time() -> None:
    found = stability({"a": "x"}, {"a": "y"}, {"a": "y"})

    assert [(one.since, one.until) for one in found] == [tuple(CUTS[:2]), tuple(CUTS[1:])]
    assert [one.unchanged for one in found] == [0.0, 1.0]


def test_whoever_is_in_no_group_at_a_cut_has_not_stayed_nor_moved() -> None:
    (found,) = stability({"a": "x", "b": None}, {"a": "x", "b": "x"})

    assert (found.n, found.unchanged) == (1, 1.0)


def test_where_nobody_is_in_both_nothing_is_followed() -> None:
    assert stability({"a": "x"}, {"b": "x"}) == []
    assert list(_stability(GROUPED, dict.fromkeys(CUTS, customers(other=[1])))) == []


def test_a_run_that_said_nothing_of_customers_has_none() -> None:
    nobody = _customers(Computed(elements={}, runs=()))

    assert nobody.column_names == ["customer_id"]
    assert nobody.num_rows == 0


def test_every_score_that_is_graded_is_one_that_the_algorithm_owns() -> None:
    for algorithm in REGISTRY:
        names = {p.name for p in algorithm.properties.get("Customer", ())}
        assert {score.score for score in algorithm.graded} <= names
        assert all(score.horizon_days > 0 for score in algorithm.graded)
