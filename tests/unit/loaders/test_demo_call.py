"""The call centre: numbers in every way of writing."""

import pytest

from tests.demo_exports import person_of, rows_of


def test_callers_numbers_are_written_in_every_way() -> None:
    written = rows_of("call", "tickets")["来电号码"]

    assert written.str.contains(" ").any()
    assert written.str.startswith("+86").mean() == pytest.approx(0.12, abs=0.03)
    assert written.str.contains("１").mean() == pytest.approx(0.08, abs=0.03)


def test_every_caller_is_in_the_truth_by_plain_digits() -> None:
    written = rows_of("call", "tickets")["来电号码"]

    # int() reads full-width digits too
    plain = {"".join(str(int(c)) for c in text if c.isdecimal())[-11:] for text in written}

    assert plain == set(person_of("call"))


def test_complaints_leave_a_worse_mark() -> None:
    tickets = rows_of("call", "tickets").dropna(subset=["满意度"])
    mark = tickets["满意度"].astype(int)

    by_kind = mark.groupby(tickets["工单类型"]).mean()

    assert by_kind.idxmin() == "投诉"
    assert 0 <= mark.min() <= mark.max() <= 100
