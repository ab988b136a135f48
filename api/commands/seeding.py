"""``kith seeds``: whom to seed under a budget, how far they reach, and beside whom."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note, room, say
from api.runtime import database, settings_of_call
from graph.language import Text

if TYPE_CHECKING:
    from api.views import View
    from graph.settings import Settings

COLUMNS = (
    "order",
    "customer_id",
    "handle",
    "gain",
    "gain_low",
    "gain_high",
    "reach",
    "alone",
    "overlap",
    "cost",
    "circle_id",
)
NARROW = ("order", "customer_id", "handle", "gain", "reach", "overlap", "cost")
"""What fits a terminal of eighty columns."""
WIDE = 140
LISTS = ("list", "seeds", "reach", "low", "high")


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(seeds)


def seeds(
    *,
    budget: Annotated[
        float, typer.Option(help="What all seeds may cost; without --cost: how many.")
    ],
    cost: Annotated[
        str | None, typer.Option(help="A numeric property of customers: what each costs.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="A customer not to be seeded; may be repeated.")
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="A product that seeds get first: how it spreads.")
    ] = None,
    model: Annotated[
        Literal["cascade", "threshold"], typer.Option(help="How influence spreads.")
    ] = "cascade",
    probability: Annotated[
        float, typer.Option(help="That a tie carries; 0: the share of one's replies.")
    ] = 0.0,
    topic: Annotated[str | None, typer.Option(help="Only replies of this topic.")] = None,
    window: Annotated[int | None, typer.Option(min=1, help="Days that count.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="FILE.csv, .jsonl, .parquet or .xlsx, with consents")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Propose whom to seed, with what each adds, beside the most answered and at random."""
    from api.pipeline import graph_reader
    from api.seeding import Wish, plan

    settings = settings_of_call()
    wish = Wish(budget, cost, tuple(exclude or ()), product, model, probability, topic, window)
    with database(settings) as opened:
        found = plan(
            opened.read, wish, open_=lambda: graph_reader(opened, settings), settings=settings
        )
    if output is not None:
        _file(found, output, settings=settings)
    if as_json:
        emit_json(found)
    elif output is None:
        show(found)


def show(found: "View") -> None:
    """Print a plan: a row a seed, how far plain lists reach, caveats."""
    items, lists = found["items"], found["lists"]
    assert isinstance(items, list)  # as `plan` returns it
    columns = COLUMNS if room() >= WIDE else NARROW
    emit_table(columns, [[item[c] for c in columns] for item in items])
    if isinstance(lists, Mapping):
        rows = [[name, *(of[c] for c in LISTS[1:])] for name, of in lists.items()]
        emit_table(LISTS, rows, title=str(Text("reach on the same check", "同一检验下的触达")))
        say(_gained(found))
    if isinstance(found["adoption"], Mapping):
        say(_spread(found["adoption"]))
    for line in found["notes"] if isinstance(found["notes"], list) else []:
        say(str(line))


def _gained(found: "View") -> str:
    """Say what the search was worth, and which list is proposed."""
    gain = found["gain_over_degree"]
    assert isinstance(gain, list)  # as `plan` returns it
    value, low, high = (f"{100 * part:+.1f} %" for part in gain)
    return str(
        Text(
            f"The search reaches {value} beside top degree ({low} to {high}); proposed: "
            f"{found['chosen_by']}.",
            f"搜索相对按被回复人数排序：{value}（95% 区间 {low} 至 {high}）；采用："
            f"{found['chosen_by']}。",
        )
    )


def _spread(adoption: Mapping[str, list[list[float]]]) -> str:
    """Say how many have the product after half and all of the periods, with seeds and without."""
    seeded, alone = adoption["with_seeds"], adoption["without"]
    last = len(seeded) - 1
    half = last // 2
    told = [f"{of[at][0]:,.0f}" for at in (half, last) for of in (seeded, alone)]
    return str(
        Text(
            f"The product is with {told[0]} people after {half} periods ({told[1]} without "
            f"seeds), with {told[2]} after {last} ({told[3]}).",
            f"{half} 个周期后 {told[0]} 人拥有该商品（无种子 {told[1]} 人），{last} 个周期后 "
            f"{told[2]} 人（{told[3]} 人）。",
        )
    )


def _file(found: "View", to: Path, *, settings: "Settings") -> None:
    """Write a plan to a file, with what each person agrees to."""
    from api.exporting import write_people
    from api.views import maps

    items, columns = maps(found["items"]), (*COLUMNS, "explanation")
    note(f"{write_people(items, columns, to=to, settings=settings):,} rows in {to}")
