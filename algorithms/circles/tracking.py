"""Which circle is which: ids that stay, and what became of the circles before.

A circle keeps its id as long as most of whom it is known by stay together: each former circle
gives its id to the circle in which most of its people now are, the largest overlap first, and a
circle takes one id at most. The id of a new one tells when it was born.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from algorithms.network.digraph import Flags, Numbers
from algorithms.network.partitions import NOBODY, overlaps

Names = npt.NDArray[np.object_]
What = Literal["born", "merged", "split", "ended"]

# a third of a circle that leaves together is a part of it; fewer are people who went
PART: Final = 1 / 3
# two people who stay are no circle yet
FEWEST_KNOWN: Final = 3
FORM: Final = "%Y%m%dT%H%M%S"


class Event(NamedTuple):
    """What happened to a circle: ``other`` is where it came from or went to, empty: nobody's."""

    circle_id: str
    event: What
    other_id: str
    people: int


class Overlap(NamedTuple):
    """In how many people a former circle and a present one meet."""

    former: str
    label: int
    people: int


def named(
    labels: Numbers, former: Names, *, as_of: datetime, taken: Iterable[str] = ()
) -> tuple[Names, list[Event]]:
    """Give present circles their ids.

    Parameters
    ----------
    labels
        The present circle of each person, from 0; `NOBODY`: in none.
    former
        The id of the former circle of each person; None: in none.
    as_of
        When new ones are born.
    taken
        Ids that a new one must not get; those in ``former`` need not be named.

    Returns
    -------
    The id of each present circle by its number, and what happened, in order.
    """
    n_circles = int(labels.max(initial=NOBODY)) + 1
    meet = _meetings(labels, former)
    ids = _inherited(meet, n_circles=n_circles)
    new = [label for label in range(n_circles) if ids[label] is None]
    known = {*taken, *(str(name) for name in former if name is not None)}
    for label, name in zip(new, _births(as_of, known=known), strict=False):
        ids[label] = name
    size = np.bincount(labels[labels != NOBODY], minlength=n_circles).tolist()
    was = _sizes(former)
    came = _arrived(ids, meet, new=new, size=size, was=was)
    return ids, sorted([*came, *_left(ids, meet, was=was)])


def is_named(names: Names) -> Flags:
    """Return of each name whether there is one."""
    return np.array([name is not None for name in names], dtype=np.bool_)


def born_at(circle_id: str) -> datetime:
    """Return when a circle was born, which its id tells.

    >>> born_at("20260331T180500-02")
    datetime.datetime(2026, 3, 31, 18, 5, tzinfo=datetime.timezone.utc)
    """
    return datetime.strptime(circle_id.partition("-")[0], FORM).replace(tzinfo=UTC)


def _births(as_of: datetime, *, known: set[str]) -> Iterator[str]:
    """Return ids without end that nobody has had."""
    number = 0
    while True:
        number += 1
        name = f"{as_of.astimezone(UTC):{FORM}}-{number:02d}"
        if name not in known:
            yield name


def _meetings(labels: Numbers, former: Names) -> list[Overlap]:
    both = (labels != NOBODY) & is_named(former)
    names, place = np.unique(former[both].astype(str), return_inverse=True)
    found = overlaps(place.astype(np.int64), labels[both])
    return [
        Overlap(str(names[a]), b, n) for a, b, n in zip(*(x.tolist() for x in found), strict=True)
    ]


def _inherited(meet: Sequence[Overlap], *, n_circles: int) -> Names:
    """Hand ids on, the largest overlap first; None where a circle gets none."""
    ids = np.full(n_circles, None, dtype=object)
    given: set[str] = set()
    for each in sorted(meet, key=lambda m: (-m.people, m.former, m.label)):
        if ids[each.label] is None and each.former not in given and each.people >= FEWEST_KNOWN:
            ids[each.label] = each.former
            given.add(each.former)
    return ids


def _sizes(former: Names) -> dict[str, int]:
    return dict(sorted(Counter(str(name) for name in former if name is not None).items()))


def _arrived(
    ids: Names,
    meet: Sequence[Overlap],
    *,
    new: Sequence[int],
    size: Sequence[int],
    was: Mapping[str, int],
) -> Iterator[Event]:
    """Tell of new circles what they come from."""
    for label in new:
        parts = [
            m
            for m in meet
            if m.label == label and (m.people > was[m.former] * PART or m.people > size[label] / 2)
        ]
        yield from (Event(ids[label], "split", m.former, m.people) for m in parts)
        if not parts:
            yield Event(ids[label], "born", "", size[label])


def _left(ids: Names, meet: Sequence[Overlap], *, was: Mapping[str, int]) -> Iterator[Event]:
    """Tell of former circles that are no more where their people went."""
    for name in (name for name in was if name not in ids):
        parts = [m for m in meet if m.former == name and m.people > was[name] * PART]
        yield from (Event(name, "merged", str(ids[m.label]), m.people) for m in parts)
        if not parts:
            yield Event(name, "ended", "", was[name])
