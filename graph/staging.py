"""Committed staging: the record of facts, one Parquet file a source and table.

The graph is the picture of these files and the vault their personal side. Nothing here
writes them in place: a load prepares new ones and the journal moves them.
"""

from collections.abc import Mapping
from pathlib import Path

from graph.journal import PREPARED
from graph.picture import StagedFiles
from graph.settings import Settings


def staging_folder(settings: Settings) -> Path:
    """Return the folder of the staged tables."""
    return settings.home / "staging"


def picture_folder(settings: Settings) -> Path:
    """Return the folder of the picture's elements."""
    return settings.home / "picture"


def staged_file(settings: Settings, source: str, *, table: str) -> Path:
    """Return where the rows of a source's table lie."""
    return staging_folder(settings) / source / f"{table}.parquet"


def picture_file(settings: Settings, element: str) -> Path:
    """Return where the rows of an element lie."""
    return picture_folder(settings) / f"{element}.parquet"


def committed_files(settings: Settings) -> dict[tuple[str, str], Path]:
    """Return where the rows of every (source, table) lie that is staged."""
    found = sorted(staging_folder(settings).glob("*/*.parquet"))
    return {
        (path.parent.name, path.stem): path
        for path in found
        if not path.parent.name.startswith(PREPARED)
    }


def after_load(
    committed: StagedFiles, *, prepared: Mapping[tuple[str, str], Path | None]
) -> dict[tuple[str, str], Path]:
    """Return where the rows will lie once a load is committed; None marks a table that goes."""
    merged = {**committed, **prepared}
    return {key: path for key, path in merged.items() if path is not None}
