"""The forum of the deck's company: who posts, who answers whom, and under which nickname.

Who answers whom is the same for every seed, for the deck's figures rest on it; which members they
are, when they write and which of a person's posts they answer is drawn. Beside the active write
people of one to three posts, whom the deck's count leaves out.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa

from loaders.demo.community import handles
from loaders.demo.deck.figures import ACTIVE, FEWEST_POSTS, LEADERS
from loaders.demo.draw import Ints, ragged, stream
from loaders.demo.profile import CLOSES, DAY
from loaders.demo.text import instants, keys, overwritten, pick

FRINGE = 600
OPENS = CLOSES - 300 * DAY  # within a year of the end, the usual window
ANSWERED = CLOSES - 240 * DAY  # what is answered was posted before, answers come after
LAST = CLOSES - 3 * DAY  # nobody's last order is as early as the last post
COMES_BACK = 0.35  # chance of one more answer to the same person, again and again


@dataclass(frozen=True)
class Forum:
    """Posts in order of time, and the members who wrote them.

    ``member`` are the people: first the active, leaders foremost, then those of few posts.
    ``author`` is a place among them, ``parent`` the post that one answers, or -1, ``at`` local
    seconds since 1970.
    """

    member: Ints
    author: Ints
    at: Ints
    parent: Ints


@cache
def answers() -> tuple[Ints, Ints]:
    """Return who answers whom among the active, each pair once."""
    path = files("loaders.demo").joinpath("deck_forum.toml")
    rows = tomllib.loads(path.read_text("utf-8"))["answers"]
    by = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return by, np.array([to for row in rows for to in row], np.int64)


def forum_of(joined: Ints, *, seed: int) -> Forum:
    """Let some of the members write.

    Parameters
    ----------
    joined
        When each member joined, in local seconds since 1970; who joined before the forum's
        first post may write.
    """
    rng = stream(seed, "deck forum")
    member = rng.permutation(np.flatnonzero(joined < OPENS))[: ACTIVE + FRINGE]
    roots, replies, targets = _written()
    at = np.concatenate(
        [rng.integers(OPENS, ANSWERED, len(roots)), rng.integers(ANSWERED, LAST, len(replies))]
    )
    opened = np.bincount(roots, minlength=ACTIVE)
    first = np.cumsum(opened) - opened
    chosen = first[targets] + (rng.random(len(targets)) * opened[targets]).astype(np.int64)
    author = np.concatenate([roots, replies])
    parent = np.concatenate([np.full(len(roots), -1), chosen])
    order = np.argsort(at, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    answered = np.where(parent >= 0, place[parent], -1)
    return Forum(member, author[order], at[order], answered[order])


@cache
def _written() -> tuple[Ints, Ints, Ints]:
    """Return who opens each thread, and who answers whom: the same for every seed."""
    rng = stream(0, "deck forum")
    by, to = answers()
    pair, _ = ragged(rng.geometric(1 - COMES_BACK, len(by)))
    n_answers = np.bincount(by[pair], minlength=ACTIVE)
    opened = np.maximum(FEWEST_POSTS - n_answers, 1) + rng.poisson(1.0, ACTIVE)
    visits = ACTIVE + ragged(rng.integers(1, FEWEST_POSTS, FRINGE))[0]
    replies = np.concatenate([by[pair], visits])
    targets = np.concatenate([to[pair], rng.choice(to, len(visits))])
    return ragged(opened)[0], replies, targets


def nicknames(n: int, *, forum: Forum, seed: int) -> pa.Array:
    """Return the nickname of each of ``n`` members; null for who never wrote."""
    rng = stream(seed, "deck nicknames")
    others = handles(len(forum.member) - len(LEADERS), rng=rng)
    names = pa.concat_arrays([pa.array(list(LEADERS)), others])
    place = np.full(n, -1)
    place[forum.member] = np.arange(len(forum.member))
    return pick(names, np.maximum(place, 0), missing=place < 0)


def posts_of(forum: Forum, *, member_no: pa.Array) -> pa.Table:
    """Return the posts as the forum exports them."""
    number = keys("P", np.arange(len(forum.at)) + 1, width=6)
    is_answer = forum.parent >= 0
    kind = overwritten(pa.array(["主帖"] * len(forum.at)), is_answer, by="回复")
    return pa.table(
        {
            "post_no": number,
            "member_no": pick(member_no, forum.member[forum.author]),
            "posted_at": instants(forum.at),
            "answers": pick(number, np.maximum(forum.parent, 0), missing=~is_answer),
            "kind": kind,
        }
    )
