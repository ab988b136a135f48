"""What may join accounts: every identifier with its count, its state and the reason for it.

An identifier that more registered accounts of one source share than a person has is no
longer evidence of one person. It is counted source by source: the same phone in five
systems is five systems agreeing, the same phone on five members of one is a family or a
shop. Above the cap it is *shared*, above the hub or listed as nobody's it is *blocked*. The
owners that an identifier had in turn are counted each for themselves.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.epochs import epochs
from algorithms.identity.links import Flags, Links, Numbers, ascending, flat, links_of, whole
from algorithms.identity.persons import PERSONS, Cores, cores_of
from algorithms.identity.policy import Policy
from algorithms.identity.words import NO_WORDS, Words

STATES: Final = ("linking", "shared", "blocked")
LINKING, SHARED, BLOCKED = range(3)
# why an identifier does not join: too many accounts, far too many, a value that is nobody's,
# a kind that never joins, a steward's word
REASONS: Final = ("cap", "hub", "listed", "kind", "steward")
CAP, HUB, LISTED, KIND, STEWARD = range(5)
NO_REASON: Final = -1
ALLOWED: Final = -2  # a steward lets it join whatever the counts say
STATE_OF: Final = np.array([SHARED, BLOCKED, BLOCKED, BLOCKED, BLOCKED, LINKING])  # -1 is last
UNLIMITED: Final = np.iinfo(np.int64).max
KNOWN: Final = pa.schema([("identifier_key", pa.string()), ("n_accounts", pa.int64())])


@dataclass(frozen=True)
class Facts:
    """What resolution reads.

    ``accounts`` has ``account_id`` and ``kind`` (null where the source does not say);
    ``identifiers`` has the columns ``LINKS``; ``persons`` the columns ``PERSONS``. Rows may
    repeat and stand in any order; an account that only ``identifiers`` names is one too.
    ``words`` is what stewards decided. Of the identifiers in ``known`` not all accounts are
    there, only the count (``n_accounts``): they cannot be judged from their links.
    """

    accounts: pa.Table
    identifiers: pa.Table
    persons: pa.Table = field(default_factory=PERSONS.empty_table)
    words: Words = NO_WORDS
    known: pa.Table = field(default_factory=KNOWN.empty_table)


@dataclass(frozen=True)
class Evidence:
    """Accounts and identifiers as numbers, and what each identifier may do.

    ``accounts`` are the ids in ascending order, so that a smaller number is a smaller id;
    ``weights`` are tenths, ``is_registered`` tells who counts against caps, ``cores`` what
    each says of its person. ``identifiers`` stand in any order; ``kinds`` are places in
    ``order``, best first; ``n_accounts``, ``states`` and ``reasons`` are theirs. Of each
    link, ``epoch`` is the owner in turn, from 1, ``unit`` a number of the identifier and the
    epoch together, and ``linking`` tells whether it may join.
    """

    accounts: pa.Array
    weights: Numbers
    is_registered: Flags
    cores: Cores
    identifiers: pa.Array
    order: tuple[str, ...]
    kinds: Numbers
    n_accounts: Numbers
    states: Numbers
    reasons: Numbers
    links: Links
    epoch: Numbers
    unit: Numbers
    linking: Flags


def gather(facts: Facts, policy: Policy) -> Evidence:
    """Return accounts and identifiers as numbers, every identifier counted and classified.

    Parameters
    ----------
    facts
        See ``Facts``.
    policy
        Caps, windows and strengths by kind of identifier, weights by kind of account.
    """
    accounts = ascending([rows["account_id"] for rows in (facts.accounts, facts.identifiers)])
    words = _kinds_of_accounts(facts, accounts)
    registered = _by_word(words, {w: policy.is_registered(w) for w in _words(words)}) > 0
    keys = pc.dictionary_encode(flat(facts.identifiers["identifier_key"]))
    codes, identifiers = whole(keys.indices), keys.dictionary
    links = links_of(facts.identifiers, accounts=accounts, codes=codes)
    cores = cores_of(facts.persons, accounts)
    kinds = _kinds(facts, policy, codes=codes)
    epoch = epochs(links, cores, kinds=kinds, policy=policy)
    unit, owner = _units(links, epoch)
    counts = _counted(_sources(accounts)[links.account], unit, registered=registered[links.account])
    n_accounts = _or_known(counts, identifiers.take(pa.array(owner)), known=facts.known)
    listed = _said(facts, identifiers, codes=codes)
    judged = _judged(policy, kinds[owner], n_accounts=n_accounts, said=listed[owner])
    best = _best_unit(owner, judged, n=len(identifiers))
    return Evidence(
        accounts=accounts,
        weights=_by_word(words, {w: policy.weight(w) for w in _words(words)}),
        is_registered=registered,
        cores=cores,
        identifiers=identifiers,
        order=policy.order,
        kinds=kinds,
        n_accounts=_most(n_accounts, owner, n=len(identifiers)),
        states=STATE_OF[judged[best]],
        reasons=judged[best],
        links=links,
        epoch=epoch,
        unit=unit,
        linking=(STATE_OF[judged] == LINKING)[unit],
    )


def _kinds_of_accounts(facts: Facts, accounts: pa.Array) -> pa.DictionaryArray:
    """Return the kind of each account, null where nobody says."""
    at = pc.index_in(accounts, value_set=flat(facts.accounts["account_id"]))
    return pc.dictionary_encode(flat(facts.accounts["kind"]).take(at))


def _words(column: pa.DictionaryArray) -> list[str | None]:
    return [*column.dictionary.to_pylist(), None]


def _by_word(column: pa.DictionaryArray, values: dict[str | None, int]) -> Numbers:
    """Replace each word, null included, by its number."""
    numbers = np.array([values[word] for word in _words(column)], dtype=np.int64)
    return numbers[whole(pc.fill_null(column.indices, len(column.dictionary)))]


def _sources(accounts: pa.Array) -> Numbers:
    """Return each account's source as a number: its id starts with the source's name."""
    named = pc.replace_substring_regex(accounts, "(?s):.*$", "")
    return whole(pc.dictionary_encode(named).indices)


def _kinds(facts: Facts, policy: Policy, *, codes: Numbers) -> Numbers:
    """Return the kind of each identifier, as a place in the policy's order."""
    named = pc.index_in(flat(facts.identifiers["kind"]), value_set=pa.array(policy.order))
    kinds = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    kinds[codes] = whole(named)
    return kinds


def _units(links: Links, epoch: Numbers) -> tuple[Numbers, Numbers]:
    """Return each link's unit, a number of identifier and epoch, and each unit's identifier."""
    begins = (np.diff(links.identifier, prepend=-1) != 0) | (np.diff(epoch, prepend=0) != 0)
    return np.cumsum(begins) - 1, links.identifier[begins]


def _counted(source: Numbers, unit: Numbers, *, registered: Flags) -> Numbers:
    """Count the registered accounts on each unit in the source that has most of them."""
    width = int(source.max(initial=0)) + 1
    cells, counts = np.unique((unit * width + source)[registered], return_counts=True)
    return _most(counts, cells // width, n=int(unit.max(initial=-1)) + 1)


def _most(values: Numbers, places: Numbers, *, n: int) -> Numbers:
    """Return the largest value at each of ``n`` places, 0 where there is none."""
    most = np.zeros(n, dtype=np.int64)
    np.maximum.at(most, places, values)
    return most


def _or_known(counts: Numbers, keys: pa.Array, *, known: pa.Table) -> Numbers:
    """Take the counts of identifiers that are not here with all their accounts as given."""
    at = pc.index_in(keys, value_set=flat(known["identifier_key"]))
    given = known["n_accounts"].combine_chunks().take(at)
    return whole(pc.coalesce(given, pa.array(counts)))


def _said(facts: Facts, identifiers: pa.Array, *, codes: Numbers) -> Numbers:
    """Return what is said of each identifier: listed as nobody's, blocked, let through."""
    said = np.full(len(identifiers), NO_REASON, dtype=np.int64)
    never = pc.fill_null(facts.identifiers["never_links"].cast(pa.bool_()), fill_value=False)
    said[codes[never.to_numpy()]] = LISTED
    for keys, word in ((facts.words.unblocked, ALLOWED), (facts.words.blocked, STEWARD)):
        said[pc.is_in(identifiers, value_set=keys).to_numpy(zero_copy_only=False)] = word
    return said


def _judged(policy: Policy, kind: Numbers, *, n_accounts: Numbers, said: Numbers) -> Numbers:
    """Return the reason why each unit does not join, ``NO_REASON`` where it does."""
    rules = policy.rules
    joins = np.array([rule.joins for rule in rules])[kind]
    cap = np.array([rule.cap or UNLIMITED for rule in rules], dtype=np.int64)[kind]
    hub = np.array([rule.hub or UNLIMITED for rule in rules], dtype=np.int64)[kind]
    tests = [said == STEWARD, said == LISTED, ~joins, said == ALLOWED]
    counts = [n_accounts > hub, n_accounts > cap]
    reasons = [STEWARD, LISTED, KIND, NO_REASON, HUB, CAP]
    return np.select([*tests, *counts], reasons, default=NO_REASON).astype(np.int64)


def _best_unit(owner: Numbers, judged: Numbers, *, n: int) -> Numbers:
    """Return for each identifier the unit that is least kept from joining."""
    order = np.lexsort((np.arange(len(owner)), judged, STATE_OF[judged], owner))
    first = order[np.diff(owner[order], prepend=-1) != 0]
    best = np.zeros(n, dtype=np.int64)
    best[owner[first]] = first
    return best
