"""What may join accounts: every identifier with its count, its state and the reason for it.

An identifier that more registered accounts of one source share than a person has is no
longer evidence of one person. It is counted source by source: the same phone in five
systems is five systems agreeing, the same phone on five members of one is a family or a
shop. Above the cap it is *shared*, above the hub or listed as nobody's it is *blocked*.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.policy import Policy

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

STATES: Final = ("linking", "shared", "blocked")
LINKING, SHARED, BLOCKED = range(3)
# why an identifier does not join: too many accounts, far too many, a value that is nobody's,
# a kind that never joins
REASONS: Final = ("cap", "hub", "listed", "kind")
CAP, HUB, LISTED, KIND = range(4)
NO_REASON: Final = -1
UNLIMITED: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Facts:
    """What resolution reads.

    ``accounts`` has ``account_id`` and ``kind`` (null where the source does not say);
    ``identifiers`` has ``account_id``, ``identifier_key``, ``kind`` and ``never_links``
    (null or true). Rows may repeat and stand in any order; an account that only
    ``identifiers`` names is one too.
    """

    accounts: pa.Table
    identifiers: pa.Table


@dataclass(frozen=True)
class Evidence:
    """Accounts and identifiers as numbers, and what each identifier may do.

    ``accounts`` are the ids in ascending order, so that a smaller number is a smaller id;
    ``weights`` are tenths. ``identifiers`` stand in any order; ``kinds`` are places in
    ``order``, best first. ``account`` and ``identifier`` are the distinct links, ordered by
    identifier and then account.
    """

    accounts: pa.Array
    weights: Numbers
    identifiers: pa.Array
    order: tuple[str, ...]
    kinds: Numbers
    n_accounts: Numbers
    states: Numbers
    reasons: Numbers
    account: Numbers
    identifier: Numbers


def gather(facts: Facts, policy: Policy) -> Evidence:
    """Return accounts and identifiers as numbers, every identifier counted and classified.

    Parameters
    ----------
    facts
        See ``Facts``.
    policy
        Caps and strengths by kind of identifier, weights by kind of account.
    """
    accounts = _ascending(facts)
    kinds = _kinds_of_accounts(facts, accounts)
    keys = pc.dictionary_encode(_flat(facts.identifiers["identifier_key"]))
    identifiers = keys.dictionary
    account, identifier = _links(facts, accounts=accounts, codes=_whole(keys.indices))
    registered = _by_word(kinds, {w: policy.is_registered(w) for w in _words(kinds)}) > 0
    n_accounts = _most_in_one_source(
        _sources(accounts)[account], identifier, registered=registered[account], n=len(identifiers)
    )
    order, kind, listed = _identifiers(facts, policy, codes=_whole(keys.indices))
    states, reasons = _classified(policy, kind=kind, n_accounts=n_accounts, listed=listed)
    return Evidence(
        accounts=accounts,
        weights=_by_word(kinds, {w: policy.weight(w) for w in _words(kinds)}),
        identifiers=identifiers,
        order=order,
        kinds=kind,
        n_accounts=n_accounts,
        states=states,
        reasons=reasons,
        account=account,
        identifier=identifier,
    )


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.string()).combine_chunks()


def _whole(column: pa.Array) -> Numbers:
    """Return a column of whole numbers without nulls as an array."""
    numbers: Numbers = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _ascending(facts: Facts) -> pa.Array:
    named = [_flat(rows["account_id"]) for rows in (facts.accounts, facts.identifiers)]
    distinct = pc.unique(pa.concat_arrays(named))
    return distinct.take(pc.sort_indices(distinct))


def _kinds_of_accounts(facts: Facts, accounts: pa.Array) -> pa.DictionaryArray:
    """Return the kind of each account, null where nobody says."""
    at = pc.index_in(accounts, value_set=_flat(facts.accounts["account_id"]))
    return pc.dictionary_encode(_flat(facts.accounts["kind"]).take(at))


def _words(column: pa.DictionaryArray) -> list[str | None]:
    return [*column.dictionary.to_pylist(), None]


def _by_word(column: pa.DictionaryArray, values: dict[str | None, int]) -> Numbers:
    """Replace each word, null included, by its number."""
    numbers = np.array([values[word] for word in _words(column)], dtype=np.int64)
    return numbers[_whole(pc.fill_null(column.indices, len(column.dictionary)))]


def _sources(accounts: pa.Array) -> Numbers:
    """Return each account's source as a number: its id starts with the source's name."""
    named = pc.replace_substring_regex(accounts, "(?s):.*$", "")
    return _whole(pc.dictionary_encode(named).indices)


def _links(facts: Facts, *, accounts: pa.Array, codes: Numbers) -> tuple[Numbers, Numbers]:
    """Return the distinct pairs of account and identifier, ordered by identifier, account."""
    named = _whole(pc.index_in(_flat(facts.identifiers["account_id"]), value_set=accounts))
    pairs = np.sort(codes * len(accounts) + named)
    # numpy 2.4 finds distinct numbers by hashing, five times slower than this on millions
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return pairs % max(len(accounts), 1), pairs // max(len(accounts), 1)


def _most_in_one_source(
    source: Numbers, identifier: Numbers, *, registered: Flags, n: int
) -> Numbers:
    """Count the registered accounts on each identifier in the source that has most of them."""
    width = int(source.max(initial=0)) + 1
    cells, counts = np.unique((identifier * width + source)[registered], return_counts=True)
    most = np.zeros(n, dtype=np.int64)
    np.maximum.at(most, cells // width, counts)
    return most


def _identifiers(
    facts: Facts, policy: Policy, *, codes: Numbers
) -> tuple[tuple[str, ...], Numbers, Flags]:
    """Return the kinds in order, and for each identifier its kind and whether it is listed."""
    kinds = pc.index_in(_flat(facts.identifiers["kind"]), value_set=pa.array(policy.order))
    n = int(codes.max(initial=-1)) + 1
    kind = np.zeros(n, dtype=np.int64)
    kind[codes] = _whole(kinds)
    listed = np.zeros(n, dtype=np.bool_)
    never = pc.fill_null(facts.identifiers["never_links"].cast(pa.bool_()), fill_value=False)
    listed[codes[never.to_numpy()]] = True
    return policy.order, kind, listed


def _classified(
    policy: Policy, *, kind: Numbers, n_accounts: Numbers, listed: Flags
) -> tuple[Numbers, Numbers]:
    """Return state and reason of each identifier; what weighs most is said."""
    rules = policy.rules
    joins = np.array([rule.joins for rule in rules])[kind]
    cap = np.array([rule.cap or UNLIMITED for rule in rules], dtype=np.int64)[kind]
    hub = np.array([rule.hub or UNLIMITED for rule in rules], dtype=np.int64)[kind]
    tests = [listed, ~joins, n_accounts > hub, n_accounts > cap]
    reasons = np.select(tests, [LISTED, KIND, HUB, CAP], default=NO_REASON).astype(np.int64)
    states = np.select([reasons == NO_REASON, reasons == CAP], [LINKING, SHARED], default=BLOCKED)
    return states.astype(np.int64), reasons
