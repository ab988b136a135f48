"""What resolution promises of its inputs, its tables and its declarations."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.evidence import Evidence, Facts
from algorithms.identity.joining import APART as KEPT_APART
from algorithms.identity.ledger import ALIASES, CUSTOMERS, RESOLVED, Ledger
from algorithms.identity.linker import LIKELY as UNITS_ALIKE
from algorithms.identity.linker import Linked
from algorithms.identity.memory import JOIN_COLUMNS
from algorithms.identity.policy import read_policy
from algorithms.identity.resolution import LIKELY, Resolution, Run, resolve
from algorithms.identity.state import (
    APART,
    HAS_IDENTIFIER,
    LIKELY_COLUMNS,
    LIKELY_SAME,
    RESOLVED_TO,
    SPLIT_FROM,
    TOGETHER,
)
from algorithms.identity.union import Union
from algorithms.identity.words import PIN, Word, words_of
from graph.codes import ACCOUNT_KINDS, IDENTIFIER_KINDS
from graph.columns import ARROW_TYPES, properties_by_column
from graph.spec import fact_spec
from tests.identity_world import POLICY, START, facts_of, ledger_after, run

LINES = (
    "crm:1 member phone:1 email:a",
    "erp:2 - phone:1 cookie:9",
    "pos:3 card email:a !card_no:0",
    "web:4 visitor address:9",
    "call:5 call",
)


# in the order of their smallest accounts: crm:1 with pos:3, crm:5, erp:2, web:4
LIVED = (
    "crm:1 member phone:1 =1990-04-07",
    "erp:2 member phone:1 =1961-12-30",
    "pos:3 card",
    "web:4 visitor",
    "crm:5 member",
)
WORDS = (
    Word("together", "anna", "one voice", ("crm:1", "pos:3"), decision_id="d000001"),
    Word("apart", "anna", "two voices", ("crm:5", "web:4"), decision_id="d000002"),
)


def alike(evidence: Evidence, union: Union) -> Linked:
    """Join the second group to the first; of the other two each resembles one more."""
    founders = evidence.accounts.take(pa.array(union.founder)).to_pylist()
    join = (founders[1], founders[0], 0.95, founders[0], '{"given": 5.1}')
    apart = [(0, 2, 4.5, 0.957, '{"given": 5.1}'), (2, 3, 3.25, 0.904, "{}")]
    rows = [
        dict(zip(UNITS_ALIKE.names, (*pair, reason), strict=True))
        for pair, reason in zip(apart, KEPT_APART, strict=False)
    ]
    return Linked(
        np.array([0, 0, 2, 3]),
        pa.Table.from_pylist([dict(zip(JOIN_COLUMNS.names, join, strict=True))], JOIN_COLUMNS),
        pa.Table.from_pylist(rows, UNITS_ALIKE),
        model="0123456789abcdef",
    )


def lived() -> Resolution:
    """Return a run that splits, joins by resemblance and heeds stewards' words."""
    said = [replace(word, at=START.isoformat()) for word in WORDS]
    facts = replace(facts_of(*LIVED), words=words_of(said))
    silent = facts_of(*(line.split(" =")[0] for line in LIVED))
    ledger = ledger_after(run(replace(silent, words=facts.words)))
    later = Run(START + timedelta(days=1), "run-1")
    return resolve(facts, ledger, policy=POLICY, run=later, linker=alike)


def tables(resolution: Resolution) -> dict[str, pa.Table]:
    return {
        "Customer": resolution.customers,
        RESOLVED_TO: resolution.resolved,
        "Identifier": resolution.identifiers,
        HAS_IDENTIFIER: resolution.links,
        "ResolutionEvent": resolution.events,
        LIKELY_SAME: resolution.likely,
        SPLIT_FROM: resolution.split_from,
        **resolution.pins,
    }


PINNED = (TOGETHER, APART)
RESOLUTIONS: dict[str, Callable[[], Resolution]] = {
    "nobody": lambda: run(facts_of()),
    "one": lambda: run(facts_of(*LINES[:1])),
    "some": lambda: run(facts_of(*LINES)),
    "lived": lived,
}


def reshaped(facts: Facts, change: Callable[[pa.Table], pa.Table]) -> Facts:
    return Facts(change(facts.accounts), change(facts.identifiers))


def in_chunks(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows.slice(i, 1) for i in range(len(rows))])


def dictionaries(rows: pa.Table) -> pa.Table:
    columns = [
        c.dictionary_encode() if pa.types.is_string(c.type) else c for c in rows.itercolumns()
    ]
    return pa.table(columns, names=rows.column_names)


def large_strings(rows: pa.Table) -> pa.Table:
    fields = [
        pa.field(f.name, pa.large_string() if pa.types.is_string(f.type) else f.type)
        for f in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def with_more(rows: pa.Table) -> pa.Table:
    return rows.append_column("source", pa.array(["x"] * len(rows), pa.string()))


@pytest.mark.parametrize("change", [in_chunks, dictionaries, large_strings, with_more])
def test_the_form_of_the_columns_changes_nothing(change: Callable[[pa.Table], pa.Table]) -> None:
    facts = facts_of(*LINES)

    plain, other = run(facts), run(reshaped(facts, change))

    assert {name: rows.to_pylist() for name, rows in tables(other).items()} == {
        name: rows.to_pylist() for name, rows in tables(plain).items()
    }


def test_columns_without_any_value_are_columns_all_the_same() -> None:
    facts = facts_of("crm:1 - phone:1")
    accounts = facts.accounts.set_column(1, "kind", pa.nulls(1))
    identifiers = facts.identifiers.set_column(3, "never_links", pa.nulls(1))

    found = run(Facts(accounts, identifiers))

    assert found.resolved.equals(run(facts).resolved)


def test_the_lived_world_has_rows_in_every_table() -> None:
    found = lived()

    assert {name: len(rows) > 0 for name, rows in tables(found).items()} == dict.fromkeys(
        tables(found), True
    )
    assert set(found.pins) == {TOGETHER, APART}
    assert set(found.resolved["rule"].to_pylist()) >= {"steward", "linkage"}
    assert set(found.likely["kept_apart"].to_pylist()) == set(KEPT_APART[:2])


@pytest.mark.parametrize("name", RESOLUTIONS)
def test_tables_are_in_the_types_of_their_elements(name: str) -> None:
    found = tables(RESOLUTIONS[name]())

    for element, rows in found.items():
        declared = properties_by_column(fact_spec().element(element))
        for field in rows.schema:
            assert field.type == ARROW_TYPES[declared[field.name].kind], (element, field.name)


@pytest.mark.parametrize("name", RESOLUTIONS)
def test_values_lie_in_their_declared_ranges(name: str) -> None:
    for element, rows in tables(RESOLUTIONS[name]()).items():
        declared = properties_by_column(fact_spec().element(element))
        for column in rows.column_names:
            p = declared[column]
            values = [v for v in rows[column].to_pylist() if v is not None]
            assert not p.codes or set(values) <= set(p.codes), (element, column)
            assert p.minimum is None or all(v >= p.minimum for v in values), (element, column)
            assert p.maximum is None or all(v <= p.maximum for v in values), (element, column)


@pytest.mark.parametrize("found", [run(facts_of(*LINES, *LINES)), lived()])
def test_keys_are_unique(found: Resolution) -> None:
    ends = ["start_id", "end_id"]
    for rows, keys in (
        (found.customers, ["customer_id"]),
        (found.resolved, ["start_id"]),
        (found.identifiers, ["identifier_key"]),
        (found.links, ends),
        (found.likely, ends),
        (found.split_from, ends),
        *((rows, ends) for rows in found.pins.values()),
    ):
        assert len(rows.group_by(keys).aggregate([])) == len(rows)


def test_ends_are_customers_and_accounts_that_are_there() -> None:
    found = lived()

    living = set(found.customers["customer_id"].to_pylist())
    accounts = set(found.resolved["start_id"].to_pylist())
    for rows, ends in (
        (found.likely, living),
        (found.split_from, living),
        *((rows, accounts) for rows in found.pins.values()),
    ):
        for end in ("start_id", "end_id"):
            assert set(rows[end].to_pylist()) <= ends
    # one row a pair: whoever resembles is the smaller of the two
    assert all(row["start_id"] < row["end_id"] for row in found.likely.to_pylist())


def test_every_account_and_identifier_that_comes_in_goes_out() -> None:
    facts = facts_of(*LINES)

    found = run(facts)

    assert set(found.resolved["start_id"].to_pylist()) == {line.split()[0] for line in LINES}
    assert set(found.identifiers["identifier_key"].to_pylist()) == set(
        facts.identifiers["identifier_key"].to_pylist()
    )
    # in the order of their smallest accounts: call:5, crm:1 with erp:2 and pos:3, web:4
    assert found.customers["n_accounts"].to_pylist() == [1, 3, 1]


def test_the_ledger_has_the_columns_that_the_graph_keeps() -> None:
    spec = fact_spec()
    link = {p.name for p in spec.relationships[RESOLVED_TO].properties}
    node = {p.name for p in spec.nodes["Customer"].properties}

    assert set(RESOLVED.names) == link | {"account_id", "customer_id"}
    assert set(CUSTOMERS.names) <= node
    assert Ledger().resolved.schema == RESOLVED
    assert Ledger().aliases.schema == ALIASES


def test_what_is_read_back_has_the_columns_that_are_written() -> None:
    spec = fact_spec()

    assert tuple(LIKELY.names) == LIKELY_COLUMNS
    assert set(LIKELY.names) == set(properties_by_column(spec.element(LIKELY_SAME)))
    for name in (TOGETHER, APART):
        assert set(PIN.names) == set(properties_by_column(spec.element(name)))


def test_what_resolution_owns_is_declared_as_its_own() -> None:
    spec = fact_spec()
    found = tables(lived())
    facts = {"customer_id", "identifier_key", "start_id", "end_id"}

    for name in ("Customer", RESOLVED_TO, "Identifier", HAS_IDENTIFIER, LIKELY_SAME, *PINNED):
        owners = {p.name: p.owner for p in spec.element(name).properties}
        written = set(found[name].column_names) - facts
        assert {owners[column] for column in written} == {"identity"}, name


def test_the_shipped_policy_speaks_of_every_kind_there_is() -> None:
    policy = read_policy()

    assert set(policy.kinds) == set(IDENTIFIER_KINDS)
    assert set(policy.weights.others) <= set(ACCOUNT_KINDS)
    assert policy == POLICY
