"""Where a listing goes on: an opaque text that says after which row.

A page is found by its position in a sorted key, never by counting rows to skip, so the
last page of a long listing costs what the first does and no row is shown twice while
others are added.
"""

import base64
import binascii
import hashlib
import json
from typing import cast

from graph.errors import ConfigurationError
from graph.language import Text

Position = tuple[str | int | float, ...]


class CursorError(ConfigurationError):
    """A cursor was altered, or belongs to another listing."""

    text = Text(
        "The cursor is not one of this listing. Start without a cursor and follow 'next'.",
        "该游标不属于此列表。请不带游标重新开始，并沿 'next' 继续。",
    )


def encode(scope: str, position: Position) -> str:
    """Return the cursor of the rows after ``position`` in the listing ``scope``.

    Parameters
    ----------
    scope
        Names the listing, its parameters included: a cursor works in its own only.
    position
        The sort key of the last row shown.
    """
    text = json.dumps([_mark(scope), *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, *, scope: str, like: Position) -> Position:
    """Return the position that ``encode`` was given.

    Parameters
    ----------
    like
        A position of the same length and types.

    Raises
    ------
    CursorError
        If ``cursor`` is not one of ``scope``, in every respect.
    """
    mark, *position = _values(cursor)
    if mark != _mark(scope) or [type(p) for p in position] != [type(p) for p in like]:
        raise CursorError
    return cast("Position", tuple(position))


def _values(cursor: str) -> list[object]:
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        held = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise CursorError from None
    return held if isinstance(held, list) and held else [None]


def _mark(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:8]
