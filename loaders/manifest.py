"""The manifest: one TOML file that says which table each of a company's files fills.

Everything is checked before a file is opened: an unknown key, a table or column that does
not exist, a required column that nobody fills, a source without a legal basis. Each
problem names its place in the file and what to write instead.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from graph.errors import ConfigurationError
from graph.language import Text
from graph.spec import TableSpec, fact_spec

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx")


class ManifestError(ConfigurationError):
    """A manifest says something that kith cannot do."""

    text = Text(
        "{manifest}, {place}: {problem}. {remedy}", "{manifest}，{place}：{problem}。{remedy}"
    )


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CompanyPart(_Part):
    """``[company]``: what holds for all sources."""

    name: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    timezone: str
    phone_region: str = Field(pattern=r"^[A-Z]{2}$")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            message = f"{zone!r} is not a time zone; write one such as Asia/Shanghai"
            raise ValueError(message) from None
        return zone


class FilePart(_Part):
    """One entry of ``[source.files]``: a path or pattern, and how to read what it names."""

    path: str = Field(min_length=1)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str = "utf-8"
    header: bool = True
    sheet: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            "".encode(encoding)
        except LookupError:
            message = f"{encoding!r} is not an encoding; write one such as utf-8 or gb18030"
            raise ValueError(message) from None
        return encoding


class TablePart(_Part):
    """One ``[[source.table]]``: which table is filled from what, column by column."""

    fills: str
    from_: str = Field(alias="from", min_length=1)
    where: str | None = None
    distinct: bool = False
    columns: dict[str, str] = Field(min_length=1)


class SourcePart(_Part):
    """One ``[[source]]``: a system that states facts."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    party: Literal["first", "second", "third"]
    legal_basis: Literal["contract", "consent", "legitimate_interest", "legal_obligation", "public"]
    catalogue: Literal["company", "own"] = "company"
    text: Literal["none", "public"] = "none"
    personal_key: Literal[True, False, "clear"] = False
    files: dict[str, FilePart] = Field(min_length=1)
    table: tuple[TablePart, ...] = Field(min_length=1)

    @field_validator("files", mode="before")
    @classmethod
    def _paths_alone(cls, files: Mapping[str, object]) -> dict[str, object]:
        return {n: {"path": f} if isinstance(f, str) else f for n, f in files.items()}


class Manifest(_Part):
    """A company's sources, in the order in which they take precedence."""

    company: CompanyPart
    source: Annotated[tuple[SourcePart, ...], Field(min_length=1)]


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest.

    Raises
    ------
    ManifestError
        Naming the place, the problem and the remedy.
    """
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise _error(
            path, "file", problem="there is no such file", remedy="Check the path."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _error(
            path, "syntax", problem=str(error), remedy="It must be TOML in UTF-8."
        ) from None
    except ValidationError as error:
        raise _first_problem(path, error) from None
    _check_names(path, manifest)
    for source in manifest.source:
        for number, table in enumerate(source.table, 1):
            _check_table(path, f"source {source.name!r}, table {number}", table=table)
    return manifest


def _error(path: Path, place: str, *, problem: str, remedy: str) -> ManifestError:
    return ManifestError(manifest=path.name, place=place, problem=problem, remedy=remedy)


def _first_problem(path: Path, error: ValidationError) -> ManifestError:
    first = error.errors()[0]
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    kind, name = first["type"], str(first["loc"][-1])
    if kind == "extra_forbidden":
        return _error(
            path, place, problem=f"the key {name!r} is unknown", remedy=_did_you_mean(name)
        )
    if kind == "missing" and name == "legal_basis":
        remedy = (
            "Say on which legal basis the source is used: contract, consent, "
            "legitimate_interest, legal_obligation or public."
        )
        return _error(path, place, problem="the source has no legal basis", remedy=remedy)
    if kind == "missing":
        return _error(path, place, problem="it is missing", remedy=f"Add {name!r}.")
    return _error(
        path, place, problem=first["msg"], remedy="See the manifest section of docs/tables.md."
    )


def _did_you_mean(name: str) -> str:
    known: set[str] = set()
    for part in (Manifest, CompanyPart, SourcePart, TablePart, FilePart):
        known |= {field.alias or key for key, field in part.model_fields.items()}
    return _closest(name, known)


def _closest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}."


def _check_names(path: Path, manifest: Manifest) -> None:
    seen: set[str] = set()
    for source in manifest.source:
        if source.name in seen:
            remedy = "Give each [[source]] its own name."
            raise _error(
                path, f"source {source.name!r}", problem="it is named twice", remedy=remedy
            )
        seen.add(source.name)
        for name in source.files:
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise _error(
                    path,
                    f"source {source.name!r}, file {name!r}",
                    problem="the name cannot stand in a FROM clause",
                    remedy="Use letters, digits and underscores.",
                )


def _check_table(path: Path, place: str, *, table: TablePart) -> None:
    tables = fact_spec().tables
    if table.fills not in tables:
        problem = f"there is no table {table.fills!r}"
        raise _error(path, place, problem=problem, remedy=_closest(table.fills, tables))
    spec = tables[table.fills]
    names = {column.name for column in spec.columns}
    for name in table.columns:
        if name not in names:
            problem = f"{table.fills} has no column {name!r}"
            raise _error(path, place, problem=problem, remedy=_closest(name, names))
    missing = [c.name for c in spec.columns if c.required and c.name not in table.columns]
    if missing:
        problem = f"{table.fills} needs {', '.join(missing)}"
        raise _error(path, place, problem=problem, remedy="Map every required column.")
    _check_identifier_value(path, place, spec=spec, columns=table.columns)


def _check_identifier_value(
    path: Path, place: str, *, spec: TableSpec, columns: Mapping[str, str]
) -> None:
    if spec.name != "identifiers":
        return
    given = [name for name in ("value", "value_md5") if name in columns]
    if len(given) != 1:
        problem = "identifiers needs exactly one of value and value_md5"
        remedy = "Map the clear value or its MD5; use two tables for a source that has both."
        raise _error(path, place, problem=problem, remedy=remedy)
