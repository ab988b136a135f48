"""What the last run knew of resemblance, so that the next one need not weigh everybody anew.

Three files under ``models``: the comparable rows (personal, encrypted like the vault), the
pairs with their weights, and who was joined. They can be made again from vault and model at
any time; a run that does not find those of the run before it does so.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from graph.vault import VaultError, read_encrypted, write_encrypted

ROWS, PAIRS, JOINS = "rows", "pairs", "joins"
JOIN_COLUMNS: Final = pa.schema(
    [
        ("founder", pa.string()),
        ("label", pa.string()),
        ("probability", pa.float64()),
        ("linked_to", pa.string()),
        ("by_field", pa.string()),
    ]
)


@dataclass(frozen=True)
class Memory:
    """Rows, pairs and joins of all units of layer 1, each named by its smallest account.

    ``rows`` has ``founder`` and the columns of ``match_rows``; ``pairs`` has ``founder_l``,
    ``founder_r``, ``weight``, ``probability`` and ``w_<field>``; ``joins`` the columns
    ``JOIN_COLUMNS``: units that were joined to others, ``label`` being the smallest account
    of the customer.
    """

    rows: pa.Table
    pairs: pa.Table
    joins: pa.Table


def remember(folder: Path, memory: Memory, *, run_id: str, key: bytes) -> None:
    """Keep what a run knew, in place of what earlier runs knew."""
    # one name for all runs: what a run leaves that is cut off here, the next one removes
    place, fresh = folder / "memory", folder / ".memory"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    for name in (ROWS, PAIRS, JOINS):
        write_encrypted(getattr(memory, name), fresh / f"{name}.parquet", key=key)
    (fresh / "run").write_text(run_id, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    fresh.replace(place)


def recall(folder: Path, *, run_id: str, key: bytes) -> Memory | None:
    """Return what a run knew; nothing if that is not kept, or cannot be read."""
    place = folder / "memory"
    try:
        if (place / "run").read_bytes() != run_id.encode():
            return None
        return Memory(
            *(read_encrypted(place / f"{name}.parquet", key=key) for name in (ROWS, PAIRS, JOINS))
        )
    except (OSError, VaultError):
        return None
