"""What an earlier run said, found in its files."""

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from algorithms.influence import ALGORITHM
from algorithms.recalling import recalled, runs_of
from algorithms.records import Record, file_results
from algorithms.reduction import RECALLED
from algorithms.rfm import ALGORITHM as RFM
from graph.settings import Settings, read_settings
from tests.forum_rows import listed
from tests.pure import utc

NOW = utc("2026-06-01")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def run(as_of: datetime, *, parameters: str = "{}") -> Record:
    return Record(ALGORITHM.name, "1", as_of, parameters, "", as_of).named()


def keep(home: Settings, days_ago: float, *, parameters: str = "{}") -> datetime:
    at = NOW - timedelta(days=days_ago)
    file_results(run(at, parameters=parameters), {"Customer": listed(at)}, settings=home)
    return at


def found_at(home: Settings) -> datetime | None:
    tables = recalled(ALGORITHM, run(NOW), settings=home)
    if RECALLED not in tables:
        return None
    (at,) = tables[RECALLED]["influence_as_of"].to_pylist()
    assert isinstance(at, datetime)
    return at


def test_the_latest_list_that_had_a_month_to_be_judged_is_found(home: Settings) -> None:
    keep(home, 90)
    expected = keep(home, 31)
    keep(home, 7)

    assert found_at(home) == expected


def test_where_none_is_a_month_old_the_oldest_is_found(home: Settings) -> None:
    expected = keep(home, 20)
    keep(home, 7)

    assert found_at(home) == expected


def test_runs_of_the_same_or_a_later_instant_are_not_earlier(home: Settings) -> None:
    keep(home, 0)
    keep(home, -5)

    assert found_at(home) is None


def test_a_run_with_other_parameters_answered_another_question(home: Settings) -> None:
    keep(home, 40, parameters='{"topic": "lens"}')

    assert found_at(home) is None


def test_files_of_an_earlier_version_without_the_columns_are_passed_over(home: Settings) -> None:
    at = NOW - timedelta(days=40)
    file_results(run(at), {"Customer": pa.table({"customer_id": ["a"]})}, settings=home)

    assert found_at(home) is None


def test_only_what_is_asked_for_comes_and_only_of_whom_it_was_said(home: Settings) -> None:
    at = NOW - timedelta(days=40)
    both = pa.concat_tables([listed(at), listed(at, score=None)])
    file_results(run(at), {"Customer": both}, settings=home)

    table = recalled(ALGORITHM, run(NOW), settings=home)[RECALLED]

    assert table.column_names == ["customer_id", *ALGORITHM.recalls]
    assert table.num_rows == 1


def test_who_does_not_ask_gets_nothing(home: Settings) -> None:
    keep(home, 40)

    assert recalled(RFM, run(NOW), settings=home) == {}


def test_a_home_without_runs_has_none(home: Settings) -> None:
    assert list(runs_of("influence", home)) == []
