"""``kith leaders``: who leads opinion, who is rising, who stands between two circles."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note, room, say
from api.runtime import database, settings_of_call
from graph.language import Text

if TYPE_CHECKING:
    from api.leaders import Wish
    from api.views import View
    from graph.session import Database
    from graph.settings import Settings

COLUMNS: Final[Mapping[str, Text]] = {
    "rank": Text("rank", "名次"),
    "rank_then": Text("then", "当时"),
    "previous_rank": Text("was", "上期"),
    "customer_id": Text("customer_id", "customer_id"),
    "handle": Text("name", "昵称"),
    "score": Text("score", "得分"),
    "repliers": Text("people", "人数"),
    "recent_repliers": Text("lately", "近期"),
}
"""What fits a narrow terminal, with its heads; the sentences below the table say the rest."""
MORE: Final[Mapping[str, Text]] = {
    "established_repliers": Text("established", "老账户"),
    "rank_without_top": Text("without top five", "去前五"),
    "broker_rank": Text("broker", "桥梁"),
    "circle_id": Text("circle_id", "circle_id"),
    "topic": Text("topic", "话题"),
    "orders": Text("orders", "订单"),
    "spend": Text("spend", "消费"),
}
WIDE: Final = 150
"""Columns of a terminal on which more than the list itself has room."""
FILED = (
    "rank",
    "previous_rank",
    "customer_id",
    "handle",
    "score",
    "repliers",
    "recent_repliers",
    *MORE,
    "percentile",
    "band",
    "untrusted_score",
    "untrusted_rank",
    "replies",
    "pagerank",
    "authority",
    "hub",
    "core",
    "betweenness",
    "reach",
    "segment",
    "buying_repliers",
    "flags",
    "explanation",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(leaders)


def leaders(
    customer: Annotated[
        str | None, typer.Argument(help="One person: why, circles, trend; default: the list.")
    ] = None,
    *,
    topic: Annotated[str | None, typer.Option(help="Only replies of this topic.")] = None,
    window: Annotated[int | None, typer.Option(min=1, help="Days that count.")] = None,
    k: Annotated[int, typer.Option(min=1, help="How many people.")] = 20,
    as_of: Annotated[datetime | None, typer.Option(help="As of this instant (UTC).")] = None,
    against: Annotated[
        datetime | None, typer.Option(help="Compare with the list as of this instant (UTC).")
    ] = None,
    rising: Annotated[bool, typer.Option(help="Who is rising instead.")] = False,
    between: Annotated[
        tuple[str, str] | None, typer.Option(help="Who stands between two circles instead.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="FILE.csv, .jsonl, .parquet or .xlsx, with consents")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who leads opinion, with the reason for each and how good such lists were."""
    from api.leaders import Wish, bridges, leader

    settings = settings_of_call()
    wish = Wish(k, topic, window, _utc(as_of), "rising" if rising else None)
    with database(settings) as opened:
        if customer is not None:
            _show_one(leader(opened.read, customer, settings=settings), as_json=as_json)
            return
        if between is not None:
            _show_bridges(bridges(opened.read, between[0], other=between[1], k=k), as_json=as_json)
            return
        found = _listed(opened, wish, against=_utc(against), settings=settings)
    if output is not None:
        _file(found, output, settings=settings)
    if as_json:
        emit_json(found)
    elif output is None:
        show(found)


def _listed(
    opened: "Database", wish: "Wish", *, against: datetime | None, settings: "Settings"
) -> "View":
    """Return the list, beside that of another day where one is asked for."""
    from api.leaders import compared, day_before
    from api.leaders import leaders as listed
    from api.pipeline import graph_reader

    def list_of(wish: "Wish") -> "View":
        reader = lambda: graph_reader(opened, settings)  # noqa: E731 - opened only where needed
        return listed(opened.read, wish, open_=reader, settings=settings)

    now = list_of(wish)
    return compared(now, list_of(day_before(wish, against))) if against else now


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def show(found: "View") -> None:
    """Print a list: how good such lists were, a row a person, the reasons, caveats."""
    from api.views import maps

    items = maps(found["items"])
    at = found["as_of"]
    when = f"{at:%Y-%m-%d}" if isinstance(at, datetime) else "?"
    n = found["n"]
    say(str(Text(f"as of {when}, {n} people were answered", f"截至 {when}，{n} 人得到回复")))
    say(str(found["grade"]))
    heads = {**COLUMNS, **(MORE if room() >= WIDE else {})}
    # nobody has a former rank the first time
    columns = [c for c in heads if any(item.get(c) is not None for item in items)]
    rows = [[item[c] for c in columns] for item in items]
    emit_table([str(heads[c]) for c in columns], rows)
    for item in items:
        say(f"{item['handle'] or item['customer_id']}: {item['explanation']}")
    for gone in maps(found.get("left", [])):
        was = Text(f"left the list, was {gone['rank']}", f"已离开榜单，原第 {gone['rank']} 名")
        say(f"{gone['handle'] or gone['customer_id']}: {was}")
    for line in _texts(found["notes"]):
        say(line)


def _show_one(found: "View", *, as_json: bool) -> None:
    from api.views import maps

    if as_json:
        emit_json(found)
        return
    say(f"{found['handle'] or found['customer_id']}: {found['explanation']}")
    say(str(found["grade"]))
    emit_table(["", ""], [[name, found[name]] for name in FILED if name not in ("explanation",)])
    circles = [[row["circle_id"], row["people"]] for row in maps(found["circles_of_repliers"])]
    emit_table(["circle of repliers", "people"], circles)
    trend = [[row["as_of"], row["rank"], row["score"]] for row in maps(found["trend"])]
    emit_table(["as of", "rank", "score"], trend)


def _show_bridges(found: "list[View]", *, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    columns = ["customer_id", "handle", "circle_id", "in_one", "in_other", "strength"]
    emit_table(columns, [[item[c] for c in columns] for item in found])


def _file(found: "View", to: Path, *, settings: "Settings") -> None:
    """Write a list to a file, with what each person agrees to."""
    from api.exporting import write_people
    from api.views import maps

    items = maps(found["items"])
    held = items[0] if items else FILED
    columns = [c for c in ("rank_then", *FILED) if c in held]
    note(f"{write_people(items, columns, to=to, settings=settings):,} rows in {to}")


def _texts(value: object) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else []
