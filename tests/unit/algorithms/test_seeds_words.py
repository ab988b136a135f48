"""What is said of seeds, and what becomes of input on which little can be said."""

import numpy as np
import pandas as pd
import pytest

from algorithms.contract import NothingToSayError
from algorithms.network.spreading import ExplodingError, WeightsError
from algorithms.seeds import ALGORITHM
from algorithms.seeds.declaration import NobodyRepliesError
from tests.pure import Rows, rows_of
from tests.seed_forums import forum, hidden_leader, lists, order_of, planned, two_crowds, words

# ------------------------------------------------------------------ hard input


def test_a_budget_above_the_number_of_people_ends_where_nobody_adds_anything() -> None:
    result = planned(forum(two_crowds()), budget="5000")

    assert order_of(result) == ["star", "moon"]
    assert "The budget of 5000 buys more: after 2 seeds nobody adds anything" in words(result)
    # the plain lists get no more money than was spent
    assert lists(result)["random"]["seeds"] == 2


def test_two_people_are_a_network_with_a_caveat() -> None:
    result = planned(forum([("a", "b", 3)]), budget="1")

    assert order_of(result) == ["b"]
    assert result.frames["Customer"]["seeds_reach"].tolist() == pytest.approx([2])
    assert "Only 2 people answer each other" in words(result)


def test_replies_of_one_day_are_called_so() -> None:
    assert "within one day" in words(planned(forum(two_crowds(), days=1)))
    assert "within one day" not in words(planned(forum(two_crowds(), days=5)))


@pytest.mark.parametrize("replies", [[], [("a", "a", 4)]])
def test_nobody_who_answers_others_is_nothing_to_say(replies: list[tuple[str, str, int]]) -> None:
    with pytest.raises(NobodyRepliesError) as said:
        planned(forum(replies))

    assert isinstance(said.value, NothingToSayError)


def test_one_probability_for_all_is_called_assumed() -> None:
    result = planned(forum(two_crowds()), probability="0.5", budget="1")

    assert result.frames["Customer"]["seeds_reach"].tolist() == pytest.approx([5.5], abs=0.2)
    assert "is assumed and not measured" in words(result)


def test_probabilities_that_explode_are_refused() -> None:
    rng = np.random.default_rng(1)
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, 700, (9_000, 2)) if a != b}
    rows = forum([(f"c{a}", f"c{b}", 1) for a, b in sorted(pairs)])

    with pytest.raises(ExplodingError, match="Lower the probability"):
        planned(rows, probability="0.9", sets="200000")


def test_weights_of_the_threshold_that_add_up_to_more_than_one_are_refused() -> None:
    rows = forum([("a", name, 1) for name in ("b", "c", "d")])

    with pytest.raises(WeightsError):
        planned(rows, probability="0.5", model="threshold")


def test_what_does_not_count_is_counted_by_reason() -> None:
    rows = forum([*two_crowds(), ("star", "star", 3)])

    result = planned(rows)

    assert result.metrics["left_out"] == {"self": 3}
    assert "3 of 16 replies do not count: to oneself 3" in words(result)


def test_one_account_with_very_many_replies_is_one_follower() -> None:
    rows = forum([("fan", "a", 3_000), *[(f"x{i}", "b", 1) for i in range(3)]])

    assert order_of(planned(rows, budget="1")) == ["b"]


def test_the_same_rows_in_another_order_give_the_same_plan() -> None:
    rows = forum(hidden_leader())
    turned: dict[str, Rows] = {name: list(reversed(table)) for name, table in rows.items()}

    one, other = planned(rows, budget="4"), planned(turned, budget="4")

    pd.testing.assert_frame_equal(one.frames["Customer"], other.frames["Customer"])
    assert one.metrics == other.metrics


def test_another_seed_of_the_draws_checks_on_other_sets() -> None:
    one, other = (planned(forum(hidden_leader()), seed=seed) for seed in ("0", "1"))

    assert lists(one) != lists(other)
    assert order_of(one)[0] == order_of(other)[0]


# ------------------------------------------------------------------ words


def test_a_seed_is_explained_from_its_own_figures() -> None:
    result = planned(forum(two_crowds()), budget="2")
    row = {str(k): v for k, v in result.frames["Customer"].to_dict("records")[0].items()}

    assert ALGORITHM.explain is not None
    said = ALGORITHM.explain(row, result.metrics)

    assert said.en.startswith("Seed 2 of 2: adds about ")
    assert f"{row['seeds_gain']:,.1f} people" in said.en
    assert "0 % too" in said.en
    assert "第 2 位种子（共 2 位）" in said.zh
    first = {str(k): v for k, v in result.frames["Customer"].to_dict("records")[1].items()}
    assert "before" not in ALGORITHM.explain(first, result.metrics).en


def test_the_table_of_seeds_has_the_seeds_alone() -> None:
    frame = planned(forum(two_crowds()), budget="2").frames["Customer"]

    assert rows_of(frame, "customer_id", "seeds_order") == [("moon", 2), ("star", 1)]
    assert {table.name for table in ALGORITHM.tables} == {"seeds"}
