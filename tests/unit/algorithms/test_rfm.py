"""Recency, frequency and money of customers, and what their scores say of them."""

from pathlib import Path

import numpy as np
import pytest

from algorithms.contract import Result
from algorithms.parameters import ParameterError
from algorithms.rfm import ALGORITHM, FutureOrderError, NobodyScoredError
from algorithms.rfm_names import names_from_text, shipped_names
from algorithms.rfm_parameters import home_defaults
from graph.settings import read_settings
from tests.pure import Rows, money, result_of, rows_of, utc


def paid(customer: str, when: str, *, value: float, **more: object) -> dict[str, object]:
    order_id = f"{customer}-{when}-{value}"
    return {
        "order_id": order_id,
        "customer_id": customer,
        "ordered_at": utc(when),
        "amount": money(value),
        **more,
    }


def scored(
    *orders: dict[str, object],
    lines: Rows | None = None,
    as_of: str = "2026-02-01",
    settings: dict[str, str] | None = None,
) -> Result:
    rows: dict[str, Rows] = {"orders": list(orders), "order_lines": lines or []}
    return result_of(ALGORITHM, rows, settings=settings, as_of=as_of)


def measured(result: Result) -> list[tuple[object, ...]]:
    columns = ("customer_id", "rfm_recency_days", "rfm_order_count", "rfm_spend")
    return rows_of(result.frames["Customer"], *columns)


def test_recency_keeps_its_fraction() -> None:
    result = scored(paid("a", "2026-01-31T06:00", value=5), paid("b", "2026-01-31T18:00", value=5))

    assert measured(result) == [("a", 0.75, 1, money(5)), ("b", 0.25, 1, money(5))]


def test_an_orders_value_is_that_of_its_lines_where_it_has_any() -> None:
    order = paid("a", "2026-01-01", value=99)
    lines: Rows = [
        {"order_id": order["order_id"], "amount": money(1.5)},
        {"order_id": order["order_id"], "amount": money(0.0001)},
    ]

    result = scored(order, lines=lines)

    assert measured(result) == [("a", 31.0, 1, 15_001)]


def test_a_pure_return_is_spend_and_no_visit() -> None:
    result = scored(paid("a", "2026-01-01", value=10), paid("a", "2026-01-21", value=-4))

    assert measured(result) == [("a", 31.0, 1, money(6))]


def test_a_free_order_is_a_visit() -> None:
    result = scored(paid("a", "2026-01-01", value=10), paid("a", "2026-01-21", value=0))

    assert measured(result) == [("a", 11.0, 2, money(10))]


def test_orders_that_are_not_paid_do_not_count() -> None:
    result = scored(
        paid("a", "2026-01-01", value=10),
        paid("a", "2026-01-02", value=10, status="cancelled"),
        paid("a", "2026-01-03", value=10, status="refunded"),
    )

    assert measured(result) == [("a", 31.0, 1, money(10))]


def test_whoever_only_returned_is_absent_and_counted() -> None:
    result = scored(paid("a", "2026-01-01", value=-10), paid("b", "2026-01-01", value=1))

    assert [row[0] for row in measured(result)] == ["b"]
    assert result.metrics["returns_only"] == 1


def test_guests_belong_to_nobody() -> None:
    guest = {**paid("a", "2026-01-01", value=10), "customer_id": None}

    assert [row[0] for row in measured(scored(guest, paid("b", "2026-01-01", value=1)))] == ["b"]


def test_where_nobody_bought_nothing_is_said() -> None:
    with pytest.raises(NobodyScoredError, match="no customer has a paid order up to 2026-02-01"):
        scored(paid("a", "2026-01-01", value=-10))


def test_spend_is_exact_where_floats_are_not() -> None:
    # as floats these sum to 0.9999999999999999
    orders = [paid("a", f"2026-01-{day:02d}", value=0.1) for day in range(1, 11)]

    assert measured(scored(*orders)) == [("a", 22.0, 10, money(1))]


def test_an_order_after_the_instant_is_refused() -> None:
    with pytest.raises(FutureOrderError, match="1 customers have orders after"):
        scored(paid("a", "2026-03-01", value=1))


def test_five_equal_groups_have_the_five_scores() -> None:
    orders = [paid(f"c{i}", f"2026-01-{i + 1:02d}", value=i + 1) for i in range(10)]

    frame = scored(*orders).frames["Customer"]

    assert frame["rfm_m"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # the latest buyers, who are the last here, have the highest recency score
    assert frame["rfm_r"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # all have one order: equal values, equal scores
    assert frame["rfm_f"].tolist() == [1] * 10


def test_edges_are_kept_with_the_run() -> None:
    result = scored(paid("a", "2026-01-01", value=1), paid("b", "2026-01-31", value=2))

    assert result.metrics["edges_spend"] == [1.2, 1.4, 1.6, 1.8]
    assert result.metrics["edges_recency_days"] == [7.0, 13.0, 19.0, 25.0]


def test_scores_do_not_depend_on_the_instant() -> None:
    orders = [paid(f"c{i}", f"2026-01-{i + 1:02d}", value=i) for i in range(7)]

    early = scored(*orders, as_of="2026-01-08").frames["Customer"]
    late = scored(*orders, as_of="2026-06-01").frames["Customer"]

    assert early["rfm_r"].tolist() == late["rfm_r"].tolist()


def ladder(n: int = 10) -> list[dict[str, object]]:
    """Return customers of whom each bought a day later and for more than the one before."""
    return [paid(f"c{i}", f"2026-01-{i + 1:02d}", value=i + 1) for i in range(n)]


def column(result: Result, name: str) -> list[object]:
    return result.frames["Customer"][name].astype(object).tolist()


def test_signs_are_those_of_scores_against_the_mean_of_all() -> None:
    result = scored(*ladder())

    # mean scores are R 3, F 1 (all have one order) and M 3
    assert column(result, "rfm_symbol")[::2] == [
        "R--,F0,M--",
        "R--,F0,M--",
        "R0,F0,M0",
        "R++,F0,M++",
        "R++,F0,M++",
    ]
    assert result.metrics["mean_scores"] == {"r": 3.0, "f": 1.0, "m": 3.0}


def test_signs_follow_their_thresholds() -> None:
    result = scored(*ladder(), settings={"sign_fine": "1.5", "sign_coarse": "2"})

    # differences of -2, -1, 0, 1 and 2
    assert column(result, "rfm_symbol")[::2] == [
        "R--,F0,M--",
        "R0,F0,M0",
        "R0,F0,M0",
        "R0,F0,M0",
        "R++,F0,M++",
    ]


def test_names_and_classes_follow_from_the_scores() -> None:
    result = scored(*ladder())

    # cells 111, 212, 313, 414 and 515
    assert column(result, "rfm_segment")[::2] == [
        "lost",
        "about_to_sleep",
        "potential_loyalist",
        "others",
        "others",
    ]
    assert column(result, "rfm_class")[::2] == [
        "low_value",
        "ordinary",
        "develop",
        "develop",
        "develop",
    ]


def test_every_segment_has_a_label_in_both_languages_members_or_not() -> None:
    groups = scored(*ladder()).groups

    assert len(groups["rfm_segment"]) == 11
    assert groups["rfm_class"]["keep"].label == ("Keep", "重要保持")
    assert {g.label.zh for g in groups["rfm_class"].values()} == {
        "重要保持",
        "重点发展",
        "一般重要",
        "价值较低",
    }


def test_the_grid_counts_the_customers_of_every_cell() -> None:
    metrics = scored(*ladder()).metrics

    grid = np.array(metrics["grid"])
    assert grid.shape == (5, 5, 5)
    assert grid.sum() == metrics["n"] == 10
    # two customers in each of the cells 111, 212, 313, 414 and 515
    assert [grid[k, 0, k] for k in range(5)] == [2, 2, 2, 2, 2]


def test_ranks_leave_equals_together_and_put_them_where_their_middle_is() -> None:
    frame = scored(*ladder(), settings={"scoring": "rank"}).frames["Customer"]

    assert frame["rfm_f"].tolist() == [3] * 10
    assert frame["rfm_r"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_fixed_edges_are_in_days_orders_and_currency() -> None:
    fixed = {
        "scoring": "fixed",
        "edges_recency_days": "23,25,27,29.5",
        "edges_order_count": "1,2,3,4",
        "edges_spend": "0.5, 2, 4, 8.5",
    }

    result = scored(*ladder(), settings=fixed)

    # recencies are 31, 30 ... 22 days; a value on an edge counts below it
    assert column(result, "rfm_r") == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert column(result, "rfm_m") == [2, 2, 3, 3, 4, 4, 4, 4, 5, 5]
    assert column(result, "rfm_f") == [1] * 10
    assert result.metrics["edges_spend"] == [0.5, 2.0, 4.0, 8.5]


@pytest.mark.parametrize("edges", ["", "1,2,3", "1,2,2,3", "4,3,2,1", "1,2,3,many", "1,2,3,nan"])
def test_fixed_edges_that_are_none_are_refused_by_name(edges: str) -> None:
    fixed = {"scoring": "fixed", "edges_recency_days": edges}

    with pytest.raises(ParameterError, match=r"rfm\.edges_recency_days cannot be"):
        scored(*ladder(), settings=fixed)


def test_names_that_cannot_be_read_are_refused_by_name() -> None:
    with pytest.raises(ParameterError, match=r"rfm\.names cannot be"):
        scored(*ladder(), settings={"names": '{"segments": []}'})


def test_a_home_names_its_customers_itself(tmp_path: Path) -> None:
    one = (
        '[[segments]]\ncode = "all"\nen = "All"\nzh = "全部"\nr = [1, 5]\nf = [1, 5]\nm = [1, 5]\n'
    )
    (tmp_path / "rfm.toml").write_text(one, encoding="utf-8")

    result = scored(*ladder(), settings=dict(home_defaults(read_settings(home=tmp_path))))

    assert set(column(result, "rfm_segment")) == {"all"}
    assert result.groups["rfm_segment"]["all"].label == ("All", "全部")
    assert set(result.groups["rfm_class"]) == {"keep", "develop", "ordinary", "low_value"}


def test_a_home_without_names_has_the_shipped_ones(tmp_path: Path) -> None:
    defaults = home_defaults(read_settings(home=tmp_path))

    assert names_from_text(defaults["names"]) == shipped_names() == names_from_text("")


def test_few_customers_and_absent_scores_are_said() -> None:
    notes = scored(*ladder()).notes

    assert notes[0].en == "Only 10 customers are scored: a fifth of them is a handful."
    assert notes[1].en == "Nobody has F = 2, 3, 4, 5: equal values have equal scores."
    assert all(note.zh for note in notes)


def test_one_customer_alone_is_scored() -> None:
    result = scored(paid("a", "2026-01-01", value=3))

    assert rows_of(result.frames["Customer"], "rfm_r", "rfm_f", "rfm_m", "rfm_symbol") == [
        (5, 1, 1, "R0,F0,M0")
    ]


def test_scores_are_explained_in_both_languages() -> None:
    customer: dict[str, object] = {
        "rfm_recency_days": 12.34,
        "rfm_order_count": 7,
        "rfm_spend": 1345.5,
        "rfm_r": 4,
        "rfm_f": 5,
        "rfm_m": 3,
    }
    assert ALGORITHM.explain

    said = ALGORITHM.explain(customer, {"n": 900})

    assert said.en == (
        "Bought 12.3 days ago, 7 paid orders, 1,345.50 in all: among 900 customers that scores "
        "R 4, F 5, M 3 of 5."
    )
    assert "12.3 天" in said.zh
    assert "R 4、F 5、M 3" in said.zh
