"""A company's files, its manifest and its home, staged and committed without a database.

What a load writes to the graph is the difference of two pictures; everything before that
can be tried here.
"""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from graph.columns import identity_of
from graph.home import write_json
from graph.journal import commit
from graph.layers import Layers, layers_of, rows_of, table_of
from graph.picture import layer_key
from graph.settings import Settings, read_settings
from graph.spec import fact_spec
from graph.staging import after_load, committed_files, picture_folder
from loaders.load import (
    Options,
    Prepared,
    begin_load,
    derive_picture,
    empty_tmp,
    journal_of,
    stage_manifest,
)
from loaders.manifest import Manifest, read_manifest
from loaders.rejects import rejects_file
from loaders.report import TableReport
from loaders.unload import stage_removal

Row = dict[str, object]
SPEC = fact_spec()
SECRET = "5ec2e7" + "0" * 58
HOME_ID = "a-home-of-the-tests"


def part(fills: str, origin: str, /, **columns: str) -> str:
    """Return a ``[[source.table]]`` as TOML; ``where_`` and ``distinct_`` are its options."""
    lines = ["[[source.table]]", f"fills = {_quoted(fills)}", f"from = {_quoted(origin)}"]
    if "where_" in columns:
        lines.append(f"where = {_quoted(columns.pop('where_'))}")
    if "distinct_" in columns:
        lines.append(f"distinct = {columns.pop('distinct_')}")
    lines.append("[source.table.columns]")
    lines += [f"{name} = {_quoted(expression)}" for name, expression in columns.items()]
    return "\n".join(lines)


def source(
    name: str = "shop", /, *, files: Mapping[str, object], tables: Sequence[str], **options: object
) -> str:
    """Return a ``[[source]]`` as TOML; a file is a path or a table of options."""
    said = {"party": "first", "legal_basis": "contract", **options}
    lines = ["[[source]]", f"name = {_quoted(name)}"]
    lines += [f"{key} = {_toml(value)}" for key, value in said.items()]
    lines += ["[source.files]", *(f"{key} = {_toml(value)}" for key, value in files.items())]
    return "\n".join([*lines, *tables])


def company(*sources: str, **changes: str) -> str:
    """Return a whole manifest as TOML."""
    said = {
        "name": "Lantern",
        "currency": "CNY",
        "timezone": "Asia/Shanghai",
        "phone_region": "CN",
        **changes,
    }
    lines = ["[company]", *(f"{key} = {_quoted(value)}" for key, value in said.items())]
    return "\n".join([*lines, *sources]) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True)
class Staged:
    """What one load prepared."""

    settings: Settings
    prepared: Prepared

    def rows(self, table: str, source: str = "shop") -> list[Row]:
        """Return the rows of a source's table as they will be, in the order of their values."""
        files: Mapping[tuple[str, str], Layers] = committed_files(self.settings)
        if self.prepared.folder.exists():  # else it is committed
            files = after_load(files, prepared=self.prepared.files)
        return _rows(files.get((source, table), ()), by=layer_key(SPEC.tables[table]))

    def picture(self, element: str) -> list[Row]:
        """Return the rows of an element as it will be."""
        path = self.prepared.folder / "picture" / f"{element}.parquet"
        kept = layers_of(picture_folder(self.settings) / f"{element}.parquet")
        return _rows((path,) if path.exists() else kept, by=identity_of(SPEC.element(element)))

    def report(self, table: str, source: str = "shop") -> TableReport:
        """Return the report of a source's table."""
        reports = self.prepared.report.tables
        return next(r for r in reports if (r.source, r.table) == (source, table))

    def rejects(self, table: str, source: str = "shop") -> list[tuple[str, ...]]:
        """Return file, line, column, rule and value of what was rejected."""
        path = rejects_file(self.settings, source, table=table)
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return [tuple(row) for row in csv.reader(file)][1:]


class Shop:
    """A folder of files with a home beside it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        home = folder / "home"
        home.mkdir(mode=0o700)
        (home / "secret").write_text(SECRET)
        self.settings = read_settings(home=home, memory="1GB")

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a source file."""
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def manifest(self, text: str) -> Manifest:
        """Read a manifest from its text."""
        path = self.data / "company.toml"
        path.write_text(text, encoding="utf-8")
        return read_manifest(path)

    def stage(self, text: str, **options: bool) -> Staged:
        """Stage a manifest, given as text, over the files written so far."""
        chosen = Options(**options)  # type: ignore[arg-type]  # flags alone
        manifest = self.manifest(text)
        prepared = stage_manifest(self.settings, manifest, data=self.data, options=chosen)
        return Staged(self.settings, prepared)

    def load(self, text: str, **options: bool) -> Staged:
        """Stage a manifest and commit it, as a load does once the graph is written."""
        staged = self.stage(text, **options)
        self.commit(staged)
        return staged

    def commit(self, staged: Staged) -> None:
        """Put what a load prepared into place."""
        prepared = staged.prepared
        if prepared.report.changed_anything or prepared.files or prepared.vault:
            commit(self.settings, journal_of(self.settings, prepared))
        shutil.rmtree(prepared.folder, ignore_errors=True)
        empty_tmp(self.settings)

    def unload(self, name: str) -> Staged:
        """Remove a source and commit that."""
        prepared = begin_load(self.settings, options=Options())
        stage_removal(self.settings, name, prepared=prepared)
        derive_picture(self.settings, prepared)
        staged = Staged(self.settings, prepared)
        self.commit(staged)
        return staged

    def held(self) -> dict[str, list[Row]]:
        """Return every committed row of staging and picture, by table, in order of values."""
        found = {
            f"{s}.{t}": _rows(files, by=layer_key(SPEC.tables[t]))
            for (s, t), files in committed_files(self.settings).items()
        }
        return found | drawn(self.settings)


def drawn(settings: Settings) -> dict[str, list[Row]]:
    """Return the committed rows of the picture, by element, in order of values."""
    folder = picture_folder(settings)
    names = sorted({table_of(path) for path in folder.glob("*.parquet")})
    return {
        name: _rows(layers_of(folder / f"{name}.parquet"), by=identity_of(SPEC.element(name)))
        for name in names
    }


def _rows(files: Layers, *, by: tuple[str, ...]) -> list[Row]:
    if not files:
        return []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows: list[Row] = (
            connection.sql(f"SELECT * FROM {rows_of(files, by=by)}").to_arrow_table().to_pylist()
        )
    return sorted(rows, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def same_home(settings: Settings) -> None:
    """Give a home the id that every home of the tests has."""
    write_json(
        settings.home / "home.json",
        {"home_id": HOME_ID, "schema_version": 1, "company": None, "sources": []},
    )
