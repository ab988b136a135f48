"""The month's whole run over replies, without the database: who leads, circles, whom to invite.

    python bench/influence.py [--replies 1300000] [--people 1100000] [--memory 1GB]

A forum of a year, made up: pulls of authors are heavy-tailed, most people answer once, half of
the answers go to somebody of one's own corner. Every method runs from posts to results as in
``kith score``, the reductions in the engine that a home opens. CPU seconds by method, and the
peak of the process; what it held before the first method, libraries and tables, is said apart.
"""

import argparse
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from algorithms.parameters import parameters_of
from algorithms.reduction import run_pure
from algorithms.registry import REGISTRY
from graph.columns import ARROW_TYPES
from graph.engine import engine
from graph.settings import read_settings
from graph.spec import fact_spec

COMPUTED: Final = {
    p.name: ARROW_TYPES[p.kind] for a in REGISTRY for p in a.properties.get("Customer", ())
}
METHODS: Final = ("reply_network", "influence", "circles", "seeds")
# of what one method writes, the next are handed what they read
HANDED_ON: Final = {c for name in METHODS for c in REGISTRY.named(name).reads["customers"]}
AS_OF: Final = datetime(2026, 6, 30, tzinfo=UTC)
# pull of the author by a power of a uniform draw; a third of all who write write once
POSTS: Final = """
WITH drawn AS (
    SELECT
        i, (hash(i * 3) % {people})::BIGINT AS a,
        floor({people} * pow((hash(i * 5) % 1000003) / 1000003.0, 4))::BIGINT AS b,
        hash(i * 7) % 31536000 AS s
    FROM range({replies}) t(i)
)
SELECT
    'p' || i AS post_id, 'c' || lpad(a::VARCHAR, 8, '0') AS customer_id,
    'c' || lpad(a::VARCHAR, 8, '0') AS account_id,
    TIMESTAMPTZ '2026-06-30 00:00:00+00' - to_seconds(s::BIGINT) AS posted_at,
    CASE WHEN hash(i) % 4 = 0 THEN 'answer' ELSE 'comment' END AS kind,
    't' || (b % 12) AS topic, NULL::VARCHAR AS reply_to_post_id,
    'c' || lpad(((b * 12 + (a % 12) * (hash(i * 11) % 2)) % {people})::VARCHAR, 8, '0')
        AS reply_to_account_id,
    NULL::BIGINT AS n_likes, NULL::VARCHAR AS text
FROM drawn
"""
ACCOUNTS: Final = """
SELECT
    'c' || lpad(i::VARCHAR, 8, '0') AS account_id, account_id AS customer_id,
    false AS is_official, 'user ' || i AS handle, 'member' AS kind,
    TIMESTAMPTZ '2026-06-30 00:00:00+00' - to_days((hash(i * 13) % 900)::INTEGER) AS registered_at
FROM range({people}) t(i)
"""


def tables(replies: int, people: int) -> dict[str, pa.Table]:
    """Return a made-up forum as the tables that algorithms read."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        made = {
            name: connection.sql(query.format(replies=replies, people=people)).to_arrow_table()
            for name, query in (("posts", POSTS), ("accounts", ACCOUNTS))
        }
    customers = pa.table({"customer_id": made["accounts"]["customer_id"]})
    return {**made, "customers": customers}


def completed(table: pa.Table, columns: tuple[str, ...], *, name: str) -> pa.Table:
    """Return a table with nulls for what it lacks, as what nobody states or has computed."""
    facts = fact_spec().tables.get(name)
    kinds = {c.stored: ARROW_TYPES[c.kind] for c in facts.stored} if facts else COMPUTED
    for column in columns:
        if column not in table.column_names:
            kind = kinds.get(column, pa.string())
            table = table.append_column(column, pa.nulls(len(table), kind))
    return table


def run(name: str, held: dict[str, pa.Table], *, folder: Path, memory: str) -> pa.Table:
    """Run one method, print its seconds, and return what others read of it."""
    algorithm = REGISTRY.named(name)
    given = {
        table: completed(held.get(table, pa.table({})), columns, name=table)
        for table, columns in algorithm.reads.items()
    }
    parameters = parameters_of(algorithm.parameters, {}, algorithm=name, as_of=AS_OF)
    began, wall = time.process_time(), time.perf_counter()
    own = engine(read_settings(home=folder, memory=memory))
    result = run_pure(algorithm, given, parameters=parameters, engine=own)
    seconds = time.process_time() - began, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = len(result.frames["Customer"]) if "Customer" in result.frames else 0
    print(f"| {name} | {rows:,} | {seconds[0]:.1f} | {seconds[1]:.1f} | {peak:,.0f} |", flush=True)
    if "Customer" not in result.frames:
        return pa.table({})
    frame = result.frames["Customer"]
    read = [column for column in frame.columns if column in HANDED_ON]
    return pa.Table.from_pandas(frame[read], preserve_index=False)


def joined(left: pa.Table, right: pa.Table) -> pa.Table:
    """Return the customers with what a method wrote of them."""
    return left.join(right, "customer_id", join_type="left outer")


def main() -> None:
    """Run all methods, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=1_300_000)
    parser.add_argument("--people", type=int, default=1_100_000)
    parser.add_argument("--memory", default="1GB")
    options = parser.parse_args()
    held = tables(options.replies, options.people)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.replies:,} replies, {options.people:,} people; {before:,.0f} MB with tables\n")
    print("| method | people with a result | CPU seconds | seconds | peak MB |")
    print("|---|---|---|---|---|")
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        for name in METHODS:
            found = run(name, held, folder=Path(folder), memory=options.memory)
            if found.num_columns > 1:
                held["customers"] = joined(held["customers"], found)
    total = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| all | | {total:.1f} | | {peak:,.0f} |")


if __name__ == "__main__":
    main()
