"""Writing a demo company: the same bytes for the same seed, once, with the truth apart."""

import hashlib
import json
import sys
from pathlib import Path
from typing import TypedDict, cast

import pyarrow.parquet as pq
import pytest

from loaders.demo import PROFILES, DemoError, DemoReport, Formats, write
from loaders.demo.writing import MARKER

N = 300
SOURCES = {"erp", "crm", "pos", "web", "call", "community", "partner"}


def written(folder: Path, *, seed: int = 7, formats: Formats = "files") -> DemoReport:
    return write(folder, customers=N, seed=seed, formats=formats)


class Asked(TypedDict, total=False):
    profile: str
    customers: int
    seed: int
    formats: Formats


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


def times(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("formats", ["files", "parquet"])
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, formats: Formats) -> None:
    written(tmp_path / "one", formats=formats)

    written(tmp_path / "two", formats=formats)

    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_people_in_files_of_the_same_names(tmp_path: Path) -> None:
    written(tmp_path / "one", seed=1)

    written(tmp_path / "two", seed=2)

    first, second = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert set(first) == set(second)
    same = {path for path in first if first[path] == second[path]}
    # the manifest and the actions do not depend on chance, nor does the category tree
    assert same == {"company.toml", "crm/campaigns.csv", "erp/categories.parquet"}


def test_bytes_do_not_depend_on_the_hash_seed_of_the_interpreter(tmp_path: Path) -> None:
    import os
    import subprocess

    script = (
        "import sys; from pathlib import Path; from loaders.demo import write;"
        f"write(Path(sys.argv[1]), customers={N})"
    )
    for name in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / name)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": name, "PYTHONPATH": str(Path.cwd())},
        )

    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_asking_again_changes_nothing_and_tells_the_same_counts(tmp_path: Path) -> None:
    first = written(tmp_path)
    before = times(tmp_path)

    second = written(tmp_path)

    assert times(tmp_path) == before
    assert (first.is_new, second.is_new) == (True, False)
    assert (second.files, second.tables) == (first.files, first.tables)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(customers=310),
        Asked(customers=N, seed=8),
        Asked(customers=N, formats="parquet"),
    ],
)
def test_asking_for_another_company_replaces_the_first(tmp_path: Path, asked: Asked) -> None:
    written(tmp_path / "both")

    report = write(tmp_path / "both", **asked)

    write(tmp_path / "alone", **asked)
    assert report.is_new
    assert digests(tmp_path / "both") == digests(tmp_path / "alone")


@pytest.mark.parametrize("path", ["crm/members.csv", "truth/accounts.parquet", "company.toml"])
def test_a_file_that_was_touched_or_lost_is_written_anew(tmp_path: Path, path: str) -> None:
    written(tmp_path)
    before = digests(tmp_path)
    (tmp_path / path).write_bytes(b"touched")

    assert written(tmp_path).is_new
    assert digests(tmp_path) == before

    (tmp_path / path).unlink()

    assert written(tmp_path).is_new
    assert digests(tmp_path) == before


@pytest.mark.parametrize("marker", ["", "{", "no json"])
def test_a_broken_marker_is_no_marker(tmp_path: Path, marker: str) -> None:
    written(tmp_path)
    (tmp_path / MARKER).write_text(marker)

    assert written(tmp_path).is_new


def test_a_run_that_broke_off_leaves_no_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.demo import writing

    written(tmp_path)

    def full(*_: object, **__: object) -> dict[str, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "write_extract", full)
    with pytest.raises(OSError, match="No space"):
        written(tmp_path, seed=8)

    assert not (tmp_path / MARKER).exists()


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "crm" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")

    written(tmp_path)
    written(tmp_path, seed=8)

    assert mine.read_text() == "mine"


def test_the_marker_names_what_was_asked_and_every_file(tmp_path: Path) -> None:
    report = written(tmp_path)

    marker = json.loads((tmp_path / MARKER).read_text())

    assert marker["report"]["customers"] == N
    assert set(marker["paths"]) == set(digests(tmp_path))
    assert set(report.files) == set(marker["paths"]) - {"company.toml", "truth/accounts.parquet"}
    assert len(marker["digest"]) == 64


def test_the_truth_names_every_account_once(tmp_path: Path) -> None:
    report = written(tmp_path)

    truth = pq.read_table(tmp_path / "truth/accounts.parquet").to_pandas()

    assert list(truth.columns) == ["account_id", "person_id", "household_id"]
    assert truth.notna().all(axis=None)
    assert truth["account_id"].is_unique
    assert truth["account_id"].is_monotonic_increasing
    assert len(truth) == report.tables["accounts"]
    assert set(truth["account_id"].str.split(":").str[0]) == SOURCES


def test_everybody_is_in_the_truth_and_in_one_household(tmp_path: Path) -> None:
    written(tmp_path)

    truth = pq.read_table(tmp_path / "truth/accounts.parquet").to_pandas()

    persons = set(truth["person_id"])
    # but for who is known at the till or the call centre by somebody else's number alone
    assert len({f"P{n:08d}" for n in range(N)} - persons) <= N // 50
    assert truth.groupby("person_id")["household_id"].nunique().max() == 1


def test_a_shops_own_accounts_live_in_no_family(tmp_path: Path) -> None:
    written(tmp_path)
    truth = pq.read_table(tmp_path / "truth/accounts.parquet").to_pandas()

    nobody = truth[truth["person_id"] >= f"P{N:08d}"]

    families = set(truth.loc[truth["person_id"] < f"P{N:08d}", "household_id"])
    assert len(nobody) >= 5  # the community's official accounts
    assert not families & set(nobody["household_id"])
    assert nobody.groupby("household_id")["person_id"].nunique().max() == 1


def test_a_customer_has_about_one_and_a_half_accounts(tmp_path: Path) -> None:
    report = write(tmp_path, customers=10_000)

    assert report.tables["accounts"] / 10_000 == pytest.approx(1.5, abs=0.05)
    assert 2.3 < report.tables["identifiers"] / 10_000 < 3.0
    assert report.tables["orders"] / 10_000 == pytest.approx(3.0, abs=0.15)
    assert report.tables["order_lines"] / 10_000 == pytest.approx(10.0, abs=0.6)


def test_both_formats_hold_the_same_rows(tmp_path: Path) -> None:
    files = written(tmp_path / "files")

    parquet = written(tmp_path / "parquet", formats="parquet")

    assert parquet.tables == files.tables
    assert sum(parquet.files.values()) == sum(files.files.values())
    assert all(path.endswith(".parquet") for path in parquet.files)


def test_every_file_system_has_its_own_format(tmp_path: Path) -> None:
    report = written(tmp_path)

    endings = {path.split("/")[0]: set[str]() for path in report.files}
    for path in report.files:
        folder, name = path.split("/")
        endings[folder].add(name.split(".", 1)[1])

    assert endings == {
        "erp": {"parquet"},
        "crm": {"csv"},
        "pos": {"csv"},
        "web": {"jsonl", "jsonl.gz"},
        "call": {"xlsx"},
        "community": {"jsonl"},
        "partner": {"csv"},
    }


def test_crm_files_are_gb18030_and_till_files_have_a_mark(tmp_path: Path) -> None:
    report = written(tmp_path)

    for path in report.files:
        octets = (tmp_path / path).read_bytes()
        if path.startswith("crm/"):
            assert "号" in octets.decode("gb18030").splitlines()[0]
            with pytest.raises(UnicodeDecodeError):
                octets.decode("utf-8")
        if path.startswith("pos/"):
            assert octets.startswith("﻿小票号".encode())
            assert octets.endswith(b"\r\n")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (Asked(profile="wholesale"), "retail"),
        (Asked(customers=99), "100 to 10,000,000"),
        (Asked(customers=10_000_001), "100 to 10,000,000"),
        (Asked(seed=-1), "from 0 on"),
        (Asked(formats=cast("Formats", "xml")), "files or parquet"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(
    tmp_path: Path, *, asked: Asked, named: str
) -> None:
    with pytest.raises(DemoError, match=named) as refusal:
        write(tmp_path / "none", **asked)

    assert refusal.value.facts["name"] == next(iter(asked))
    assert refusal.value.exit_code == 2
    assert not (tmp_path / "none").exists()


def test_a_refusal_has_a_chinese_form_too(tmp_path: Path) -> None:
    with pytest.raises(DemoError) as refusal:
        write(tmp_path, customers=1)

    assert refusal.value.message("zh") == "customers = 1：请给出 100 至 10,000,000 之间的人数。"


def test_profiles_are_named() -> None:
    assert "retail" in PROFILES
