"""``kith serve``: the API on loopback until it is told to stop."""

import typer

from api.output import note
from api.runtime import settings_of_call


def register(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command()(serve)


def serve() -> None:
    """Serve the API until Ctrl-C; the database stops with it if it was started for it."""
    from api.recover import recover
    from api.serve import serve as run
    from graph import server
    from graph.session import connect

    settings = settings_of_call()
    endpoint = server.start(settings)
    try:
        with connect(settings) as database:
            recover(settings, database)
        note(f"http://{settings.api_host}:{settings.api_port}/docs")
        run(settings)
    finally:
        if endpoint.was_started:
            server.stop(settings)
            note("the database has stopped")
