"""Histories of single customers, the cells that they become, and what is refused."""

import pandas as pd
import pytest

from algorithms.clv.history import ClvParameters, Histories, checked
from algorithms.contract import NothingToSayError
from algorithms.parameters import ParameterError, parameters_of
from tests.pure import utc

WEEK = 7


def params_of(**given: str) -> ClvParameters:
    return parameters_of(ClvParameters, given, algorithm="clv", as_of=utc("2025-05-01T12:00"))


def history(first: int, last: int, *, n: int, end: int = 100, spend: int = 0) -> dict[str, int]:
    return {
        "first_day": first,
        "last_day": last,
        "n_days": n,
        "n_periods": n,
        "spend_after": spend,
        "n_days_before": n,
        "last_day_before": last,
        "end_day": end,
        "cut_day": end,
    }


def frame_of(*rows: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def test_periods_are_counted_back_from_the_end() -> None:
    # the end lies in period 0; days 86 to 93 lie 1 and 2 periods back
    cells, _ = Histories(frame_of(history(86, 93, n=2))).periodic(WEEK)

    assert (cells.age.tolist(), cells.last.tolist(), cells.x.tolist()) == ([2], [1], [1])


def test_spend_is_a_mean_of_the_days_after_the_first() -> None:
    spending = Histories(
        frame_of(history(0, 9, n=4, spend=90_000), history(0, 0, n=1, spend=-20_000))
    ).spending()

    assert spending.x.tolist() == [3, 0]
    assert spending.mean.tolist() == [3.0, -2.0]
    assert spending.usable().x.tolist() == [3]


def test_whoever_came_after_the_cut_is_not_known_at_it() -> None:
    frame = frame_of(history(0, 9, n=2), history(95, 95, n=1)).assign(cut_day=90)

    cells, code = Histories(frame).before(1)

    assert (cells.age.tolist(), code.tolist()) == ([90], [0])


RETURNING = [history(0, 9, n=2), *(history(i, i, n=1) for i in range(9))]


def test_ten_customers_of_whom_one_came_back_can_carry_a_model() -> None:
    frame = frame_of(*RETURNING)

    assert checked(frame, params=params_of(minimum_customers="10")).frame is frame


@pytest.mark.parametrize(
    ("rows", "en", "zh"),
    [
        ([], "no customer has a paid order up to 2025-05-01", "没有客户的付款订单"),
        (RETURNING[:4], "4 customers have bought", "只有 4 位客户购买过"),
        ([history(19_800, 19_800, n=1)] * 5, r"bought on one day \(2024-03-18\)", "2024-03-18"),
        (RETURNING[1:], "all 9 customers bought on one day each", "全部 9 位客户"),
    ],
)
def test_what_cannot_carry_a_model_is_refused_in_both_languages(
    rows: list[dict[str, int]], *, en: str, zh: str
) -> None:
    with pytest.raises(NothingToSayError, match=en) as refused:
        checked(frame_of(*rows), params=params_of(minimum_customers="5"))

    assert zh in refused.value.message("zh")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "gamma"),
        ("time_unit", "month"),
        ("holdout_days", "-1"),
        ("coverage", "1"),
        ("coverage", "0.49"),
        ("minimum_customers", "4"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ParameterError, match=rf"clv\.{name} cannot be"):
        params_of(**{name: value})


def test_the_unit_of_time_is_a_week_unless_a_day_is_wanted() -> None:
    assert (params_of().unit_days, params_of(time_unit="day").unit_days) == (7, 1)
