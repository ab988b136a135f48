"""Groups of customers by their scores: the table of a deck, how many there are, how firm."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score

from algorithms.contract import Result
from algorithms.parameters import ParameterError
from algorithms.registry import REGISTRY
from algorithms.rfm_clusters import ALGORITHM, NobodyGroupedError
from algorithms.rfm_clusters_fit import Points, fitted, rand_index, silhouette
from algorithms.rfm_names import CELLS
from tests.pure import Rows, money, result_of

# cell of scores, customers, orders of each, spend of each
Cell = tuple[str, int, int, float]
# four heaps of customers that nobody would group otherwise
HEAPS: Sequence[Cell] = (
    ("111", 30, 1, 10),
    ("112", 10, 1, 12),
    ("555", 20, 40, 900),
    ("554", 10, 30, 700),
    ("511", 25, 1, 11),
    ("155", 15, 20, 500),
)


def members(cells: Sequence[Cell] = HEAPS) -> Rows:
    rows: Rows = []
    for cell, n, orders, spend in cells:
        r, f, m = (int(score) for score in cell)
        scores = {"rfm_r": r, "rfm_f": f, "rfm_m": m}
        more = {"rfm_order_count": orders, "rfm_spend": money(spend)}
        rows += [{"customer_id": f"{cell}-{i:03d}", **scores, **more} for i in range(n)]
    return rows


def grouped(cells: Sequence[Cell] = HEAPS, **settings: str) -> Result:
    wished = {"k": "4", "resamples": "5", **settings}
    return result_of(ALGORITHM, {"customers": members(cells)}, settings=wished)


def cells_by_group(result: Result) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    frame = result.frames["Customer"]
    for customer, group in zip(frame["customer_id"], frame["rfm_cluster"], strict=True):
        found.setdefault(int(group), set()).add(str(customer)[:3])
    return found


def table(result: Result) -> list[dict[str, float]]:
    rows = result.metrics["clusters"]
    assert isinstance(rows, list)
    return rows


def told(result: Result, what: str) -> list[str]:
    """Return what the table says of each group in words."""
    return [str(row[what]) for row in table(result)]


def test_heaps_are_found_and_numbered_by_what_they_spend() -> None:
    result = grouped()

    assert cells_by_group(result) == {
        1: {"555", "554"},
        2: {"155"},
        3: {"511"},
        4: {"111", "112"},
    }


def test_each_group_has_a_row_in_the_form_of_the_deck() -> None:
    result = grouped()

    best = table(result)[0]
    assert best["n"] == 30
    assert best["mean_orders"] == pytest.approx((20 * 40 + 10 * 30) / 30)
    assert best["mean_spend"] == pytest.approx((20 * 900 + 10 * 700) / 30)
    assert (best["R"], best["F"]) == (5.0, 5.0)
    assert best["M"] == pytest.approx((20 * 5 + 10 * 4) / 30)
    total = result.metrics["total"]
    assert isinstance(total, dict)
    assert total["n"] == sum(row["n"] for row in table(result)) == 110
    assert total["R"] == pytest.approx((40 + 150 + 125 + 15) / 110)


def test_signs_and_classes_follow_from_the_means() -> None:
    result = grouped()

    # overall means are R 3, F 2.64 and M 2.64
    assert told(result, "symbol") == [
        "R++,F++,M++",
        "R--,F++,M++",
        "R++,F--,M--",
        "R--,F--,M--",
    ]
    assert told(result, "class") == ["keep", "low_value", "develop", "low_value"]


def test_groups_are_labelled_by_class_and_signs() -> None:
    groups = grouped().groups["rfm_cluster"]

    assert groups["1"].label == ("Keep (R++,F++,M++)", "重要保持(R++,F++,M++)")
    assert groups["1"].profile["n"] == 30


@pytest.mark.parametrize("seed", ["1", "2", "3", "77"])
def test_numbers_do_not_move_with_the_seed(seed: str) -> None:
    first, second = grouped(), grouped(seed=seed)

    assert cells_by_group(first) == cells_by_group(second)


def corner(scores: str) -> list[Cell]:
    """Return eight cells of three customers each."""
    return [("".join(cell), 3, 1, 5.0) for cell in product(scores, repeat=3)]


def test_the_number_of_groups_can_be_left_to_the_silhouette() -> None:
    result = grouped([*corner("12"), *corner("45")], k="0", most_k="6")

    assert result.metrics["k"] == 2
    tried = result.metrics["silhouette"]
    assert isinstance(tried, dict)
    assert list(tried) == ["2", "3", "4", "5", "6"]
    assert max(tried, key=lambda k: tried[k]) == "2"


def test_fewer_cells_than_groups_make_fewer_groups_and_it_is_said() -> None:
    result = grouped(k="20")

    assert result.metrics["k"] == 6
    assert len(table(result)) == 6
    assert result.notes[0].en == (
        "Scores differ in 6 ways only, so there are 6 groups and no more."
    )


def test_customers_who_are_all_alike_are_one_group() -> None:
    for k in ("0", "6"):
        result = grouped([("313", 5, 2, 30)], k=k)

        assert cells_by_group(result) == {1: {"313"}}
        assert told(result, "symbol") == ["R0,F0,M0"]
        assert "得分仅有 1 种组合" in result.notes[0].zh


def test_one_customer_is_a_group() -> None:
    assert cells_by_group(grouped([("555", 1, 2, 30)])) == {1: {"555"}}


def test_without_scores_nothing_is_said() -> None:
    unscored: Rows = [{"customer_id": "a", "rfm_r": None}]

    with pytest.raises(NobodyGroupedError, match="no customer has RFM scores"):
        result_of(ALGORITHM, {"customers": unscored})


def test_heaps_stand_firm_and_a_cloud_does_not() -> None:
    cloud = [("".join(str(int(s)) for s in cell), 1, 1, 1.0) for cell in CELLS]

    firm, loose = grouped(), grouped(cloud, k="7")

    stability = firm.metrics["stability"]
    assert isinstance(stability, dict)
    assert stability["mean"] > 0.99
    assert firm.notes == ()
    assert "do not stand firm" in loose.notes[0].en


def test_groups_to_choose_from_must_be_a_range() -> None:
    with pytest.raises(ParameterError, match=r"rfm_clusters\.most_k cannot be"):
        grouped(k="0", least_k="5", most_k="4")


def test_a_group_is_explained_by_its_row() -> None:
    result = grouped()
    assert ALGORITHM.explain

    said = ALGORITHM.explain({"rfm_cluster": 2}, result.metrics)

    assert said.en == (
        "Is in group 2 of 4 (R--,F++,M++): 15 customers alike in scores, with 20.0 orders and "
        "500.00 on average."
    )
    assert said.zh.startswith("属于第 2 群（共 4 群")
    assert ALGORITHM.explain({"rfm_cluster": 2}, {}).en == "Is in group 2."


def test_it_runs_after_the_scores() -> None:
    assert REGISTRY.upstream(ALGORITHM) == {"rfm", "reseller"}


def weighted(rng: np.random.Generator) -> Points:
    return Points.of(rng.integers(0, 4, len(CELLS)), CELLS)


@pytest.mark.parametrize("seed", range(5))
def test_the_silhouette_is_that_of_all_customers_one_by_one(seed: int) -> None:
    points = weighted(np.random.default_rng(seed))
    label = fitted(points, k=4, seed=seed).label

    each = np.repeat(np.arange(len(points.weight)), points.weight)
    expected = silhouette_score(points.at[each], label[each])
    assert silhouette(points, label) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_rand_index_is_that_of_all_customers_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    weight = rng.integers(1, 5, 60)

    expected = adjusted_rand_score(np.repeat(first, weight), np.repeat(second, weight))
    assert rand_index(first, second, weight=weight) == pytest.approx(expected)


def test_coordinates_have_mean_nought_and_deviation_one() -> None:
    points = weighted(np.random.default_rng(1))

    each = np.repeat(points.at, points.weight, axis=0)
    assert each.mean(axis=0) == pytest.approx([0, 0, 0])
    assert each.std(axis=0) == pytest.approx([1, 1, 1])


def test_a_score_that_all_share_is_nought() -> None:
    members_of = np.zeros(len(CELLS), np.int64)
    members_of[[0, 25, 50]] = 1

    points = Points.of(members_of, CELLS)

    assert points.at[:, 1:].tolist() == [[0, 0]] * 3
