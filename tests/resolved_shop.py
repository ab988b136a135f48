"""A graph that is loaded and resolved day by day, for tests of resolution."""

from collections.abc import Sequence
from datetime import timedelta

import pyarrow as pa

from algorithms.identity.run import Options, ResolveReport, resolve_graph
from algorithms.identity.state import HAS_IDENTIFIER, RESOLVED_TO
from graph.columns import TIME
from graph.elements import read_element
from graph.session import Database
from graph.spec import GraphSpec
from graph.writer import Writer
from tests.identity_world import START, facts_of

LINK = ["account_id", "identifier_key", "first_seen_at", "last_seen_at"]


def _sourced(accounts: pa.Table) -> pa.Table:
    """Name the source of each account, as a load does."""
    sources = [account_id.split(":")[0] for account_id in accounts["account_id"].to_pylist()]
    return accounts.append_column("source", pa.array(sources, pa.string()))


class Shop:
    """A graph that is loaded and resolved day by day; a load replaces what was there."""

    def __init__(self, database: Database, spec: GraphSpec) -> None:
        self.database, self.spec = database, spec
        self.writer = Writer(database, spec)

    def load(self, *lines: str, day: int) -> None:
        """Make the facts of the graph those of ``lines``, as a load does."""
        facts = facts_of(*lines)
        links = facts.identifiers.select(LINK)
        links = links.rename_columns(["start_id", "end_id", *LINK[2:]])
        self._remove("Account", "account_id", keep=facts.accounts["account_id"])
        self.writer.write_nodes(self.spec.nodes["Account"], _sourced(facts.accounts))
        known = facts.identifiers.select(["identifier_key", "kind", "never_links"])
        self.writer.write_nodes(self.spec.nodes["Identifier"], _distinct(known))
        link = self.spec.relationships[HAS_IDENTIFIER]
        self.database.write("MATCH (:Account)-[r:HAS_IDENTIFIER]->() DELETE r")
        self.writer.write_relationships(link, links)
        self._remove("Identifier", "identifier_key", keep=links["end_id"])
        self.touch(facts.accounts["account_id"].to_pylist(), day=day)

    def add(self, *lines: str, day: int) -> None:
        """Add the facts of ``lines`` to those of the graph, as a load does."""
        facts = facts_of(*lines)
        links = facts.identifiers.select(LINK)
        links = links.rename_columns(["start_id", "end_id", *LINK[2:]])
        known = facts.identifiers.select(["identifier_key", "kind", "never_links"])
        self.writer.write_nodes(self.spec.nodes["Account"], _sourced(facts.accounts))
        self.writer.write_nodes(self.spec.nodes["Identifier"], _distinct(known))
        self.writer.write_relationships(self.spec.relationships[HAS_IDENTIFIER], links)
        self.touch(facts.accounts["account_id"].to_pylist(), day=day)

    def touch(self, account_ids: Sequence[str], *, day: int) -> None:
        """Mark accounts as a load does."""
        at = pa.array([START + timedelta(days=day, hours=-1)] * len(account_ids), TIME)
        rows = pa.table({"account_id": pa.array(account_ids, pa.string()), "touched_at": at})
        self.writer.set_properties(self.spec.nodes["Account"], rows)

    def resolve(self, *, day: int, full: bool = False, dry_run: bool = False) -> ResolveReport:
        """Resolve on a day after the start."""
        options = Options(full=full, dry_run=dry_run, at=START + timedelta(days=day))
        return resolve_graph(self.database, spec=self.spec, options=options)

    def rows(self, name: str, *columns: str) -> list[dict[str, object]]:
        """Read an element, ordered by its columns."""
        table = read_element(self.database, self.spec, name=name, columns=columns or None)
        found: list[dict[str, object]] = table.to_pylist()
        return sorted(found, key=lambda row: str(list(row.values())))

    def customers(self) -> dict[str, str]:
        """Return the customer of each account."""
        found = self.rows(RESOLVED_TO, "start_id", "end_id")
        assert len({row["start_id"] for row in found}) == len(found)
        return {str(row["start_id"]): str(row["end_id"]) for row in found}

    def aliases(self) -> dict[str, str | None]:
        """Return the living customer of each retired id."""
        found = self.database.read(
            "MATCH (a:CustomerAlias) OPTIONAL MATCH (a)-[:MERGED_INTO]->(c) "
            "RETURN a.customer_id AS id, c.customer_id AS heir"
        )
        assert len({row["id"] for row in found}) == len(found)
        return {row["id"]: row["heir"] for row in found}

    def _remove(self, label: str, key: str, *, keep: pa.ChunkedArray) -> None:
        held = {str(row[key]) for row in self.rows(label, key)}
        self.writer.delete_nodes(self.spec.nodes[label], sorted(held - set(keep.to_pylist())))


def _distinct(rows: pa.Table) -> pa.Table:
    seen = {row["identifier_key"]: row for row in rows.to_pylist()}
    return pa.Table.from_pylist(list(seen.values()), rows.schema)
