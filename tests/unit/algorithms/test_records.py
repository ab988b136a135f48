"""What is kept of a run: a row of its node, and files that are whole or not there."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from algorithms.records import Record, file_results, table_of
from algorithms.registry import computed_spec
from graph.settings import read_settings
from tests.pure import utc

RECORD = Record(
    algorithm="rfm",
    version="1",
    as_of=utc("2026-02-01"),
    parameters="{}",
    input_digest="d1",
    started_at=utc("2026-02-02T03:04"),
    run_id="r1",
    seconds=1.5,
    window={"orders": ["2026-01-01", "2026-02-01"]},
    counts={"read": {"orders": 2}},
    metrics={"edges": np.array([1, 2]), "share": Decimal("0.5"), "n": np.int64(3)},
)


def test_a_run_becomes_a_row_of_its_node() -> None:
    (row,) = table_of([RECORD], computed_spec()).to_pylist()

    assert (row["run_id"], row["kind"], row["is_current"]) == ("r1", "score", True)
    assert row["as_of"] == utc("2026-02-01")
    assert json.loads(row["metrics"]) == {"edges": [1, 2], "share": "0.5", "n": 3}
    assert json.loads(row["counts"]) == {"read": {"orders": 2}}


def test_only_published_runs_are_current() -> None:
    (row,) = table_of([replace(RECORD, state="filed")], computed_spec()).to_pylist()

    assert row["is_current"] is False


def test_each_run_gets_an_id_of_its_own() -> None:
    names = {RECORD.named().run_id for _ in range(20)}

    assert len(names) == 20
    assert all(name.startswith("rfm-20260202T030400-") for name in names)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECORD, version="2"),
        replace(RECORD, parameters='{"x": 1}'),
        replace(RECORD, input_digest="d2"),
    ],
)
def test_another_version_parameter_or_input_is_no_repetition(other: Record) -> None:
    assert RECORD.is_repeated_by(RECORD.named(), dated=True)
    assert not RECORD.is_repeated_by(other, dated=False)


def test_another_instant_matters_to_dated_results_alone() -> None:
    later = replace(RECORD, as_of=RECORD.as_of + timedelta(days=1))

    assert not RECORD.is_repeated_by(later, dated=True)
    assert RECORD.is_repeated_by(later, dated=False)


def test_results_lie_in_files_beside_their_record(tmp_path: Path) -> None:
    rows = pa.table({"customer_id": ["a"], "rfm_r": [5]})

    folder = file_results(RECORD, {"Customer": rows}, settings=read_settings(home=tmp_path))

    assert folder == tmp_path / "runs" / "r1"
    assert pq.read_table(folder / "Customer.parquet").equals(rows)
    assert json.loads((folder / "run.json").read_text())["algorithm"] == "rfm"


def test_files_that_cannot_be_written_leave_no_folder(tmp_path: Path) -> None:
    rows = pa.table({"a": [1]})
    unwritable = {"Customer": rows, "no/such/folder": rows}

    with pytest.raises(OSError, match="no/such"):
        file_results(RECORD, unwritable, settings=read_settings(home=tmp_path))

    assert list((tmp_path / "runs").iterdir()) == []
