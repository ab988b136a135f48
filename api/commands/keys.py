"""``kith keys create | list | revoke``: who may use the API, and as what."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from api.commands.options import AsJson
from api.output import emit_json, emit_table, note, say
from api.roles import Role
from api.runtime import settings_of_call

app = typer.Typer(help="Keys of the API.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what uses the key.")],
    *,
    role: Annotated[Role, typer.Option(help="What it may do.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, once."""
    from api.keys import opened_keys

    lifetime = timedelta(days=days) if days else None
    with opened_keys(settings_of_call()) as store:
        made = store.create(name, role, lifetime=lifetime)
    if as_json:
        emit_json({"token": made.token, **asdict(made.key)})
        return
    say(made.token)
    note("This is the only time that the key is shown; kith keeps a digest of it.")


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """Show all keys, never the keys themselves."""
    from api.keys import opened_keys

    with opened_keys(settings_of_call()) as store:
        keys = [asdict(key) for key in store.keys()]  # noqa: SIM118 - a store is no mapping
    if as_json:
        emit_json(keys)
        return
    columns = ["key_id", "name", "role", "created_at", "expires_at", "revoked_at", "last_used_at"]
    emit_table(columns, [[key[column] for column in columns] for key in keys])


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="Its id, from 'kith keys list'.")]) -> None:
    """Take a key back."""
    from api.keys import opened_keys

    with opened_keys(settings_of_call()) as store:
        store.revoke(key_id)
    note(f"key {key_id} is revoked")
