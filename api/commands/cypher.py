"""``kith cypher`` and ``kith queries``: questions in Cypher, through the guard."""

import csv
import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note
from api.runtime import database, settings_of_call
from graph.errors import ConfigurationError
from graph.language import Text

if TYPE_CHECKING:
    from graph.guard import Answer


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ParamError(ConfigurationError):
    """A ``--param`` is not of the form ``name=value``."""

    text = Text(
        "--param {given!r} cannot be read. Write it as name=value; the value is JSON, or text.",
        "无法理解 --param {given!r}。请写成 名称=值；值为 JSON 或文本。",
    )


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(cypher)
    app.command()(queries)


def cypher(
    query: Annotated[str, typer.Argument(help="A query, or the name of one of 'kith queries'.")],
    *,
    param: Annotated[list[str] | None, typer.Option(help="name=value, any number.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.TABLE,
    limit: Annotated[int | None, typer.Option(min=1, help="Most rows.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the graph; nothing can be written."""
    from api.asking import ask

    settings = settings_of_call()
    with database(settings) as opened:
        answer = ask(opened, settings, query=query, params=params_of(param or []), limit=limit)
    show_answer(answer, Format.JSON if as_json else form)


def queries(*, as_json: AsJson = False) -> None:
    """List the named queries: what they answer and which parameters they take."""
    from graph.queries import named_queries

    found = list(named_queries().values())
    if as_json:
        emit_json(
            [
                {
                    "name": q.name,
                    "title": str(q.title),
                    "question": str(q.question),
                    "parameters": {p.name: p.default for p in q.parameters},
                }
                for q in found
            ]
        )
        return
    rows = [[q.name, q.question, ", ".join(p.name for p in q.parameters)] for q in found]
    emit_table(["name", "question", "parameters"], rows)


def params_of(given: list[str]) -> dict[str, object]:
    """Read ``name=value`` texts; a value that is JSON is taken as such, else as text.

    Raises
    ------
    ParamError
        If a text has no ``=`` or no name.
    """
    values: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise ParamError(given=text)
        try:
            values[name.strip()] = json.loads(value, parse_constant=_no_number)
        except ValueError:
            values[name.strip()] = value
    return values


def _no_number(name: str) -> NoReturn:
    """Refuse ``NaN`` and ``Infinity``: Python reads them, JSON does not know them."""
    raise ValueError(name)


def show_answer(answer: "Answer", form: Format) -> None:
    """Print rows in one of the forms; that rows are missing is said on stderr."""
    if form is Format.JSON:
        emit_json(
            {
                "columns": list(answer.columns),
                "rows": [list(row) for row in answer.rows],
                "truncated": answer.truncated,
                "seconds": answer.seconds,
            }
        )
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([_cell(value) for value in row] for row in answer.rows)
    else:
        emit_table(list(answer.columns), [list(row) for row in answer.rows])
    if answer.truncated:
        note(f"only the first {len(answer.rows):,} rows are shown; --limit shows more")


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
