"""Splink as kith uses it: our settings in its form, our pairs scored by it, its talk logged.

Only this module knows Splink's names. Splink blocks too, but a pair that a list of phones
brings together would be scored again for every other block (5.0.0), so pairs are ours.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from algorithms.identity.linkage.pairs import PAIRS, UNITS
from algorithms.identity.linkage.settings import SIDES, Comparison, Settings

if TYPE_CHECKING:
    import duckdb

    from algorithms.identity.linkage.learning import Floats, Learned

# without a handler of its own a library's warnings go to the terminal
logging.getLogger("splink").addHandler(logging.NullHandler())
# and its progress is of no use in our log
logging.getLogger("splink").setLevel(logging.WARNING)

UNIT: Final = "unit"
PART: Final = "pairs_of_part"
PAIRS_AT_ONCE: Final = 2_000_000  # of a million rows 0.4 GB less than all, and as fast


def splink_settings(settings: Settings, learned: "Learned") -> dict[str, object]:
    """Return Splink's settings of a learned model, every probability given."""
    comparisons = [
        _comparison(field, match=match, other=other)
        for field, match, other in zip(
            settings.comparisons, learned.match, learned.other, strict=True
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


def _comparison(field: Comparison, *, match: "Floats", other: "Floats") -> dict[str, object]:
    null = {"sql_condition": field.null, "label_for_charts": "null", "is_null_level": True}
    levels = [
        {
            "sql_condition": level.sql,
            "label_for_charts": level.says,
            "m_probability": float(m),
            "u_probability": float(u),
            **(_by_frequency(level.frequency) if level.frequency else {}),
        }
        for level, m, u in zip(field.levels, match, other, strict=True)
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
    # Splink copies its input once for each side: only what is compared is left
    connection.execute(f"CREATE TABLE shown_units AS SELECT {_shown(settings)} FROM {UNITS}")
    connection.execute(f"DROP TABLE {UNITS}")
    linker = Linker(database.register("shown_units"), creator, log_level=None)
    for name in _frequency_columns(settings):
        table = database.register(f"tf_{name}")
        linker.table_management.register_term_frequency_lookup(table, name)
    scored = []
    for part in _parts(connection):
        linker.table_management.register_blocked_pairs_for_predict(database.register(part))
        found = linker.inference.predict(threshold_match_weight=floor, warning_mode="never")
        scored.append(connection.table(found.physical_name).to_arrow_table())
        found.drop_table_from_database_and_remove_from_cache()
    return pa.concat_tables(scored)


def _parts(connection: "duckdb.DuckDBPyConnection") -> Iterator[str]:
    """Give the pairs a part at a time, as a table: Splink copies the left rows of a part only."""
    n = connection.table(PAIRS).count("*").fetchall()[0][0]
    parts = 1 + n // PAIRS_AT_ONCE
    for part in range(parts):
        connection.execute(
            f"CREATE OR REPLACE TABLE {PART} AS "
            f"SELECT * FROM {PAIRS} WHERE join_key_l % {parts} = {part}"
        )
        yield PART


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
