"""What can be generated is generated, and what is generated is not stale."""

import re
from pathlib import Path

import pytest

from api.documents import GENERATED, all_errors, pages
from graph.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_what_its_declarations_say(name: str) -> None:
    held = (DOCS / name).read_text(encoding="utf-8")

    assert held == pages()[name](), f"docs/{name} is stale: run `make docs`"


@pytest.mark.parametrize("name", sorted(n for n in pages() if n.endswith(".md")))
def test_a_generated_page_says_so(name: str) -> None:
    assert pages()[name]().startswith(GENERATED)


def test_every_setting_is_documented() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")

    assert [n for n in Settings.model_fields if f"{PREFIX}{n.upper()}" not in page] == []


def test_every_error_is_documented() -> None:
    page = (DOCS / "problems.md").read_text(encoding="utf-8")

    assert [e.code() for e in all_errors() if f"| {e.code()} |" not in page] == []


def test_links_between_documents_lead_somewhere() -> None:
    pages_ = {path: path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
    pages_[ROOT / "README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")
    broken = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path, text in pages_.items()
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text)
        if not (path.parent / target).exists()
    ]

    assert broken == []


def test_every_decision_has_a_number_of_its_own_and_a_status() -> None:
    pages_ = sorted((DOCS / "adr").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages_]

    assert numbers == list(range(1, len(pages_) + 1))
    assert [p.name for p in pages_ if "Status:" not in p.read_text(encoding="utf-8")] == []


def test_every_dependency_has_a_line_with_its_licence() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    page = (DOCS / "adr" / "0010-dependencies.md").read_text(encoding="utf-8")
    names = [re.split(r"[\[<>=]", name)[0] for name in project["dependencies"]]

    assert [name for name in names if name not in page] == []
