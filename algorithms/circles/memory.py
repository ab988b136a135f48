"""What was said of people before: their former circles, and since when they are in them.

Equal facts must give equal circles, whether the graph already holds them or not. So whoever is
in a circle also keeps the one of the date before: on the same date again, that is where the
run begins, and not its own result.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.circles.settings import CirclesParameters
from algorithms.circles.tracking import Names, is_named
from algorithms.reply_arcs import People, people_of

Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Memory:
    """The circles of the date before, by person; None: in none. Times are UTC milliseconds."""

    people: People
    former: Names
    since: Times
    now: np.datetime64

    def of(self, ids: "pd.Index[str]") -> Names:
        """Return the former circles of some people; None for who had none."""
        nobody = np.array([None], dtype=object)
        found: Names = np.concatenate([self.former, nobody])[self._places(ids)]
        return found

    def without(self, ids: "pd.Index[str]") -> Names:
        """Return the former circles of everybody else: of who fell silent."""
        return self.former[~self.people.ids.isin(ids)]

    def since_of(self, ids: "pd.Index[str]", circles: Names) -> "pd.Series[pd.Timestamp]":
        """Return since when people are in ``circles``: as before where it is the same."""
        never = np.array(["NaT"], "datetime64[ms]")
        before = np.concatenate([self.since, never])[self._places(ids)]
        stayed = (self.of(ids) == circles) & ~np.isnat(before)
        since = np.where(stayed, before, self.now)
        since[~is_named(circles)] = never
        return utc_times(since)

    def _places(self, ids: "pd.Index[str]") -> npt.NDArray[np.intp]:
        return self.people.ids.get_indexer(ids)


def memory_of(known: pd.DataFrame, params: CirclesParameters) -> Memory:
    """Return the circles of the date before; on the same date again, those it began with.

    Parameters
    ----------
    known
        ``customer_id``, ``circle_id``, ``circles_before``, ``circles_since``,
        ``circles_as_of``: what the graph holds.
    params
        ``as_of``.
    """
    people = people_of(known["customer_id"])
    rows = known.iloc[np.argsort(people.numbers(known["customer_id"]))]
    now = _milliseconds(pd.Series([pd.Timestamp(params.as_of)]))[0]
    present, before = (rows[c].astype(object).to_numpy() for c in ("circle_id", "circles_before"))
    former = np.where(_milliseconds(rows["circles_as_of"]) == now, before, present).astype(object)
    former[pd.isna(former)] = None
    return Memory(people, former, _milliseconds(rows["circles_since"]), now)


def utc_times(times: Times) -> "pd.Series[pd.Timestamp]":
    """Return UTC milliseconds as a column of instants."""
    return pd.Series(pd.DatetimeIndex(times).tz_localize("UTC"))


def _milliseconds(times: "pd.Series[pd.Timestamp]") -> Times:
    plain = times.dt.tz_convert("UTC").dt.tz_localize(None)
    return plain.dt.as_unit("ms").to_numpy("datetime64[ms]")
