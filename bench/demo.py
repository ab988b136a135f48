"""What a newcomer waits for: the demo of 20,000 customers, and starting and stopping.

    python bench/demo.py [--customers 20000]

A fresh home with Neo4j's jars already in Maven's cache; then the same demo again, and
start and stop of the database five times each.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KITH = Path(sys.executable).with_name("kith")
REPEATS = 5


def seconds_of(home: str, *arguments: str) -> float:
    """Return how long one kith command takes in ``home``."""
    began = time.monotonic()
    subprocess.run(
        [str(KITH), *arguments],
        env={**os.environ, "KITH_HOME": home},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.monotonic() - began


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", default="20000")
    customers = parser.parse_args().customers
    demo = ("demo", "--customers", customers, "--no-serve")
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as home:
        fetch = seconds_of(home, "up")
        first = seconds_of(home, *demo)
        second = seconds_of(home, *demo)
        downs, ups = [], []
        for _ in range(REPEATS):
            downs.append(seconds_of(home, "down"))
            ups.append(seconds_of(home, "up"))
        seconds_of(home, "down")
    print("| what | seconds |\n|---|---|")
    print(f"| first `kith up`: jars copied, store made, class archive written | {fetch:.1f} |")
    print(f"| `kith demo` of {customers} customers, empty store | {first:.1f} |")
    print(f"| the same again, nothing to do | {second:.1f} |")
    print(f"| warm `kith up`, median of {REPEATS} | {statistics.median(ups):.1f} |")
    print(f"| `kith down`, median of {REPEATS} | {statistics.median(downs):.1f} |")


if __name__ == "__main__":
    main()
