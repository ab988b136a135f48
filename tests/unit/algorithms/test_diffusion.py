"""Bass's model: published figures, simulated launches, and products of which nothing is known."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from algorithms.contract import Result
from algorithms.diffusion import ALGORITHM
from algorithms.diffusion.bass import (
    Floats,
    Rates,
    adopted,
    adopting,
    least_squares,
    likeliest,
    peak_of,
)
from algorithms.diffusion.declaration import NothingSpreadsError
from tests.pure import Rows, result_of, utc

RECORDERS = Path(__file__).parents[4] / "shared" / "data" / "bass_vcr" / "vcr_sales.csv"
DATA_BEGIN, LAUNCH = date(2024, 1, 1), date(2024, 3, 4)


def drawn(rates: Rates, m: float, *, periods: int, seed: int) -> Floats:
    """Draw first purchases of a launch, period by period."""
    expected = m * np.diff(adopted(np.arange(periods + 1.0), rates))
    return np.random.default_rng(seed).poisson(expected).astype(np.float64)


def sold(by_week: Sequence[float] | Floats, *, product: str = "new", launch: date = LAUNCH) -> Rows:
    """Return one first purchase a buyer, spread over the days of each week."""
    weeks = [week for week, n in enumerate(by_week) for _ in range(int(n))]
    days = [launch + timedelta(days=7 * week + place % 7) for place, week in enumerate(weeks)]
    return [
        {"customer_id": f"{product}-{place:05d}", "product_id": product, "day": day}
        for place, day in enumerate(days)
    ]


def shop(*sales: Rows, last: date, listed: dict[str, date] | None = None) -> dict[str, Rows]:
    """Return orders of one line each; an old article is sold on the first and the last day."""
    edges: Rows = [
        {"customer_id": f"old-{day}", "product_id": "old", "day": day} for day in (DATA_BEGIN, last)
    ]
    rows = [row for one in (edges, *sales) for row in one]
    orders: Rows = [
        {
            "order_id": f"o{place:06d}",
            "customer_id": row["customer_id"],
            "ordered_at": utc(str(row["day"])),
            "ordered_day": row["day"],
            "amount": 10_000,
        }
        for place, row in enumerate(rows)
    ]
    lines: Rows = [
        {"order_id": f"o{place:06d}", "product_id": row["product_id"], "amount": 10_000}
        for place, row in enumerate(rows)
    ]
    names = sorted({str(row["product_id"]) for row in rows})
    products: Rows = [
        {"product_id": name, "listed_day": (listed or {}).get(name)} for name in names
    ]
    return {"orders": orders, "order_lines": lines, "products": products}


def fitted(rows: dict[str, Rows], product: str = "new", **wished: str) -> dict[str, object]:
    frame = result(rows, **wished).frames["Product"].astype(object)
    (row,) = frame[frame["product_id"] == product].to_dict("records")
    return {str(name): value for name, value in row.items()}


def result(rows: dict[str, Rows], **wished: str) -> Result:
    return result_of(ALGORITHM, rows, settings=wished, as_of="2026-02-01")


def states(rows: dict[str, Rows], **wished: str) -> dict[str, str]:
    frame = result(rows, **wished).frames["Product"]
    return dict(zip(frame["product_id"], frame["diffusion_state"], strict=True))


# ------------------------------------------------------------------ the curve


def test_the_curve_follows_its_own_equation() -> None:
    rates, t, step = Rates(0.03, 0.4), np.array([0.5, 3.0, 9.0]), 1e-6

    share = adopted(t, rates)
    slope = (adopted(t + step, rates) - adopted(t - step, rates)) / (2 * step)

    assert slope == pytest.approx((rates.p + rates.q * share) * (1 - share), rel=1e-6)
    assert adopting(t, rates) == pytest.approx(slope, rel=1e-6)


def test_the_curve_begins_with_nobody_and_ends_with_all() -> None:
    assert adopted(np.array([0.0, 1e3]), Rates(0.01, 0.3)).tolist() == pytest.approx([0, 1])


def test_without_imitation_a_constant_share_of_the_rest_buys() -> None:
    t = np.arange(5.0)

    assert adopted(t, Rates(0.2, 1e-12)) == pytest.approx(1 - np.exp(-0.2 * t), abs=1e-9)


def test_most_buy_at_the_peak() -> None:
    rates = Rates(0.01, 0.2)
    t = np.linspace(0, 40, 40_001)

    assert t[adopting(t, rates).argmax()] == pytest.approx(peak_of(rates), abs=0.001)
    assert peak_of(Rates(0.3, 0.1)) == 0


# ------------------------------------------------------------------ published


@pytest.mark.skipif(not RECORDERS.exists(), reason="the figures are not at hand")
def test_least_squares_gives_the_published_figures_of_video_recorders() -> None:
    sales = pd.read_csv(RECORDERS)["sales"].to_numpy(np.float64)

    fit = least_squares(sales)

    assert (fit.m, fit.p, fit.q) == pytest.approx((67_980.9, 0.0065940, 0.638091), rel=1e-5)
    assert np.sqrt(fit.misfit) == pytest.approx(727.19, abs=0.01)
    errors = [
        (high - low) / (2 * 1.959963984540054) for low, high in (fit.m_ends, fit.p_ends, fit.q_ends)
    ]
    assert errors == pytest.approx([3.13e3, 1.43e-3, 4.14e-2], rel=0.005)


@pytest.mark.skipif(not RECORDERS.exists(), reason="the figures are not at hand")
def test_likelihood_and_least_squares_tell_nearly_the_same() -> None:
    sales = pd.read_csv(RECORDERS)["sales"].to_numpy(np.float64)

    ours, theirs = likeliest(sales), least_squares(sales)

    assert ours.m == pytest.approx(theirs.m, rel=0.02)
    assert ours.q == pytest.approx(theirs.q, rel=0.03)
    # totals in thousands scatter far more than as many people would
    assert ours.misfit > 10


# ------------------------------------------------------------------ simulated


@pytest.mark.parametrize(
    ("rates", "m", "periods"),
    [(Rates(0.01, 0.1), 4_000, 80), (Rates(0.03, 0.38), 6_000, 25), (Rates(0.002, 0.2), 5_000, 60)],
)
def test_simulated_launches_are_recovered(rates: Rates, m: float, periods: int) -> None:
    fits = [likeliest(drawn(rates, m, periods=periods, seed=seed)) for seed in range(40)]

    assert np.mean([fit.p for fit in fits]) == pytest.approx(rates.p, rel=0.04)
    assert np.mean([fit.q for fit in fits]) == pytest.approx(rates.q, rel=0.02)
    assert np.mean([fit.m for fit in fits]) == pytest.approx(m, rel=0.01)
    assert np.mean([fit.misfit for fit in fits]) == pytest.approx(1, abs=0.2)


def test_intervals_hold_the_truth_about_nineteen_times_of_twenty() -> None:
    rates, m = Rates(0.01, 0.12), 3_000.0
    fits = [likeliest(drawn(rates, m, periods=45, seed=seed)) for seed in range(200)]

    for name, truth in (("p", rates.p), ("q", rates.q), ("m", m)):
        ends = [getattr(fit, f"{name}_ends") for fit in fits]
        assert 0.9 <= np.mean([low <= truth <= high for low, high in ends]) <= 0.99


def test_the_likeliest_is_better_than_its_neighbours() -> None:
    sales = drawn(Rates(0.02, 0.25), 2_000, periods=30, seed=1)
    fit = likeliest(sales)

    def log_likelihood(p: float, q: float) -> float:
        shares = np.diff(adopted(np.arange(31.0), Rates(p, q)))
        return float(sales @ np.log(shares / shares.sum()))

    best = log_likelihood(fit.p, fit.q)
    for up in (0.99, 1.01):
        assert log_likelihood(fit.p * up, fit.q) < best
        assert log_likelihood(fit.p, fit.q * up) < best


def test_seasons_widen_the_intervals() -> None:
    smooth = 4_000 * np.diff(adopted(np.arange(61.0), Rates(0.01, 0.1)))
    seasonal = smooth * (1 + 0.5 * np.sin(np.arange(60)))

    (low, high), (lower, higher) = likeliest(smooth).m_ends, likeliest(seasonal).m_ends

    assert higher - lower > 1.5 * (high - low)


# ------------------------------------------------------------------ products of a shop


def test_a_launch_in_orders_is_recovered_with_its_peak() -> None:
    rates = Rates(0.01, 0.15)
    weekly = drawn(rates, 3_000, periods=50, seed=3)
    rows = shop(sold(weekly), last=LAUNCH + timedelta(days=7 * 50 + 3))

    found = fitted(rows)

    assert found["diffusion_state"] == "fitted"
    assert found["diffusion_buyers"] == weekly.sum()
    assert found["diffusion_p"] == pytest.approx(rates.p, rel=0.2)
    assert found["diffusion_q"] == pytest.approx(rates.q, rel=0.1)
    assert found["diffusion_m"] == pytest.approx(3_000, rel=0.05)
    assert found["diffusion_launch_on"] == pd.Timestamp(LAUNCH)
    peak = pd.Timestamp(LAUNCH) + pd.Timedelta(days=7 * peak_of(rates))
    assert abs(found["diffusion_peak_on"] - peak) < pd.Timedelta(days=14)  # type: ignore[operator]


def test_what_is_fitted_is_what_the_weeks_say() -> None:
    weekly = drawn(Rates(0.02, 0.2), 1_500, periods=40, seed=4)
    # a sale in the week that is not over yet does not count
    rows = shop(sold([*weekly, 25]), last=LAUNCH + timedelta(days=7 * 40 + 6))

    expected = likeliest(weekly)

    found = fitted(rows)
    assert found["diffusion_p"] == pytest.approx(expected.p, rel=1e-6)
    assert found["diffusion_m"] == pytest.approx(expected.m, rel=1e-6)
    assert (found["diffusion_m_low"], found["diffusion_m_high"]) == pytest.approx(expected.m_ends)


def test_buying_again_does_not_spread_a_product() -> None:
    weekly = drawn(Rates(0.02, 0.2), 800, periods=40, seed=4)
    again = [{**row, "day": LAUNCH + timedelta(days=280)} for row in sold(weekly)]
    last = LAUNCH + timedelta(days=281)

    assert fitted(shop(sold(weekly), again, last=last)) == fitted(shop(sold(weekly), last=last))


def test_the_listing_dates_the_launch() -> None:
    weekly = [0, 0, *drawn(Rates(0.02, 0.2), 1_500, periods=40, seed=4)]
    last = LAUNCH + timedelta(days=7 * 42)

    rows = shop(sold(weekly), last=last, listed={"new": LAUNCH})

    assert fitted(rows)["diffusion_launch_on"] == pd.Timestamp(LAUNCH)
    # a listing after the first sale is a slip
    later = shop(sold(weekly), last=last, listed={"new": LAUNCH + timedelta(days=99)})
    first = pd.Timestamp(LAUNCH + timedelta(days=14))
    assert first <= fitted(later)["diffusion_launch_on"] < first + pd.Timedelta(days=7)  # type: ignore[operator]


def test_months_can_be_the_period() -> None:
    weekly = drawn(Rates(0.01, 0.1), 4_000, periods=80, seed=5)
    rows = shop(sold(weekly), last=LAUNCH + timedelta(days=7 * 80))

    found = fitted(rows, period_days="28")

    # four weeks to a period
    assert found["diffusion_q"] == pytest.approx(0.4, rel=0.15)
    assert found["diffusion_m"] == pytest.approx(4_000, rel=0.05)


# ------------------------------------------------------------------ nothing to estimate


def test_a_product_sold_before_the_data_begin_has_no_launch() -> None:
    weekly = drawn(Rates(0.02, 0.2), 1_500, periods=40, seed=4)
    begin = DATA_BEGIN + timedelta(days=10)
    rows = shop(sold(weekly, launch=begin), last=begin + timedelta(days=281))

    assert states(rows)["new"] == "launched_before"
    assert states(rows, lead_days="7")["new"] == "fitted"
    listed = shop(sold(weekly), last=LAUNCH + timedelta(days=281), listed={"new": date(2019, 1, 1)})
    assert states(listed)["new"] == "launched_before"


def test_few_buyers_and_few_weeks_have_no_estimate() -> None:
    last = LAUNCH + timedelta(days=60)
    rows = shop(
        sold([5] * 8, product="rare"),
        sold([0, 40, 40], product="fresh", launch=last - timedelta(days=22)),
        last=last,
    )

    assert states(rows) == {"fresh": "few_periods", "old": "few_buyers", "rare": "few_buyers"}


def test_sales_that_only_grow_do_not_tell_how_many_buy_in_the_end() -> None:
    growing = np.round(10 * 1.15 ** np.arange(20))
    rows = shop(sold(growing), last=LAUNCH + timedelta(days=141))

    found = fitted(rows)

    assert found["diffusion_state"] == "unbounded"
    assert pd.isna(found["diffusion_m"])  # type: ignore[call-overload]
    assert pd.isna(found["diffusion_peak_on"])  # type: ignore[call-overload]


def test_states_are_counted_and_said() -> None:
    weekly = drawn(Rates(0.01, 0.15), 3_000, periods=50, seed=3)
    found = result(shop(sold(weekly), last=LAUNCH + timedelta(days=353)))

    counts = found.metrics["states"]
    assert isinstance(counts, dict)
    assert (counts["fitted"], counts["few_buyers"]) == (1, 1)
    assert found.metrics["median_m"] == found.frames["Product"]["diffusion_m"].max()
    assert [note.en for note in found.notes] == [
        "1 of 2 products have no estimate: too few buyers 1."
    ]


def test_a_peak_that_is_still_to_come_is_said() -> None:
    # half of the way to the peak, of so many buyers that the bend shows
    weekly = 400_000 * np.diff(adopted(np.arange(31.0), Rates(0.002, 0.12)))
    found = likeliest(weekly)
    assert found.peak > 30

    rows = shop(sold(weekly / 10), last=LAUNCH + timedelta(days=211))

    notes = [note.en for note in result(rows).notes]
    assert any(note.startswith("The peak of 1 products is still to come") for note in notes)


def test_nothing_sold_is_nothing_to_say() -> None:
    with pytest.raises(NothingSpreadsError):
        result({"orders": [], "order_lines": [], "products": []})
