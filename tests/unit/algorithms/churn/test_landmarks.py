"""What is known of a customer on a landmark and what comes after it: SQL, day by day."""

from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from algorithms.churn import ALGORITHM
from algorithms.churn.cohorts import age_bands, falling_silent, prepared, returning
from algorithms.churn.settings import ChurnParameters
from algorithms.parameters import parameters_of
from algorithms.reduction import reduced
from tests.pure import Rows, money, tables_of, utc

AS_OF = "2026-06-30"


def bought(customer: str, *days_ago: int, value: float = 10, **more: object) -> Rows:
    """Return an order of so many days before the last day each."""
    return [
        {
            "order_id": f"{customer}-{days}",
            "customer_id": customer,
            "ordered_at": utc(AS_OF) - timedelta(days=days),
            "ordered_day": (utc(AS_OF) - timedelta(days=days)).date(),
            "amount": money(value),
            **more,
        }
        for days in days_ago
    ]


def parameters(**settings: str) -> ChurnParameters:
    return parameters_of(ChurnParameters, settings, algorithm="churn", as_of=utc(AS_OF))


def measured(
    orders: Rows, *, others: dict[str, Rows] | None = None, **settings: str
) -> pd.DataFrame:
    """Return the reduction, a row a customer."""
    tables = tables_of(ALGORITHM, {"orders": orders, **(others or {})})
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        frames = reduced(
            ALGORITHM, tables, parameters=parameters(**settings), connection=connection
        )
    frame = prepared(frames["customers"])
    return frame.set_index(frame["customer_id"].astype(str), drop=False)


# a past of 300 days that ends on the last day, and a rhythm of ten days
LONG = bought("old", *range(0, 301, 10))


def test_days_count_back_from_the_last_order() -> None:
    row = measured([*LONG, *bought("a", 5, 100, 250)]).loc["a"]

    assert (row["span"], row["step"], row["tenure"]) == (300, 90, 250)
    assert row["recency_now"] == 5
    assert (row["days_now"], row["days_one"], row["days_two"]) == (3, 2, 1)


def test_days_count_back_from_as_of_where_it_lies_later() -> None:
    row = measured(bought("a", 20, 100, 200)).loc["a"]

    assert (row["recency_now"], row["span"]) == (20, 200)


def test_features_stop_at_the_landmark_and_survival_begins_there() -> None:
    row = measured([*LONG, *bought("a", 60, 89, 90, 95)]).loc["a"]

    # what was bought on the landmark day is known, the day after is one day later
    assert (row["recency_one"], row["days_one"], row["next_one"]) == (0, 2, 1)


def test_whoever_has_not_bought_yet_is_absent_at_a_landmark() -> None:
    row = measured([*LONG, *bought("a", 60)]).loc["a"]

    assert pd.isna([row["recency_one"], row["recency_now"]]).tolist() == [True, False]


def test_orders_of_one_day_are_one_day_and_two_visits() -> None:
    twice = [*bought("a", 30, 200), {**bought("a", 30, value=30)[0], "order_id": "a-again"}]

    row = measured([*LONG, *twice]).loc["a"]

    assert (row["days_now"], row["visits_now"], row["spend_now"]) == (2, 3, money(50))


def test_returns_and_cancelled_orders_are_no_visits() -> None:
    orders = [
        *LONG,
        *bought("a", 200),
        *bought("a", 100, value=-5),
        *bought("a", 50, status="cancelled"),
    ]

    row = measured(orders).loc["a"]

    assert (row["days_now"], row["recency_now"]) == (1, 200)


def test_the_past_year_is_what_a_customer_is_worth() -> None:
    frame = measured(bought("a", 0, 364, 365, 500))

    assert frame.loc["a", "spend_365d"] == money(20)


@pytest.mark.parametrize(
    ("span", "step"), [(400, 90), (181, 90), (180, 60), (121, 60), (120, 30), (61, 30)]
)
def test_the_step_is_as_long_as_the_past_allows(span: int, step: int) -> None:
    assert measured(bought("a", 0, span)).loc["a", "step"] == step


def test_silence_is_the_quantile_of_the_gaps() -> None:
    # nine gaps of 10 days and one of 40: nine in ten come within 10, all within 40
    orders = bought("a", *range(0, 91, 10), 130)

    assert measured(orders).loc["a", "silence"] == 10
    assert measured(orders, gap_quantile="0.95").loc["a", "silence"] == 40


@pytest.mark.parametrize(("gap", "silence"), [(2, 7), (400, 365)])
def test_silence_is_neither_a_week_end_nor_years(gap: int, silence: int) -> None:
    assert measured(bought("a", 0, gap, 2 * gap)).loc["a", "silence"] == silence


def test_silence_can_be_given() -> None:
    assert measured(LONG, silence_days="45").loc["old", "silence"] == 45


def lines(orders: Rows, *, product: str) -> Rows:
    rows = [{"order_id": order["order_id"], "product_id": product} for order in orders]
    return [{**row, "amount": money(10)} for row in rows]


def test_a_category_has_its_own_silence_where_it_has_enough_gaps() -> None:
    milk = [o for i in range(30) for o in bought(f"m{i:02}", 0, 8, 16)]
    sofas = [o for i in range(30) for o in bought(f"s{i:02}", 0, 100, 200)]
    few = bought("x", 0, 50)
    others: dict[str, Rows] = {
        "order_lines": lines(milk, product="milk")
        + lines(sofas, product="sofa")
        + lines(few, product="rare"),
        "products": [
            {"product_id": p, "category_id": c}
            for p, c in (("milk", "food"), ("sofa", "home"), ("rare", "other"))
        ],
    }

    frame = measured([*milk, *sofas, *few], others=others, category_gaps="50")

    assert frame.loc[["m00", "s00", "x"], "silence"].tolist() == [8, 100, 100]
    assert frame["category_id"].astype(str)[["m00", "s00", "x"]].tolist() == [
        "food",
        "home",
        "other",
    ]


def test_the_category_is_that_of_the_first_purchase() -> None:
    first, second = bought("a", 100), bought("a", 10)
    others: dict[str, Rows] = {
        "order_lines": lines(first, product="milk") + lines(second, product="sofa"),
        "products": [
            {"product_id": "milk", "category_id": "food"},
            {"product_id": "sofa", "category_id": "home"},
        ],
    }

    assert measured([*first, *second], others=others)["category_id"].tolist() == ["food"]


def test_a_discount_is_the_orders_own_or_what_lines_cost_less() -> None:
    own = bought("a", 100, value=80, discount=money(20))
    listed = bought("b", 100, value=75)
    others: dict[str, Rows] = {
        "order_lines": [
            {
                "order_id": "b-100",
                "product_id": "p",
                "amount": money(75),
                "list_amount": money(100),
            }
        ]
    }

    frame = measured([*LONG, *own, *listed], others=others)

    assert frame.loc[["a", "b", "old"], "discount_now"].tolist() == [money(20), money(25), 0]


def test_the_way_of_payment_is_the_last_one_known_at_the_landmark() -> None:
    orders = [*bought("a", 200, payment_type="cash"), *bought("a", 20, payment_type="card")]

    row = measured([*LONG, *orders]).loc["a"]

    assert (row["payment_one"], row["payment_now"]) == ("cash", "card")


# silence of 20 days: the landmark of the table lies 40 days back


def silent(*days_ago: int) -> tuple[int, bool] | None:
    """Return duration and event of one customer in the table, None if not in it."""
    frame = measured([*LONG, *bought("a", *days_ago)], silence_days="20")
    cohort = falling_silent(frame, parameters(silence_days="20"))
    members = frame["customer_id"].astype(str).to_numpy()[cohort.at].tolist()
    if "a" not in members:
        return None
    place = members.index("a")
    return int(cohort.duration[place]), bool(cohort.event[place])


def test_silence_is_complete_its_length_after_the_last_purchase() -> None:
    # last bought 45 days ago, silent 25 days ago, 15 days after the landmark
    assert silent(45) == (15, True)


def test_whoever_comes_back_in_time_is_silent_later() -> None:
    # comes back after exactly 20 days: too late by none
    assert silent(45, 26) == (34, True)
    assert silent(45, 25) == (35, True)
    assert silent(45, 24) == (15, True)


def test_whoever_is_still_inside_the_silence_is_censored() -> None:
    assert silent(45, 30, 15) == (40, False)


def test_silence_that_is_complete_on_the_last_day_counts() -> None:
    assert silent(45, 30, 20) == (40, True)
    assert silent(45, 30, 19) == (40, False)


def test_who_was_silent_on_the_landmark_is_not_in_the_table() -> None:
    assert silent(60) is None
    assert silent(59) == (1, True)


def test_who_first_bought_after_the_landmark_is_not_in_the_table() -> None:
    assert silent(30) is None


def test_a_cohort_waits_for_the_next_purchase_up_to_a_step() -> None:
    orders = [*LONG, *bought("a", 100, 60), *bought("b", 100), *bought("c", 95, 0)]

    cohort = returning(measured(orders), parameters(), cut="one", step=90)

    assert cohort.duration.tolist() == [30, 90, 90, 10]
    assert cohort.event.tolist() == [True, False, True, True]


def test_covariates_are_those_of_the_landmark_day() -> None:
    people: dict[str, Rows] = {
        "customers": [
            {
                "customer_id": "a",
                "golden_gender": "male",
                "golden_birth_year": 1990,
                "golden_card_tier": "gold",
            }
        ]
    }
    orders = [*LONG, *bought("a", 100, 120, value=80, discount=money(20)), *bought("a", 3)]

    frame = measured(orders, others=people)
    cohort = returning(frame, parameters(), cut="one", step=90)

    row = cohort.covariates.iloc[0]
    assert row[["sex", "card"]].tolist() == ["male", "gold"]
    assert (row["age"], row["age_squared"]) == (36, 36**2)
    assert row["discount_share"] == pytest.approx(0.2)
    assert row["log_recency"] == pytest.approx(np.log(11))
    assert row["log_frequency"] == pytest.approx(np.log(2))
    assert row["log_order_value"] == pytest.approx(np.log(money(80)))
    assert row["tenure"] == 30


def test_nobody_is_a_child_of_nine_or_a_hundred_and_one() -> None:
    years = {"a": 2017, "b": 2016, "c": 1926, "d": 1925}
    people: Rows = [{"customer_id": n, "golden_birth_year": y} for n, y in years.items()]
    orders = [o for name in years for o in bought(name, 0, 200)]

    frame = measured(orders, others={"customers": people})
    ages = returning(frame, parameters(), cut="now", step=90).covariates["age"]

    assert [None if np.isnan(age) else age for age in ages] == [None, 10, 100, None]


def test_what_is_known_of_nobody_is_no_covariate() -> None:
    cohort = returning(measured(LONG), parameters(), cut="one", step=90)

    assert {"sex", "age", "discount_share"}.isdisjoint(cohort.frame.columns)


def test_beyond_a_dozen_levels_the_rare_are_one() -> None:
    channels = [f"ch{i:02}" for i in range(14)]
    people: Rows = [
        {"customer_id": f"c{i:02}-{k}", "golden_acquisition_channel": channel}
        for i, channel in enumerate(channels)
        for k in range(2 if i < 12 else 1)
    ]
    orders = [o for person in people for o in bought(str(person["customer_id"]), 0, 200)]

    frame = measured(orders, others={"customers": people})
    levels = returning(frame, parameters(), cut="now", step=90).covariates["channel"]

    assert set(levels) == {*channels[:12], "other"}


def test_ages_fall_into_decades() -> None:
    ages = pd.Series([19.0, 20.0, 29.0, np.nan])

    assert age_bands(ages).fillna("-").tolist() == ["10-19", "20-29", "20-29", "-"]
