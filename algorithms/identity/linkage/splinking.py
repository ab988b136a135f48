"""Splink as kith uses it: our settings in its form, our pairs scored by it, its talk logged.

Only this module knows Splink's names. Splink blocks too, but a pair that a list of phones
brings together would be scored again for every other block (5.0.0), so pairs are ours.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from algorithms.identity.linkage.pairs import PAIRS, UNITS
from algorithms.identity.linkage.settings import SIDES, Comparison, Settings

if TYPE_CHECKING:
    import duckdb

    from algorithms.identity.linkage.learning import Floats, Learned

# without a handler of its own a library's warnings go to the terminal
logging.getLogger("splink").addHandler(logging.NullHandler())

UNIT: Final = "unit"


def splink_settings(settings: Settings, learned: "Learned") -> dict[str, object]:
    """Return Splink's settings of a learned model, every probability given."""
    comparisons = [
        _comparison(field, match=match, stranger=stranger)
        for field, match, stranger in zip(
            settings.comparisons, learned.match, learned.stranger, strict=True
        )
    ]
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": UNIT,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [],
        "probability_two_random_records_match": learned.p_match,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "linker_uid": "kith",
    }


def _comparison(field: Comparison, *, match: "Floats", stranger: "Floats") -> dict[str, object]:
    null = {"sql_condition": field.null, "label_for_charts": "null", "is_null_level": True}
    levels = [
        {
            "sql_condition": level.sql,
            "label_for_charts": level.says,
            "m_probability": float(m),
            "u_probability": float(u),
            **(_by_frequency(level.frequency) if level.frequency else {}),
        }
        for level, m, u in zip(field.levels, match, stranger, strict=True)
    ]
    return {"output_column_name": field.name, "comparison_levels": [null, *levels]}


def _by_frequency(column: str) -> dict[str, object]:
    # the level's own u stands for the average value
    return {
        "tf_adjustment_column": column,
        "tf_adjustment_weight": 1.0,
        "disable_tf_exact_match_detection": True,
    }


def predict(
    connection: "duckdb.DuckDBPyConnection", settings: Mapping[str, object], *, floor: float
) -> pa.Table:
    """Score the blocked pairs of a workshop.

    Parameters
    ----------
    connection
        A ``workshop`` after ``block`` and ``look_up``.
    settings
        What ``splink_settings`` returned.
    floor
        Pairs of a lower weight are left out.

    Returns
    -------
    Splink's predictions: ``match_weight``, ``match_probability``, ``unit_l``, ``unit_r``, and
    ``mw_<field>``, with ``mw_tf_adj_<field>`` where frequencies count.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator

    database = DuckDBAPI(connection)
    creator = SettingsCreator.from_path_or_dict(dict(settings))
    # Splink copies its input once for each side: only what is compared is shown to it
    connection.execute(
        f"CREATE OR REPLACE VIEW shown_units AS SELECT {_shown(settings)} FROM {UNITS}"
    )
    linker = Linker(database.register("shown_units"), creator)
    for name in _frequency_columns(settings):
        table = database.register(f"tf_{name}")
        linker.table_management.register_term_frequency_lookup(table, name)
    linker.table_management.register_blocked_pairs_for_predict(database.register(PAIRS))
    scored = linker.inference.predict(threshold_match_weight=floor, warning_mode="never")
    return connection.table(scored.physical_name).to_arrow_table()


def _shown(settings: Mapping[str, object]) -> str:
    comparisons = settings["comparisons"]
    assert isinstance(comparisons, list)  # our own file
    texts = [
        level["sql_condition"] for field in comparisons for level in field["comparison_levels"]
    ]
    named = {name for text in texts for name in SIDES.findall(text)}
    return ", ".join([UNIT, *sorted(named | set(_frequency_columns(settings)))])


def _frequency_columns(settings: Mapping[str, object]) -> list[str]:
    comparisons = settings["comparisons"]
    assert isinstance(comparisons, list)  # our own file
    levels = [level for field in comparisons for level in field["comparison_levels"]]
    named = {level.get("tf_adjustment_column") for level in levels}
    return sorted(name for name in named if name)
