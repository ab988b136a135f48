"""What RFM, its clusters, stages of life and quadrants say: caveats and reasons, both languages."""

from collections.abc import Iterable

import numpy as np
import pytest

from algorithms import lifecycle_words, rfm_clusters_words, rfm_words, value_potential_words
from algorithms.contract import Mathematics
from algorithms.lifecycle_words import FEW_REPEATERS, LABELS, REASONS
from algorithms.rfm_clusters_words import FIRM
from algorithms.rfm_words import FEW_CUSTOMERS
from algorithms.value_potential import QUADRANTS
from algorithms.value_potential_words import FEW_BUYERS
from graph.language import Text

PAGES = {
    module.__name__: module.MATHEMATICS
    for module in (rfm_words, rfm_clusters_words, lifecycle_words, value_potential_words)
}


def english(notes: Iterable[Text]) -> list[str]:
    found = list(notes)
    assert all(note.zh and note.zh != note.en for note in found)
    return [note.en for note in found]


# ---------------------------------------------------------------- RFM


def scores(
    *given: int, n: int = FEW_CUSTOMERS
) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Return three scores a customer, each of which goes through the given ones."""
    each = np.resize(np.array(given, np.int64), n)
    return {"recency_days": each, "order_count": each, "spend": each}


def test_enough_customers_with_all_scores_need_no_word() -> None:
    assert english(rfm_words.notes_on(scores(1, 2, 3, 4, 5))) == []


def test_one_customer_fewer_is_said() -> None:
    assert english(rfm_words.notes_on(scores(1, 2, 3, 4, 5, n=FEW_CUSTOMERS - 1))) == [
        "Only 49 customers are scored: a fifth of them is a handful."
    ]


def test_scores_that_nobody_has_are_listed_for_their_letter_alone() -> None:
    given = scores(1, 2, 3, 4, 5) | {"order_count": np.resize([1, 4, 5], FEW_CUSTOMERS)}

    assert english(rfm_words.notes_on(given)) == [
        "Nobody has F = 2, 3: equal values have equal scores."
    ]


def test_of_fewer_than_five_customers_absent_scores_go_without_saying() -> None:
    assert len(english(rfm_words.notes_on(scores(1, n=4)))) == 1
    assert len(english(rfm_words.notes_on(scores(1, n=5)))) == 4


def test_nobody_is_said_to_be_nobody() -> None:
    assert english(rfm_words.notes_on(scores(1, n=0))) == [
        "Only 0 customers are scored: a fifth of them is a handful."
    ]


def test_scores_are_explained_without_a_run_too() -> None:
    customer: dict[str, object] = {
        "rfm_recency_days": 0.04,
        "rfm_order_count": 1,
        "rfm_spend": -5.0,
        "rfm_r": 5,
        "rfm_f": 1,
        "rfm_m": 1,
    }

    said = rfm_words.explain(customer, {})

    assert said.en.startswith("Bought 0.0 days ago, 1 paid orders, -5.00 in all: among ? customers")
    assert said.zh.startswith("距最近一次购买 0.0 天，付款订单 1 笔，合计 -5.00：在 ? 位客户中")


# ---------------------------------------------------------------- clusters


def of_clusters(
    *, wanted: int = 6, k: int = 6, n_points: int = 60, mean: float = FIRM
) -> list[str]:
    stability = {"mean": mean, "least": 0.0}
    return english(
        rfm_clusters_words.notes_on(wanted=wanted, k=k, n_points=n_points, stability=stability)
    )


def test_firm_groups_need_no_word() -> None:
    assert of_clusters() == []


def test_a_number_that_was_chosen_is_not_too_small() -> None:
    assert of_clusters(wanted=0, k=2) == []


def test_fewer_groups_than_wanted_are_said() -> None:
    (said,) = of_clusters(k=3, n_points=3)

    assert said == "Scores differ in 3 ways only, so there are 3 groups and no more."


def test_customers_who_are_all_alike_are_said_even_where_the_number_was_left_open() -> None:
    (said,) = of_clusters(wanted=0, k=1, n_points=1)

    assert "differ in 1 ways only" in said


def test_groups_below_the_limit_are_not_firm() -> None:
    (said,) = of_clusters(mean=0.7949)

    assert "only 0.79 of them would agree (adjusted Rand index)" in said


ROW = {"cluster": 2, "symbol": "R++,F0,M-", "n": 40, "mean_orders": 3.25, "mean_spend": 1234.5}


def test_a_group_is_explained_by_its_own_row_among_all() -> None:
    rows = [{**ROW, "cluster": 1, "n": 99}, ROW]

    said = rfm_clusters_words.explain({"rfm_cluster": 2}, {"clusters": rows})

    assert said.en == (
        "Is in group 2 of 2 (R++,F0,M-): 40 customers alike in scores, with 3.2 orders and "
        "1,234.50 on average."
    )
    assert said.zh.startswith("属于第 2 群（共 2 群，R++,F0,M-）：40 位得分相近的客户")


@pytest.mark.parametrize("metrics", [{}, {"clusters": []}, {"clusters": [{**ROW, "cluster": 1}]}])
def test_a_group_of_which_the_run_tells_nothing_is_named_alone(metrics: dict[str, object]) -> None:
    said = rfm_clusters_words.explain({"rfm_cluster": 2}, metrics)

    assert said == Text("Is in group 2.", "属于第 2 群。")


# ---------------------------------------------------------------- stages of life


@pytest.mark.parametrize(
    ("repeaters", "visits", "said"),
    [
        (0, 0, ["Nobody has bought yet: all are prospects."]),
        (0, 5, ["Nobody bought on two days: the company's gap is set to 45.5 days."]),
        (FEW_REPEATERS - 1, 99, ["The company's gap rests on 29 customers who came back."]),
        (FEW_REPEATERS, 99, []),
    ],
)
def test_what_the_gap_of_the_company_rests_on(
    repeaters: int, *, visits: int, said: list[str]
) -> None:
    found = lifecycle_words.notes_on(repeaters=repeaters, visits=visits, days=45.5)

    assert english(found) == said


@pytest.mark.parametrize(
    ("stage", "en", "zh"),
    [
        ("new", "New: bought on one day, and that is not long ago.", "新客户：仅在一天购买过"),
        (
            "active",
            "Active: buys in their rhythm of 9.5 days.",
            "活跃客户：按自己的节奏（约 9.5 天）",
        ),
        ("cooling", "Cooling: silent for more than 1.25 times", "降温客户：静默已超过自身节奏"),
        ("sleeping", "Sleeping: silent for more than 2.5 times", "沉睡客户：静默已超过"),
        ("lost", "Lost: silent for more than 8 times", "流失客户：静默已超过"),
        ("returned", "Returned: came back after more than 2.5 times", "回流客户：静默超过当时节奏"),
    ],
)
def test_a_stage_names_the_limit_that_made_it(stage: str, *, en: str, zh: str) -> None:
    customer = {"lifecycle_stage": stage, "lifecycle_rhythm_days": 9.49999}

    said = lifecycle_words.explain(customer, {"limits": [1.25, 2.5, 8.0]})

    assert said.en.startswith(en)
    assert said.zh.startswith(zh)


def test_every_stage_has_a_label_and_a_reason() -> None:
    assert list(LABELS) == list(REASONS)


# ---------------------------------------------------------------- quadrants


def of_quadrants(*, n: int = FEW_BUYERS, without: int = 0, flat: tuple[str, ...] = ()) -> list[str]:
    return english(value_potential_words.notes_on(n=n, without_potential=without, flat=flat))


def test_enough_buyers_on_both_sides_need_no_word() -> None:
    assert of_quadrants() == []


def test_each_caveat_of_quadrants_is_said_and_none_hides_another() -> None:
    assert of_quadrants(n=FEW_BUYERS - 1, without=7, flat=("value", "potential")) == [
        "The cuts rest on 19 customers only.",
        "Of 7 buyers nothing is expected: they are in no quadrant.",
        "Nobody lies above the cut of value.",
        "Nobody lies above the cut of potential.",
    ]


@pytest.mark.parametrize("quadrant", QUADRANTS)
def test_every_quadrant_is_explained_by_its_label(quadrant: str) -> None:
    label = value_potential_words.LABELS[quadrant]
    customer: dict[str, object] = {
        "value_potential_quadrant": quadrant,
        "value_potential_spend_365d": -2.5,
        "clv_expected_spend_365d": 0,
    }

    said = value_potential_words.explain(customer, {"cuts": {"value": 1000, "potential": 0.005}})

    assert said.en.startswith(f"{label.en}: spent -2.50 in 365 days (cut 1,000.00)")
    assert "spend 0.00 in the next (cut 0.01)" in said.en
    assert said.zh.startswith(f"{label.zh}：近 365 天消费 -2.50（切分点 1,000.00）")


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_all_parts_with_closed_formulas(name: str) -> None:
    page: Mathematics = PAGES[name]

    for text in (page.definition, page.assumptions, page.estimator, page.unfit):
        assert text.en != text.zh
        assert text.en.count("$") % 2 == text.zh.count("$") % 2 == 0
        assert text.en.count("{") == text.en.count("}")
        assert text.zh.count("{") == text.zh.count("}")
