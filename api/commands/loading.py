"""``kith load`` and ``kith unload``: facts in and out."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson, DryRun, Yes
from api.output import emit_json, emit_table, note, progress, say
from api.runtime import command_line, database, is_interactive, settings_of_call
from graph.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.settings import Settings
    from loaders.load import Options
    from loaders.report import LoadReport, TableReport

FIELDS = {"rejected": "n_rejected"}
NO_ROW = Text("no row was kept of", "没有保留任何行")
NO_REJECT = Text("--strict allows no rejects", "--strict 不允许有被拒绝的行")

Manifest = Annotated[Path, typer.Argument(help="The company's manifest, a TOML file.")]
Data = Annotated[
    Path | None, typer.Option(help="Folder of the files; default: the manifest's own.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(load)
    app.command()(unload)


def load(
    manifest: Manifest,
    data: Data = None,
    *,
    dry_run: DryRun = False,
    replace: Annotated[
        bool, typer.Option(help="Also remove what these sources no longer state.")
    ] = False,
    strict: Annotated[bool, typer.Option(help="Exit with 3 if any row is rejected.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Load a company's files into the graph."""
    from loaders.load import Options
    from loaders.load import load as run

    settings = settings_of_call()
    options = Options(
        dry_run=dry_run, replace=replace, confirmed=yes, command=command_line(), on_stage=_tell
    )

    def attempt(chosen: "Options") -> "LoadReport":
        return run(
            settings, manifest, data=data, connect=lambda: database(settings), options=chosen
        )

    report = _confirmed(attempt, options)
    show_load(report, as_json=as_json)
    refuse_rejects(settings, report, strict=strict)


def unload(
    source: Annotated[str, typer.Argument(help="Name of the source.")],
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove every fact of a source, and what only it named."""
    from loaders.load import Options
    from loaders.load import unload as run

    settings = settings_of_call()
    options = Options(dry_run=dry_run, confirmed=yes, command=command_line(), on_stage=_tell)
    report = _confirmed(
        lambda chosen: run(settings, source, connect=lambda: database(settings), options=chosen),
        options,
    )
    show_load(report, as_json=as_json)


def _confirmed(attempt: "Callable[[Options], LoadReport]", options: "Options") -> "LoadReport":
    """Run a load; where it would delete much, ask whoever sits at the terminal."""
    from loaders.errors import TooMuchDeletedError

    with progress("writing") as advance:
        try:
            return attempt(replace(options, on_rows=advance))
        except TooMuchDeletedError as error:
            if not is_interactive():
                raise
            question = str(error)
    typer.confirm(question, abort=True, err=True)
    return attempt(replace(options, confirmed=True))


def _tell(stage: str) -> None:
    from api.runtime import is_interactive

    if is_interactive():
        note(f"{stage} ...")


def show_load(report: "LoadReport", *, as_json: bool) -> None:
    """Print what a load did."""
    if as_json:
        emit_json(
            {
                "load_id": report.load_id,
                "dry_run": report.dry_run,
                "imported": report.imported,
                "seconds": report.seconds,
                "written": report.written,
                "removed": report.removed,
                "bare": report.bare,
                "tables": [
                    {"source": t.source, "table": t.table, **t.counts()} for t in report.tables
                ],
            }
        )
        return
    columns = ["source", "table", "read", "accepted", "rejected", "duplicates"]
    columns += ["new", "changed", "unchanged", "removed"]
    rows = [[getattr(t, FIELDS.get(c, c)) for c in columns] for t in report.tables]
    emit_table(columns, rows, title=f"load {report.load_id}")
    for line in _remarks(report):
        say(line)


def _remarks(report: "LoadReport") -> list[str]:
    lines = [line for t in report.tables for line in _table_remarks(t)]
    for name, columns in sorted(report.unread.items()):
        lines.append(f"{name}: columns that nothing uses: {', '.join(columns)}")
    if report.bare:
        listed = ", ".join(f"{label} {n:,}" for label, n in report.bare.items())
        lines.append(f"named but not described: {listed}")
    if report.dry_run:
        lines.append("dry run: nothing was written")
    elif not report.changed_anything:
        lines.append("the graph already held all of it: nothing was written")
    return lines


def _table_remarks(t: "TableReport") -> "Iterator[str]":
    """Say what was rejected, what contradicts itself and which files were equal."""
    place = f"{t.source}.{t.table}"
    for what, counts in (("rejected", t.rejected), ("conflicts", t.conflicts)):
        if counts:
            listed = ", ".join(f"{rule} {n:,}" for rule, n in sorted(counts.items()))
            yield f"{place} {what}: {listed}"
    for column, keys in sorted(t.conflicting.items()):
        yield f"{place}.{column} differs, first at: {', '.join(keys)}"
    if t.repeated_files:
        yield f"{t.source}: files read once only: {', '.join(t.repeated_files)}"


def refuse_rejects(settings: "Settings", report: "LoadReport", *, strict: bool) -> None:
    """Leave with 3 where a table kept no row, or any row was rejected and none may be."""
    from loaders.errors import NothingKeptError

    folder = settings.home / "rejects"
    empty = [f"{t.source}.{t.table}" for t in report.tables if t.accepted == 0 and not t.removed]
    if empty:
        raise NothingKeptError(problem=NO_ROW, tables=", ".join(empty), folder=folder)
    if strict and report.n_rejected:
        raise NothingKeptError(problem=NO_REJECT, tables=f"{report.n_rejected:,}", folder=folder)
