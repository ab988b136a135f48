"""What is found about circles, as rows: people, circles, who is in which, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from algorithms.circles.members import Codes, Ties, inner_repliers
from algorithms.circles.memory import Memory, utc_times
from algorithms.circles.tracking import Event, Names, born_at, is_named
from algorithms.circles.words import Circle, label_of
from algorithms.network.digraph import Digraph, Flags, Floats, Numbers
from algorithms.network.partitions import NOBODY
from algorithms.reply_arcs import People

N_LEADERS = 5


@dataclass(frozen=True, eq=False)
class Found:
    """The circles of one date; arrays by the number of a person, or of a circle.

    ``network`` has an arc each way, ``directed`` one for who answers whom; ``labels`` number
    the circles whose ``ids`` and ``stability`` follow.
    """

    people: People
    directed: Digraph
    network: Digraph
    labels: Numbers
    ids: Names
    stability: Floats
    strength: Floats
    ties: Ties
    roles: Codes
    memory: Memory

    @property
    def member(self) -> Flags:
        """Return of each person whether they are in a circle."""
        found: Flags = self.labels != NOBODY
        return found

    @property
    def sizes(self) -> Numbers:
        """Return the number of members of each circle."""
        return np.bincount(self.labels[self.member], minlength=len(self.ids))


def leaders_of(found: Found) -> list[list[str]]:
    """Return of each circle those whom most others in it answer; ties go to the smaller id."""
    answered, names = inner_repliers(found.directed, found.labels), found.people.names
    order = np.lexsort((-answered, found.labels))
    starts = np.searchsorted(found.labels[order], np.arange(len(found.ids) + 1)).tolist()
    return [
        [str(names[p]) for p in order[a : min(a + N_LEADERS, b)] if answered[p]]
        for a, b in pairwise(starts)
    ]


def customers(found: Found) -> pd.DataFrame:
    """Return who is in a circle, and who was before; ordered by ``customer_id``."""
    member = found.member
    now = pd.DataFrame(
        {
            "customer_id": found.people.names[member],
            "circle_id": found.ids[found.labels[member]],
            "circles_role": found.roles[member],
            "circles_strength": found.strength[member],
        }
    )
    had = is_named(found.memory.former)
    names = found.memory.people.names[had]
    before = pd.DataFrame({"customer_id": names, "circles_before": found.memory.former[had]})
    both = now.merge(before, on="customer_id", how="outer").sort_values("customer_id")
    both = both.astype({"circle_id": object, "circles_before": object}).reset_index(drop=True)
    for column in ("circle_id", "circles_before"):
        both[column] = both[column].where(both[column].notna(), None)
    circle = both["circle_id"].to_numpy(object)
    both["circles_since"] = found.memory.since_of(pd.Index(both["customer_id"]), circle)
    return both.assign(circles_as_of=utc_times(np.full(len(both), found.memory.now)))


def memberships(found: Found) -> pd.DataFrame:
    """Return who is in which circle, ordered by ``start_id``."""
    member = found.member
    ids, circle = found.people.names[member], found.ids[found.labels[member]]
    return pd.DataFrame(
        {
            "start_id": ids,
            "end_id": circle,
            "strength": found.strength[member],
            "since": found.memory.since_of(pd.Index(ids, dtype=object), circle),
            "role": found.roles[member],
        }
    )


def nodes(circles: Sequence[Circle], events: Sequence[Event]) -> pd.DataFrame:
    """Return the circles, ordered by ``circle_id``."""
    came = {event.circle_id: event.event for event in events}
    return pd.DataFrame([_node(c, event=came.get(c.circle_id, "stayed")) for c in circles])


def _node(circle: Circle, *, event: str) -> dict[str, object]:
    label, about = label_of(circle), circle.about
    return {
        "circle_id": circle.circle_id,
        "size": circle.size,
        "density": circle.density,
        "stability": circle.stability,
        "cohesion": circle.cohesion,
        "born_at": pd.Timestamp(born_at(circle.circle_id)),
        "event": event,
        "terms": list(circle.terms),
        "categories": list(circle.categories),
        "leaders": list(circle.leaders),
        "label_en": label.en,
        "label_zh": label.zh,
        "about_en": about.en,
        "about_zh": about.zh,
    }


def happenings(events: Sequence[Event], memory: Memory) -> pd.DataFrame:
    """Return what became of circles, ordered by circle, event and the other circle."""
    frame = pd.DataFrame(events, columns=list(Event._fields))
    return frame.assign(happened_at=utc_times(np.full(len(frame), memory.now)))
