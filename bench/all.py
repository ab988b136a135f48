"""Runs the benchmarks and writes what they print to ``docs/benchmarks.md``.

    python bench/all.py [NAME ...]

Without names all of them run, which takes about an hour; with names only those sections
are measured again and the others stay as they were. Run it on a quiet machine.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """\
<!-- Written by `make bench`; figures are those of the run that is named, nothing is edited. -->
# Benchmarks

Each section says which command gave it, when and on what. Seconds are wall-clock; memory is the
peak of our own process, without Neo4j's.
"""
BENCHES: dict[str, tuple[str, ...]] = {
    "demo": ("bench/demo.py",),
    "company": ("bench/company.py", "--customers", "1000000", "--home", "{home}"),
    "api": ("bench/api.py",),
    "load": ("bench/company.py", "--customers", "1000000", "--load-only"),
    "graph_io": ("bench/graph_io.py",),
    "rfm": ("bench/rfm.py", "--lines", "50000000"),
    "models": ("bench/models.py",),
    "copurchase": ("bench/copurchase.py",),
    "identity": ("bench/identity.py",),
    "identity_stress": ("bench/identity.py", "--preset", "stress"),
    "linkage": ("bench/linkage.py",),
    "components": ("bench/components.py",),
    "changed": ("bench/changed.py",),
    "methods": ("bench/methods.py",),
    "seeds": ("bench/seeds.py",),
    "network": ("bench/network.py",),
    "network_graph": ("bench/network_graph.py",),
    "influence": ("bench/influence.py", "--memory", "2GB"),
    "month": ("bench/month.py",),
    "churn": ("bench/churn.py",),
}


def main() -> None:
    """Run the wanted benchmarks and write their sections."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []])
    names = parser.parse_args().names or list(BENCHES)
    sections = read_sections()
    home = Path(os.environ.get("KITH_HOME", tempfile.mkdtemp(prefix="kith-bench-")))
    for name in names:
        sections[name] = measure(name, home=home)
        write_sections(sections)


def read_sections() -> dict[str, str]:
    """Return the sections of the page by name."""
    if not PAGE.exists():
        return {}
    found = re.split(r"^## (\w+)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(found[1::2], found[2::2], strict=True)}


def write_sections(sections: dict[str, str]) -> None:
    """Write the page, sections in the order of ``BENCHES``."""
    texts = [f"## {name}\n\n{sections[name]}\n" for name in BENCHES if name in sections]
    PAGE.write_text("\n".join([HEAD, *texts]), encoding="utf-8")


def measure(name: str, *, home: Path) -> str:
    """Run one benchmark and return its section."""
    arguments = [argument.format(home=home) for argument in BENCHES[name]]
    shown = " ".join(["python", *(a for a in BENCHES[name] if a not in ("--home", "{home}"))])
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "KITH_HOME": str(home)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.monotonic() - began
    return f"`{shown}`, {machine()}, {seconds:.0f} s in all\n\n{done.stdout.strip()}"


def machine() -> str:
    """Return what the figures were measured on."""
    memory = psutil.virtual_memory().total / 1024**3
    day = datetime.now(UTC).date()
    return f"{day}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
