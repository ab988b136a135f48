"""``kith evaluate NAME``: how good an algorithm's scores were at past cuts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from api.commands.options import AsJson, Set
from api.output import emit_json, emit_table, say
from api.runtime import settings_of_call, writing_database
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.evaluation import Evaluation, Judged

PROBABILITY = ("n", "rate", "mean", "auc", "recency_auc", "brier", "base_brier", "skill")
CUTS = 3
MORE = ("accuracy", "always_no", "lift", "calibration_error")
AMOUNT = ("n", "mean", "actual", "error", "naive_error", "mean_error")
RANK = ("correlation", "naive_correlation")


class ByName(TyperGroup):
    """A group that takes the name of an algorithm where it expects a command."""

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]  # as Typer has it
        """Read ``kith evaluate rfm`` as ``kith evaluate score rfm``."""
        is_name = bool(args) and args[0] not in self.commands and not args[0].startswith("-")
        return super().resolve_command(ctx, ["score", *args] if is_name else args)


def score(
    name: Annotated[str, typer.Argument(help='An algorithm; "score" may be left out.')],
    *,
    cuts: Annotated[
        int | None,
        typer.Option(min=1, help="How many past cuts; default: 3, of influence 12."),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Only scores over so many days; default: all.")
    ] = None,
    attacks: Annotated[
        bool, typer.Option(help="Of influence: try five ways to buy a rank instead.")
    ] = False,
    set_: Set = None,
    as_json: AsJson = False,
) -> None:
    """Compute an algorithm as of past cuts and hold it against what came after them."""
    from algorithms.evaluation import Plan, recorded
    from algorithms.parameters import parse_overrides
    from api.commands import judging
    from api.pipeline import graph_reader

    settings, overrides = settings_of_call(), parse_overrides(set_ or [])
    if judging.is_by_replies(name):
        asked = judging.Asked(cuts, horizon, overrides.get(name, {}), attacks=attacks)
        judging.judge(settings, asked, as_json=as_json)
        return
    plan = Plan(name, cuts or CUTS, horizon, overrides)
    with writing_database(settings) as opened:
        reader = graph_reader(opened, settings)
        found, record = recorded(opened, plan, reader=reader, settings=settings)
    if as_json:
        emit_json({"run_id": record.run_id, "algorithm": name, **found.metrics()})
        return
    show(found)
    say(str(Text(f"kept as run {record.run_id}", f"已记录为运行 {record.run_id}")))


def show(found: "Evaluation") -> None:
    """Print an evaluation: a table a score, one row a cut, and who stayed in which segment."""
    for name in dict.fromkeys(one.score for one in found.judged):
        rows = [one for one in found.judged if one.score == name]
        _table(name, rows)
    if found.stability:
        head = ["scheme", "since", "until", "n", "unchanged", "stability_index"]
        cells = [[s.scheme, s.since, s.until, s.n, s.unchanged, s.index] for s in found.stability]
        emit_table(head, cells)
    for line in _remarks(found):
        say(line)


def _table(name: str, rows: "list[Judged]") -> None:
    from dataclasses import asdict

    graded = [one for one in rows if one.grade is not None]
    names = (
        [*PROBABILITY, *MORE] if rows[0].outcome in ("buys", "does_not_buy") else [*AMOUNT, *RANK]
    )
    cells = [[one.cut, *(asdict(one.grade)[n] for n in names)] for one in graded if one.grade]
    title = f"{name} · {rows[0].outcome} · {rows[0].horizon_days} d"
    emit_table(["cut", *names], cells, title=title)


def _remarks(found: "Evaluation") -> Iterator[str]:
    """Say which cuts have no grade, and what may have told of the future."""
    for one in found.judged:
        if one.note is not None:
            yield f"{one.cut:%Y-%m-%d} {one.score}: {one.note}"
    if found.leaky:
        columns = ", ".join(found.leaky)
        yield str(
            Text(
                f"undated columns that may tell of the future at a past cut: {columns}",
                f"无日期的列，在过去时点可能泄露未来信息：{columns}",
            )
        )
