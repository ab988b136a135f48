"""From orders to the numbers that models see, and which model is taken on what grounds."""

from collections.abc import Mapping
from itertools import islice

import duckdb
import numpy as np
import pandas as pd
import pytest

from algorithms.clv import ALGORITHM
from algorithms.clv.cells import Cells, collapsed
from algorithms.clv.choice import (
    CANDIDATES,
    Choice,
    Grade,
    Holdout,
    NoOptimumError,
    chosen,
    held_out,
)
from algorithms.clv.history import HISTORIES, ClvParameters, Histories
from algorithms.clv.maximum import Fit
from algorithms.clv.model import MODELS, Fitted, fitted
from algorithms.clv.tails import by_count, tails
from algorithms.clv.words import notes_on_orders, notes_on_spend
from algorithms.contract import Algorithm
from algorithms.parameters import parameters_of
from algorithms.reduction import one_row
from tests.buyers import BG, WEEK, Bought, buying_and_leaving
from tests.pure import Rows, money, tables_of, utc

AS_OF = "2026-03-01T12:00"
LAST_DAY = 20_513  # 2026-03-01


def params_of(**settings: str) -> ClvParameters:
    return parameters_of(ClvParameters, settings, algorithm="clv", as_of=utc(AS_OF))


def histories_of(rows: Mapping[str, Rows], **settings: str) -> pd.DataFrame:
    """Return what the reduction makes of some rows."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        tables = tables_of(ALGORITHM, dict(rows))
        for name, table in {**tables, "parameters": one_row(params_of(**settings))}.items():
            connection.register(name, table)
        return connection.execute(HISTORIES).df()


def order(customer: str | None, day: str, value: float | None = 10, **more: object) -> Rows:
    at = utc(day)
    key = more.get("order_id", f"{customer}-{day}-{value}")
    return [
        {
            "order_id": key,
            "customer_id": customer,
            "ordered_at": at,
            "ordered_day": at.date(),
            "amount": None if value is None else money(value),
            **more,
        }
    ]


def drawn(n: int = 800, *, end: int = 540, seed: int = 51) -> Histories:
    """Return histories of customers that MBG/NBD describes, cut after two thirds."""
    bought = buying_and_leaving(BG, n=n, seed=seed, at_first=True, days=end)
    return histories_from(bought, cut=end - end // 3)


def histories_from(bought: Bought, *, cut: int) -> Histories:
    whole, known = bought.summary(), bought.before(cut).summary()
    first = bought.end - whole["age"]
    n_before = (known["x"] + 1).reindex(whole.index).fillna(0).astype(int)
    last_before = (first + known["last"].reindex(whole.index).fillna(0)).astype(int)
    columns = {
        "first_day": first,
        "last_day": first + whole["last"],
        "n_days": whole["x"] + 1,
        "n_periods": whole["x"] + 1,
        "n_days_before": n_before,
        "last_day_before": last_before,
        "end_day": bought.end,
        "cut_day": cut,
    }
    return Histories(pd.DataFrame(columns))


def choice_of(name: str, *, errors: tuple[float, ...] = (0.1,) * 4, n: int = 500) -> Choice:
    """Return a choice as it might be, for what is said about it."""
    model = MODELS[name]
    nothing = np.zeros(n, np.int64)
    found = Fitted(model, Fit(model.names, np.ones(4), 0.0, errors))
    return Choice(found, collapsed(nothing, nothing, age=nothing), "parameter", found, None, {})


def grade(log_likelihood: float | None) -> Grade:
    return Grade(log_likelihood, predicted=1, bias=0, correlation=0, mae=1)


def test_only_paid_orders_of_known_customers_are_purchases() -> None:
    orders = [
        *order("a", "2026-01-05"),
        *order("a", "2026-01-12", status="cancelled"),
        *order("a", "2026-01-19", status="refunded"),
        *order(None, "2026-01-26"),
    ]

    frame = histories_of({"orders": orders})

    assert frame[["customer_id", "n_days"]].to_numpy().tolist() == [["a", 1]]


def test_an_order_is_worth_its_lines() -> None:
    orders = [*order("a", "2026-01-05"), *order("a", "2026-01-12", 99, order_id="o")]
    lines: Rows = [{"order_id": "o", "amount": money(1.5)}, {"order_id": "o", "amount": money(2)}]

    frame = histories_of({"orders": orders, "order_lines": lines})

    assert frame["spend_after"].tolist() == [money(3.5)]


def test_what_was_spent_counts_after_the_first_day() -> None:
    orders = [
        *order("a", "2026-01-05T08:00", 100),
        *order("a", "2026-01-05T20:00", 50),
        *order("a", "2026-01-12", 7),
        *order("a", "2026-01-13", -2),
    ]

    frame = histories_of({"orders": orders})

    assert frame["spend_after"].tolist() == [money(5)]
    assert frame["n_days"].tolist() == [2]


def test_a_day_of_returns_does_not_start_or_end_a_history() -> None:
    orders = [
        *order("a", "2026-01-01", -5),
        *order("a", "2026-01-05"),
        *order("a", "2026-02-05", -5),
    ]

    frame = histories_of({"orders": orders})

    assert (frame["last_day"] - frame["first_day"]).tolist() == [0]


def test_a_free_order_is_a_purchase() -> None:
    frame = histories_of({"orders": [*order("a", "2026-01-05"), *order("a", "2026-01-12", 0)]})

    assert frame["n_days"].tolist() == [2]


def test_the_end_is_the_day_of_the_instant() -> None:
    frame = histories_of({"orders": order("a", "2026-01-05")})

    assert frame["end_day"].tolist() == [LAST_DAY]


def test_a_company_east_of_utc_may_be_a_day_ahead() -> None:
    evening = order("a", "2026-03-01T11:00", ordered_day=utc("2026-03-02").date())

    frame = histories_of({"orders": evening})

    assert frame["end_day"].tolist() == [LAST_DAY + 1]


@pytest.mark.parametrize(("wanted", "held"), [("0", 30), ("10", 10)])
def test_a_third_of_the_history_is_held_out_unless_days_are_given(wanted: str, held: int) -> None:
    # 90 days before the end
    frame = histories_of({"orders": order("a", "2025-12-01")}, holdout_days=wanted)

    assert (frame["end_day"] - frame["cut_day"]).tolist() == [held]


def test_no_more_than_a_year_is_held_out() -> None:
    frame = histories_of({"orders": order("a", "2016-03-01")})

    assert (frame["end_day"] - frame["cut_day"]).tolist() == [365]


def test_what_came_before_the_cut_is_counted_apart() -> None:
    # the cut lies 30 days before 2026-03-01: on 2026-01-30
    days = ("2025-12-01", "2026-01-30", "2026-01-31", "2026-02-10")
    orders = [one for day in days for one in order("a", day)]

    frame = histories_of({"orders": orders})

    assert frame["n_days_before"].tolist() == [2]
    assert (frame["cut_day"] - frame["last_day_before"]).tolist() == [0]


def test_periods_hold_a_week_each_counted_from_the_end() -> None:
    # 0, 6 and 7 days before the end: two weeks with a purchase
    orders = [one for day in ("2026-03-01", "2026-02-23", "2026-02-22") for one in order("a", day)]

    frame = histories_of({"orders": orders})
    days = histories_of({"orders": orders}, time_unit="day")

    assert (frame["n_periods"].tolist(), days["n_periods"].tolist()) == ([2], [3])
    cells = Histories(frame).periodic(WEEK).cells
    assert (cells.x.tolist(), cells.last.tolist(), cells.age.tolist()) == ([1], [1], [1])


def test_customers_who_came_after_the_cut_are_not_known_at_it() -> None:
    histories = histories_from(Bought(np.array([0, 0, 1]), np.array([0, 80, 70]), end=90), cut=60)

    before = histories.before(WEEK)

    assert (before.cells.x.tolist(), before.cells.age.tolist()) == ([0], [60])
    assert len(before.code) == 1


def test_the_hold_out_ranks_models_by_what_they_made_of_the_future() -> None:
    histories = drawn()

    holdout = held_out(histories, params_of())

    assert {*holdout.grades} >= {"naive", "mbg_nbd"}
    graded = {n: g.log_likelihood for n, g in holdout.grades.items() if n in CANDIDATES}
    best = max(graded, key=lambda name: graded[name] or -np.inf)
    assert holdout.ranked()[0] == best


def test_a_grade_is_the_chance_of_the_whole_over_that_of_its_part() -> None:
    histories = drawn()

    holdout = held_out(histories, params_of(model="mbg_nbd"))

    before = histories.before(WEEK).cells
    fit = fitted(MODELS["mbg_nbd"], before)
    known = histories.frame[histories.column("first_day") <= histories.cut_day]
    whole = Histories(known).daily(WEEK).cells
    expected = fit.log_likelihood(whole) - fit.log_likelihood(before)
    assert holdout.grades["mbg_nbd"].log_likelihood == pytest.approx(expected)


def test_models_without_a_grade_rank_last() -> None:
    holdout = Holdout(90, 500, 80, {"naive": grade(None), "bg_nbd": grade(-900.0)})

    assert holdout.ranked()[0] == "bg_nbd"


@pytest.mark.parametrize(
    ("days", "customers", "actual"), [(27, 500, 80), (90, 49, 80), (90, 500, 19)]
)
def test_little_that_followed_decides_nothing(days: int, customers: int, actual: int) -> None:
    assert not Holdout(days, customers, actual).is_enough
    assert Holdout(28, 50, 20).is_enough


def test_a_wanted_model_is_taken_whatever_the_hold_out_says() -> None:
    choice = chosen(drawn(), params_of(model="pareto_nbd"))

    assert (choice.fitted.model.name, choice.reason) == ("pareto_nbd", "parameter")
    assert choice.alive is choice.fitted


def test_periods_without_a_second_one_have_no_model() -> None:
    bought = Bought(np.arange(50), np.arange(50), end=100)

    with pytest.raises(NoOptimumError, match="bg_bb"):
        chosen(histories_from(bought, cut=60), params_of(model="bg_bb"))


def test_sums_from_the_right_give_sums_between() -> None:
    scale = np.log(np.array([[8.0, 4.0, 2.0, 1.0]]))
    parts = np.array([[[1.0, 1.0, 1.0]], [[2.0, 0.0, 3.0]]])

    found = tails(scale, parts)
    between = found.between(np.array([0]), since=np.array([0]), until=np.array([2]))
    among, alive, shares = between.beside(np.log(np.array([4.0])))

    # 8 and 4 between the first moment and the third, 4 of being alive
    assert np.exp(among) == pytest.approx(16)
    assert alive == pytest.approx(0.25)
    assert shares[:, 0] == pytest.approx([12 / 16, 2 * 8 / 16])


def test_counts_are_worked_on_in_parts_that_cover_all() -> None:
    x = np.repeat(np.arange(40), 3)
    cells = Cells(x, x, np.full(len(x), 50), np.ones(len(x)))

    parts = list(by_count(cells, 100_000))

    assert len(parts) == 8
    assert np.concatenate([cells.x[rows] for rows in parts]).tolist() == x.tolist()
    assert all(len(np.unique(cells.x[rows])) <= 5 for rows in parts)


def test_parts_change_no_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    cells, theta = drawn(200).daily(WEEK).cells, np.array([0.7, 5.0, 0.9, 20.0])
    whole = MODELS["pareto_nbd"].log_likelihood(theta, cells)

    monkeypatch.setattr("algorithms.clv.tails.ENTRIES", 10_000)
    apart = MODELS["pareto_nbd"].log_likelihood(theta, cells)

    np.testing.assert_allclose(apart[0], whole[0], rtol=1e-13)
    np.testing.assert_allclose(apart[1], whole[1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_chances_of_counts_never_end_and_never_leave_their_range(name: str) -> None:
    cells = Cells(np.array([0, 3]), np.array([0, 20]), np.array([30, 30]), np.ones(2))

    chances = np.array(list(islice(MODELS[name].next_orders(np.ones(4), cells, time=9.0), 60)))

    assert chances.shape == (60, 2)
    assert ((chances >= 0) & (chances <= 1)).all()


def test_a_small_company_is_told_that_parameters_are_rough() -> None:
    notes = [note.en for note in notes_on_orders(choice_of("mbg_nbd", n=60))]

    assert notes == ["Only 60 customers: the parameters are rough."]


def test_parameters_that_are_hardly_determined_are_named() -> None:
    notes = list(notes_on_orders(choice_of("mbg_nbd", errors=(0.1, 0.1, 1.5, 2.0))))

    assert [note.en for note in notes] == [
        "The data hardly determine a, b: each may be three times as large or small."
    ]
    assert "a, b" in notes[0].zh


def test_a_sound_model_needs_no_word() -> None:
    assert list(notes_on_orders(choice_of("pareto_nbd"))) == []
    assert list(notes_on_spend(n=90, left_out=0, correlation=-0.09, is_known=True)) == []


def test_spend_that_falls_with_frequency_is_said() -> None:
    notes = list(notes_on_spend(n=90, left_out=0, correlation=-0.3, is_known=True))

    assert "spend less at a time (correlation -0.30)" in notes[0].en


def test_the_page_has_all_parts_in_both_languages() -> None:
    algorithm: Algorithm = ALGORITHM
    page = algorithm.mathematics

    assert page is not None
    for part in (page.definition, page.assumptions, page.estimator, page.unfit):
        assert part.en.count("$") % 2 == part.zh.count("$") % 2 == 0
        assert part.en.endswith((".", "$"))
        assert part.zh.endswith("。")
