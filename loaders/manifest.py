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
        "{manifest}, {place}: {problem}. {remedy}.", "{manifest}，{place}：{problem}。{remedy}。"
    )


class _RefusedError(ValueError):
    """A value of a manifest that a check of ours refuses."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


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
            text = Text(
                f"{zone!r} is not a time zone; write one such as Asia/Shanghai",
                f"{zone!r} 不是时区，请写 Asia/Shanghai 之类的名称",
            )
            raise _RefusedError(text) from None
        return zone

    @field_validator("phone_region")
    @classmethod
    def _known_region(cls, region: str) -> str:
        from phonenumbers import SUPPORTED_REGIONS

        if region not in SUPPORTED_REGIONS:
            text = Text(
                f"{region!r} is not a country; write one such as CN",
                f"{region!r} 不是国家代码，请写 CN 之类的代码",
            )
            raise _RefusedError(text)
        return region


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
            text = Text(
                f"{encoding!r} is not an encoding; write one such as utf-8 or gb18030",
                f"{encoding!r} 不是编码名称，请写 utf-8、gb18030 之类的名称",
            )
            raise _RefusedError(text) from None
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

    name: str = Field(pattern=r"^[a-z0-9_]{1,64}$")
    party: Literal["first", "second", "third"]
    legal_basis: Literal["contract", "consent", "legitimate_interest", "legal_obligation", "public"]
    catalogue: Literal["company", "own"] = "company"
    text: Literal["none", "public"] = "none"
    personal_key: Literal[True, False, "clear"] = False
    files: dict[str, FilePart] = Field(min_length=1)
    table: tuple[TablePart, ...] = Field(min_length=1)

    @field_validator("files", mode="before")
    @classmethod
    def _paths_alone(cls, files: object) -> object:
        if not isinstance(files, Mapping):
            return files
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
    except OSError:
        problem = Text("there is no such file", "没有这个文件")
        remedy = Text("Check the path", "请检查路径")
        raise _error(path, FILE, problem=problem, remedy=remedy) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        remedy = Text("It must be TOML in UTF-8", "清单须为 UTF-8 编码的 TOML")
        raise _error(path, SYNTAX, problem=Text(str(error), str(error)), remedy=remedy) from None
    except ValidationError as error:
        raise _first_problem(path, error) from None
    _check_names(path, manifest)
    for source in manifest.source:
        for number, table in enumerate(source.table, 1):
            place = Text(
                f"source {source.name!r}, table {number}", f"来源 {source.name!r}，第 {number} 个表"
            )
            _check_table(path, place, table=table)
    return manifest


FILE, SYNTAX = Text("file", "文件"), Text("syntax", "语法")
SEE_DOCS = Text("See the manifest section of docs/tables.md", "见 docs/tables.md 中关于清单的一节")
NO_LEGAL_BASIS = Text("the source has no legal basis", "该来源没有法律依据")
LEGAL_BASES = Text(
    "Say on which legal basis the source is used: contract, consent, legitimate_interest, "
    "legal_obligation or public",
    "请注明使用该来源的法律依据："
    "contract、consent、legitimate_interest、legal_obligation 或 public",
)
WRONG = {
    "literal_error": Text("the value is not one of {expected}", "取值不在 {expected} 之中"),
    "string_pattern_mismatch": Text("the value does not match {pattern}", "取值不符合 {pattern}"),
    "string_type": Text("the value must be text in quotes", "取值须为带引号的文本"),
    "bool_type": Text("the value must be true or false", "取值须为 true 或 false"),
    "bool_parsing": Text("the value must be true or false", "取值须为 true 或 false"),
    "string_too_short": Text("the text is empty", "文本为空"),
    "string_too_long": Text("the text is too long", "文本过长"),
    "too_short": Text("nothing is listed", "没有列出任何内容"),
    "dict_type": Text("the value must be a table of names", "取值须为名称表"),
    "tuple_type": Text("it must be written as [[...]]", "须写成 [[...]]"),
}


def _error(path: Path, place: Text, *, problem: Text, remedy: Text) -> ManifestError:
    return ManifestError(manifest=path.name, place=place, problem=problem, remedy=remedy)


def _first_problem(path: Path, error: ValidationError) -> ManifestError:
    # a slip in a key shows twice, as an unknown key and a missing one: tell the slip
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    problem, remedy = _said(first["type"], str(first["loc"][-1]), context=first.get("ctx", {}))
    if problem.en == "":
        problem = Text(first["msg"], first["msg"])
    return _error(path, Text(where, where), problem=problem, remedy=remedy)


def _said(kind: str, name: str, *, context: Mapping[str, object]) -> tuple[Text, Text]:
    """Return what is wrong with a key or its value, and what to do."""
    if kind == "extra_forbidden":
        return Text(f"the key {name!r} is unknown", f"未知的键 {name!r}"), _did_you_mean(name)
    if kind == "missing" and name == "legal_basis":
        return NO_LEGAL_BASIS, LEGAL_BASES
    if kind == "missing":
        return Text("it is missing", "缺少该项"), Text(f"Add {name!r}", f"请加上 {name!r}")
    refused = context.get("error")
    if isinstance(refused, _RefusedError):
        return refused.text, SEE_DOCS
    template = WRONG.get(kind, Text("", ""))
    return Text(template.en.format(**context), template.zh.format(**context)), SEE_DOCS


def _did_you_mean(name: str) -> Text:
    known: set[str] = set()
    for part in (Manifest, CompanyPart, SourcePart, TablePart, FilePart):
        known |= {field.alias or key for key, field in part.model_fields.items()}
    return _closest(name, known)


def _closest(name: str, known: Iterable[str]) -> Text:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return Text(f"Perhaps it is {near[0]!r}", f"可能应为 {near[0]!r}")
    return Text(f"Known: {', '.join(names)}", f"可用：{'、'.join(names)}")


def _check_names(path: Path, manifest: Manifest) -> None:
    seen: set[str] = set()
    for source in manifest.source:
        place = Text(f"source {source.name!r}", f"来源 {source.name!r}")
        if source.name in seen:
            remedy = Text("Give each [[source]] its own name", "请给每个 [[source]] 不同的名称")
            raise _error(path, place, problem=TWICE, remedy=remedy)
        seen.add(source.name)
        _check_file_names(path, place, names=list(source.files))


TWICE = Text("it is named twice", "名称重复")


def _check_file_names(path: Path, source: Text, *, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        place = Text(f"{source.en}, file {name!r}", f"{source.zh}，文件 {name!r}")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            problem = Text("the name cannot stand in a FROM clause", "名称不能用在 FROM 子句中")
            remedy = Text("Use letters, digits and underscores", "请用英文字母、数字和下划线")
            raise _error(path, place, problem=problem, remedy=remedy)
        if name.casefold() in seen:
            remedy = Text("SQL does not tell ID from id: rename one", "SQL 不分大小写，请改名")
            raise _error(path, place, problem=TWICE, remedy=remedy)
        seen.add(name.casefold())


def _check_table(path: Path, place: Text, *, table: TablePart) -> None:
    tables = fact_spec().tables
    if table.fills not in tables:
        problem = Text(f"there is no table {table.fills!r}", f"没有表 {table.fills!r}")
        raise _error(path, place, problem=problem, remedy=_closest(table.fills, tables))
    spec = tables[table.fills]
    names = {column.name for column in spec.columns}
    for name in table.columns:
        if name not in names:
            problem = Text(
                f"{table.fills} has no column {name!r}", f"{table.fills} 没有列 {name!r}"
            )
            raise _error(path, place, problem=problem, remedy=_closest(name, names))
    missing = [c.name for c in spec.columns if c.required and c.name not in table.columns]
    if missing:
        needed = ", ".join(missing)
        problem = Text(f"{table.fills} needs {needed}", f"{table.fills} 需要 {needed}")
        remedy = Text("Map every required column", "请填写每个必填列")
        raise _error(path, place, problem=problem, remedy=remedy)
    _check_identifier_value(path, place, spec=spec, columns=table.columns)


def _check_identifier_value(
    path: Path, place: Text, *, spec: TableSpec, columns: Mapping[str, str]
) -> None:
    if spec.name != "identifiers":
        return
    given = [name for name in ("value", "value_md5") if name in columns]
    if len(given) != 1:
        problem = Text(
            "identifiers needs exactly one of value and value_md5",
            "identifiers 需要 value 与 value_md5 之一，且只要其一",
        )
        remedy = Text(
            "Map the clear value or its MD5; use two tables for a source that has both",
            "请填明文或 MD5；两者都有的来源请写成两个表",
        )
        raise _error(path, place, problem=problem, remedy=remedy)
