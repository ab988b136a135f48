"""The personal side of the golden record: names, addresses and contacts of one customer.

Their values never enter the graph, so they are chosen when they are read, from the vault's
rows of the customer's accounts, by the same rules as the rest. Spellings that differ in
width, case or blanks alone are one value; what is shown is what the chosen account wrote.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from algorithms.golden_policy import Field, GoldenPolicy
from algorithms.survivorship import NEVER, Numbers, Rule, Statements, chosen

PERSONAL: Final[tuple[Field, ...]] = (
    "full_name",
    "given_name",
    "family_name",
    "birth_date",
    "phone",
    "email",
    "address",
    "postcode",
)


@dataclass(frozen=True)
class GoldenValue:
    """The value that stands in one field, and on what it rests.

    Attributes
    ----------
    value, account_id
        What is said and who says it.
    rule
        By which it was chosen.
    agreeing
        Accounts that say the same, the chosen one among them, sorted.
    differing
        What accounts say that do not say this: pairs of account and value, sorted.
    """

    value: str
    account_id: str
    rule: Rule
    agreeing: tuple[str, ...]
    differing: tuple[tuple[str, str], ...]

    @property
    def is_disputed(self) -> bool:
        """Tell whether an account says something else and not this."""
        return bool(self.differing)


@dataclass(frozen=True)
class Teller:
    """An account as far as belief goes: its kind, and when it was last heard of (UTC)."""

    kind: str | None = None
    seen_at: datetime | None = None


class _Said(NamedTuple):
    """A statement in one field."""

    account_id: str
    value: str
    source: str

    @property
    def form(self) -> str:
        """Return the value without what two people would spell differently."""
        return " ".join(unicodedata.normalize("NFKC", self.value).casefold().split())


def golden_values(
    rows: pa.Table, tellers: Mapping[str, Teller], *, policy: GoldenPolicy
) -> dict[Field, GoldenValue]:
    """Choose the personal values of one customer.

    Parameters
    ----------
    rows
        The vault's rows of the customer's accounts, in any order: ``account_id``,
        ``source``, ``field``, ``value``. An account may have several phones and e-mails.
    tellers
        The accounts by id; one that is missing is of no stated kind and was never seen.
    policy
        The rules.

    Returns
    -------
    By field, those that an account states, in the order of ``PERSONAL``.
    """
    said: dict[str, dict[tuple[str, str], _Said]] = {}
    for row in rows.sort_by([(name, "ascending") for name in _Said._fields]).to_pylist():
        one = _Said(row["account_id"], row["value"], row["source"])
        # two spellings of one value by one account are one statement
        said.setdefault(row["field"], {}).setdefault((one.account_id, one.form), one)
    return {
        name: _golden(list(said[name].values()), tellers, rule=policy.fields[name], policy=policy)
        for name in PERSONAL
        if name in said
    }


def _golden(
    said: list[_Said], tellers: Mapping[str, Teller], *, rule: Rule, policy: GoldenPolicy
) -> GoldenValue:
    """Choose among what accounts say in one field."""
    known = [tellers.get(one.account_id, Teller()) for one in said]
    trust = policy.trust([(o.source, t.kind) for o, t in zip(said, known, strict=True)])
    statements = Statements(
        customer=np.zeros(len(said), dtype=np.int64),
        value=_ranks([one.form for one in said]),
        account=_ranks([one.account_id for one in said]),
        seen=np.array([_milliseconds(teller.seen_at) for teller in known], dtype=np.int64),
        trust=np.array(trust, dtype=np.int64),
    )
    best = said[int(chosen(statements, rule).row[0])]
    agreeing = sorted({one.account_id for one in said if one.form == best.form})
    others = sorted((o.account_id, o.value) for o in said if o.account_id not in agreeing)
    return GoldenValue(best.value, best.account_id, rule, tuple(agreeing), tuple(others))


def _ranks(texts: list[str]) -> Numbers:
    """Return the place of each text among the distinct ones, from 0."""
    order = {text: place for place, text in enumerate(sorted(set(texts)))}
    return np.array([order[text] for text in texts], dtype=np.int64)


def _milliseconds(at: datetime | None) -> int:
    return NEVER if at is None else round(at.timestamp() * 1000)
