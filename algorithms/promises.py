"""What an algorithm declared, held against what it returned, before anything is written.

A wrong column, a key twice or a value out of range is a fault of the algorithm. It stops
the run here, so that the graph never holds a score that its own page calls impossible.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa

from algorithms.contract import Algorithm, BrokenPromiseError, Result
from algorithms.frames import to_table
from graph.columns import identity_of, properties_by_column, schema_of
from graph.errors import some
from graph.language import Text
from graph.spec import GraphSpec, PropertySpec


def kept(algorithm: Algorithm, result: Result, *, spec: GraphSpec) -> dict[str, pa.Table]:
    """Return the results as tables in the form in which rows are written.

    Parameters
    ----------
    algorithm
        What declared them.
    result
        What its ``compute`` returned.
    spec
        The graph, with the algorithm's own properties and links.

    Raises
    ------
    BrokenPromiseError
        If a frame or column is missing or not declared, a key is empty or repeated, or a
        value lies outside its declared range.
    """
    declared = algorithm.outputs
    faults = [
        (frame, "*", Text("is declared and missing", "已声明但缺失"))
        for frame in sorted({*declared} - {*result.frames})
    ] + [
        (frame, "*", Text("is not declared", "未声明"))
        for frame in sorted({*result.frames} - {*declared})
    ]
    for name in declared if not faults else ():
        keys = keys_of(algorithm, name, spec=spec)
        columns = columns_of(algorithm, name, spec=spec)
        found = faults_of(result.frames[name], columns, keys=keys)
        faults += [(name, column, problem) for column, problem in found]
    for frame, column, problem in faults:
        raise BrokenPromiseError(
            algorithm=algorithm.name, frame=frame, column=column, problem=str(problem)
        )
    return {
        name: to_table(result.frames[name], columns_of(algorithm, name, spec=spec))
        for name in declared
    }


def nothing(algorithm: Algorithm, *, spec: GraphSpec) -> dict[str, pa.Table]:
    """Return the results of an algorithm that had nothing to say: tables without rows."""
    columns = {name: columns_of(algorithm, name, spec=spec) for name in algorithm.outputs}
    return {
        name: schema_of({p.name: p for p in properties}).empty_table()
        for name, properties in columns.items()
    }


def keys_of(algorithm: Algorithm, name: str, *, spec: GraphSpec) -> tuple[str, ...]:
    """Return the columns that tell rows of one of its frames apart."""
    table = algorithm.filed(name)
    return table.identity if table else identity_of(spec.element(name))


def columns_of(algorithm: Algorithm, name: str, *, spec: GraphSpec) -> tuple[PropertySpec, ...]:
    """Return the columns of one of its frames: what identifies a row, then what it declares."""
    if table := algorithm.filed(name):
        return table.columns
    element = spec.element(name)
    known = properties_by_column(element)
    own = {p.name: p for p in algorithm.outputs[name]}
    keys = (known[key] for key in identity_of(element) if key not in own)
    return (*keys, *own.values())


def faults_of(
    frame: pd.DataFrame, columns: Iterable[PropertySpec], *, keys: tuple[str, ...]
) -> list[tuple[str, Text]]:
    """Return which columns of a frame break which promise; empty if none does."""
    declared = {p.name: p for p in columns}
    absent = [name for name in declared if name not in frame.columns]
    extra = [str(name) for name in frame.columns if name not in declared]
    if absent or extra:
        return [(name, Text("is declared and missing", "已声明但缺失")) for name in absent] + [
            (name, Text("is not declared", "未声明")) for name in extra
        ]
    faults = [fault for p in declared.values() for fault in _out_of_range(frame[p.name], p)]
    faults += [
        (key, Text("is empty in a row", "存在空值")) for key in keys if frame[key].isna().any()
    ]
    repeated = frame.duplicated(list(keys))
    if repeated.any():
        first = some([tuple(row) for row in frame.loc[repeated, list(keys)].head(6).to_numpy()])
        faults.append((keys[0], Text(f"repeats keys: {first}", f"键重复：{first}")))
    return faults


def _out_of_range(values: "pd.Series[float]", p: PropertySpec) -> list[tuple[str, Text]]:
    """Compare a column with its declared range and words; an absent value is in range."""
    stated = values.dropna()
    if p.kind == "code":
        wrong = stated[~stated.isin(p.codes)]
    elif p.kind in ("integer", "number", "money"):
        scale = 10_000 if p.kind == "money" else 1
        low = -np.inf if p.minimum is None else p.minimum * scale
        high = np.inf if p.maximum is None else p.maximum * scale
        wrong = stated[~(stated.between(low, high) & np.isfinite(stated.astype(np.float64)))]
    else:
        return []
    if wrong.empty:
        return []
    shown = some([str(value) for value in wrong.head(6)])
    return [(p.name, Text(f"has values out of range: {shown}", f"有超出范围的值：{shown}"))]
