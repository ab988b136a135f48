"""One identity company for the unit tests: what its systems export, and who is who.

``Making`` draws it once a session; frames carry the person and the household of each record,
so that a rate can be counted in the rows that users get.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from loaders.demo.draw import Ints
from loaders.demo.identity import DEFAULT, Identity, Rates
from loaders.demo.identity.cells import Told
from loaders.demo.identity.phones import SECOND, STORES
from loaders.demo.identity.world import World
from loaders.demo.people import mobiles
from loaders.demo.vocabulary import words

N = 20_000
SOURCES = ("crm", "shop", "till", "call", "web", "app", "community", "partner")


class Made:
    """A company with all of its exports taken."""

    def __init__(self, rates: Rates = DEFAULT, n: int = N, *, seed: int = 7) -> None:
        making = Identity(rates, n, seed=seed)
        self.world: World = making.world
        self.exports = {export.source: export for export in making.exports()}
        self.truth: pd.DataFrame = making.truth().to_pandas()

    def told(self, source: str) -> Told:
        """Return what a system exports."""
        export = self.exports[source]
        assert isinstance(export, Told)
        return export

    def rows(self, source: str, relation: str) -> pd.DataFrame:
        """Return a system's rows, with the person of each where a row is a record."""
        export = self.exports[source]
        frame: pd.DataFrame = next(
            e.rows for e in export.extracts if e.name == relation
        ).to_pandas()
        if len(frame) == len(export.persons):
            frame["person"] = export.persons
            frame["household"] = self.world.people.homes.household[export.persons]
        return frame

    def phones_of(self, person: int) -> set[str]:
        """Return every number that a person ever used as their own."""
        phones = self.world.people.phones
        holder = int(phones.holder[person])
        second = phones.second(np.array([person]))[0]
        return {str(phones.first[holder]), str(phones.later[holder]), str(second)}


@cache
def made() -> Made:
    """Return the company of the default rates, made once a session."""
    return Made()


@cache
def quiet() -> Made:
    """Return a smaller company in which nobody mistypes and nothing is a default."""
    return Made(without_slips(), 8_000, seed=11)


def without_slips(**changes: float) -> Rates:
    """Return rates where every number in a file is really somebody's."""
    calm = replace(
        DEFAULT,
        till_slips=0.0,
        call_slips=0.0,
        default_accounts=0.0,
        default_mails=0.0,
        default_tills=0.0,
        default_devices=0.0,
        clerk_tills=0.0,
    )
    return replace(calm, **changes)  # type: ignore[arg-type]  # rates by name


def default_phones() -> set[str]:
    """Return what is typed instead of a number."""
    return set(words("machines", "default_phones"))


def store_phones(made: Made) -> set[str]:
    """Return the numbers of the shops themselves."""
    n = len(made.world.people)
    numbers = mobiles(STORES * n + np.arange(made.world.n_stores), seed=made.world.seed)
    return {str(number) for number in numbers}


def seconds(column: "pd.Series[pd.Timestamp]") -> Ints:
    """Return times as local seconds since 1970."""
    found: Ints = column.to_numpy().astype("datetime64[s]").astype(np.int64)
    return found


def pairs(labels: "pd.Series[str]") -> int:
    """Return how many pairs of rows share a label."""
    sizes = labels.value_counts().to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())


def each_phone(made: Made) -> Iterator[pd.DataFrame]:
    """Yield person, phone, first and last time of every clear number, system by system."""
    columns = {
        ("crm", "members"): ("registered_at", "phone", "phone_until"),
        ("shop", "users"): ("registered_at", "phone", "phone_until"),
        ("till", "cards"): ("opened_at", "phone", "phone_until"),
        ("call", "calls"): ("called_at", "phone", "called_at"),
        ("app", "users"): ("installed_at", "phone", "phone_until"),
        ("community", "users"): ("joined_at", "phone", "phone_until"),
    }
    for (source, relation), (first, phone, last) in columns.items():
        rows = made.rows(source, relation)
        yield _seen(rows, first=first, phone=phone, last=last)
        if "new_phone" in rows:
            yield _seen(rows, first="new_phone_since", phone="new_phone", last="last_seen_at")


def _seen(rows: pd.DataFrame, *, first: str, phone: str, last: str) -> pd.DataFrame:
    found = rows[["person", phone, first, last]].set_axis(
        ["person", "phone", "first", "last"], axis=1
    )
    return found.dropna(subset=["phone"])


def second_numbers(made: Made) -> set[str]:
    """Return the numbers that persons carry beside their own."""
    n = len(made.world.people)
    numbers = mobiles(SECOND * n + np.arange(n), seed=made.world.seed)
    return {str(number) for number in numbers}
