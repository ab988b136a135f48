"""``kith up | down | status | doctor | config``: kith's own database and its settings."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note, say
from api.runtime import settings_of_call


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    for command in (up, down, status, doctor, config):
        app.command()(command)


def up(
    *,
    browser: Annotated[bool, typer.Option(help="Also serve Neo4j Browser on loopback.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the database, finishing whatever a killed load had begun."""
    from api.recover import recover
    from graph import server
    from graph.session import connect

    settings = settings_of_call()
    server.start(settings, browser=browser)
    with connect(settings) as database:
        finished = recover(settings, database)
    if finished:
        note(f"load {finished} was cut off and has been finished")
    _show_status(as_json=as_json)


def down() -> None:
    """Stop the database."""
    from graph import server

    stopped = server.stop(settings_of_call())
    note("the database has stopped" if stopped else "the database was not running")


def status(*, as_json: AsJson = False) -> None:
    """Show where the database answers, as whom, and where the password lies."""
    _show_status(as_json=as_json)


def _show_status(*, as_json: bool) -> None:
    from graph import server
    from graph.lock import writer

    settings = settings_of_call()
    found = asdict(server.status(settings))
    holder = writer(settings)
    found["writer"] = f"{holder.command} (process {holder.pid})" if holder else None
    if as_json:
        emit_json(found)
        return
    for name, value in found.items():
        if value is not None:
            say(f"{name.replace('_', ' '):16} {value}")


def doctor(*, as_json: AsJson = False) -> None:
    """Look for what would keep the database from running."""
    from graph import server

    checks = server.doctor(settings_of_call())
    if as_json:
        emit_json([{"name": c.name, "ok": c.ok, "text": str(c.text)} for c in checks])
    else:
        emit_table(["check", "", ""], [[c.name, "ok" if c.ok else "!", c.text] for c in checks])
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def config(*, as_json: AsJson = False) -> None:
    """Show the settings in force; secrets are masked."""
    settings = settings_of_call()
    fields = type(settings).model_fields
    shown = {name: str(getattr(settings, name)) for name in fields}
    if as_json:
        emit_json(shown)
        return
    rows = [[name, shown[name], field.description] for name, field in fields.items()]
    emit_table(["setting", "value", "meaning"], rows)
