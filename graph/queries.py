"""The named queries of ``queries/``: what each asks, what can be set, and its Cypher.

A query is a file that any Neo4j tool can run. What people and programs need to know of it
stands in comments at its head, so that it cannot drift away from the query:

    // title: Best customers
    // 标题: 最有价值的客户
    // question: Who spends the most?
    // 问题: 谁消费最多？
    // param top: integer 20 — how many customers / 显示的客户数
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from graph.errors import ConfigurationError, NotFoundError, some
from graph.language import Text

QUERIES = Path(__file__).parents[1] / "queries"
HEAD = re.compile(r"//\s*(?P<word>title|标题|question|问题)\s*:\s*(?P<text>.+)")
PARAMETER = re.compile(
    r"//\s*param\s+(?P<name>\w+)\s*:\s*(?P<kind>\w+)\s+(?P<default>.+?)"
    r"\s+—\s+(?P<en>.+?)\s+/\s+(?P<zh>.+)"
)
WORDS = ("title", "标题", "question", "问题")

Value: TypeAlias = int | float | str | bool | list[str]
ParameterKind = Literal["integer", "number", "text", "boolean", "texts"]
TYPES: Mapping[str, type] = {
    "integer": int,
    "number": float,
    "text": str,
    "boolean": bool,
    "texts": list,
}


class QueryHeaderError(ConfigurationError):
    """The head of a query file does not say what it must."""

    text = Text("{path}: {problem}.", "{path}：{problem}。")


class UnknownQueryError(NotFoundError):
    """No query has this name."""

    text = Text(
        "There is no query {name!r}. There are: {known}.",
        "没有名为 {name!r} 的查询。现有：{known}。",
    )


class QueryValueError(ConfigurationError):
    """A value does not fit the parameter of a query."""

    text = Text(
        "{query}: {name} = {value!r} does not fit; {expected}.",
        "{query}：{name} = {value!r} 不合适；{expected}。",
    )


@dataclass(frozen=True, slots=True)
class Parameter:
    """What can be set in a query."""

    name: str
    kind: ParameterKind
    default: Value
    about: Text


@dataclass(frozen=True, slots=True)
class Query:
    """A named query."""

    name: str
    title: Text
    question: Text
    parameters: tuple[Parameter, ...]
    cypher: str

    def values(self, given: Mapping[str, object] | None = None) -> dict[str, Value]:
        """Return a value for every parameter.

        Parameters
        ----------
        given
            Values by name, as JSON has them or as texts from a command line; the rest
            keep their defaults.

        Raises
        ------
        QueryValueError
            If a name is no parameter of this query or a value has not its type.
        """
        wanted = dict(given or {})
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in wanted.items():
            if name not in known:
                expected = f"parameters are: {', '.join(known) or '-'}"
                raise QueryValueError(query=self.name, name=name, value=value, expected=expected)
        return {p.name: self._value(p, wanted.get(p.name, p.default)) for p in self.parameters}

    def _value(self, parameter: Parameter, value: object) -> Value:
        read = _read(value, parameter.kind)
        if read is None:
            raise QueryValueError(
                query=self.name, name=parameter.name, value=value, expected=parameter.kind
            )
        return read


def named_query(name: str) -> Query:
    """Return the query called ``name``.

    Raises
    ------
    UnknownQueryError
        If there is none.
    """
    if name not in named_queries():
        raise UnknownQueryError(name=name, known=", ".join(named_queries()))
    return named_queries()[name]


@cache
def named_queries(folder: Path = QUERIES) -> Mapping[str, Query]:
    """Return every query of a folder by its name, sorted.

    Raises
    ------
    QueryHeaderError
        If the head of one lacks a title, a question or the form of a parameter.
    """
    return {path.stem: read_query(path) for path in sorted(folder.glob("*.cypher"))}


def read_query(path: Path) -> Query:
    """Read one query file; raises `QueryHeaderError`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    n_head = next((n for n, line in enumerate(lines) if not line.startswith("//")), len(lines))
    words = _words(path, lines[:n_head])
    parameters = tuple(
        _parameter(path, line) for line in lines[:n_head] if line[2:].strip().startswith("param")
    )
    return Query(
        name=path.stem,
        title=Text(words["title"], words["标题"]),
        question=Text(words["question"], words["问题"]),
        parameters=parameters,
        cypher="\n".join(lines[n_head:]).strip(),
    )


def _words(path: Path, head: list[str]) -> dict[str, str]:
    matches = [match for line in head if (match := HEAD.fullmatch(line.strip()))]
    words = {match["word"]: match["text"].strip() for match in matches}
    missing = [word for word in WORDS if word not in words]
    if missing:
        raise QueryHeaderError(path=path, problem=f"no {some(missing)}")
    return words


def _parameter(path: Path, line: str) -> Parameter:
    match = PARAMETER.fullmatch(line.strip())
    if match is None:
        raise QueryHeaderError(path=path, problem=f"{line!r} is not 'name: type default — en / zh'")
    default = _default(match["default"], match["kind"])
    if match["kind"] not in TYPES or default is None:
        raise QueryHeaderError(path=path, problem=f"{line!r} has an unknown type or default")
    kind = next(kind for kind in get_args(ParameterKind) if kind == match["kind"])
    return Parameter(match["name"], kind, default, Text(match["en"], match["zh"]))


def _default(written: str, kind: str) -> Value | None:
    try:
        return _read(json.loads(written), kind)
    except json.JSONDecodeError:
        return None


def _read(value: object, kind: str) -> Value | None:
    """Return ``value`` as its kind, or None if it is not of it; texts are read as written."""
    if isinstance(value, str) and kind != "text":
        return _from_text(value, kind)
    if kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind == "integer" and isinstance(value, bool):
        return None
    fits = isinstance(value, TYPES.get(kind, ()))
    if kind == "texts" and fits and isinstance(value, list):
        fits = all(isinstance(part, str) for part in value)
    return value if fits and isinstance(value, int | float | str | list) else None


def _from_text(written: str, kind: str) -> Value | None:
    if kind == "texts" and not written.startswith("["):
        return [part.strip() for part in written.split(",") if part.strip()]
    try:
        value = json.loads(written)
    except json.JSONDecodeError:
        return None
    return None if isinstance(value, str) else _read(value, kind)
