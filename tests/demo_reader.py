"""Reads a written demo company by its manifest, sharing no code with the loader.

It knows only what a manifest promises: CSV and Excel as text, Parquet and JSON with their
types, each expression for itself.
"""

import csv
import gzip
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.demo import DemoReport

Source = dict[str, Any]


class Reader:
    """Runs the mapped tables of one written company."""

    def __init__(self, folder: Path, report: DemoReport) -> None:
        self.folder, self.report = folder, report
        self.manifest = tomllib.loads((folder / "company.toml").read_text("utf-8"))
        self.frames: dict[tuple[str, str], pa.Table] = {}

    @property
    def sources(self) -> dict[str, Source]:
        return {source["name"]: source for source in self.manifest["source"]}

    def paths(self, entry: str | dict[str, str]) -> list[Path]:
        pattern = entry if isinstance(entry, str) else entry["path"]
        return sorted(self.folder.glob(pattern))

    def frame(self, source: str, name: str) -> pa.Table:
        if (source, name) not in self.frames:
            entry = self.sources[source]["files"][name]
            encoding = "utf-8-sig" if isinstance(entry, str) else entry["encoding"]
            parts = [read(path, encoding) for path in self.paths(entry)]
            self.frames[source, name] = pa.concat_tables(parts, promote_options="permissive")
        return self.frames[source, name]

    def tables(self, fills: str) -> Iterator[tuple[str, pd.DataFrame]]:
        for name, source in self.sources.items():
            for table in source["table"]:
                if table["fills"] == fills:
                    yield name, self.rows(name, table)

    def rows(self, source: str, table: dict[str, Any]) -> pd.DataFrame:
        columns = ", ".join(f'TRY({sql}) AS "{name}"' for name, sql in table["columns"].items())
        distinct = "DISTINCT" if table.get("distinct") else ""
        where = table.get("where", "true")
        with duckdb.connect() as connection:
            # DuckDB 2.0 takes what two TRYs share out of both, and fails on it
            connection.execute("SET threads = 1")  # keeps the order of rows
            connection.execute("SET disabled_optimizers = 'common_subexpressions'")
            for name in self.sources[source]["files"]:
                if re.search(rf"\b{name}\b", table["from"]):
                    connection.register(name, self.frame(source, name))
            sql = f"SELECT {distinct} {columns} FROM {table['from']} WHERE {where}"
            found: pd.DataFrame = connection.sql(sql).df()
            return found


def read(path: Path, encoding: str) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    if path.suffix == ".xlsx":
        from python_calamine import CalamineWorkbook

        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        cells = [[str(cell) for cell in line] for line in sheet]
        return text_table(cells[0], cells[1:])
    if path.suffix == ".csv":
        with path.open(encoding=encoding, newline="") as file:
            header, *lines = csv.reader(file)
        return text_table(header, lines)
    return json_table(path)


def json_table(path: Path) -> pa.Table:
    octets = path.read_bytes()
    text = (gzip.decompress(octets) if path.suffix == ".gz" else octets).decode()
    return pa.Table.from_pylist([json.loads(line) for line in text.splitlines()])


def text_table(header: list[str], lines: list[list[str]]) -> pa.Table:
    columns = zip(*lines, strict=True)
    cells = {
        name: pa.array([cell or None for cell in column], pa.string())
        for name, column in zip(header, columns, strict=True)
    }
    return pa.table(cells)
