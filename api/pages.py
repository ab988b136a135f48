"""One page of any listing, by the position of its last row.

A page is asked for with one row more than it shows, which tells whether there is a next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from api import cursors
from api.cursors import Position
from api.views import Ask, Row, View, maps

# where a listing begins that goes back in time: the end of the year 9999 in milliseconds
END_OF_TIME = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class Page:
    """How much of a listing, and after what; no cursor is the beginning."""

    limit: int
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A sorted listing.

    Its query returns one row with a list ``items``, or none where what it lists the parts of
    does not exist. ``keys`` are the columns by which items are sorted; the query gets the
    last ones shown as ``$after_<key>``, at first those of ``start``, and ``$n`` for its limit.
    """

    scope: str
    query: str
    keys: tuple[str, ...]
    start: Position


@dataclass(frozen=True, slots=True)
class Part:
    """Items of a listing, and the cursor of what follows; None at the end."""

    items: list[View]
    cursor: str | None


def read_part(
    ask: Ask,
    listing: Listing,
    *,
    page: Page,
    about: Mapping[str, object],
    show: Callable[[Row], View],
) -> Part | None:
    """Read one page.

    Parameters
    ----------
    about
        Further parameters of the query.
    show
        Turns an item into what is shown.

    Returns
    -------
    The page, or None where the query returned no row.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    """
    position = listing.start
    if page.cursor is not None:
        position = cursors.decode(page.cursor, scope=listing.scope, like=listing.start)
    after = {f"after_{key}": value for key, value in zip(listing.keys, position, strict=True)}
    rows = ask(listing.query, {**about, **after, "n": page.limit + 1})
    if not rows:
        return None
    found = maps(rows[0]["items"])
    items = found[: page.limit]
    more = len(found) > page.limit
    cursor = cursors.encode(listing.scope, _position(listing, items[-1])) if more else None
    return Part(items=[show(item) for item in items], cursor=cursor)


def _position(listing: Listing, item: Row) -> Position:
    return cast("Position", tuple(item[key] for key in listing.keys))
