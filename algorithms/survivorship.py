"""Which of several accounts' statements about one person stands: one rule a field.

The rules differ in what they ask first; where that is a tie they ask the other two, and at
last the smaller account and the smaller value decide. Nothing depends on the order of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Rule = Literal["latest", "source_order", "most_frequent"]

NEVER: Final = -(2**62)  # the instant of an account that was never seen: before every other
ASKED: Final[Mapping[Rule, tuple[Rule, ...]]] = {
    "latest": ("latest", "source_order", "most_frequent"),
    "source_order": ("source_order", "latest", "most_frequent"),
    "most_frequent": ("most_frequent", "latest", "source_order"),
}


@dataclass(frozen=True)
class Statements:
    """What accounts say in one field; columns are aligned, no statement stands twice.

    Attributes
    ----------
    customer
        Whom it is about, numbered from 0.
    value
        What is said: numbers from 0 that are equal for equal values and order them.
    account
        Who says it: numbers from 0 that order accounts. An account may state several values.
    seen
        When the account was last heard of, in milliseconds; ``NEVER`` where nobody knows.
    trust
        The place of its source: 0 is believed first.
    """

    customer: Numbers
    value: Numbers
    account: Numbers
    seen: Numbers
    trust: Numbers

    def at(self, rows: Numbers) -> "Statements":
        """Return some of the statements."""
        columns = (getattr(self, name)[rows] for name in self.__dataclass_fields__)
        return Statements(*columns)


@dataclass(frozen=True)
class Choice:
    """The statements that stand, at most one a customer.

    ``row`` are their places among the statements, by ascending customer; ``is_disputed``
    tells whether an account of the customer says something else and not this.
    """

    row: Numbers
    is_disputed: Flags


def chosen(statements: Statements, rule: Rule) -> Choice:
    """Choose one statement for each customer.

    Parameters
    ----------
    statements
        In any order.
    rule
        ``latest``: of the account heard of last; ``source_order``: of the most believed
        source; ``most_frequent``: the value that most accounts state.
    """
    customer = statements.customer
    n = int(customer.max(initial=-1)) + 1
    is_contested = (np.bincount(customer, minlength=n) > 1)[customer]
    best, disputed = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    # most customers have one account, and what it says needs no comparison
    best[customer[~is_contested]] = np.flatnonzero(~is_contested)
    rows = np.flatnonzero(is_contested)
    contested = statements.at(rows)
    votes = _times(contested.customer, contested.value)
    winner = _winners(contested, votes, rule=rule)
    whose = contested.customer[winner]
    best[whose] = rows[winner]
    disputed[whose] = votes[winner] < _voters(contested)[whose]
    has_one = best >= 0
    return Choice(best[has_one], disputed[has_one])


def _winners(s: Statements, votes: Numbers, *, rule: Rule) -> Numbers:
    """Return the place of the best statement of each customer, by ascending customer."""
    keys: Mapping[Rule, Numbers] = {
        "latest": -s.seen,
        "source_order": s.trust,
        "most_frequent": -votes,
    }
    # lexsort asks its last key first
    asked = [s.customer, *(keys[name] for name in ASKED[rule]), s.account, s.value]
    places = np.lexsort(asked[::-1])
    winners: Numbers = places[np.diff(s.customer[places], prepend=-1) != 0]
    return winners


def _times(one: Numbers, other: Numbers) -> Numbers:
    """Return for each row how many rows have its pair of numbers."""
    pairs = one * (int(other.max(initial=0)) + 1) + other
    _, code, n = np.unique(pairs, return_inverse=True, return_counts=True)
    times: Numbers = n[code]
    return times


def _voters(s: Statements) -> Numbers:
    """Return for each customer how many accounts state anything."""
    width = int(s.account.max(initial=0)) + 1
    return np.bincount(np.unique(s.customer * width + s.account) // width)
