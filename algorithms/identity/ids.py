"""Which customer each group of accounts is: ids that stay when groups change.

A group goes on being the customer whose accounts weigh most in it. Ties go to the older
customer, then to the smaller id. An id that no group claims is retired for ever; its heir is
the group with most of its accounts. A group without an id gets one from its founding
account, so that a rebuild from nothing mints the same ids.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.decide import Decision
from algorithms.identity.evidence import Evidence
from algorithms.identity.ledger import Ledger
from algorithms.identity.links import Numbers
from algorithms.identity.words import NO_WORDS, Words

NOBODY: Final = -1
ID_DIGITS: Final = 15  # 60 bits: one clash in ten thousand runs of ten million customers


@dataclass(frozen=True)
class Names:
    """Who each group is.

    ``customer_ids`` has one id a group; ``is_kept`` tells whether the group goes on being a
    customer with accounts. ``retired`` (``customer_id``, ``heir``) are the ids that nobody
    claims any more; the heir is null where none of the accounts is left. ``restored`` are ids
    that were retired and live again, because their merge was undone.
    """

    customer_ids: pa.Array
    is_kept: pa.Array
    retired: pa.Table
    restored: frozenset[str]


@dataclass(frozen=True)
class Shares:
    """How much of each former customer is in each group: one row a pair, weights in tenths."""

    group: Numbers
    former: Numbers
    weight: Numbers


def name_groups(
    evidence: Evidence, decision: Decision, *, ledger: Ledger, words: Words = NO_WORDS
) -> Names:
    """Match groups with the customers they were, and mint ids for the others.

    Parameters
    ----------
    evidence, decision
        The accounts with their weights, and the groups.
    ledger
        The customers and aliases as the last run left them.
    words
        Whose ``restored`` customers get their ids back.
    """
    former = ledger.former()
    shares = _shares(evidence, decision, resolved=ledger.resolved, former=former)
    restored = _restored(evidence, decision, ledger=ledger, words=words)
    ages = _ages(ledger, former)
    claims = _claims(shares, ages=ages, n_groups=len(decision.founder), barred=set(restored))
    with_accounts = former.filter(pa.array(np.bincount(shares.former, minlength=len(former)) > 0))
    used = {*ledger.aliases["customer_id"].to_pylist(), *with_accounts.to_pylist(), *ledger.used}
    unnamed = np.flatnonzero(claims == NOBODY)
    strangers = unnamed[~np.isin(unnamed, list(restored))]
    founders = evidence.accounts.take(pa.array(decision.founder[strangers])).to_pylist()
    minted = dict(zip(strangers.tolist(), mint(founders, used=used), strict=True)) | restored
    fresh = pa.array([minted[group] for group in unnamed.tolist()], pa.string())
    customer_ids = _filled(former, fresh, claims=claims)
    return Names(
        customer_ids=customer_ids,
        is_kept=pa.array(claims != NOBODY),
        retired=_retired(shares, former, customer_ids=customer_ids),
        restored=frozenset(restored.values()),
    )


def mint(founders: Iterable[str], *, used: Collection[str]) -> list[str]:
    """Derive an id from each founding account.

    Parameters
    ----------
    founders
        Account ids in ascending order; of two that clash the smaller gets the plain id.
    used
        Ids that were ever given away: they get a suffix.
    """
    ids = [hashed(account_id) for account_id in founders]
    if len(set(ids)) == len(ids) and not set(ids) & set(used):
        return ids
    taken = set(used)
    return [_free(customer_id, taken) for customer_id in ids]


def hashed(account_id: str) -> str:
    """Return the id that a customer founded by an account gets if it is free."""
    digest = hashlib.sha256(f"customer:{account_id}".encode()).hexdigest()
    return f"c{digest[:ID_DIGITS]}"


def _free(customer_id: str, taken: set[str]) -> str:
    free, n = customer_id, 1
    while free in taken:
        n += 1
        free = f"{customer_id}-{n}"
    taken.add(free)
    return free


def _shares(
    evidence: Evidence, decision: Decision, *, resolved: pa.Table, former: pa.Array
) -> Shares:
    at = pc.index_in(resolved["account_id"].combine_chunks(), value_set=evidence.accounts)
    is_there = pc.is_valid(at)
    account = at.filter(is_there).to_numpy()
    ids = resolved["customer_id"].combine_chunks().filter(is_there)
    code = pc.index_in(ids, value_set=former).to_numpy()
    width = max(len(former), 1)
    pairs, pair = np.unique(decision.group[account] * width + code, return_inverse=True)
    # a double holds whole tenths exactly up to nine thousand million million
    weight = np.bincount(pair, weights=evidence.weights[account], minlength=len(pairs))
    return Shares(pairs // width, pairs % width, weight.astype(np.int64))


def _ages(ledger: Ledger, former: pa.Array) -> Numbers:
    """Return when the longest-standing account of each former customer joined it, in ms."""
    ages = np.full(len(former), np.iinfo(np.int64).max)
    code = pc.index_in(ledger.resolved["customer_id"].combine_chunks(), value_set=former)
    since = pc.fill_null(ledger.resolved["since"].cast(pa.int64()), np.iinfo(np.int64).max)
    np.minimum.at(ages, code.to_numpy(), since.to_numpy())
    return ages


def _is_fresh(words: Words, ledger: Ledger) -> list[bool]:
    """Tell which restorations no run has carried out: told before, but by one that was cut off."""
    decisions: list[str] = words.restored["decision_id"].to_pylist()
    cut_off = {f"steward {decision}" for decision in decisions} & ledger.announced
    return [d not in ledger.spoken or f"steward {d}" in cut_off for d in decisions]


def _restored(
    evidence: Evidence, decision: Decision, *, ledger: Ledger, words: Words
) -> dict[int, str]:
    """Return the groups that get a retired id back: those with most of its accounts."""
    rows = words.restored.filter(pa.array(_is_fresh(words, ledger), pa.bool_()))
    retired = set(ledger.aliases["customer_id"].to_pylist())
    at = pc.index_in(rows["account_id"].combine_chunks(), value_set=evidence.accounts).to_pylist()
    found: dict[str, Counter[int]] = {}
    for customer_id, account in zip(rows["customer_id"].to_pylist(), at, strict=True):
        if customer_id in retired and account is not None:
            group = int(decision.group[account])
            found.setdefault(customer_id, Counter())[group] += int(evidence.weights[account])
    claims: dict[int, str] = {}
    for customer_id in sorted(found):
        group = min(found[customer_id], key=lambda g: (-found[customer_id][g], g))
        claims.setdefault(group, customer_id)
    return claims


def _claims(
    shares: Shares, *, ages: Numbers, n_groups: int, barred: Collection[int] = ()
) -> Numbers:
    """Return the former customer that each group goes on being, or ``NOBODY``.

    Groups that are ``barred`` claim nobody: they have an id of their own.
    """
    free = ~np.isin(shares.group, list(barred))
    shares = Shares(shares.group[free], shares.former[free], shares.weight[free])
    claims = np.full(n_groups, NOBODY, dtype=np.int64)
    of_group = np.bincount(shares.group, minlength=n_groups)[shares.group]
    of_former = np.bincount(shares.former, minlength=len(ages))[shares.former]
    clear = (of_group == 1) & (of_former == 1)
    claims[shares.group[clear]] = shares.former[clear]
    group, former, weight = (
        values[~clear] for values in (shares.group, shares.former, shares.weight)
    )
    # heaviest first, then the older customer, then the smaller id, then the smaller founder
    order = np.lexsort((group, former, ages[former], -weight))
    taken: set[int] = set()
    for place, claimed in zip(group[order].tolist(), former[order].tolist(), strict=True):
        if claims[place] == NOBODY and claimed not in taken:
            claims[place] = claimed
            taken.add(claimed)
    return claims


def _filled(former: pa.Array, minted: pa.Array, *, claims: Numbers) -> pa.Array:
    """Take claimed ids from ``former`` and the others, in order, from ``minted``."""
    unclaimed = claims == NOBODY
    places = np.where(unclaimed, len(former) + np.cumsum(unclaimed) - 1, claims)
    return pa.concat_arrays([former, minted]).take(pa.array(places))


def _retired(shares: Shares, former: pa.Array, *, customer_ids: pa.Array) -> pa.Table:
    """Return the former ids that no group has, each with the customer that inherits most."""
    order = np.lexsort((shares.group, -shares.weight, shares.former))
    heaviest = order[np.diff(shares.former[order], prepend=NOBODY) > 0]
    heirs = np.full(len(former), NOBODY, dtype=np.int64)
    heirs[shares.former[heaviest]] = shares.group[heaviest]
    gone = pc.invert(pc.is_in(former, value_set=customer_ids))
    heir = pa.array(heirs, mask=heirs == NOBODY).filter(gone)
    return pa.table({"customer_id": former.filter(gone), "heir": customer_ids.take(heir)})
