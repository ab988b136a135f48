"""``kith circles | network``: who talks with whom, and the map of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note, room, say
from api.runtime import database, settings_of_call
from graph.language import Text

if TYPE_CHECKING:
    from api.views import Row, View

LISTED = ("circle_id", "label", "size", "cohesion", "stability", "event")
"""What fits a narrow terminal; `TOLD` has room on a wide one, and stands in ``--json`` always."""
TOLD = ("density", "terms", "categories")
WIDE = 140
MEMBERS = ("customer_id", "handle", "role", "strength", "since", "influence_rank")
HISTORY = ("happened_at", "circle_id", "event", "other_id", "people")
BRIDGES = ("customer_id", "handle", "circle_id", "in_one", "in_other", "strength")


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for command in (circles, network):
        app.command()(command)


def circles(
    circle_id: Annotated[
        str | None, typer.Argument(help="One circle: members, leaders, history; default: all.")
    ] = None,
    *,
    k: Annotated[int, typer.Option(min=1, max=500, help="How many circles or people.")] = 50,
    between: Annotated[
        tuple[str, str] | None, typer.Option(help="Who stands between two circles instead.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="What changed since this instant (UTC) instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show circles: who answers whom more than others, what they talk about and buy."""
    from api.circles import changes, circle
    from api.circles import circles as listed
    from api.leaders import bridges
    from api.pages import Page

    settings = settings_of_call()
    if since is not None:
        _show_changes(changes(settings, since=since.replace(tzinfo=UTC)), as_json=as_json)
        return
    with database(settings) as opened:
        if circle_id is not None:
            found = circle(opened.read, circle_id, settings=settings, k=k)
            _show_one(found, as_json=as_json)
        elif between is not None:
            one, other = between
            people = bridges(opened.read, one, other=other, k=k)
            _show(people, BRIDGES, as_json=as_json)
        else:
            part = listed(opened.read, page=Page(limit=k))
            columns = (*LISTED, *TOLD) if room() >= WIDE else LISTED
            _show(part.items, columns, as_json=as_json)
            if part.cursor:
                note(
                    str(Text(f"the {k} largest; --k shows more", f"最大的 {k} 个；--k 可显示更多"))
                )


def network(
    *,
    output: Annotated[
        Path | None, typer.Option(help="FILE.gexf, .graphml, .csv or .html; default: figures.")
    ] = None,
    n: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many people.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Write the map of who answers whom, for Gephi or as a page that draws itself."""
    from api.network import picture, view, write

    settings = settings_of_call()
    with database(settings) as opened:
        drawn, run = picture(opened.read, settings=settings, n=n)
    if output is not None:
        for path in write(drawn, output):
            note(f"{path}")
    if as_json:
        emit_json(view(drawn, run))
    else:
        n_lines = f"{len(drawn.lines):,}"
        say(f"{drawn.caption}{Text(f'; {n_lines} lines', f';{n_lines} 条连线')}")


def _show(rows: "list[View]", columns: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        emit_json(rows)
    else:
        emit_table(columns, [[_told(row, column) for column in columns] for row in rows])


def _show_one(found: "View", *, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    say(f"{found['circle_id']} {found['label']}: {found['about']}")
    for name, columns in (("members", MEMBERS), ("history", HISTORY)):
        rows = found[name]
        assert isinstance(rows, list)  # as `circle` returns them
        if rows:
            emit_table(columns, [[_told(row, c) for c in columns] for row in rows], title=name)


def _show_changes(found: "View", *, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    agreement = found["agreement"]
    shown = f"{agreement:.2f}" if isinstance(agreement, float) else "-"
    span, n = f"{found['since']} - {found['until']}", found["n"]
    both = Text(f"{n} people at both, agreement {shown}", f"两期均在 {n} 人，一致性 {shown}")
    say(f"{span}: {both}")
    tables = (("circles", ("circle_id", "before", "now")), ("events", HISTORY))
    for name, columns in (*tables, ("moves", ("before", "now", "people"))):
        rows = found[name]
        assert isinstance(rows, list)  # as `changes` returns them
        if rows:
            emit_table(columns, [[_told(row, c) for c in columns] for row in rows], title=name)


def _told(row: "Row", column: str) -> object:
    value = row.get(column)
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else value
