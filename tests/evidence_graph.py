"""A graph of accounts and identifiers at hand, which answers the four questions of a walk."""

import threading
from collections.abc import Mapping, Sequence

from algorithms.identity.reach import COUNTED, HELD, HOLDERS, SIBLINGS

Row = dict[str, object]
ECHO = "UNWIND $ids AS id RETURN id AS id, $more AS said"


class Graph:
    """Holds who has which identifiers, and answers the four questions of a walk.

    ``links`` are accounts with their identifiers, ``linking`` the identifiers that join,
    ``customers`` groups of accounts, ``guests`` accounts that do not count against caps.
    """

    def __init__(
        self,
        links: Mapping[str, Sequence[str]] | None = None,
        *,
        linking: Sequence[str] = (),
        customers: Sequence[Sequence[str]] = (),
        guests: Sequence[str] = (),
    ) -> None:
        self.links = links or {}
        self.linking, self.customers, self.guests = linking, customers, guests
        self.questions: list[tuple[str, list[str]]] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.both = threading.Barrier(1)

    def read(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        ids = parameters["ids"]
        assert isinstance(ids, list)
        with self.lock:
            self.questions.append((query, ids))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.both.wait(timeout=5)
        rows = [row for one in ids for row in self.answer(query, one, parameters)]
        with self.lock:
            self.at_once -= 1
        return [{"rows": rows}]

    def answer(self, query: str, one: str, parameters: Mapping[str, object]) -> list[list[object]]:
        if ECHO in query:
            return [] if one == "silent" else [[one, parameters["more"]]]
        if HELD in query:
            return [
                [one, key, "linking" if key in self.linking else "unjudged", len(self.on(key))]
                for key in self.links.get(one, ())
            ]
        if HOLDERS in query:
            return [[one, account] for account in self.on(one)]
        if SIBLINGS in query:
            return [[one, other] for group in self.customers if one in group for other in group]
        assert COUNTED in query
        counts = dict.fromkeys((account.partition(":")[0] for account in self.on(one)), 0)
        for account in self.on(one):
            counts[account.partition(":")[0]] += account not in self.guests
        return [[one, one.partition(":")[0], max(counts.values())]]

    def on(self, key: str) -> list[str]:
        return [account for account, keys in self.links.items() if key in keys]
