"""``kith run`` and ``kith demo``: all six stages, on your company or on one made up."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.loading import Data, Manifest, refuse_rejects, show_load
from api.commands.options import AsJson, Yes
from api.output import emit_json, emit_table, note, progress, say, shown
from api.runtime import command_line, database, settings_of_call

if TYPE_CHECKING:
    from api.pipeline import PipelineReport
    from graph.settings import Settings

KEY_LIFETIME = timedelta(hours=24)


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(run)
    app.command()(demo)


def run(
    manifest: Manifest,
    data: Data = None,
    *,
    replace: Annotated[
        bool, typer.Option(help="Also remove what these sources no longer state.")
    ] = False,
    strict: Annotated[bool, typer.Option(help="Exit with 3 if any row is rejected.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Run the six stages: fuse, resolve, tag, model, report, activate."""
    settings = settings_of_call()
    report = _run(settings, manifest, data=data, replace=replace, confirmed=yes)
    show_pipeline(report, as_json=as_json)
    refuse_rejects(settings, report.load, strict=strict)


def demo(
    *,
    profile: Annotated[
        str, typer.Option(help="Which company: retail, identity or deck.")
    ] = "retail",
    preset: Annotated[
        str | None,
        typer.Option(help="Of identity: default, mild or stress. How often things go wrong."),
    ] = None,
    customers: Annotated[
        int | None,
        typer.Option(min=1, help="How many customers; default: 20,000, of deck always 9,965."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 7,
    serve: Annotated[bool, typer.Option(help="Serve the API afterwards.")] = True,
) -> None:
    """Make up a company, run the six stages on its files, and serve the API until Ctrl-C."""
    from graph import server
    from loaders.demo import folder_name, write

    settings = settings_of_call()
    name = folder_name(profile, customers=customers, seed=seed, preset=preset)
    folder = settings.home / "demo" / name
    written = write(folder, profile, customers=customers, seed=seed, preset=preset)
    what = f"written, {written.seconds:.1f} s" if written.is_new else "already there"
    note(f"source files of {written.customers:,} customers in {folder}: {what}")
    endpoint = server.start(settings)
    try:
        report = _run(settings, folder / "company.toml", data=None, replace=False, confirmed=False)
        show_pipeline(report, as_json=False)
        if serve:
            _serve(settings)
    finally:
        if endpoint.was_started and serve:
            server.stop(settings)
            note("the database has stopped")


def _run(
    settings: "Settings", manifest: Path, *, data: Path | None, replace: bool, confirmed: bool
) -> "PipelineReport":
    from algorithms.registry import computed_spec
    from api.pipeline import run_pipeline
    from loaders.load import Options

    with progress("writing") as advance:
        options = Options(
            replace=replace,
            confirmed=confirmed,
            command=command_line(),
            on_stage=lambda stage: note(f"{stage} ..."),
            on_rows=advance,
            spec=computed_spec(),
        )
        return run_pipeline(
            settings, manifest, data=data, connect=lambda: database(settings), options=options
        )


def _serve(settings: "Settings") -> None:
    from api.keys import opened_keys
    from api.roles import Role
    from api.serve import serve

    with opened_keys(settings) as store:
        made = store.create("demo", Role.ANALYST, lifetime=KEY_LIFETIME)
    address = f"http://{settings.api_host}:{settings.api_port}"
    say(f"\nAPI: {address}/docs   analyst key for 24 hours: {made.token}")
    say(f"     curl -H 'Authorization: Bearer {made.token}' {address}/v1/algorithms")
    say("Ctrl-C stops the API and the database.")
    serve(settings)


def show_pipeline(report: "PipelineReport", *, as_json: bool) -> None:
    """Print what a run found: words, figures, seconds of each stage."""
    if as_json:
        stages = [{**asdict(stage), "name": str(stage.name)} for stage in report.stages]
        emit_json({"load_id": report.load.load_id, "stages": stages, "summary": report.summary})
        return
    show_load(report.load, as_json=False)
    rows = [
        [str(s.name), round(s.seconds, 1), round(s.peak_mb), "; ".join(s.told)]
        for s in report.stages
    ]
    emit_table(["stage", "seconds", "peak MB", "what"], rows, title="six stages")
    _show_summary(report.summary)


def _show_summary(summary: dict[str, object]) -> None:
    counts, rules = summary["counts"], summary["rules"]
    if isinstance(counts, dict):
        say(f"The graph holds {shown(counts)}.")
    say(
        f"{shown(summary['joined'])} customers are known by several accounts, "
        f"{shown(summary['in_three'])} of them in three systems or more."
    )
    if summary["buyers"]:
        say(
            f"{shown(summary['buyers'])} customers have bought; {shown(summary['best'])} stand in "
            f"the best cell (R5 F5 M5); their mean spend is {shown(summary['mean_spend'])}."
        )
    else:
        say("No customer has bought anything.")
    if isinstance(rules, list) and rules:
        columns = list(rules[0])
        emit_table(columns, [[r[c] for c in columns] for r in rules], title="bought together")
