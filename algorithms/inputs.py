"""The tables of one command: read once, cut at one instant, shared by all its algorithms.

Rows count up to ``as_of``. A table is dated by its first required time; a table without
one follows the dated row that it must name, as the lines of an order follow the order.
What is not dated at all (a card tier, a category) is as it is now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.contract import Algorithm, KnowledgeTable
from algorithms.reduction import registered
from graph.reader import Reader
from graph.spec import GraphSpec, TableSpec

if TYPE_CHECKING:
    import duckdb

FACTS = ("orders", "events", "posts")
"""The tables whose latest row says of when a company's scores are."""

OTHER_FACTS = ("tickets", "exposures", "consents")

BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)


class Dating(NamedTuple):
    """The time that dates a table's rows: their own, or ``through`` the row that they name."""

    column: str
    through: str = ""
    key: str = ""


@dataclass
class Inputs:
    """Reads tables when they are first needed, and drops those that nobody waits for.

    Parameters
    ----------
    reader
        Where facts come from, and knowledge that this command has not computed.
    waiting
        The algorithms of the command, in the order in which they run.
    spec
        The tables and who owns which property.
    connection
        DuckDB, for joins.
    knowledge
        The knowledge tables by name.
    as_of
        The instant at which rows are cut; None stands for that of the latest fact.
    """

    reader: Reader
    waiting: list[Algorithm]
    spec: GraphSpec
    connection: "duckdb.DuckDBPyConnection"
    knowledge: Mapping[str, KnowledgeTable] = field(default_factory=dict)
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        """Find out which columns of each table the command needs."""
        self._columns = _wanted(self.waiting, self.spec)
        self._tables: dict[str, pa.Table] = {}
        self._learned: dict[str, list[pa.Table]] = {}
        self._stored = _stored_scores(self.waiting)
        self._customers_read: pa.Table | None = None

    def date(self) -> datetime:
        """Return the instant of the command.

        Unless it was given, it is the latest order, event or post; in a company without
        any, the latest of its other dated facts; and 1970 where nothing is dated.
        """
        if self.as_of is None:
            self.as_of = self._latest(FACTS) or self._latest(OTHER_FACTS) or BEFORE_EVERYTHING
        return self.as_of

    def tables_for(self, algorithm: Algorithm) -> dict[str, pa.Table]:
        """Return the tables that ``algorithm`` reads, with the columns that it declares."""
        return {
            name: self._table(name, columns).select(list(columns))
            for name, columns in algorithm.reads.items()
        }

    def learn(self, tables: Mapping[str, pa.Table]) -> None:
        """Let the algorithms that follow read these results instead of what the graph holds."""
        for name, table in tables.items():
            self._learned.setdefault(name, []).append(table)

    def done(self, algorithm: Algorithm) -> None:
        """Drop the tables that no other algorithm waits for."""
        self.waiting.remove(algorithm)
        needed = _wanted(self.waiting, self.spec)
        self._tables = {name: t for name, t in self._tables.items() if name in needed}
        if not any("customers" in algorithm.reads for algorithm in self.waiting):
            self._customers_read = None

    def window(self, tables: Mapping[str, pa.Table]) -> dict[str, list[str]]:
        """Return the first and last time of each table that has times of its own."""
        dated = {name: self._dating(name) for name in tables}
        spans = {
            name: pc.min_max(tables[name][dating.column]).as_py()
            for name, dating in dated.items()
            if dating and not dating.through and dating.column in tables[name].column_names
        }
        return {
            name: [span["min"].isoformat(), span["max"].isoformat()]
            for name, span in spans.items()
            if span["min"] is not None
        }

    def _table(self, name: str, columns: Sequence[str]) -> pa.Table:
        if name in self.knowledge:
            return self._knowledge(self.knowledge[name])
        if name == "customers":
            return self._customers(columns)
        return self._up_to_date(name)

    def _up_to_date(self, name: str) -> pa.Table:
        """Return the rows of a fact table up to the instant of the command."""
        table, dating = self._read(name), self._dating(name)
        if dating is None:
            return table
        owners = self._read(dating.through or name)
        is_late = pc.greater(owners[dating.column], self._instant())
        if not pc.any(is_late).as_py():
            return table
        if dating.through:
            late = owners.filter(is_late)[dating.key]
            is_late = pc.is_in(table[dating.key], late)
        return table.filter(pc.invert(is_late))

    def _read(self, name: str) -> pa.Table:
        if name not in self._tables:
            self._tables[name] = self.reader.table(name, sorted(self._columns[name]))
        return self._tables[name]

    def _customers(self, columns: Sequence[str]) -> pa.Table:
        """Return customers with the scores of this command, and those of the graph."""
        learned = self._learned.get("Customer", [])
        fresh = {name for table in learned for name in table.column_names}
        # what another algorithm of the command owns is in the graph where it found no change
        absent = [name for name in columns if name not in {*self._stored, *fresh}]
        if absent or self._customers_read is None:
            self._stored = [*self._stored, *absent]
            self._customers_read = self.reader.table("customers", self._stored)
        stored = [name for name in self._stored if name not in fresh or name == "customer_id"]
        customers = self._customers_read.select(stored)
        for table in learned:
            asked = [name for name in table.column_names if name in columns]
            if asked:
                customers = self._joined(customers, table.select(["customer_id", *asked]))
        return customers

    def _joined(self, customers: pa.Table, scores: pa.Table) -> pa.Table:
        query = "SELECT * FROM customers LEFT JOIN scores USING (customer_id)"
        with registered(self.connection, {"customers": customers, "scores": scores}):
            return self.connection.sql(query).to_arrow_table()

    def _knowledge(self, table: KnowledgeTable) -> pa.Table:
        """Return a knowledge table, from this command's results where it has any."""
        elements = {name: self._element(name) for name in table.elements}
        with registered(self.connection, elements):
            return self.connection.sql(table.query).to_arrow_table()

    def _element(self, name: str) -> pa.Table:
        if name in self._learned:
            return self._learned[name][-1]
        return self.reader.element(name)

    def _dating(self, name: str) -> Dating | None:
        return dating_of(self.spec, name)

    def _instant(self) -> pa.Scalar:
        return pa.scalar(self.date(), pa.timestamp("ms", tz="UTC"))

    def _latest(self, names: Iterable[str]) -> datetime | None:
        """Return the latest time in these tables, None if they have no row."""
        latest = []
        for name in names:
            dating = self._dating(name)
            if dating and name not in self._columns:
                times = self.reader.table(name, [dating.column])[dating.column]
                latest.append(pc.max(times).as_py())
            elif dating:
                latest.append(pc.max(self._read(name)[dating.column]).as_py())
        return max((at for at in latest if at is not None), default=None)


def dating_of(spec: GraphSpec, name: str) -> Dating | None:
    """Return what dates the rows of a table, None if nothing does.

    >>> from graph.spec import fact_spec
    >>> dating_of(fact_spec(), "order_lines")
    Dating(column='ordered_at', through='orders', key='order_id')
    """
    table = spec.tables.get(name)
    if table is None:
        return None
    own = _own_time(table)
    return Dating(own) if own else _named_time(table, spec)


def _own_time(table: TableSpec) -> str:
    return next((c.name for c in table.columns if c.kind == "time" and c.required), "")


def _named_time(table: TableSpec, spec: GraphSpec) -> Dating | None:
    """Return the time of the row that every row of ``table`` must name."""
    for column in table.columns:
        for other in spec.tables.values():
            is_named = column.required and column.refers and column.refers == other.node
            if is_named and other is not table and (time := _own_time(other)):
                return Dating(time, other.name, column.stored)
    return None


def _stored_scores(algorithms: Sequence[Algorithm]) -> list[str]:
    """Return what is read of customers: what somebody reads that no other here computes."""
    owners = {p.name: a for a in algorithms for p in a.properties.get("Customer", ())}
    read = {
        name
        for algorithm in algorithms
        for name in algorithm.reads.get("customers", ())
        if owners.get(name, algorithm) is algorithm
    }
    return ["customer_id", *sorted(read - {"customer_id"})]


def _wanted(algorithms: Iterable[Algorithm], spec: GraphSpec) -> dict[str, set[str]]:
    """Return the columns of each fact table that somebody reads, or that dates its rows."""
    wanted: dict[str, set[str]] = {}
    for algorithm in algorithms:
        for name in algorithm.reads.keys() & spec.tables.keys():
            wanted.setdefault(name, set()).update(algorithm.reads[name])
    for name in list(wanted):
        dating = dating_of(spec, name)
        if dating and dating.through:
            wanted[name].add(dating.key)
            wanted.setdefault(dating.through, set()).update((dating.key, dating.column))
        elif dating:
            wanted[name].add(dating.column)
    return wanted
