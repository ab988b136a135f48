"""What the command line prints: tables for people, JSON for programs, progress apart.

Results go to stdout, everything else to stderr, so that a pipe receives only results.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final, Literal

from graph.errors import KithError
from graph.language import Text

Row = Sequence[object]


def emit_json(value: object) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=plain))  # noqa: T201


def plain(value: object) -> object:
    """Return what JSON has no form for as a text: times as ISO 8601."""
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def say(text: str) -> None:
    """Print a sentence for people on stdout."""
    print(text)  # noqa: T201


def note(text: str) -> None:
    """Print a sentence about the work itself on stderr."""
    print(text, file=sys.stderr)  # noqa: T201


def emit_table(columns: Sequence[str], rows: Sequence[Row], *, title: str = "") -> None:
    """Print a table for people; numbers stand to the right."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for number, column in enumerate(columns):
        figures = bool(rows) and all(isinstance(row[number], int | float | None) for row in rows)
        # a key is copied, and so has to stand in one line
        whole = column.endswith("_id")
        justify: Literal["right", "left"] = "right" if figures else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(shown(value) for value in row))
    # nothing in a key is a sign of ours: not [bold], and not :key:, which would be drawn
    Console(width=room(), highlight=False, markup=False, emoji=False).print(table)


def room() -> int:
    """Return how many columns a line may have.

    A pipe has no width of its own: what a program or a test reads is never cut.
    """
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED


PIPED: Final = 200


def shown(value: object) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return _figure(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {shown(v)}" for k, v in value.items())
    if isinstance(value, list | tuple) and not isinstance(value, Text):
        return ", ".join(shown(v) for v in value)
    return str(value)


def _figure(value: float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"


def emit_error(error: KithError, *, as_json: bool) -> None:
    """Print an error on stderr: its sentence, or its code and sentence as JSON."""
    if as_json:
        body = {"code": error.code(), "message": str(error)}
        print(json.dumps(body, ensure_ascii=False), file=sys.stderr)  # noqa: T201
    else:
        note(str(error))


@contextmanager
def progress(label: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar with rows and rate on stderr; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows, {task.speed:,.0f}/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda rows: bar.advance(task, rows)
