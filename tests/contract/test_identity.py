"""What resolution promises of its inputs, its tables and its declarations."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from algorithms.identity.evidence import Facts
from algorithms.identity.ledger import ALIASES, CUSTOMERS, RESOLVED, Ledger
from algorithms.identity.policy import read_policy
from algorithms.identity.resolution import Resolution
from algorithms.identity.state import HAS_IDENTIFIER, RESOLVED_TO
from graph.columns import ARROW_TYPES, properties_by_column
from graph.models import ACCOUNT_KINDS, IDENTIFIER_KINDS
from graph.spec import fact_spec
from tests.identity_world import POLICY, facts_of, run

LINES = (
    "crm:1 member phone:1 email:a",
    "erp:2 - phone:1 cookie:9",
    "pos:3 card email:a !card_no:0",
    "web:4 visitor address:9",
    "call:5 call",
)


def tables(resolution: Resolution) -> dict[str, pa.Table]:
    return {
        "Customer": resolution.customers,
        RESOLVED_TO: resolution.resolved,
        "Identifier": resolution.identifiers,
        HAS_IDENTIFIER: resolution.links,
        "ResolutionEvent": resolution.events,
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


@pytest.mark.parametrize("lines", [(), LINES[:1], LINES])
def test_tables_are_in_the_types_of_their_elements(lines: tuple[str, ...]) -> None:
    found = tables(run(facts_of(*lines)))

    for name, rows in found.items():
        declared = properties_by_column(fact_spec().element(name))
        for field in rows.schema:
            assert field.type == ARROW_TYPES[declared[field.name].kind], (name, field.name)


@pytest.mark.parametrize("lines", [(), LINES[:1], LINES])
def test_values_lie_in_their_declared_ranges(lines: tuple[str, ...]) -> None:
    for name, rows in tables(run(facts_of(*lines))).items():
        declared = properties_by_column(fact_spec().element(name))
        for column in rows.column_names:
            p = declared[column]
            values = [v for v in rows[column].to_pylist() if v is not None]
            assert not p.codes or set(values) <= set(p.codes), (name, column)
            assert p.minimum is None or all(v >= p.minimum for v in values), (name, column)
            assert p.maximum is None or all(v <= p.maximum for v in values), (name, column)


def test_keys_are_unique() -> None:
    found = run(facts_of(*LINES, *LINES))

    for rows, keys in (
        (found.customers, ["customer_id"]),
        (found.resolved, ["start_id"]),
        (found.identifiers, ["identifier_key"]),
        (found.links, ["start_id", "end_id"]),
    ):
        assert len(rows.group_by(keys).aggregate([])) == len(rows)


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


def test_what_resolution_owns_is_declared_as_its_own() -> None:
    spec = fact_spec()
    found = tables(run(facts_of(*LINES)))
    facts = {"customer_id", "identifier_key", "start_id", "end_id"}

    for name in ("Customer", RESOLVED_TO, "Identifier", HAS_IDENTIFIER):
        owners = {p.name: p.owner for p in spec.element(name).properties}
        written = set(found[name].column_names) - facts
        assert {owners[column] for column in written} == {"identity"}, name


def test_the_shipped_policy_speaks_of_every_kind_there_is() -> None:
    policy = read_policy()

    assert set(policy.kinds) == set(IDENTIFIER_KINDS)
    assert set(policy.weights.others) <= set(ACCOUNT_KINDS)
    assert policy == POLICY
