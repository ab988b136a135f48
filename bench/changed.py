"""Ten thousand changed records against a million customers: load and resolve, in the graph.

    python bench/changed.py [--customers 1000000] [--changed 10000] [--seed 7] [--home FOLDER]

The identity company is written once; ``--changed`` of its records are held back: half of
them wholly, of the others what identifies them. The rest goes through ``kith run`` on an empty
store. What is measured is ``kith load`` of the records held back and ``kith resolve`` after it.
At the end a dry run of ``kith resolve --full`` has to find nothing to change.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from company import kith  # type: ignore[import-not-found]  # lies beside this script

from loaders.demo import write

# the files of records and what names a record; beside them the files that name one
RECORDS = {
    "crm/members": "member_no",
    "shop/users": "user_id",
    "till/cards": "card_no",
    "call/calls": "call_id",
    "web/visitors": "visitor",
    "app/users": "user_id",
    "community/users": "user_id",
    "partner/audience": "row_id",
}
BESIDE = {
    "crm/orders": ("crm/members", "buyer"),
    "shop/orders": ("shop/users", "buyer"),
    "shop/logins": ("shop/users", "user_id"),
}
IDENTIFYING = ("phone", "new_phone", "email", "union_id", "open_id")


def held_back(files: Path, *, changed: int, seed: int) -> None:
    """Part the files into ``first`` and ``then``, each a whole company's folder."""
    tables = {name: pq.read_table(files / f"{name}.parquet") for name in [*RECORDS, *BESIDE]}
    total = sum(tables[name].num_rows for name in RECORDS)
    draw = np.random.default_rng(seed)
    late, new = {}, {}
    for name in RECORDS:
        rows = tables[name].num_rows
        chosen = np.zeros(rows, dtype=np.bool_)
        chosen[draw.choice(rows, round(changed * rows / total), replace=False)] = True
        late[name], new[name] = pa.array(chosen), pa.array(chosen & (draw.random(rows) < 0.5))
        own = [column for column in IDENTIFYING if column in tables[name].column_names]
        new[name] = new[name] if own else late[name]
        blank = tables[name]
        for column in own:
            bare = pc.if_else(late[name], "", blank[column])
            blank = blank.set_column(blank.column_names.index(column), column, bare)
        part(
            files,
            name,
            first=blank.filter(pc.invert(new[name])),
            then=tables[name].filter(late[name]),
        )
    for name, (of, column) in BESIDE.items():
        keys = tables[of][RECORDS[of]].filter(new[of])
        is_late = pc.is_in(tables[name][column], value_set=keys)
        rows = tables[name]
        part(files, name, first=rows.filter(pc.invert(is_late)), then=rows.filter(is_late))


def part(files: Path, name: str, *, first: pa.Table, then: pa.Table) -> None:
    """Write both parts of a file."""
    for folder, rows in (("first", first), ("then", then)):
        path = files / folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, path)


def main() -> None:
    """Build, change, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--changed", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, default=None)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kith-bench-"))
    files = home / "files"
    write(files, "identity", customers=options.customers, seed=options.seed)
    held_back(files, changed=options.changed, seed=options.seed)
    manifest = str(files / "company.toml")
    kith(home, "up")
    try:
        printed, seconds = kith(home, "run", manifest, "--data", str(files / "first"), "--json")
        print(f"kith run of {options.customers:,} customers: {seconds:.1f} s", flush=True)
        for stage in json.loads(printed)["stages"]:
            print(f"  {stage['stage']:10} {stage['seconds']:7.1f} s {stage['peak_mb']:8,.0f} MB")
        compare(home, manifest, files=files, changed=options.changed)
    finally:
        kith(home, "down")


def compare(home: Path, manifest: str, *, files: Path, changed: int) -> None:
    """Load and resolve what was held back, and hold it against a full run."""
    loaded, first = kith(home, "load", manifest, "--data", str(files / "then"), "--json")
    resolved, second = kith(home, "resolve", "--json")
    print(f"kith load: {first:.1f} s, {json.loads(loaded)['seconds']}")
    print(f"kith resolve: {second:.1f} s, {told(resolved)}")
    print(
        f"{changed:,} records: {changed / (first + second):,.0f} a second, end to end", flush=True
    )
    full, third = kith(home, "resolve", "--full", "--dry-run", "--json")
    print(f"kith resolve --full --dry-run: {third:.1f} s, {told(full)}")


def told(printed: str) -> str:
    """Return what a resolution counted, without its events."""
    report = json.loads(printed)
    return json.dumps({name: report[name] for name in ("unchanged", "written", "counts")})


if __name__ == "__main__":
    main()
