"""``kith docs`` writes what the declarations say, and nothing else."""

from pathlib import Path

import pytest

from api.documents import pages
from tests.in_process import CommandLine


def test_docs_writes_every_page_and_names_it(kith: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "docs"

    said = kith.run("docs", "--output", str(folder))

    written = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert written == set(pages())
    assert said.out == ""
    assert said.err.splitlines() == [str(folder / name) for name in sorted(pages())]


def test_docs_needs_no_home(
    kith: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_HOME", str(tmp_path / "nowhere"))

    kith.run("docs", "--output", str(tmp_path / "docs"))

    assert not (tmp_path / "nowhere").exists()


def test_docs_writes_over_a_stale_page_and_leaves_others_alone(
    kith: CommandLine, tmp_path: Path
) -> None:
    stale, own = tmp_path / "tables.md", tmp_path / "onboarding.md"
    stale.write_text("stale")
    own.write_text("by hand")

    kith.run("docs", "--output", str(tmp_path))

    assert stale.read_text(encoding="utf-8") == pages()["tables.md"]()
    assert own.read_text() == "by hand"
