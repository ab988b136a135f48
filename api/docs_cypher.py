"""The page ``docs/cypher.md``: the named queries with their results on a database.

Everything on it is derived: the queries from their files, the limits and the lists from the
guard, the results from running each query through the guard as an analyst would.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from graph.guard import Answer, Limits, guarded
from graph.guard_plan import allowed
from graph.plain import Plain
from graph.queries import Parameter, Query, named_queries
from graph.session import Database

ROWS = 5
CELL = 60
HEAD = """\
# Cypher

Analysts ask the graph in Cypher: `kith cypher QUERY`, or `POST /v1/cypher` with a key of the
role analyst. Queries only read. Whether one may run is decided on the plan that the database
makes of it; what is not on the reviewed lists of `graph/guard.toml` is refused, and every
refusal names the operator or the limit and says what to do instead.

分析人员用 Cypher 查询图数据：`kith cypher QUERY`，或以 analyst 角色的密钥访问
`POST /v1/cypher`。查询只读；是否允许执行由数据库给出的执行计划决定，拒绝时会说明原因与替代办法。
"""


def cypher_page(database: Database, *, limits: Limits | None = None) -> str:
    """Return the page, with the first rows of each query's answer on ``database``.

    Parameters
    ----------
    database
        Where the queries run: the demo company, for the page in the repository.
    limits
        What each query may take; by default what analysts have.

    Raises
    ------
    GuardError
        If a named query does not pass the guard.
    """
    used = limits or Limits()
    sections = [
        _section(query, guarded(database, query.cypher, parameters=query.values(), limits=used))
        for query in named_queries().values()
    ]
    return "\n".join([HEAD, *_limits(used), *_lists(), "## Queries\n", *sections])


def _limits(limits: Limits) -> Iterator[str]:
    rows = [[f"`{name}`", f"{value:,g}"] for name, value in _numbers(limits)]
    yield "## Limits\n"
    yield _table(["limit", "value"], rows)


def _numbers(limits: object) -> Iterator[tuple[str, float]]:
    for each in fields(limits) if is_dataclass(limits) else ():
        value = getattr(limits, each.name)
        if is_dataclass(value):
            yield from ((f"{each.name}.{name}", number) for name, number in _numbers(value))
        else:
            yield each.name, value


def _lists() -> Iterator[str]:
    procedures = ", ".join(f"`{name}`" for name in allowed().procedures)
    families = ", ".join(f"`{name}*`" for name in allowed().families)
    yield f"Procedures that may be called: {procedures}.\n"
    yield f"Functions with a dot in their name that may be called: {families}.\n"


def _section(query: Query, answer: Answer) -> str:
    parts = [
        f"### {query.name}: {query.title.en} · {query.title.zh}\n",
        f"{query.question.en}\n\n{query.question.zh}\n",
        _parameters(query.parameters),
        f"```cypher\n{query.cypher}\n```\n",
        _result(answer),
    ]
    return "\n".join(part for part in parts if part)


def _parameters(parameters: Sequence[Parameter]) -> str:
    rows = [[f"`{p.name}`", p.kind, f"`{p.default!r}`", p.about.en, p.about.zh] for p in parameters]
    return _table(["parameter", "type", "default", "meaning", "含义"], rows) if rows else ""


def _result(answer: Answer) -> str:
    if not answer.rows:
        return "No rows.\n"
    shown = [[_cell(value) for value in row] for row in answer.rows[:ROWS]]
    more = f"\n{len(shown)} of {len(answer.rows)} rows.\n" if len(answer.rows) > ROWS else ""
    return _table(answer.columns, shown) + more


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Plain) -> str:
    """Write one value so that it stays in its cell, whatever stands in it."""
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    text = "" if value is None else " ".join(text.split())
    short = text if len(text) <= CELL else f"{text[: CELL - 1]}…"
    for mark in "\\|<`*_":
        short = short.replace(mark, f"\\{mark}")
    return short
