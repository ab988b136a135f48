"""Seeds of small forums worked out by hand: whom, in which order, at what cost, beside whom."""

import numpy as np
import pytest

from algorithms.seeds import seeds_by
from algorithms.seeds.declaration import NobodyAffordableError, UnreadCostError
from graph.language import Text
from graph.spec import PropertySpec
from tests.pure import money, result_of
from tests.seed_forums import (
    FAST,
    forum,
    hidden_leader,
    lists,
    order_of,
    planned,
    two_crowds,
    words,
)

# ------------------------------------------------------------------ whom


def test_seeds_are_whom_most_people_follow_each_adding_its_own_crowd() -> None:
    result = planned(forum(two_crowds()), budget="2")

    # all replies of each went to one person, who reaches them for certain
    assert order_of(result) == ["star", "moon"]
    frame = result.frames["Customer"].sort_values("seeds_order")
    assert frame["seeds_gain"].tolist() == pytest.approx([10, 5], abs=0.2)
    assert frame["seeds_reach"].tolist() == pytest.approx([10, 15], abs=0.2)
    assert frame["seeds_overlap"].tolist() == [0, 0]
    assert frame["seeds_cost"].tolist() == [1, 1]


def test_influence_goes_against_replies() -> None:
    # who answers most is answered by nobody, and reaches nobody
    rows = forum([("busy", f"x{i}", 5) for i in range(6)])

    result = planned(rows, budget="1")

    # each of the six is answered by a sixth of what busy writes: reach 1 + 1/6
    assert order_of(result)[0] != "busy"
    reach = result.frames["Customer"]["seeds_reach"].iloc[0]
    assert reach == pytest.approx(1 + 1 / 6, abs=0.1)


def test_shares_of_replies_are_the_probabilities() -> None:
    # u gave three of four replies to a, who therefore reaches u with 3/4
    result = planned(forum([("u", "a", 3), ("u", "b", 1)]), budget="1")

    frame = result.frames["Customer"]
    assert order_of(result) == ["a"]
    assert frame["seeds_reach"].iloc[0] == pytest.approx(1.75, abs=0.03)
    assert frame["seeds_gain_low"].iloc[0] < 1.75 < frame["seeds_gain_high"].iloc[0] + 0.03


def test_seeds_of_one_crowd_are_not_proposed_twice() -> None:
    # a and b reach the same eight; c has three of its own
    both = [(f"x{i}", name, 1) for i in range(8) for name in ("a", "b")]
    chain = [("b", "a", 9), ("a", "b", 9)]
    rows = forum([*both, *chain, *[(f"y{i}", "c", 1) for i in range(3)]])

    result = planned(rows, budget="2")

    assert "c" in order_of(result)
    assert len({"a", "b"} & {*order_of(result)}) == 1


def test_overlap_is_the_share_of_the_own_reach_that_is_reached_already() -> None:
    # a reaches everybody, b too through a: nothing of b's own reach is new
    rows = forum([("b", "a", 1), ("a", "b", 1), *[(f"x{i}", "a", 1) for i in range(3)]])

    frame = planned(rows, budget="2", probability="1").frames["Customer"]

    assert frame["seeds_reach"].max() == pytest.approx(5)
    assert frame["seeds_overlap"].iloc[0] == 0


def test_gains_are_never_negative_and_add_up() -> None:
    rng = np.random.default_rng(4)
    pairs = {(int(a), int(b)) for a, b in rng.integers(0, 40, (160, 2)) if a != b}
    rows = forum([(f"c{a:02d}", f"c{b:02d}", 1) for a, b in sorted(pairs)])

    frame = planned(rows, budget="10").frames["Customer"].sort_values("seeds_order")

    assert frame["seeds_order"].tolist() == list(range(1, 11))
    assert (frame["seeds_gain"] >= 0).all()
    assert frame["seeds_gain"].cumsum().tolist() == pytest.approx(frame["seeds_reach"].tolist())
    assert (frame["seeds_gain_low"] <= frame["seeds_gain"]).all()
    assert (frame["seeds_gain"] <= frame["seeds_gain_high"]).all()
    assert frame["seeds_overlap"].between(0, 1).all()


def test_excluded_customers_are_reached_but_not_seeded() -> None:
    result = planned(forum(two_crowds()), budget="1", excluded="star, nobody-here")

    assert order_of(result) == ["moon"]
    assert result.metrics["people"] == 15
    assert "1 of the excluded customers answer nobody" in words(result)


@pytest.mark.parametrize("model", ["cascade", "threshold"])
def test_both_models_agree_where_everybody_follows_one(model: str) -> None:
    result = planned(forum(two_crowds()), budget="2", model=model)

    assert order_of(result) == ["star", "moon"]
    assert result.metrics["model"] == model


# ------------------------------------------------------------------ costs


def test_a_cost_that_is_read_bounds_the_budget() -> None:
    costs: dict[str, dict[str, object]] = {
        name: {"influence_repliers": 1} for name in ("moon", *(f"s{i}" for i in range(9)))
    }
    costs["star"] = {"influence_repliers": 20}

    result = planned(forum(two_crowds(), costs), budget="10", cost="influence_repliers")

    frame = result.frames["Customer"].sort_values("seeds_order")
    assert "star" not in order_of(result)
    assert order_of(result)[0] == "moon"
    assert frame["seeds_cost"].sum() <= 10
    assert result.metrics["spent"] == frame["seeds_cost"].sum()
    assert "4 people without a influence_repliers above 0" in words(result)


def test_any_numeric_property_can_be_the_cost() -> None:
    algorithm = seeds_by(PropertySpec("rfm_spend", "money", Text("Spend", "消费额")))
    spends = {name: {"rfm_spend": money(2.5)} for by, to, _ in two_crowds() for name in (by, to)}
    settings = {**FAST, "budget": "5", "cost": "rfm_spend"}

    result = result_of(algorithm, forum(two_crowds(), spends), settings=settings)

    # money is counted in units of the currency
    assert result.frames["Customer"]["seeds_cost"].tolist() == pytest.approx([2.5, 2.5])


def test_a_cost_that_is_not_read_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnreadCostError, match="kith seeds --cost rfm_spend"):
        planned(forum(two_crowds()), cost="rfm_spend")


def test_a_budget_that_buys_nobody_is_said() -> None:
    costs: dict[str, dict[str, object]] = {"star": {"influence_repliers": 7}}

    with pytest.raises(NobodyAffordableError, match="the cheapest costs 7"):
        planned(forum(two_crowds(), costs), budget="5", cost="influence_repliers")


# ------------------------------------------------------------------ beside plain lists


def test_top_degree_attention_and_random_stand_beside_on_the_same_sets() -> None:
    known: dict[str, dict[str, object]] = {
        "moon": {"influence_score": 9.0},
        "star": {"influence_score": 1.0},
    }

    found = lists(planned(forum(two_crowds(), known), budget="1"))

    assert set(found) == {"search", "degree", "attention", "random"}
    assert found["search"] == found["degree"]
    assert found["attention"]["reach"] == pytest.approx(5, abs=0.2)
    assert found["search"]["low"] <= 10 <= found["search"]["high"]
    assert all(of["seeds"] == 1 for of in found.values())


def test_without_attention_that_list_is_missing() -> None:
    assert "attention" not in lists(planned(forum(two_crowds())))


def test_no_better_than_top_degree_is_said() -> None:
    assert "No better than top degree" in words(planned(forum(two_crowds()), budget="2"))


def test_a_search_that_is_better_is_not_called_no_better() -> None:
    result = planned(forum(hidden_leader()), budget="1")

    # first reaches second and all twelve: 14; a decoy 1 + 13/5
    assert order_of(result) == ["first"]
    assert result.metrics["chosen_by"] == "search"
    assert "No better" not in words(result)
    gain = result.metrics["gain_over_degree"]
    assert isinstance(gain, list)
    value, low, high = gain
    assert value == pytest.approx(14 / 3.6 - 1, rel=0.05)
    assert low < value < high


def test_the_most_answered_are_proposed_where_they_reach_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from algorithms.network import cover

    chosen = cover.chosen_seeds

    def worse(*sets: object, **more: object) -> cover.Chosen:
        choice = chosen(*sets, **more)  # type: ignore[arg-type]  # as it was called
        return cover.Chosen(np.array([0]), choice.gain, choice.spare)

    monkeypatch.setattr(cover, "chosen_seeds", worse)

    result = planned(forum(two_crowds()), budget="1")

    assert order_of(result) == ["star"]
    assert result.metrics["chosen_by"] == "degree"
    assert "The most answered people reach more" in words(result)


def test_the_first_seed_below_the_noise_is_named() -> None:
    result = planned(forum(two_crowds()), budget="6")

    # star and moon reach all others, and nobody is left
    assert result.metrics["first_below_noise"] is None
    assert result.metrics["is_saturated"] is True

    loners = [*two_crowds(), *[(f"z{i}", f"y{i}", 1) for i in range(3)]]
    rows = forum([*loners, *[(f"z{i}", "star", 99) for i in range(3)]])
    later = planned(rows, budget="6")
    # y0, y1 and y2 reach nobody but themselves, but for once in a hundred
    assert later.metrics["first_below_noise"] == 3
    assert "From seed 3 on" in words(later)


def test_reach_is_played_step_by_step() -> None:
    steps = planned(forum(hidden_leader()), budget="1").metrics["steps"]

    assert isinstance(steps, list)
    assert [mean for mean, _, _ in steps[:4]] == [1, 2, 14, 14]


def test_no_steps_are_played_if_not_asked_for() -> None:
    assert "steps" not in planned(forum(two_crowds()), simulations="0").metrics


def test_the_curve_begins_with_nobody_and_ends_with_the_reach() -> None:
    result = planned(forum(two_crowds()), budget="2")

    curve = result.metrics["curve"]
    assert isinstance(curve, list)
    assert curve[0][0] == 0
    assert curve[-1] == list(lists(result)["search"].values())[1:]


# ------------------------------------------------------------------ a product from seeds


def test_a_product_spreads_sooner_from_seeds_than_of_its_own_accord() -> None:
    result = planned(
        forum(two_crowds()), budget="2", innovation="0.01", imitation="0.5", periods="12"
    )

    told = result.metrics["adoption"]
    assert isinstance(told, dict)
    seeded, alone = (np.array(told[name])[:, 0] for name in ("with_seeds", "without"))
    assert (seeded[0], alone[0]) == (2, 0)
    assert len(seeded) == len(alone) == 13
    assert (seeded > alone).all()
    # each period half of those who follow star or moon alone take it up, and hardly anybody else
    expected = 15 - 13 * (1 - 0.51) ** np.arange(13)
    assert seeded == pytest.approx(expected, abs=1.5)


def test_no_product_is_played_if_none_is_named() -> None:
    assert "adoption" not in planned(forum(two_crowds())).metrics
