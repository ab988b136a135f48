"""What a load refused: one CSV file a source and table, with file, line, column and rule.

Personal values are shown as ``<hidden>``. The file of the latest load replaces that of the
one before; a load without rejects removes it.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.settings import Settings

HEADER = ("file", "line", "column", "rule", "value")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class Reject:
    """One rejected row: where it stood, and the first rule that it broke."""

    file: str
    line: int
    column: str
    rule: str
    value: str

    @property
    def reason(self) -> str:
        """Return the column and rule, as reports count them."""
        return f"{self.column}: {self.rule}" if self.column else self.rule


def rejects_file(settings: Settings, source: str, *, table: str) -> Path:
    """Return where the rejects of a source's table lie."""
    return settings.home / "rejects" / f"{source}.{table}.csv"


def write_rejects(path: Path, rejects: Sequence[Reject], *, total: int) -> None:
    """Write the rejects sorted by place; without any, remove an older file.

    ``total`` is how many there were: where it is more than are listed, the last line says
    how many more.
    """
    if not rejects:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        ordered = sorted(rejects, key=lambda r: (r.file, r.line, r.column, r.rule))
        writer.writerows((r.file, r.line, r.column, r.rule, _inert(r.value)) for r in ordered)
        if total > len(rejects):
            writer.writerow(("", "", "", f"{total - len(rejects)} more", ""))


def _inert(value: str) -> str:
    """Keep a spreadsheet from taking a rejected value for a formula."""
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value
