"""``kith docs``: write the generated documents again."""

from pathlib import Path
from typing import Annotated

import typer

from api.output import note
from api.runtime import database, settings_of_call


def register(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command()(docs)


def docs(
    *,
    output: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("docs"),
    results: Annotated[
        bool, typer.Option(help="Also the pages with results of the loaded company.")
    ] = False,
) -> None:
    """Write the documents that are generated from declarations."""
    from api.documents import write_pages

    for path in write_pages(output):
        note(str(path))
    if results:
        from api.docs_cypher import cypher_page

        page = output / "cypher.md"
        with database(settings_of_call()) as opened:
            page.write_text(cypher_page(opened), encoding="utf-8")
        note(str(page))
