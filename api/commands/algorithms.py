"""``kith resolve | score | algorithms``: what is learned from the facts."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson, DryRun, Set
from api.output import emit_json, emit_table, say
from api.runtime import settings_of_call, writing_database

if TYPE_CHECKING:
    from algorithms.identity.run import ResolveReport

AsOf = Annotated[
    datetime | None, typer.Option(help="Count facts up to this instant (UTC); default: the last.")
]


MOVES = ("merged", "split", "restored", "retired")
SHOWN = 50  # moves on the terminal


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for command in (resolve, score, algorithms):
        app.command()(command)


def resolve(
    *,
    full: Annotated[bool, typer.Option(help="Recompute even where nothing changed.")] = False,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="A TOML file that overrides the shipped identity policy; kept as identity.toml."
        ),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give every account its customer: what loads touched, or with --full everything."""
    from algorithms.identity.ground import adopt_policy
    from algorithms.identity.run import Options, resolve_graph
    from algorithms.registry import computed_spec

    settings = settings_of_call()
    with writing_database(settings) as opened:
        report = resolve_graph(
            opened,
            spec=computed_spec(),
            options=Options(policy=policy, full=full, dry_run=dry_run),
            settings=settings,
        )
        if policy is not None and not dry_run:
            adopt_policy(settings, policy)
    _show_resolution(report, as_json=as_json, dry_run=dry_run)


def _show_resolution(report: "ResolveReport", *, as_json: bool, dry_run: bool = False) -> None:
    if as_json:
        events = report.events.to_pylist()
        emit_json(
            {
                "run_id": report.run_id,
                "unchanged": report.is_unchanged,
                "counts": dict(report.counts),
                "written": report.written,
                "seconds": report.seconds,
                "events": events,
            }
        )
        return
    emit_table(["what", "n"], [[name, n] for name, n in sorted(report.counts.items())])
    moves = [row for row in report.events.to_pylist() if row["kind"] in MOVES]
    if moves:
        emit_table(
            ["event", "customer", "other", "accounts"], [_move(row) for row in moves[:SHOWN]]
        )
    if len(moves) > SHOWN:
        say(f"and {len(moves) - SHOWN:,} more: --json shows all")
    if report.is_unchanged:
        say("every account already has its customer: nothing was written")
    elif dry_run:
        say("nothing was written: this is what a run would do")


def _move(event: "Mapping[str, object]") -> list[object]:
    """Say who moves in a merge or a split: the customer, the other one, the accounts."""
    told = json.loads(str(event["payload"]))
    accounts = [account for account, _ in told.get("accounts", [])]
    return [event["kind"], told.get("customer_id"), told.get("other_id"), ", ".join(accounts)]


def score(
    names: Annotated[list[str] | None, typer.Argument(help="Algorithms; default: all.")] = None,
    *,
    as_of: AsOf = None,
    set_: Set = None,
    dry_run: DryRun = False,
    publish: Annotated[
        bool, typer.Option(help="Write an earlier instant over a later one.")
    ] = False,
    force: Annotated[
        bool, typer.Option(help="Write scores whose grade is below the floors.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run algorithms and write their results to the graph; accounts are resolved first."""
    from datetime import UTC

    from algorithms.identity.run import resolve_graph
    from algorithms.parameters import parse_overrides
    from algorithms.registry import computed_spec
    from algorithms.run import Request
    from algorithms.run import score as run
    from api.pipeline import graph_reader

    settings = settings_of_call()
    at = as_of.replace(tzinfo=UTC) if as_of and as_of.tzinfo is None else as_of
    request = Request(
        names=tuple(names or ()),
        as_of=at,
        overrides=parse_overrides(set_ or []),
        dry_run=dry_run,
        publish=publish,
        force=force,
    )
    with writing_database(settings) as opened:
        if not dry_run:
            resolve_graph(opened, spec=computed_spec(), settings=settings)
        reader = graph_reader(opened, settings)
        records = run(opened, reader, request=request, settings=settings)
    rows = [[r.algorithm, r.version, r.state, r.as_of, r.seconds, r.run_id] for r in records]
    head = ["algorithm", "version", "state", "as_of", "seconds", "run_id"]
    if as_json:
        notes = [{"notes": record.notes} for record in records]
        told = [dict(zip(head, row, strict=True)) for row in rows]
        emit_json([one | more for one, more in zip(told, notes, strict=True)])
    else:
        emit_table(head, rows)
        for record in records:
            for note in record.notes:
                say(f"{record.algorithm}: {note}")


def algorithms(
    name: Annotated[str | None, typer.Argument(help="One algorithm; default: all.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the algorithms, or one with its parameters and what it writes."""
    from algorithms.registry import REGISTRY

    if name is None:
        rows = [[a.name, a.version, a.stage, a.about] for a in REGISTRY]
        head = ["name", "version", "stage", "what it says"]
        if as_json:
            emit_json([dict(zip(head, [*r[:3], str(r[3])], strict=True)) for r in rows])
        else:
            emit_table(head, rows)
        return
    _show_algorithm(name, as_json=as_json)


def _show_algorithm(name: str, *, as_json: bool) -> None:
    from algorithms.parameters import described
    from algorithms.registry import REGISTRY

    found = REGISTRY.named(name)
    parameters = [[p.name, p.about, p.bounds, p.default] for p in described(found.parameters)]
    writes = [[frame, p.name, p.kind, p.about] for frame, ps in found.outputs.items() for p in ps]
    if as_json:
        emit_json(
            {
                "name": found.name,
                "version": found.version,
                "stage": found.stage,
                "about": str(found.about),
                "source": found.source,
                "reads": {table: list(columns) for table, columns in found.reads.items()},
                "parameters": [[str(v) for v in row] for row in parameters],
                "writes": [[str(v) for v in row] for row in writes],
            }
        )
        return
    say(f"{found.name} {found.version}: {found.about}\n{found.source}\n")
    emit_table(["parameter", "meaning", "takes", "default"], parameters)
    emit_table(["written to", "property", "kind", "meaning"], writes)
