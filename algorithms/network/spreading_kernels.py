"""Compiled loops of spreading: who could have reached a person drawn at random.

Every set has random numbers of its own, made from the seed and the number of the set, so that
a set is the same wherever and after whatever it is drawn.
"""

from math import log, log1p
from typing import NamedTuple

import numpy as np

from algorithms.network.compiled import compiled
from algorithms.network.digraph import Floats, Ints, Numbers
from algorithms.network.randomness import STEP, Stream, begin, below, fraction, stream_of

# a person's arcs up to which a draw each is cheaper than the logarithms that skip over them
FEW = 16
BEYOND = 1 << 40


class Drawing(NamedTuple):
    """Arcs by whom they win over, and the sets as far as they are drawn.

    ``seen`` holds the last set that each person is in; ``filled`` and ``looked``, arrays of
    one, how many people are in all sets, and how many arcs were looked at.
    """

    starts: Numbers
    sources: Ints
    probability: Floats
    members: Ints
    seen: Numbers
    stream: Stream
    filled: Numbers
    looked: Numbers


def drawing_of(arcs: tuple[Numbers, Ints, Floats], *, room: int, seed: int) -> Drawing:
    """Return a drawing with room for so many people, and no set yet."""
    seen = np.full(len(arcs[0]) - 1, -1, np.int64)
    filled, looked = np.zeros(1, np.int64), np.zeros(1, np.int64)
    return Drawing(*arcs, np.empty(room, np.int32), seen, stream_of(seed), filled, looked)


@compiled
def sort_descending(starts: Numbers, sources: Ints, *, probability: Floats) -> None:
    """Put each person's arcs in place in order of falling probability, ties as they stood."""
    for person in range(len(starts) - 1):
        a, b = starts[person], starts[person + 1]
        if b - a > 1 and not (probability[a:b] == probability[a]).all():
            order = np.argsort(-probability[a:b], kind="mergesort")
            sources[a:b] = sources[a:b][order]
            probability[a:b] = probability[a:b][order]


@compiled
def cascade_sets(draw: Drawing, ends: Numbers, *, first: int, most: int) -> int:
    """Draw sets of the independent cascade, numbered from ``first``; fill in where they end.

    Against influence, from a person drawn at random: an arc carries with its probability, one
    independent of the other. Returns how many sets are complete: fewer than ``ends`` has if
    room, or ``most`` arcs to be looked at, are not enough.
    """
    for place in range(len(ends)):
        begin(draw.stream, first + place)
        is_whole = _cascade(draw, place)
        if not is_whole or draw.looked[0] > most:
            return place
        ends[place] = draw.filled[0]
    return len(ends)


@compiled
def threshold_sets(draw: Drawing, ends: Numbers, *, first: int, most: int) -> int:
    """Draw sets of the linear threshold: as `cascade_sets`, along one arc a person.

    Each person is won over by at most one other, drawn in proportion to the weights (Kempe,
    Kleinberg and Tardos 2003, theorem 2.5); ``probability`` holds the running sums of them.
    """
    for place in range(len(ends)):
        begin(draw.stream, first + place)
        is_whole = _threshold(draw, place)
        if not is_whole or draw.looked[0] > most:
            return place
        ends[place] = draw.filled[0]
    return len(ends)


# one function a set, not a person: handing the arrays on costs more than a person's few arcs
@compiled
def _cascade(draw: Drawing, place: int) -> bool:
    """Draw a set; tell whether there was room for it."""
    starts, sources, probability, members, seen = draw[:5]
    root = below(draw.stream, len(seen))
    counter = draw.stream[0]
    head, filled = draw.filled[0], draw.filled[0]
    if filled == len(members):
        return False
    seen[root], members[filled] = place, root
    filled += 1
    while head < filled:
        arc, end = starts[members[head]], starts[members[head] + 1]
        skips = end - arc > FEW
        draw.looked[0] += min(end - arc, FEW)
        head += 1
        while arc < end:
            bound = probability[arc]
            counter += STEP
            if skips:
                arc += _jump(bound, counter)
                counter += STEP
            if arc < end and fraction(counter) * (bound if skips else 1.0) <= probability[arc]:
                other = sources[arc]
                if seen[other] != place:
                    if filled == len(members):
                        return False
                    seen[other], members[filled] = place, other
                    filled += 1
            arc += 1
    draw.filled[0] = filled
    return True


@compiled
def _jump(bound: float, counter: np.uint64) -> int:
    """Return how many arcs of at most this probability do not carry before one that may.

    In falling order the first probability left bounds the others (Guo et al. 2020: SUBSIM).
    """
    if bound >= 1:
        return 0
    if bound <= 0:
        return BEYOND
    return int(min(log(fraction(counter)) / log1p(-bound), BEYOND))


@compiled
def _threshold(draw: Drawing, place: int) -> bool:
    """Draw a set; tell whether there was room for it."""
    starts, sources, probability, members, seen = draw[:5]
    person = below(draw.stream, len(seen))
    counter = draw.stream[0]
    filled = draw.filled[0]
    while seen[person] != place:
        if filled == len(members):
            return False
        seen[person], members[filled] = place, person
        filled += 1
        a, b = starts[person], starts[person + 1]
        counter += STEP
        drawn = fraction(counter)
        if a < b and drawn <= probability[b - 1]:
            person = sources[a + np.searchsorted(probability[a:b], drawn)]
    draw.looked[0] += filled - draw.filled[0]
    draw.filled[0] = filled
    return True
