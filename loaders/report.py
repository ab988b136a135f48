"""What a load did, by source and table: printed, kept as nodes, given to programs."""

from collections import Counter
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class TableReport:
    """Counts of one table of one source.

    ``read`` are rows of the source; ``accepted`` and ``rejected`` add up to it. ``new``,
    ``changed``, ``unchanged`` and ``removed`` compare the staged rows with those before.
    ``conflicts`` counts by column the keys of which two rows say different things;
    ``conflicting`` names the first five of them.
    """

    source: str
    table: str
    read: int = 0
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    conflicts: dict[str, int] = field(default_factory=dict)
    conflicting: dict[str, list[str]] = field(default_factory=dict)
    cleaned: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    repeated_files: tuple[str, ...] = ()

    @property
    def n_rejected(self) -> int:
        """Return how many rows were rejected, for whatever reason."""
        return sum(self.rejected.values())

    def counts(self) -> dict[str, object]:
        """Return the counts as plain values, rules sorted by name."""
        values = {k: v for k, v in asdict(self).items() if k not in ("source", "table")}
        rejected = dict(sorted(self.rejected.items()))
        return {**values, "rejected": rejected, "repeated_files": list(self.repeated_files)}


@dataclass(slots=True)
class LoadReport:
    """What a whole load did.

    ``bare`` counts by label the nodes that exist only because facts name them; ``elements``
    counts by node label and relationship what was written to the graph. ``unread`` names by
    ``source.file`` the columns that no expression of the manifest mentions.
    """

    load_id: str
    tables: list[TableReport] = field(default_factory=list)
    bare: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    imported: bool = False
    dry_run: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    unread: dict[str, list[str]] = field(default_factory=dict)

    @property
    def changed_anything(self) -> bool:
        """Tell whether the graph was, or would be, changed."""
        return bool(self.written or self.removed)

    @property
    def n_rejected(self) -> int:
        """Return how many rows were rejected in all."""
        return sum(table.n_rejected for table in self.tables)

    @property
    def empty_tables(self) -> list[str]:
        """Return the tables of which no row was kept."""
        return [f"{t.source}.{t.table}" for t in self.tables if t.accepted == 0]
