"""The contract of an algorithm as a list of small checks; each raises if its promise is broken.

A check takes an algorithm and nothing else: what it needs it derives from the declarations.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

import annotated_types
import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import Algorithm, MissingColumnError, NothingToSayError, Result
from algorithms.dialect import violations
from algorithms.parameters import ParameterError, Parameters, about_of, described, parameters_of
from algorithms.promises import kept, keys_of, nothing
from algorithms.publish import change_of
from algorithms.reduction import reduced, run_pure
from algorithms.registry import Registry, computed_spec
from graph.columns import ARROW_TYPES, identity_of, properties_by_column
from graph.language import Text
from graph.spec import GraphSpec, NodeSpec, RelationshipSpec, fact_spec
from tests.algorithm_rows import LAST, keys_in, shuffled, tables_for

SIZES: Final = (0, 1, 60)

# sixty made-up rows are too few for thresholds that suit a shop
LENIENT: Mapping[str, Mapping[str, str]] = {"copurchase": {"minimum_count": "1"}}

Check = Callable[[Algorithm], None]


def parameters_for(algorithm: Algorithm, *, as_of: datetime = LAST) -> Parameters:
    values = LENIENT.get(algorithm.name, {})
    return parameters_of(algorithm.parameters, values, algorithm=algorithm.name, as_of=as_of)


def result_of(algorithm: Algorithm, tables: Mapping[str, pa.Table]) -> Result:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return run_pure(algorithm, tables, parameters=parameters_for(algorithm), engine=connection)


def results_of(algorithm: Algorithm, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return what would be written: the results, held against their declaration, or nothing."""
    spec = spec_with(algorithm)
    try:
        return kept(algorithm, result_of(algorithm, tables), spec=spec)
    except NothingToSayError:
        return nothing(algorithm, spec=spec)


def spec_with(algorithm: Algorithm) -> GraphSpec:
    links = {link.name: link for link in algorithm.links}
    facts = fact_spec()
    return facts.with_computed(algorithm.properties, links.values())


def in_the_graph(algorithm: Algorithm, results: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the results that are not kept in files alone."""
    return {name: rows for name, rows in results.items() if not algorithm.filed(name)}


def declared_columns_and_ranges_hold_at_any_size(algorithm: Algorithm) -> None:
    sizes = {rows: results_of(algorithm, tables_for(algorithm, rows=rows)) for rows in SIZES}

    assert all(table.num_rows == 0 for table in sizes[0].values())
    assert all(table.num_rows > 0 for table in sizes[60].values())


def the_order_of_rows_does_not_matter(algorithm: Algorithm) -> None:
    tables = tables_for(algorithm, rows=60)
    expected = results_of(algorithm, tables)

    for seed in range(3):
        found = results_of(algorithm, shuffled(tables, seed=seed))
        assert all(found[name].equals(expected[name]) for name in expected)


def results_are_ordered_by_key(algorithm: Algorithm) -> None:
    spec = spec_with(algorithm)

    for name, table in results_of(algorithm, tables_for(algorithm, rows=60)).items():
        keys = [(key, "ascending") for key in keys_of(algorithm, name, spec=spec)]
        assert table.equals(table.sort_by(keys))


def inputs_are_left_untouched(algorithm: Algorithm) -> None:
    parameters = parameters_for(algorithm)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        tables = tables_for(algorithm, rows=60)
        frames = reduced(algorithm, tables, parameters=parameters, connection=connection)
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}

    algorithm.compute(frames, parameters)

    for name, frame in before.items():
        pd.testing.assert_frame_equal(frames[name], frame)


def keys_come_from_the_inputs(algorithm: Algorithm) -> None:
    tables = tables_for(algorithm, rows=60)
    spec = spec_with(algorithm)
    results = results_of(algorithm, tables)
    made = {name: {*results[name][spec.nodes[name].key].to_pylist()} for name in algorithm.makes}

    for name, table in in_the_graph(algorithm, results).items():
        element = spec.element(name)
        ends = (
            {element.key: element.label}
            if isinstance(element, NodeSpec)
            else {"start_id": element.start, "end_id": element.end}
        )
        for column, label in ends.items():
            known = made.get(label) or keys_in(tables, label)
            assert set(table[column].to_pylist()) <= known


def the_same_input_gives_the_same_result(algorithm: Algorithm) -> None:
    tables = tables_for(algorithm, rows=60)
    first, second = result_of(algorithm, tables), result_of(algorithm, tables)

    for name, frame in first.frames.items():
        pd.testing.assert_frame_equal(frame, second.frames[name], check_exact=True)
    assert first.metrics == second.metrics


def names_show_their_owner(algorithm: Algorithm) -> None:
    Registry((algorithm,))


def descriptions_are_sentences_in_both_languages(algorithm: Algorithm) -> None:
    assert algorithm.about.en.endswith(".")
    assert algorithm.about.zh.endswith("。")
    assert algorithm.version
    assert len(algorithm.source) > 10
    texts = [p.about for properties in algorithm.outputs.values() for p in properties]
    texts += [spec.about for spec in described(algorithm.parameters)]
    texts += [link.about for link in algorithm.links] + [t.about for t in algorithm.tables]
    assert all(_is_bilingual(text) for text in texts)


def parameters_out_of_bounds_are_refused_by_name(algorithm: Algorithm) -> None:
    for name, field in algorithm.parameters.model_fields.items():
        for value in _out_of_bounds(field.metadata):
            with pytest.raises(ParameterError) as refused:
                parameters_of(
                    algorithm.parameters, {name: value}, algorithm=algorithm.name, as_of=LAST
                )
            assert refused.value.facts["parameter"] == name
    assert all(about_of(f) for n, f in algorithm.parameters.model_fields.items() if n != "as_of")


def a_missing_column_is_named(algorithm: Algorithm) -> None:
    for name, columns in algorithm.reads.items():
        for column in columns:
            tables = tables_for(algorithm, rows=1)
            tables[name] = tables[name].drop_columns([column])
            with pytest.raises(MissingColumnError) as refused:
                result_of(algorithm, tables)
            assert (refused.value.facts["table"], refused.value.facts["column"]) == (name, column)


def reductions_are_in_the_dialect(algorithm: Algorithm) -> None:
    tables = {table.name: table.query for table in algorithm.tables}
    queries = {**algorithm.reduce, **algorithm.prepare, **tables}

    assert {name: violations(query) for name, query in queries.items()} == {
        name: [] for name in queries
    }


def keys_that_join_may_come_as_numbers(algorithm: Algorithm) -> None:
    by_text = replace(algorithm, joins={})

    tables = tables_for(algorithm, rows=60)

    assert set(algorithm.joins.values()) <= set(algorithm.reads)
    assert results_of(algorithm, tables) == results_of(by_text, tables)


def knowledge_tables_have_their_columns(algorithm: Algorithm) -> None:
    results = results_of(algorithm, tables_for(algorithm, rows=60))

    with duckdb.connect() as connection:
        for table in algorithm.tables:
            for name in table.elements:
                connection.register(name, as_stored(name, results.get(name)))
            found = connection.sql(table.query).to_arrow_table()
            own = [results[name].num_rows for name in table.elements if name in results]
            assert tuple(found.column_names) == table.columns
            assert found.num_rows == sum(own)


def as_stored(name: str, rows: pa.Table | None) -> pa.Table:
    """Return results as an element holds them: beside the columns of others, here without values.

    What is not among the results is an element without rows.
    """
    kinds = properties_by_column(computed_spec().element(name))
    schema = pa.schema([(column, ARROW_TYPES[p.kind]) for column, p in kinds.items()])
    if rows is None:
        return schema.empty_table()
    absent = [field for field in schema if field.name not in rows.column_names]
    for field in absent:
        rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows


def writing_twice_equals_once(algorithm: Algorithm) -> None:
    spec = spec_with(algorithm)

    results = results_of(algorithm, tables_for(algorithm, rows=60))
    for name, rows in in_the_graph(algorithm, results).items():
        with duckdb.connect() as connection:
            is_made = name in algorithm.makes
            element = spec.element(name)
            change = change_of(element, rows, old=rows, connection=connection, is_made=is_made)
        assert (change.rows.num_rows, change.gone.num_rows) == (0, 0)


def whoever_is_gone_loses_the_result(algorithm: Algorithm) -> None:
    spec = spec_with(algorithm)

    results = results_of(algorithm, tables_for(algorithm, rows=60))
    for name, rows in in_the_graph(algorithm, results).items():
        element = spec.element(name)
        with duckdb.connect() as connection:
            left, is_made = rows.slice(1), name in algorithm.makes
            change = change_of(element, left, old=rows, connection=connection, is_made=is_made)
        assert change.gone.num_rows == min(rows.num_rows, 1)
        for row in change.gone.to_pylist():
            keys = identity_of(element)
            assert all(row[key] == rows[key][0].as_py() for key in keys)
            assert all(value is None for column, value in row.items() if column not in keys)


def links_join_labels_that_exist(algorithm: Algorithm) -> None:
    labels = fact_spec().nodes

    assert all({link.start, link.end} <= set(labels) for link in algorithm.links)
    assert all(isinstance(link, RelationshipSpec) for link in algorithm.links)
    assert set(algorithm.properties) <= set(labels)


def _is_bilingual(text: Text) -> bool:
    return bool(text.en and re.search(r"[\u4e00-\u9fff]", text.zh))


def _out_of_bounds(bounds: list[object]) -> list[str]:
    values = []
    for bound in bounds:
        match bound:
            case annotated_types.Ge(ge=least):
                values.append(str(float(least) - 1))  # type: ignore[arg-type]  # bounds of numbers
            case annotated_types.Le(le=most):
                values.append(str(float(most) + 1))  # type: ignore[arg-type]  # bounds of numbers
    return values


CHECKS: tuple[Check, ...] = (
    declared_columns_and_ranges_hold_at_any_size,
    the_order_of_rows_does_not_matter,
    results_are_ordered_by_key,
    inputs_are_left_untouched,
    keys_come_from_the_inputs,
    the_same_input_gives_the_same_result,
    names_show_their_owner,
    descriptions_are_sentences_in_both_languages,
    parameters_out_of_bounds_are_refused_by_name,
    a_missing_column_is_named,
    reductions_are_in_the_dialect,
    keys_that_join_may_come_as_numbers,
    knowledge_tables_have_their_columns,
    writing_twice_equals_once,
    whoever_is_gone_loses_the_result,
    links_join_labels_that_exist,
)
