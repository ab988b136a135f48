"""The community: members with nicknames, posts and answers as JSON lines.

Who is answered is heavy-tailed: an author's pull is drawn once (Pareto), and an answer prefers
authors with pull, its own topic and recent posts. Few people lead, most of them one topic.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.demo.calendar import ONLINE, busyness_at, day_of, intensity, seconds_in
from loaders.demo.company import Company, Export
from loaders.demo.draw import Flags, Floats, Ints, chance, ragged, scattered
from loaders.demo.files import Extract
from loaders.demo.profile import CLOSES, DAY, OPENS
from loaders.demo.text import clock, join, keys, number, overwritten, pick, usable
from loaders.demo.vocabulary import topics, words

_CANDIDATES = 8  # posts that an answerer looks at
_SAME_TOPIC = 2.0  # in units of log pull: as good as seven times the pull
_ANSWERS = 0.6


@dataclass(frozen=True)
class Posts:
    """Posts in order of time; ``parent`` is the post that one answers, or -1."""

    author: Ints
    at: Ints
    topic: Ints
    parent: Ints


def export(company: Company) -> Export:
    """Return the community's files and who each member is; the shop's accounts are nobody."""
    person = company.registers["community"].person
    n_officials = len(words("community", "officials"))
    # the numbers past the last person: first the shops' phones, then these
    nobody = len(company.people) + len(company.stores.city) + np.arange(n_officials)
    owner = np.concatenate([person, nobody])
    number_ = scattered(
        np.arange(len(owner)), below=9_000_000, seed=company.seed, subject="community"
    )
    member = keys("c_", 1_000_000 + number_, width=7)
    users = _users(company, member)
    posts, pull = _posts(company, len(owner))
    rows = _post_rows(company, posts, member=member, pull=pull)
    counts = {"accounts": len(owner), "posts": len(posts.at)}
    counts["identifiers"] = usable(users["phone"]) + usable(users["union_id"])
    extracts = (
        Extract("users", "community/users.jsonl", users),
        Extract("posts", "community/posts.jsonl", rows),
    )
    return Export("community", extracts, member, owner, counts)


def _users(company: Company, member: pa.Array) -> pa.Table:
    people, person = company.people, company.registers["community"].person
    rng, n = company.stream("community users"), len(person)
    officials = words("community", "officials")
    none = pa.nulls(len(officials), pa.string())
    phone = overwritten(number(people.phone[person]), chance(rng, 0.65, n=n), by=None)
    union = overwritten(people.union_id.take(pa.array(person)), chance(rng, 0.4, n=n), by=None)
    joined = np.concatenate([people.joined_at[person], np.full(len(officials), OPENS - 900 * DAY)])
    return pa.table(
        {
            "id": member,
            "handle": pa.concat_arrays([handles(n, rng=rng), pa.array(officials)]),
            "official": pa.array(np.arange(len(member)) >= n),
            "phone": pa.concat_arrays([phone, none]),
            "union_id": pa.concat_arrays([union, none]),
            "joined_at": clock(joined),
        }
    )


def handles(n: int, *, rng: np.random.Generator) -> pa.Array:
    """Put nicknames together: some with emoji, some with full-width letters, half with digits."""
    heads, tails = words("community", "handle_heads"), words("community", "handle_tails")
    digits = overwritten(number(rng.integers(1, 10_000, n)), chance(rng, 0.5, n=n), by="")
    head, tail = (pick(pool, rng.integers(0, len(pool), n)) for pool in (heads, tails))
    return join(head, tail, digits)


def _posts(company: Company, n: int) -> tuple[Posts, Floats]:
    """Draw all posts of ``n`` members, and each member's pull."""
    rng, people = company.stream("posts"), company.people
    n_officials = len(words("community", "officials"))
    is_official = np.arange(n) >= n - n_officials
    written = 1 + np.minimum(rng.pareto(1.4, n), 400).astype(np.int64)
    author, _ = ragged(np.where(is_official, 20 + len(people) // 2000, written))
    joined = np.append(
        people.joined_at[company.registers["community"].person], np.full(n_officials, OPENS)
    )
    at = np.sort(_times(company, joined[author], rng=rng))
    author = rng.permutation(author) if len(author) else author
    n_topics = len(topics())
    home = rng.integers(0, n_topics, n)
    wanders = chance(rng, 0.2, n=len(author))
    topic = np.where(wanders, rng.integers(0, n_topics, len(author)), home[author])
    pull = np.where(is_official, 6.0, 0.1 + rng.pareto(1.1, n))
    parent = _parents(author, topic, pull=pull, rng=rng)
    return Posts(author, at, topic[_threads(parent)], parent), pull


def _times(company: Company, joined: Ints, *, rng: np.random.Generator) -> Ints:
    cumulated = intensity(company.campaigns)
    start = busyness_at(np.maximum(joined, OPENS), cumulated)
    day = day_of(start + (cumulated[-1] - start) * rng.random(len(joined)), cumulated)
    return seconds_in(day, hours=ONLINE, rng=rng)


def _parents(author: Ints, topic: Ints, *, pull: Floats, rng: np.random.Generator) -> Ints:
    """Choose whom to answer: the best of a few earlier posts, with Gumbel noise."""
    n = len(author)
    answers: Flags = chance(rng, _ANSWERS, n=n) & (np.arange(n) > 0)
    place = np.flatnonzero(answers)[:, None]
    back = (place * rng.random((len(place), _CANDIDATES)) ** 3).astype(np.int64)
    candidate = place - 1 - np.minimum(back, place - 1)
    score = np.log(pull[author[candidate]]) + _SAME_TOPIC * (topic[candidate] == topic[place])
    score += rng.gumbel(size=score.shape)
    score[author[candidate] == author[place]] = -np.inf
    best = score.argmax(axis=1)[:, None]
    chosen = np.take_along_axis(candidate, best, axis=1)[:, 0]
    is_own = author[chosen] == author[place[:, 0]]  # nobody else was near
    parent = np.full(n, -1)
    parent[place[:, 0]] = np.where(is_own, -1, chosen)
    return parent


def _threads(parent: Ints) -> Ints:
    """Return the first post of each post's thread, by pointer jumping."""
    first = np.where(parent >= 0, parent, np.arange(len(parent)))
    while (first != first[first]).any():
        first = first[first]
    return first


def _post_rows(company: Company, posts: Posts, *, member: pa.Array, pull: Floats) -> pa.Table:
    rng, n = company.stream("texts"), len(posts.at)
    post_key = keys("p", np.arange(n) + 1, width=8)
    is_answer = posts.parent >= 0
    answers = words("community", "answers")
    answer = pick(answers, rng.integers(0, len(answers), n))
    likes = rng.poisson(np.minimum(pull[posts.author], 300.0))
    return pa.table(
        {
            "id": post_key,
            "user": pick(member, posts.author),
            "time": clock(posts.at),
            "topic": pick([topic for topic, _ in topics()], posts.topic),
            "parent": pick(post_key, np.maximum(posts.parent, 0), missing=~is_answer),
            "kind": pick(("主帖", "回复"), is_answer.astype(np.int64)),
            "text": overwritten(_texts(company, posts, rng=rng), is_answer, by=answer),
            "likes": pa.array(likes),
        }
    )


def _texts(company: Company, posts: Posts, *, rng: np.random.Generator) -> pa.Array:
    """Fill a sentence of the post's topic with an article that its author likes."""
    n, persons = len(posts.at), company.registers["community"].person
    flat = [sentence.split("{}") for _, sentences in topics() for sentence in sentences]
    per_topic = len(flat) // len(topics())
    chosen = posts.topic * per_topic + rng.integers(0, per_topic, n)
    person = np.append(persons, np.full(len(words("community", "officials")), -1))[posts.author]
    article = company.tastes.choose(rng, person, days=np.minimum(posts.at, CLOSES - 1) // DAY)
    before, after = (pick([parts[side] for parts in flat], chosen) for side in (0, 1))
    return join(before, pick(company.catalogue.names, article), after)
