"""Writing the identity company: presets, formats, the same bytes, refusals, a sweep of rates."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from loaders.demo import PROFILES, DemoError, write, write_files
from loaders.demo.identity import DEFAULT, PRESETS, Identity
from loaders.demo.manifest import manifest_text
from loaders.demo.writing import MARKER

N = 300


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


@pytest.mark.parametrize("formats", ["files", "parquet"])
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, formats: str) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, "identity", customers=N, formats=formats)  # type: ignore[arg-type]  # two of the formats

    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_bytes_do_not_depend_on_the_hash_seed_of_the_interpreter(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    script = (
        "import sys; from pathlib import Path; from loaders.demo import write;"
        f"write(Path(sys.argv[1]), 'identity', customers={N})"
    )
    for name in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / name)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": name, "PYTHONPATH": str(Path.cwd())},
        )

    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_another_seed_changes_every_file_but_the_manifest(tmp_path: Path) -> None:
    for seed in (1, 2):
        write(tmp_path / str(seed), "identity", customers=N, seed=seed)

    one, two = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert set(one) == set(two)
    assert {path for path in one if one[path] == two[path]} == {"company.toml"}


def test_it_is_parquet_unless_asked_otherwise(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", "identity", customers=N)
    files = write(tmp_path / "files", "identity", customers=N, formats="files")

    assert plain.formats == "parquet"
    assert all(path.endswith(".parquet") for path in plain.files)
    assert all(path.endswith(".csv.gz") for path in files.files)
    assert files.tables == plain.tables
    assert list(files.files.values()) == list(plain.files.values())


def test_the_retail_company_keeps_its_own_files(tmp_path: Path) -> None:
    assert write(tmp_path, customers=N).formats == "files"
    assert PROFILES["retail"].presets == ()


def test_the_report_names_the_preset(tmp_path: Path) -> None:
    assert write(tmp_path / "d", "identity", customers=N).preset == "default"
    assert write(tmp_path / "m", "identity", customers=N, preset="mild").preset == "mild"
    assert write(tmp_path / "r", customers=N).preset is None


def test_asking_again_changes_nothing(tmp_path: Path) -> None:
    first = write(tmp_path, "identity", customers=N, preset="stress")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}

    second = write(tmp_path, "identity", customers=N, preset="stress")

    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before
    assert (first.is_new, second.is_new) == (True, False)
    assert replace(second, is_new=True, seconds=first.seconds) == first


def test_the_default_preset_by_name_is_the_same_company(tmp_path: Path) -> None:
    write(tmp_path, "identity", customers=N)

    assert not write(tmp_path, "identity", customers=N, preset="default").is_new


@pytest.mark.parametrize("preset", ["mild", "stress"])
def test_another_preset_is_another_company(tmp_path: Path, preset: str) -> None:
    write(tmp_path / "both", "identity", customers=N)
    report = write(tmp_path / "both", "identity", customers=N, preset=preset)

    write(tmp_path / "alone", "identity", customers=N, preset=preset)

    assert report.is_new
    assert digests(tmp_path / "both") == digests(tmp_path / "alone")


def test_one_company_replaces_another_of_the_other_profile(tmp_path: Path) -> None:
    write(tmp_path / "both", customers=N)
    write(tmp_path / "both", "identity", customers=N)

    write(tmp_path / "alone", "identity", customers=N)

    assert digests(tmp_path / "both") == digests(tmp_path / "alone")


@pytest.mark.parametrize("path", ["crm/members.parquet", "truth/accounts.parquet", "company.toml"])
def test_a_file_that_was_touched_is_written_anew(tmp_path: Path, path: str) -> None:
    write(tmp_path, "identity", customers=N)
    before = digests(tmp_path)
    (tmp_path / path).write_bytes(b"touched")

    assert write(tmp_path, "identity", customers=N).is_new
    assert digests(tmp_path) == before


def test_a_marker_of_an_older_kith_without_a_preset_is_read(tmp_path: Path) -> None:
    write(tmp_path, customers=N)
    marker = json.loads((tmp_path / MARKER).read_text())
    del marker["report"]["preset"]
    (tmp_path / MARKER).write_text(json.dumps(marker))

    assert not write(tmp_path, customers=N).is_new


def test_an_unknown_preset_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="default, mild, stress") as refusal:
        write(tmp_path / "none", "identity", preset="wild")

    assert refusal.value.facts["name"] == "preset"
    assert "已知的预设有" in refusal.value.message("zh")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("preset", ["mild", "default", ""])
def test_a_preset_of_a_profile_that_has_none_is_refused(tmp_path: Path, preset: str) -> None:
    with pytest.raises(DemoError, match="retail has no presets") as refusal:
        write(tmp_path / "none", "retail", preset=preset)

    assert refusal.value.exit_code == 2
    assert not (tmp_path / "none").exists()


def test_an_unknown_profile_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="retail, identity"):
        write(tmp_path / "none", "wholesale", preset="mild")


def test_any_rates_can_be_written_for_a_sweep(tmp_path: Path) -> None:
    rates = replace(DEFAULT, family_phone=1.0)

    files, tables = write_files(Identity(rates, N, seed=1), tmp_path, formats="parquet")

    truth = pq.read_table(tmp_path / "truth/accounts.parquet")
    assert tables["accounts"] == truth.num_rows
    assert set(files) == {
        str(p.relative_to(tmp_path)) for p in tmp_path.glob("[!t]*/*.parquet")
    } | {"till/cards.parquet"}
    assert not (tmp_path / MARKER).exists()


def test_presets_are_those_of_the_rates() -> None:
    assert PROFILES["identity"].presets == tuple(PRESETS) == ("default", "mild", "stress")


def test_the_smallest_company_fills_every_file(tmp_path: Path) -> None:
    report = write(tmp_path, "identity", customers=100, preset="mild")

    assert len(report.files) == 11
    assert min(report.files.values()) > 10


def test_a_template_is_chosen_by_name() -> None:
    with pytest.raises(KeyError, match="crm"):
        manifest_text({}, template="identity.toml")
