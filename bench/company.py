"""A whole company through ``kith run``: seconds and peak memory of each stage.

    python bench/company.py --customers 1000000 [--home FOLDER] [--load-only]

A fresh home, the demo company's files written first (their seconds apart), then one
``kith run`` (or ``kith load``) on an empty store.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def kith(home: Path, *arguments: str) -> tuple[str, float]:
    """Run one command in ``home``; return what it printed and its seconds."""
    command = Path(sys.executable).with_name("kith")
    environment = {**os.environ, "KITH_HOME": str(home)}
    began = time.monotonic()
    done = subprocess.run(
        [str(command), *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout, time.monotonic() - began


def write_files(home: Path, customers: int) -> Path:
    """Write the source files, print how long that took, and return the manifest."""
    from loaders.demo import write

    report = write(home / "demo", customers=customers)
    print(f"files of {customers:,} customers: {report.seconds:.1f} s")
    for table, rows in sorted(report.tables.items()):
        print(f"  {table:16} {rows:>12,}")
    return home / "demo" / "company.toml"


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--load-only", action="store_true")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kith-bench-"))
    manifest = write_files(home, options.customers)
    kith(home, "up")
    if options.load_only:
        printed, seconds = kith(home, "load", str(manifest), "--json")
        print(f"kith load: {seconds:.1f} s, {json.loads(printed)['seconds']}")
    else:
        printed, seconds = kith(home, "run", str(manifest), "--json")
        print("| stage | seconds | peak MB |\n|---|---|---|")
        for stage in json.loads(printed)["stages"]:
            print(f"| {stage['stage']} | {stage['seconds']:.1f} | {stage['peak_mb']:,.0f} |")
        print(f"| all | {seconds:.1f} | |")
    kith(home, "down")


if __name__ == "__main__":
    main()
