"""What a load was doing when it was killed, and how the next command finishes it.

A load prepares everything in ``staging/.load-<id>``, then writes this journal, then the
graph, then moves the prepared files into place, then removes the journal. Before the
journal exists nothing outside that folder has changed; once it exists, everything that is
needed to finish lies in the folder, and each step may be repeated.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from graph.home import write_json
from graph.settings import Settings

PREPARED = ".load-"


@dataclass(frozen=True, slots=True)
class Journal:
    """A load that has begun to write.

    ``moves`` are files to put into place, ``removals`` files to delete, both relative to
    the home; ``loaded_at`` is the load's instant in epoch milliseconds.
    """

    load_id: str
    state: Literal["writing", "importing"]
    loaded_at: int
    moves: Mapping[str, str]
    removals: tuple[str, ...] = ()


def journal_file(settings: Settings) -> Path:
    """Return where the journal lies while a load is writing."""
    return settings.home / "journal.json"


def begin(settings: Settings, journal: Journal) -> None:
    """Note durably that a load begins to write."""
    write_json(journal_file(settings), asdict(journal))


def unfinished(settings: Settings) -> Journal | None:
    """Return the load that was cut off while writing, or None."""
    path = journal_file(settings)
    if not path.exists():
        return None
    held = json.loads(path.read_text(encoding="utf-8"))
    return Journal(**{**held, "removals": tuple(held["removals"])})


def commit(settings: Settings, journal: Journal) -> None:
    """Move the prepared files into place and forget the journal."""
    for prepared, final in journal.moves.items():
        origin, target = settings.home / prepared, settings.home / final
        if origin.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            origin.replace(target)
    for gone in journal.removals:
        (settings.home / gone).unlink(missing_ok=True)
    journal_file(settings).unlink(missing_ok=True)
    shutil.rmtree(folder_of(settings, journal.load_id), ignore_errors=True)


def folder_of(settings: Settings, load_id: str) -> Path:
    """Return the folder in which a load prepares its files."""
    return settings.home / "staging" / f"{PREPARED}{load_id}"


def discard_abandoned(settings: Settings) -> list[str]:
    """Remove what loads prepared that were killed before they wrote anything.

    Returns
    -------
    The ids of those loads, sorted.
    """
    journal = unfinished(settings)
    kept = journal.load_id if journal else None
    found = sorted((settings.home / "staging").glob(f"{PREPARED}*"))
    gone = [f for f in found if f.name.removeprefix(PREPARED) != kept]
    for folder in gone:
        shutil.rmtree(folder)
    return [folder.name.removeprefix(PREPARED) for folder in gone]
