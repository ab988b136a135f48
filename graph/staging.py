"""Committed staging: the record of facts, one Parquet file and its layers a source and table.

The graph is the picture of these files and the vault their personal side. Nothing here
writes them in place: a load prepares new ones and the journal moves them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.journal import PREPARED
from graph.layers import Layers, gone_beside, layers_of, next_layer, table_of
from graph.picture import StagedFiles
from graph.settings import Settings


@dataclass(frozen=True, slots=True)
class NewRows:
    """What a load has prepared of a table: all of its rows, or a layer above those it has."""

    path: Path
    is_layer: bool = False


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


def committed_files(settings: Settings) -> dict[tuple[str, str], Layers]:
    """Return the files of every (source, table) that is staged."""
    folders = [f for f in sorted(staging_folder(settings).glob("*")) if f.is_dir()]
    return {
        (folder.name, name): layers_of(folder / f"{name}.parquet")
        for folder in folders
        if not folder.name.startswith(PREPARED)
        for name in sorted({table_of(path) for path in folder.glob("*.parquet")})
    }


def after_load(
    committed: StagedFiles, *, prepared: Mapping[tuple[str, str], NewRows | None]
) -> dict[tuple[str, str], Layers]:
    """Return the files of every table once a load is committed; None marks one that goes."""
    files = {**committed}
    for key, new in prepared.items():
        below = files.pop(key, ())
        if new is not None:
            files[key] = (*below, new.path) if new.is_layer else (new.path,)
    return files


def placed(
    ground: Path, *, below: Layers, new: NewRows | None
) -> tuple[dict[Path, Path], list[Path]]:
    """Return where prepared rows of a table go, and which files go for them.

    Parameters
    ----------
    ground
        Where all rows of the table lie.
    below
        The files that hold now.
    new
        What was prepared; None: the table goes.
    """
    if new is not None and new.is_layer:
        layer = next_layer(ground, layers=below)
        gone = {gone_beside(new.path): gone_beside(layer)} if gone_beside(new.path).exists() else {}
        return {new.path: layer, **gone}, []
    every = [path for layer in below for path in (layer, gone_beside(layer)) if path.exists()]
    moves = {} if new is None else {new.path: ground}
    return moves, [path for path in every if path not in moves.values()]
