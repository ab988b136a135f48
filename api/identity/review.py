"""The queue of what a person should look at, riskiest first, page by page."""

from collections.abc import Iterator
from typing import Final

from api import cursors
from api.identity.in_force import policy_in_force
from api.identity.risks import FINDERS, After, Item, Kind, Search
from api.pages import Page, Part
from api.views import Ask

FIRST: Final = 2.0  # above every risk


def review(ask: Ask, *, page: Page, kind: Kind | None = None) -> Part:
    """Return one page of the queue, by falling risk.

    Parameters
    ----------
    page
        How many, and after which.
    kind
        Only items of this kind; None: of all.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    """
    scope = f"identity review {kind or ''}"
    risk, key = FIRST, ""
    if page.cursor is not None:
        risk, key = _place(page.cursor, scope=scope)
    after = After(risk, key, page.limit + 1)
    found = sorted(_items(ask, after, kind=kind), key=lambda item: (-item.risk, item.key))
    items = found[: page.limit]
    more = len(found) > page.limit
    cursor = cursors.encode(scope, (items[-1].risk, items[-1].key)) if more else None
    return Part([item.shown() for item in items], cursor)


def _place(cursor: str, *, scope: str) -> tuple[float, str]:
    risk, key = cursors.decode(cursor, scope=scope, like=(FIRST, ""))
    return float(risk), str(key)


def _items(ask: Ask, after: After, *, kind: Kind | None) -> Iterator[Item]:
    """Return more items than a page takes; those that are found anew each time, all."""
    search = Search(ask, policy_in_force(ask), after)
    for name, find in FINDERS.items():
        if kind in (None, name):
            yield from (item for item in find(search) if after.lies_before(item))
