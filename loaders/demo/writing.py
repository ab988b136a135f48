"""Writes a demo company into a folder: its systems' files, the manifest, and the truth apart.

A marker written last names what was asked for and a digest of every byte, so that asking again
costs a look, and a folder that was touched or left half written is written anew.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypedDict, cast, get_args

import numpy as np
import pyarrow as pa

from graph.errors import ConfigurationError
from graph.language import Text
from loaders.demo import call, community, crm, erp, partner, pos, web
from loaders.demo.company import Company, Export, company_of
from loaders.demo.draw import Ints
from loaders.demo.files import Extract, Formats, write_extract, write_parquet
from loaders.demo.manifest import manifest_text
from loaders.demo.people import person_keys
from loaders.demo.profile import PROFILES
from loaders.demo.text import join, keys

MANIFEST, MARKER, TRUTH = "company.toml", ".demo.json", "truth/accounts.parquet"
SYSTEMS: tuple[Callable[[Company], Export], ...] = (
    erp.export,
    crm.export,
    pos.export,
    web.export,
    call.export,
    community.export,
    partner.export,
)
FEWEST_CUSTOMERS = 100  # with fewer, some system might export an empty file
MOST_CUSTOMERS = 10_000_000  # numbers of members and buyers have eight and nine digits


class DemoError(ConfigurationError):
    """A demo company was asked for that cannot be made."""

    text = Text("{name} = {value}: {remedy}", "{name} = {value}：{remedy}")


class Reported(TypedDict):
    """A ``DemoReport`` as JSON."""

    profile: str
    customers: int
    seed: int
    formats: Formats
    files: dict[str, int]
    tables: dict[str, int]
    seconds: float
    is_new: bool


class Marker(TypedDict):
    """What a finished folder says of itself."""

    report: Reported
    paths: list[str]
    digest: str


@dataclass(frozen=True)
class DemoReport:
    """What lies in a demo company's folder.

    ``files`` counts rows by path and ``tables`` rows by fact table, repeated ones once;
    ``seconds`` is the time that this call took; ``is_new`` is false where the files were
    there already.
    """

    profile: str
    customers: int
    seed: int
    formats: Formats
    files: Mapping[str, int]
    tables: Mapping[str, int]
    seconds: float
    is_new: bool


def write(
    folder: Path,
    profile: str = "retail",
    *,
    customers: int = 20_000,
    seed: int = 7,
    formats: Formats = "files",
) -> DemoReport:
    """Write a demo company's source files, its manifest and the truth about its accounts.

    Parameters
    ----------
    folder
        Made where it is missing. Files of an earlier demo company in it are replaced, others
        are left alone.
    profile
        The kind of company: a key of ``PROFILES``.
    customers
        Persons, a hundred to ten million; a million take about 2.5 GB of memory.
    seed
        At least 0. The same seed gives the same bytes.
    formats
        ``files`` as the systems export them, or all as ``parquet``, which is faster to make.

    Returns
    -------
    The counts; nothing is written where the folder already holds this very company.

    Raises
    ------
    DemoError
        If a parameter is out of its range.
    """
    begun = time.perf_counter()
    asked = {"profile": profile, "customers": customers, "seed": seed, "formats": formats}
    _check(profile, customers=customers, seed=seed, formats=formats)
    if (found := _found(folder, asked)) is not None:
        return replace(found, seconds=time.perf_counter() - begun)
    _clear(folder)
    company = company_of(PROFILES[profile], customers, seed=seed)
    files, tables = _write_company(company, folder, formats=formats)
    report = DemoReport(profile, customers, seed, formats, files, tables, 0.0, is_new=True)
    _mark(folder, report)
    return replace(report, seconds=time.perf_counter() - begun)


def _check(profile: str, *, customers: int, seed: int, formats: str) -> None:
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        remedy = Text(f"known profiles are {known}.", f"已知的方案有 {known}。")
        raise DemoError(name="profile", value=profile, remedy=remedy)
    if not FEWEST_CUSTOMERS <= customers <= MOST_CUSTOMERS:
        ends = f"{FEWEST_CUSTOMERS}", f"{MOST_CUSTOMERS:,}"
        remedy = Text(
            "give a number of persons from {} to {}.".format(*ends),
            "请给出 {} 至 {} 之间的人数。".format(*ends),
        )
        raise DemoError(name="customers", value=customers, remedy=remedy)
    if seed < 0:
        remedy = Text("give a whole number from 0 on.", "请给出不小于 0 的整数。")
        raise DemoError(name="seed", value=seed, remedy=remedy)
    if formats not in get_args(Formats):
        remedy = Text("give files or parquet.", "请给出 files 或 parquet。")
        raise DemoError(name="formats", value=formats, remedy=remedy)


def _write_company(
    company: Company, folder: Path, *, formats: Formats
) -> tuple[dict[str, int], dict[str, int]]:
    """Write system by system, so that only one system's rows are in memory."""
    files: dict[str, int] = {}
    tables: Counter[str] = Counter()
    entries: dict[str, list[Extract]] = {}
    truth = []
    for export_of in SYSTEMS:
        export = export_of(company)
        written = [extract.in_format(formats) for extract in export.extracts]
        for extract in written:
            files |= write_extract(extract, folder)
        # of the files only names matter from here on
        entries[export.source] = [replace(e, rows=pa.table({}), month=None) for e in written]
        tables.update(export.counts)
        truth.append(_truth(company, export))
    _write_truth(pa.concat_tables(truth), folder)
    (folder / MANIFEST).write_text(manifest_text(entries), encoding="utf-8", newline="\n")
    return files, dict(sorted(tables.items()))


def _truth(company: Company, export: Export) -> pa.Table:
    return pa.table(
        {
            "account_id": join(f"{export.source}:", export.account_keys),
            "person_id": person_keys(export.persons),
            "household_id": keys("H", _households(company, export.persons), width=8),
        }
    )


def _households(company: Company, persons: Ints) -> Ints:
    """Return each person's household; who is no person (a shop's phone) is one alone."""
    household = company.people.homes.household
    n, last = len(household), int(household[-1])
    homes: Ints = np.where(
        persons < n, household[np.minimum(persons, n - 1)], last + 1 + persons - n
    )
    return homes


def _write_truth(rows: pa.Table, folder: Path) -> None:
    target = folder / TRUTH
    target.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(rows.sort_by("account_id"), target)


def _mark(folder: Path, report: DemoReport) -> None:
    paths = sorted([*report.files, MANIFEST, TRUTH])
    marker = {"report": asdict(report), "paths": paths, "digest": _digest(folder, paths)}
    unfinished = folder / f"{MARKER}.part"
    unfinished.write_text(json.dumps(marker, indent=1), encoding="utf-8")
    unfinished.replace(folder / MARKER)


def _found(folder: Path, asked: Mapping[str, object]) -> DemoReport | None:
    """Return the report of the company that lies in ``folder``, if it is the one asked for."""
    marker = _marker(folder)
    if marker is None or _digest(folder, marker["paths"]) != marker["digest"]:
        return None
    found = DemoReport(**marker["report"])
    is_asked = all(getattr(found, name) == value for name, value in asked.items())
    return replace(found, is_new=False) if is_asked else None


def _marker(folder: Path) -> Marker | None:
    try:
        return cast("Marker", json.loads((folder / MARKER).read_text("utf-8")))
    except (FileNotFoundError, ValueError):  # no company here, or somebody edited its marker
        return None


def _clear(folder: Path) -> None:
    """Remove the marker first, then the files of the company that it names."""
    marker = _marker(folder)
    (folder / MARKER).unlink(missing_ok=True)
    for path in marker["paths"] if marker else ():
        (folder / path).unlink(missing_ok=True)


def _digest(folder: Path, paths: Sequence[str]) -> str:
    """Return one digest of all the bytes of ``paths``; empty where a file is missing."""
    total = hashlib.sha256()
    for path in paths:
        if not (folder / path).is_file():
            return ""
        with (folder / path).open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
