"""How probably two customers are one: the weight of every candidate pair, field by field."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.linkage import pairs
from algorithms.identity.linkage.frequencies import look_up
from algorithms.identity.linkage.model import Model
from algorithms.identity.linkage.splinking import predict

LISTS = frozenset({"phones", "emails", "address_words"})


def score(model: Model, rows: pa.Table) -> pa.Table:
    """Score all pairs that the model's blocks bring together.

    Parameters
    ----------
    model
        What ``train`` or ``load`` returned.
    rows
        What ``match_rows`` returned; ``unit`` in any order.

    Returns
    -------
    One row a pair of weight ``model.limits.weight_floor`` or more, ascending by ``left`` and
    ``right`` (units, int64, left < right): ``weight`` (log2 of the odds that both are one
    person), ``probability``, and for each field of the model ``w_<field>``, what it adds to
    the weight (0 where it says nothing). The rest of the weight is the model's prior.
    """
    return score_between(model, rows, changed=np.ones(rows.num_rows, dtype=np.bool_))


def score_between(model: Model, rows: pa.Table, *, changed: npt.NDArray[np.bool_]) -> pa.Table:
    """Score the pairs with at least one changed end.

    Parameters
    ----------
    model, rows
        As in ``score``.
    changed
        Whether each row of ``rows`` changed.

    Returns
    -------
    Exactly the rows of ``score`` of which one end changed.
    """
    if not changed.any():
        return _empty(model)
    with pairs.workshop(_completed(rows, model.columns), changed) as connection:
        pairs.block(connection, model.blocks)
        look_up(connection, model.frequencies)
        found = predict(connection, model.splink, floor=model.limits.weight_floor)
    return _arranged(found, model)


def _completed(rows: pa.Table, columns: Iterable[str]) -> pa.Table:
    """Return the columns that the model reads, empty where no row fills them this time."""
    found = {
        name: rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, _type(name))
        for name in columns
    }
    return pa.table({"unit": rows["unit"], **found})


def _type(name: str) -> pa.DataType:
    if name == "birth_year":
        return pa.int32()
    return pa.list_(pa.string()) if name in LISTS else pa.string()


def _arranged(found: pa.Table, model: Model) -> pa.Table:
    columns = {
        "left": found["unit_l"].cast(pa.int64()),
        "right": found["unit_r"].cast(pa.int64()),
        "weight": found["match_weight"],
        "probability": found["match_probability"],
    }
    for name in model.fields:
        adjusted = f"mw_tf_adj_{name}"
        columns[f"w_{name}"] = (
            pc.add(found[f"mw_{name}"], found[adjusted])
            if adjusted in found.column_names
            else found[f"mw_{name}"]
        )
    order = [("left", "ascending"), ("right", "ascending")]
    return pa.table(columns).sort_by(order)


def _empty(model: Model) -> pa.Table:
    weights = {name: pa.float64() for name in ("weight", "probability")}
    fields = {f"w_{name}": pa.float64() for name in model.fields}
    schema = pa.schema({"left": pa.int64(), "right": pa.int64(), **weights, **fields})
    return schema.empty_table()
