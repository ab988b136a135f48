"""``kith docs``: write the generated documents again."""

from pathlib import Path
from typing import Annotated

import typer

from api.output import note


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
        from api.cypher_page import write_cypher_page

        note(str(write_cypher_page(output)))
