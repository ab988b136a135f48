"""Writes a demo company into a folder: its systems' files, the manifest, and the truth apart.

A marker written last names what was asked for and a digest of every byte, so that asking again
costs a look, and a folder that was touched or left half written is written anew.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack, cast, get_args

import pyarrow as pa

from graph.errors import ConfigurationError
from graph.language import Text
from loaders.demo.files import Extract, Formats, write_extract, write_parquet
from loaders.demo.making import PROFILES, Making
from loaders.demo.manifest import manifest_text

MANIFEST, MARKER, TRUTH = "company.toml", ".demo.json", "truth/accounts.parquet"
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
    preset: str | None


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
    there already; ``preset`` is None for a profile that has none.
    """

    profile: str
    customers: int
    seed: int
    formats: Formats
    files: Mapping[str, int]
    tables: Mapping[str, int]
    seconds: float
    is_new: bool
    preset: str | None = None


class Asked(TypedDict, total=False):
    """What can be asked of a company beside its profile; see ``write``."""

    customers: int | None
    seed: int
    formats: Formats
    preset: str | None


def write(folder: Path, profile: str = "retail", **asked: Unpack[Asked]) -> DemoReport:
    """Write a demo company's source files, its manifest and the truth about its accounts.

    Parameters
    ----------
    folder
        Made where it is missing. Files of an earlier demo company in it are replaced, others
        are left alone.
    profile
        The kind of company: a key of ``PROFILES``.
    customers
        Persons, a hundred to ten million; a million take about 2.5 GB of memory. None: as many
        as the profile has unless asked otherwise; one profile has no other number.
    seed
        At least 0, else 7. The same seed gives the same bytes.
    formats
        ``files`` as the systems export them, or all as ``parquet``, which is faster to make;
        else what the profile prefers.
    preset
        One of the profile's named sets of rates, else its first; None where it has none.

    Returns
    -------
    The counts; nothing is written where the folder already holds this very company.

    Raises
    ------
    DemoError
        If a parameter is out of its range.
    """
    begun = time.perf_counter()
    wanted = _wanted(profile, asked)
    if (found := _found(folder, wanted)) is not None:
        return replace(found, seconds=time.perf_counter() - begun)
    _clear(folder)
    making = PROFILES[profile].make(wanted)
    files, tables = write_files(making, folder, formats=wanted.formats)
    report = replace(wanted, files=files, tables=tables)
    _mark(folder, report)
    return replace(report, seconds=time.perf_counter() - begun)


def folder_name(profile: str, **asked: Unpack[Asked]) -> str:
    """Return the name of a folder for one company alone: what was asked for, in short.

    Raises
    ------
    DemoError
        As `write`.
    """
    wanted = _wanted(profile, asked)
    name = f"{profile}-{asked['preset']}" if asked.get("preset") else profile
    return f"{name}-{wanted.customers}-{wanted.seed}"


def _wanted(profile: str, asked: Asked) -> DemoReport:
    """Return what was asked for as a report without counts, every default filled in."""
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        remedy = Text(f"known profiles are {known}.", f"已知的方案有 {known}。")
        raise DemoError(name="profile", value=profile, remedy=remedy)
    demo = PROFILES[profile]
    _check(asked)
    return DemoReport(
        profile,
        _customers(asked.get("customers"), profile=profile),
        asked.get("seed", 7),
        asked.get("formats", demo.formats),
        files={},
        tables={},
        seconds=0.0,
        is_new=True,
        preset=_preset(asked.get("preset"), profile=profile),
    )


def _customers(asked: int | None, *, profile: str) -> int:
    """Return the number asked for, or the profile's own."""
    demo = PROFILES[profile]
    if demo.has_one_size and asked not in {None, demo.customers}:
        remedy = Text(
            f"the profile {profile} has {demo.customers:,} customers; leave the number out.",
            f"方案 {profile} 固定为 {demo.customers:,} 个客户，请去掉此项。",
        )
        raise DemoError(name="customers", value=asked, remedy=remedy)
    return demo.customers if asked is None else asked


def _preset(asked: str | None, *, profile: str) -> str | None:
    """Return the preset asked for, or the profile's first; None where it has none."""
    known = PROFILES[profile].presets
    if asked is None:
        return known[0] if known else None
    if not known:
        remedy = Text(
            f"the profile {profile} has no presets; leave it out.",
            f"方案 {profile} 没有预设，请去掉此项。",
        )
        raise DemoError(name="preset", value=asked, remedy=remedy)
    if asked not in known:
        names = ", ".join(known)
        remedy = Text(f"known presets are {names}.", f"已知的预设有 {names}。")
        raise DemoError(name="preset", value=asked, remedy=remedy)
    return asked


def _check(asked: Asked) -> None:
    customers, seed = asked.get("customers"), asked.get("seed", 0)
    if customers is not None and not FEWEST_CUSTOMERS <= customers <= MOST_CUSTOMERS:
        ends = f"{FEWEST_CUSTOMERS}", f"{MOST_CUSTOMERS:,}"
        remedy = Text(
            "give a number of persons from {} to {}.".format(*ends),
            "请给出 {} 至 {} 之间的人数。".format(*ends),
        )
        raise DemoError(name="customers", value=customers, remedy=remedy)
    if seed < 0:
        remedy = Text("give a whole number from 0 on.", "请给出不小于 0 的整数。")
        raise DemoError(name="seed", value=seed, remedy=remedy)
    if asked.get("formats", "files") not in get_args(Formats):
        remedy = Text("give files or parquet.", "请给出 files 或 parquet。")
        raise DemoError(name="formats", value=asked["formats"], remedy=remedy)


def write_files(
    making: Making, folder: Path, *, formats: Formats
) -> tuple[dict[str, int], dict[str, int]]:
    """Write a company's files, manifest and truth, whatever lies in ``folder``.

    ``write`` does this once a company; call it for rates that no preset has.

    Returns
    -------
    Rows by path, and rows by fact table, repeated ones counted once.
    """
    files: dict[str, int] = {}
    tables: Counter[str] = Counter()
    entries: dict[str, list[Extract]] = {}
    for export in making.exports():
        written = [extract.in_format(formats) for extract in export.extracts]
        for extract in written:
            files |= write_extract(extract, folder)
        # of the files only names matter from here on
        entries[export.source] = [replace(e, rows=pa.table({}), month=None) for e in written]
        tables.update(export.counts)
    _write_truth(making.truth(), folder)
    manifest = manifest_text(entries, template=making.manifest)
    (folder / MANIFEST).write_text(manifest, encoding="utf-8", newline="\n")
    return files, dict(sorted(tables.items()))


def _write_truth(rows: pa.Table, folder: Path) -> None:
    target = folder / TRUTH
    target.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(rows, target)


def _mark(folder: Path, report: DemoReport) -> None:
    paths = sorted([*report.files, MANIFEST, TRUTH])
    marker = {"report": asdict(report), "paths": paths, "digest": _digest(folder, paths)}
    unfinished = folder / f"{MARKER}.part"
    unfinished.write_text(json.dumps(marker, indent=1), encoding="utf-8")
    unfinished.replace(folder / MARKER)


def _found(folder: Path, wanted: DemoReport) -> DemoReport | None:
    """Return the report of the company that lies in ``folder``, if it is the one asked for."""
    marker = _marker(folder)
    if marker is None or _digest(folder, marker["paths"]) != marker["digest"]:
        return None
    found = DemoReport(**marker["report"])
    same = replace(wanted, files=found.files, tables=found.tables)
    return replace(found, is_new=False) if found == same else None


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
