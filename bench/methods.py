"""Every method on a whole company: seconds by method, reads and write-back included.

    python bench/methods.py [--customers 1000000] [--home FOLDER]

Without ``--home`` the retail company is written and goes through ``kith run`` on an empty store:
the table has the methods of the stages model, report and activate, whose results the import
writes afterwards. A home that holds a company is used as it stands: ``kith score`` runs the
methods of value, lifecycle, churn and price as of a day earlier, so that nothing is unchanged,
and publishes: that table has reads from the graph, computation and write-back.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from company import kith, write_files  # type: ignore[import-not-found]  # lies beside this script

from algorithms.registry import REGISTRY

STAGES: Final = ("model", "report", "activate")
METHODS: Final = (
    *("rfm", "rfm_clusters", "lifecycle", "clv", "repurchase", "churn", "alerts", "price"),
    *("value_potential", "reseller", "portrait", "store_health"),
)

Run = Mapping[str, object]


def runs_in(home: Path) -> list[Run]:
    """Return what the runs of a home say of themselves, in the order in which they began."""
    notes = (home / "runs").glob("*/run.json")
    runs = [json.loads(note.read_text(encoding="utf-8")) for note in notes]
    return sorted(runs, key=lambda run: str(run["started_at"]))


def table(runs: Iterable[Run], *, seconds: float) -> str:
    """Return the seconds of each run as a table, with their sum and what lies beside them.

    Parameters
    ----------
    runs
        With ``algorithm`` and ``seconds``, and ``state`` where it was not imported.
    seconds
        Of the whole command.
    """
    rows = ["| method | stage | state | seconds |", "|---|---|---|---|"]
    total = 0.0
    for run in runs:
        algorithm, own = REGISTRY.named(str(run["algorithm"])), float(str(run["seconds"]))
        state = run.get("state", "imported")
        rows.append(f"| {algorithm.name} | {algorithm.stage} | {state} | {own:.1f} |")
        total += own
    rows.append(f"| methods | | | {total:.1f} |")
    rows.append(f"| the command | | | {seconds:.1f} |")
    return "\n".join(rows)


def built(home: Path, *, customers: int) -> None:
    """Build the company from nothing and print the methods of the three stages."""
    manifest = write_files(home, customers)
    printed, seconds = kith(home, "run", str(manifest), "--json")
    print(f"\n`kith run` of {customers:,} customers, results imported afterwards\n")
    chosen = [r for r in runs_in(home) if REGISTRY.named(str(r["algorithm"])).stage in STAGES]
    print(table(chosen, seconds=seconds))
    print("\n| stage | seconds | peak MB |\n|---|---|---|")
    for stage in json.loads(printed)["stages"]:
        print(f"| {stage['stage']} | {stage['seconds']:.1f} | {stage['peak_mb']:,.0f} |")


def published(home: Path, names: Iterable[str], *, as_of: datetime) -> str:
    """Score methods over the graph and write them back; return `table` of what it took."""
    wished = ("--as-of", f"{as_of:%Y-%m-%dT%H:%M:%S}", "--publish", "--force", "--json")
    printed, seconds = kith(home, "score", *names, *wished)
    return table(json.loads(printed), seconds=seconds)


def scored(home: Path) -> None:
    """Score the methods on the company of a home, a day before its latest run; print them."""
    latest = max(datetime.fromisoformat(str(run["as_of"])) for run in runs_in(home))
    as_of = latest - timedelta(days=1)
    found = published(home, METHODS, as_of=as_of)
    print(f"\n`kith score` as of {as_of:%Y-%m-%dT%H:%M:%S}: reads, computation and write-back\n")
    print(found)


def main() -> None:
    """Measure and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, default=None)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kith-bench-"))
    is_held = (home / "runs").exists()
    kith(home, "up")
    try:
        if not is_held:
            built(home, customers=options.customers)
        scored(home)
    finally:
        kith(home, "down")


if __name__ == "__main__":
    main()
