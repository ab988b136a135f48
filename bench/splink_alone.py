"""Splink alone on every account's row: what a user gets who follows its tutorials.

Names, birth date, phone, e-mail and city are spelled as kith spells them; then comparisons,
blocking, training and clustering (components at a probability of 0.95) are Splink's own.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.links import Numbers
from graph.engine import unspilling

COLUMNS = ("given", "family", "birth_date", "phone", "email", "city")
SURE = 0.95
RANDOM_PAIRS = 1e6


def clusters(details: pa.Table, accounts: pa.Array) -> Numbers:
    """Return the cluster of each account; those of whom nothing is known are alone."""
    rows = match_rows(details, np.arange(len(details)))
    known = [name for name in COLUMNS if name in rows.column_names]
    found = _clustered(rows.select(["unit", *known]))
    place = pc.index_in(details["account_id"].combine_chunks(), value_set=accounts).to_numpy()
    label = np.arange(len(accounts), dtype=np.int64)
    label[place[found["unit"].to_numpy()]] = place[found["cluster_id"].to_numpy()]
    return label


def _clustered(rows: pa.Table) -> pa.Table:
    """Train, predict and cluster as the tutorials do."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = unspilling()
    connection.register("arrow_rows", rows)
    connection.execute("CREATE TABLE accounts AS SELECT * FROM arrow_rows")
    database = DuckDBAPI(connection)
    blocks = [
        block_on("phone"),
        block_on("email"),
        block_on("given", "family", "birth_date"),
        block_on("family", "birth_date"),
        block_on("given", "family", "city"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unit",
        comparisons=[
            cl.JaroWinklerAtThresholds("given", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("family", [0.92, 0.8]),
            cl.LevenshteinAtThresholds("birth_date", 1),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.ExactMatch("email").configure(term_frequency_adjustments=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[*blocks],
    )
    linker = Linker(database.register("accounts"), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match([*blocks[:3]], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    for rule in (blocks[0], blocks[2]):
        training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=SURE, warning_mode="never")
    groups = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, SURE)
    return connection.table(groups.physical_name).to_arrow_table()
