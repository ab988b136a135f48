"""Runs an algorithm on rows written down in a test: reduction and compute, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pyarrow as pa

from algorithms.contract import Algorithm, Result
from algorithms.parameters import parameters_of
from algorithms.reduction import run_pure
from algorithms.registry import computed_spec
from graph.columns import ARROW_TYPES
from graph.shapes import shape_of

Rows = list[dict[str, object]]


def utc(text: str) -> datetime:
    """Return an instant from ``2026-01-31`` or ``2026-01-31T18:05``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def money(units: float) -> int:
    """Return an amount as whole ten-thousandths."""
    return round(units * 10_000)


def tables_of(algorithm: Algorithm, rows: dict[str, Rows]) -> dict[str, pa.Table]:
    """Return the tables that ``algorithm`` reads; what a row does not name is null."""
    spec = computed_spec()
    tables = {}
    for name, columns in algorithm.reads.items():
        kinds = shape_of(spec, name).properties()
        schema = pa.schema([(column, ARROW_TYPES[kinds[column].kind]) for column in columns])
        tables[name] = pa.Table.from_pylist(rows.get(name, []), schema=schema)
    return tables


def result_of(
    algorithm: Algorithm,
    rows: dict[str, Rows],
    *,
    settings: dict[str, str] | None = None,
    as_of: str = "2026-02-01",
) -> Result:
    """Run ``algorithm`` with some parameters set."""
    return run_on(algorithm, tables_of(algorithm, rows), settings=settings, as_of=utc(as_of))


def run_on(
    algorithm: Algorithm,
    tables: dict[str, pa.Table],
    *,
    settings: dict[str, str] | None = None,
    as_of: datetime,
) -> Result:
    """Run ``algorithm`` on whole tables."""
    parameters = parameters_of(
        algorithm.parameters, settings or {}, algorithm=algorithm.name, as_of=as_of
    )
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return run_pure(algorithm, tables, parameters=parameters, engine=connection)


def rows_of(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Return the rows of a frame as tuples of plain values."""
    return [tuple(row) for row in frame[list(columns)].astype(object).to_numpy()]


def rules_in(result: Result, label: str = "Product") -> dict[tuple[str, str], dict[str, float]]:
    """Return the rules of one level by their ends."""
    frame = result.frames[f"{label}-ALSO_BOUGHT-{label}"]
    ends = zip(frame["start_id"].astype(str), frame["end_id"].astype(str), strict=True)
    values = frame.drop(columns=["start_id", "end_id"]).astype(float)
    found = (dict(zip(values.columns, row, strict=True)) for row in values.to_numpy().tolist())
    return dict(zip(ends, found, strict=True))


@dataclass
class Shelf:
    """A reader whose tables lie in memory; it remembers what it was asked for."""

    rows: dict[str, Rows] = field(default_factory=dict)
    elements: dict[str, pa.Table] = field(default_factory=dict)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        kinds = shape_of(computed_spec(), name).properties()
        asked = tuple(columns or kinds)
        self.asked.append((name, asked))
        schema = pa.schema([(c, ARROW_TYPES[kinds[c].kind]) for c in asked])
        return pa.Table.from_pylist(self.rows.get(name, []), schema=schema)

    def element(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        return self.elements[name]
