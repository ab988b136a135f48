"""Prepares the removal of a source: its staged tables and its rows of the vault go."""

from typing import TYPE_CHECKING

from graph.apply import note_touched
from graph.secret import read_secret
from graph.settings import Settings
from graph.staging import committed_files
from graph.vault import empty_rows, open_vault
from loaders.errors import UnknownSourceError
from loaders.rejects import rejects_file

if TYPE_CHECKING:
    from loaders.load import Prepared


def stage_removal(settings: Settings, source: str, *, prepared: "Prepared") -> None:
    """Mark everything of ``source`` as going.

    Raises
    ------
    UnknownSourceError
        If nothing of that name was loaded.
    """
    known = [s.name for s in prepared.home.sources]
    if source not in known:
        raise UnknownSourceError(source=source, known=", ".join(known) or "-")
    prepared.home = prepared.home.without_source(source)
    for (owner, table), files in committed_files(settings).items():
        if owner == source:
            prepared.files[owner, table] = None
            prepared.touch(table, files)
            rejects_file(settings, owner, table=table).unlink(missing_ok=True)
    vault = open_vault(settings, read_secret(settings))
    kept = vault.prepare(empty_rows(), folder=prepared.folder / "vault", without=[source])
    prepared.vault = kept.files
    note_touched(prepared.folder, kept.accounts)
