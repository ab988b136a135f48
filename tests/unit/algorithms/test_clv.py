"""Lifetime value from orders to figures: what counts, what is refused, what is said beside it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.clv import ALGORITHM
from algorithms.clv.choice import NoOptimumError
from algorithms.clv.history import (
    NobodyReturnedError,
    NoPurchaseError,
    SingleDayError,
    TooFewCustomersError,
)
from algorithms.contract import NothingToSayError, Result
from tests.buyers import (
    BG,
    GAMMA_GAMMA,
    WEEK,
    Bought,
    amounts_of,
    buying_and_leaving,
    instant,
    orders_of,
)
from tests.pure import Rows, money, result_of, run_on, tables_of, utc

N = 600
BOUGHT = buying_and_leaving(BG, n=N, seed=21, at_first=True, days=540)
AMOUNTS = amounts_of(BOUGHT, GAMMA_GAMMA, seed=21)


def valued(orders: pa.Table, *, end: int = 540, **settings: str) -> Result:
    tables = {**tables_of(ALGORITHM, {}), "orders": orders}
    return run_on(ALGORITHM, tables, settings=settings, as_of=instant(end))


@pytest.fixture(scope="module")
def shop() -> pa.Table:
    return orders_of(BOUGHT, AMOUNTS)


@pytest.fixture(scope="module")
def value(shop: pa.Table) -> Result:
    return valued(shop)


def customers(result: Result) -> pd.DataFrame:
    frame = result.frames["Customer"]
    return frame.assign(customer_id=frame["customer_id"].astype(str)).set_index("customer_id")


def first_of(result: Result) -> dict[str, object]:
    row = customers(result).iloc[0]
    return {str(name): row[name] for name in row.index}


def day_of(customer: str, day: str, *, value: float = 10, **more: object) -> dict[str, object]:
    at = utc(f"{day}T12:00")
    return {
        "order_id": f"{customer}-{day}-{value}",
        "customer_id": customer,
        "ordered_at": at,
        "ordered_day": at.date(),
        "amount": money(value),
        **more,
    }


def few(*orders: dict[str, object], as_of: str = "2026-02-01") -> Result:
    rows: dict[str, Rows] = {"orders": list(orders)}
    return result_of(ALGORITHM, rows, settings={"minimum_customers": "5"}, as_of=as_of)


def test_every_customer_who_bought_is_told(value: Result) -> None:
    frame = customers(value)

    assert frame.index.tolist() == sorted({f"c{c:05d}" for c in BOUGHT.customer})
    assert not frame.isna().any().any()


def test_longer_horizons_hold_more(value: Result) -> None:
    frame = customers(value)

    for kind in ("orders", "spend"):
        month, quarter, year = (frame[f"clv_expected_{kind}_{d}d"] for d in (30, 90, 365))
        assert (month <= quarter).all()
        assert (quarter <= year).all()


def test_nobody_is_alive_for_certain(value: Result) -> None:
    alive = customers(value)["clv_probability_alive"]

    assert alive.min() >= 0
    assert alive.max() < 1


def test_the_run_keeps_parameters_by_their_usual_names(value: Result) -> None:
    assert value.metrics["model"] in {"mbg_nbd", "pareto_nbd", "bg_nbd"}
    assert {"r", "alpha", "log_likelihood", "p", "q", "v"} <= {*value.metrics}
    assert value.metrics["chosen_by"] == "hold-out"


def test_the_later_part_of_the_history_is_the_measure(value: Result) -> None:
    holdout = value.metrics["holdout"]

    assert isinstance(holdout, dict)
    span = 540 - int(BOUGHT.day.min())
    assert holdout["days"] == span // 3
    known = BOUGHT.before(540 - span // 3).summary()
    later = BOUGHT.summary().loc[known.index, "x"] - known["x"]
    assert holdout["customers"] == len(known)
    assert holdout["actual"] == later.sum()
    naive = known["x"] * (span // 3) / known["age"].clip(lower=1)
    assert holdout["grades"]["naive"]["predicted"] == pytest.approx(naive.sum())


def test_the_model_taken_made_what_followed_likeliest(value: Result) -> None:
    holdout = value.metrics["holdout"]

    assert isinstance(holdout, dict)
    likely = {n: g["log_likelihood"] for n, g in holdout["grades"].items() if n != "naive"}
    assert value.metrics["model"] == max(likely, key=lambda name: likely[name])


def test_bg_nbd_borrows_the_chance_of_being_alive(shop: pa.Table) -> None:
    result = valued(shop, model="bg_nbd")

    assert result.metrics["model"] == "bg_nbd"
    assert result.metrics["alive_model"] in {"mbg_nbd", "pareto_nbd"}
    assert customers(result)["clv_probability_alive"].max() < 1
    assert any("one-time buyer" in note.en for note in result.notes)


def test_days_and_weeks_tell_customers_the_same(shop: pa.Table) -> None:
    weeks, days = (valued(shop, model="mbg_nbd", time_unit=unit) for unit in ("week", "day"))

    pd.testing.assert_frame_equal(customers(weeks), customers(days), rtol=1e-5)
    assert isinstance(weeks.metrics["alpha"], float)
    assert days.metrics["alpha"] == pytest.approx(WEEK * weeks.metrics["alpha"], rel=1e-5)


def test_orders_of_one_day_are_one_purchase(shop: pa.Table) -> None:
    # every order split into two of the same day
    halves = AMOUNTS.round(2) / 2
    twice = Bought(np.repeat(BOUGHT.customer, 2), np.repeat(BOUGHT.day, 2), BOUGHT.end)

    split = valued(orders_of(twice, np.repeat(halves, 2)), model="mbg_nbd")

    pd.testing.assert_frame_equal(customers(split), customers(valued(shop, model="mbg_nbd")))


def test_orders_after_the_date_do_not_count(shop: pa.Table) -> None:
    known = BOUGHT.before(400)

    cut = valued(orders_of(known, AMOUNTS[BOUGHT.day <= 400]), end=400, model="mbg_nbd")

    assert customers(valued(shop, end=400, model="mbg_nbd")).equals(customers(cut))


def test_a_return_lowers_spend_and_is_no_purchase(shop: pa.Table) -> None:
    summary = BOUGHT.summary()
    customer = f"c{summary.index[summary['x'] > 2][0]:05d}"
    orders = shop.to_pylist()
    back = {**orders[0], "order_id": "return", "customer_id": customer, "amount": money(-5)}
    back |= {"ordered_at": instant(539), "ordered_day": instant(539).date()}

    plain = customers(valued(shop, model="mbg_nbd"))
    less = customers(
        valued(pa.Table.from_pylist([*orders, back], schema=shop.schema), model="mbg_nbd")
    )

    assert less["clv_expected_orders_365d"].equals(plain["clv_expected_orders_365d"])
    fell = less["clv_expected_spend_365d"] - plain["clv_expected_spend_365d"]
    assert fell[customer] < 0


def test_spend_that_returns_ate_up_is_left_out_and_counted(shop: pa.Table) -> None:
    summary = BOUGHT.summary()
    returning = summary.index[summary["x"] > 0]
    orders = shop.to_pylist()
    back = {**orders[0], "order_id": "return", "customer_id": f"c{returning[0]:05d}"}
    back |= {"ordered_at": instant(540), "ordered_day": instant(540).date()}
    back |= {"amount": money(-10_000)}

    result = valued(pa.Table.from_pylist([*orders, back], schema=shop.schema), model="mbg_nbd")

    assert result.metrics["spend_left_out"] == 1
    assert result.metrics["spend_customers"] == len(returning) - 1
    assert any("paid nothing on balance" in note.en for note in result.notes)
    assert (customers(result)["clv_expected_spend_365d"] >= 0).all()


def test_spend_that_grows_with_frequency_is_said() -> None:
    count = pd.Series(BOUGHT.customer).map(pd.Series(BOUGHT.customer).value_counts()).to_numpy()

    result = valued(orders_of(BOUGHT, AMOUNTS * count), model="mbg_nbd")

    correlation = result.metrics["spend_correlation"]
    assert isinstance(correlation, float)
    assert correlation > 0.1
    assert any("spend more at a time" in note.en for note in result.notes)


def test_the_independence_check_correlates_count_and_mean(value: Result) -> None:
    days = pd.DataFrame({"customer": BOUGHT.customer, "day": BOUGHT.day, "amount": AMOUNTS})
    days = days.groupby(["customer", "day"])[["amount"]].sum().reset_index()
    later = days[days["day"] > days.groupby("customer")["day"].transform("min")]
    of_customer = later.groupby("customer")["amount"].agg(["size", "mean"])

    assert value.metrics["spend_correlation"] == pytest.approx(
        of_customer["size"].corr(of_customer["mean"])
    )


def test_spend_without_differences_is_not_foretold() -> None:
    result = valued(orders_of(BOUGHT, np.full(len(BOUGHT.day), 9.9)), model="mbg_nbd")

    frame = customers(result)
    assert frame["clv_expected_spend_365d"].isna().all()
    assert frame["clv_spend_365d_upper"].isna().all()
    assert frame["clv_expected_orders_365d"].notna().all()
    assert any("could not be modelled" in note.en for note in result.notes)


def test_too_short_a_history_takes_the_stated_default() -> None:
    known = BOUGHT.before(int(BOUGHT.day.min()) + 500)

    result = valued(orders_of(known, AMOUNTS[BOUGHT.day <= known.end]), holdout_days="7")

    assert (result.metrics["model"], result.metrics["chosen_by"]) == ("mbg_nbd", "default")
    assert any("too short" in note.en for note in result.notes)


def test_periods_are_weeks_counted_back_from_the_end(shop: pa.Table) -> None:
    result = valued(shop, model="bg_bb")

    assert result.metrics["model"] == "bg_bb"
    assert {"alpha", "beta", "gamma", "delta"} <= {*result.metrics}
    weeks = pd.DataFrame({"customer": BOUGHT.customer, "week": (540 - BOUGHT.day) // WEEK})
    periods = weeks.drop_duplicates().groupby("customer").size()
    assert result.metrics["n_returning"] == (periods > 1).sum()


def test_nothing_is_said_without_orders() -> None:
    with pytest.raises(NoPurchaseError, match="no customer has a paid order up to 2026-02-01"):
        few()


def test_nothing_is_said_before_the_first_order() -> None:
    with pytest.raises(NoPurchaseError, match="choose a later date"):
        few(day_of("a", "2026-01-05"), as_of="2026-01-01")


def test_nothing_is_said_of_one_customer() -> None:
    with pytest.raises(TooFewCustomersError, match="1 customers have bought"):
        few(day_of("a", "2026-01-05"), day_of("a", "2026-01-15"))


def test_nothing_is_said_where_all_bought_on_one_day() -> None:
    orders = [day_of(f"c{i}", "2026-01-05", value=i) for i in range(9)]

    with pytest.raises(SingleDayError, match=r"all 9 customers bought on one day \(2026-01-05\)"):
        few(*orders, *[{**o, "order_id": f"{o['order_id']}-2"} for o in orders])


def test_nothing_is_said_where_nobody_came_back() -> None:
    with pytest.raises(NobodyReturnedError, match="without a second purchase"):
        few(*[day_of(f"c{i}", f"2026-01-{i + 1:02d}") for i in range(9)])


def test_returns_alone_are_no_purchases() -> None:
    with pytest.raises(NoPurchaseError):
        few(*[day_of(f"c{i}", "2026-01-05", value=-1) for i in range(9)])


@pytest.mark.parametrize("model", ["mbg_nbd", "bg_nbd", "pareto_nbd", "bg_bb", "auto"])
def test_parameters_that_run_off_are_named_and_not_used(model: str) -> None:
    # customers who are all alike, and buy on: neither rates nor departures differ
    days = [(c, d) for c in range(40) for d in range(c % 7, 200, 14)]
    customer, day = np.array(days).T
    orders = orders_of(Bought(customer, day, 200), np.full(len(day), 10.0))

    with pytest.raises(NoOptimumError, match="run off without end"):
        valued(orders, end=200, model=model)


def test_reasons_are_given_in_both_languages() -> None:
    with pytest.raises(NothingToSayError) as refused:
        few(day_of("a", "2026-01-05"))

    assert "1 位客户购买过" in refused.value.message("zh")


def test_a_customer_is_explained_from_the_models_own_parts(value: Result) -> None:
    row = first_of(value) | {"clv_expected_spend_365d": 1234.5}

    said = ALGORITHM.explain(row, value.metrics) if ALGORITHM.explain else None

    assert said is not None
    assert "NBD expects" in said.en
    assert "1,234.50 spent" in said.en
    assert f"{row['clv_probability_alive']:.0%}" in said.en
    assert "预期一年内购买" in said.zh


def test_an_unknown_chance_is_not_explained(value: Result) -> None:
    row = first_of(value) | {"clv_probability_alive": None, "clv_expected_spend_365d": None}

    said = ALGORITHM.explain(row, value.metrics) if ALGORITHM.explain else None

    assert said is not None
    assert "chance" not in said.en
    assert "spent" not in said.en


def test_scores_say_what_will_judge_them() -> None:
    assert {(g.score, g.outcome, g.horizon_days) for g in ALGORITHM.graded} == {
        (f"clv_expected_{outcome}_{days}d", outcome, days)
        for outcome in ("orders", "spend")
        for days in (30, 90, 365)
    }
    assert replace(ALGORITHM).mathematics is not None
