"""Who is one person, against companies whose truth is known: ours beside plain components.

    python bench/identity.py [--customers 1000000] [--preset default] [--seed 7] [--without-linkage]

The files of the identity profile are written as Parquet and staged as any company's; then
accounts are resolved four ways on the same facts: plain components of all identifiers,
components under caps alone, Splink alone as its tutorials use it, and kith's constrained
resolution, first by identifiers and then with joins by resemblance. No database is needed.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from splink_alone import clusters  # type: ignore[import-not-found]  # lies beside this script

from algorithms.identity.evidence import Evidence, Facts, gather
from algorithms.identity.grading import evaluate
from algorithms.identity.ground import Ground, described, persons_of, read_details, read_ground
from algorithms.identity.links import Numbers
from algorithms.identity.policy import Policy
from algorithms.identity.resemblance import Resemblance
from algorithms.identity.state import read_facts
from algorithms.identity.truth import Truth, read_truth
from algorithms.identity.union import Union, connected, united
from algorithms.registry import computed_spec
from graph.reader import StagedReader
from graph.settings import Settings, read_settings
from loaders.demo import write
from loaders.load import Options, Prepared, stage_manifest
from loaders.manifest import read_manifest

HEAD = "| method | P | R oracle | F1 | R | B-cubed P | largest | over-merged | seconds |"


@contextmanager
def timed(name: str) -> Iterator[list[float]]:
    """Print the seconds and the peak memory of a step."""
    seconds = [0.0]
    begun = time.perf_counter()
    yield seconds
    seconds[0] = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{name:32} {seconds[0]:7.1f} s  peak {peak:4.1f} GB", flush=True)


def staged(settings: Settings, folder: Path) -> Prepared:
    """Stage the company in ``folder`` as a load does."""
    manifest = read_manifest(folder / "company.toml")
    options = Options(spec=computed_spec(), on_stage=lambda _: None)
    return stage_manifest(settings, manifest, data=folder, options=options)


def facts_of(settings: Settings, prepared: Prepared) -> tuple[Facts, Ground, pa.Table]:
    """Read what resolution reads: facts, ground, and what the vault knows."""
    reader = StagedReader(
        settings=settings,
        spec=computed_spec(),
        timezone=prepared.home.timezone,
        computed={},
        picture=prepared.folder / "picture",
        staging=prepared.folder / "staging",
    )
    facts = read_facts(reader)
    ground = read_ground(settings, vault=prepared.folder / "vault")
    details = read_details(ground.vault)
    return replace(facts, persons=persons_of(details)), ground, described(details, facts.accounts)


def plain(evidence: Evidence, *, linking: bool) -> Numbers:
    """Return the components of all identifiers, or of those alone that caps let join."""
    chosen = evidence.linking if linking else np.ones(len(evidence.linking), dtype=np.bool_)
    account, unit = evidence.links.account[chosen], evidence.links.identifier[chosen]
    same = unit[1:] == unit[:-1]
    return connected(account[:-1][same], account[1:][same], n=len(evidence.accounts))


def graded(name: str, evidence: Evidence, *, group: Numbers, truth: Truth, seconds: float) -> None:
    """Print one line of the table."""
    found = evaluate(
        pa.table({"account_id": evidence.accounts, "customer_id": pa.array(group)}), truth
    ).grades
    oracle = found.oracle.value if found.oracle else None
    assert found.bcubed is not None
    assert found.largest is not None
    figures = [found.pairs.precision, oracle, found.oracle_f1, found.pairs.recall]
    cells = [f"{figure or 0:.4f}" for figure in [*figures, found.bcubed.precision]]
    cells += [f"{found.largest.n_accounts:,}", f"{found.over_merged.value or 0:.1%}"]
    print(f"| {name} | {' | '.join(cells)} | {seconds:.1f} |")


def resolved(
    facts: Facts, ground: Ground, *, details: pa.Table, truth: Truth, linkage: bool
) -> None:
    """Resolve by every method and print the table."""
    policy = ground.policy
    with timed("layer 1: evidence") as first:
        evidence = gather(facts, policy)
    with timed("layer 1: constrained union") as second:
        union = united(evidence, policy, words=ground.words)
    lines: list[tuple[str, Numbers, float]] = [
        ("plain components", plain(evidence, linking=False), 0.0),
        ("components under caps", plain(evidence, linking=True), 0.0),
        ("kith, identifiers", union.group, first[0] + second[0]),
    ]
    if linkage:
        with timed("Splink alone") as alone:
            label = clusters(details, evidence.accounts)
        lines.insert(2, ("Splink alone", label, alone[0]))
        with timed("layer 2: train, score, join") as third:
            label = linked(evidence, union, policy=policy, details=details)
        lines.append(("kith, identifiers and likeness", label, third[0]))
    print(HEAD)
    print("|" + "---|" * 9)
    for name, group, seconds in lines:
        graded(name, evidence, group=group, truth=truth, seconds=seconds)


def linked(evidence: Evidence, union: Union, *, policy: Policy, details: pa.Table) -> Numbers:
    """Return each account's group after joins by resemblance."""
    found = Resemblance(policy, details)(evidence, union)
    return union.group if found is None else found.label[union.group]


def main() -> None:
    """Write, stage, resolve and grade one company."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without-linkage", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        home = Path(folder)
        with timed(f"files of {options.customers:,} customers"):
            write(
                home / "files",
                "identity",
                customers=options.customers,
                seed=options.seed,
                preset=options.preset,
            )
        settings = read_settings(home=home)
        with timed("staging"):
            prepared = staged(settings, home / "files")
        with timed("reading facts and vault"):
            facts, ground, details = facts_of(settings, prepared)
        truth = read_truth(home / "files" / "truth" / "accounts.parquet")
        resolved(
            facts,
            ground,
            details=details,
            truth=truth,
            linkage=not options.without_linkage,
        )


if __name__ == "__main__":
    main()
