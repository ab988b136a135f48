"""Generated pages say what the declarations say, in tables that a reader can draw."""

import re
from pathlib import Path

import pytest

from algorithms.registry import REGISTRY, computed_spec
from api.documents import (
    GENERATED,
    HIDDEN,
    _command_section,
    _kind,
    _picture,
    algorithm_page,
    algorithms_page,
    all_errors,
    commands_page,
    pages,
    problems_page,
    schema_page,
    settings_page,
    tables_page,
    write_pages,
)
from graph.errors import KithError, NotFoundError
from graph.language import Text
from graph.settings import Settings
from graph.spec import PropertySpec, fact_spec

ABOUT = Text("about", "关于")
MARKDOWN = sorted(name for name in pages() if name.endswith(".md"))


def number(**said: object) -> PropertySpec:
    return PropertySpec("x", "number", ABOUT, **said)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str) -> None:
    blocks = re.findall(r"(?:^\|.*\n?)+", pages()[name](), flags=re.MULTILINE)

    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in block.splitlines()}
        assert len(widths) == 1, block.splitlines()[0]


@pytest.mark.parametrize("name", MARKDOWN)
def test_a_page_ends_with_one_line_break(name: str) -> None:
    page = pages()[name]()

    assert page.startswith(GENERATED)
    assert page.endswith("\n")


def test_pages_are_written_where_they_belong(tmp_path: Path) -> None:
    written = write_pages(tmp_path / "docs")

    assert written == sorted(written)
    assert {str(p.relative_to(tmp_path / "docs")) for p in written} == set(pages())
    assert (tmp_path / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in write_pages(tmp_path)}

    assert {path: path.read_bytes() for path in write_pages(tmp_path)} == before


# ---------------------------------------------------------------------------- properties


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        (number(), "number"),
        (number(unit="days"), "number, days"),
        (number(minimum=0), "number, 0.."),
        (number(maximum=1), "number, ..1"),
        (number(minimum=0, maximum=0.5), "number, 0..0.5"),
        (number(default=0), "number, default 0"),
        (PropertySpec("x", "code", ABOUT, codes=("a", "b"), default="a"), "code(a, b), default a"),
    ],
)
def test_a_kind_is_told_with_unit_range_and_default(declared: PropertySpec, text: str) -> None:
    assert _kind(declared) == text


# -------------------------------------------------------------------------------- tables


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("stores", "a node `Store`"),
        ("orders", "a node `Order`, with `PLACED` Account"),
        ("order_lines", "a relationship `(Order)-[:CONTAINS]->(Product)`"),
        ("events", "rolled up by account, kind and target; the rows stay in staging"),
    ],
)
def test_a_table_is_told_by_its_picture(table: str, text: str) -> None:
    assert _picture(fact_spec().tables[table]).startswith(text)


def test_required_columns_are_bold_and_personal_ones_marked() -> None:
    page = tables_page()

    assert "| **account_key** | key |" in page
    assert "| full_name † | text |" in page
    assert [t for t in fact_spec().tables if f"\n## {t}\n" not in page] == []


# -------------------------------------------------------------------------------- schema


def test_every_label_has_a_section_and_its_key_is_bold() -> None:
    page = schema_page()

    for node in computed_spec().nodes.values():
        assert f"## {node.label}\n" in page
        assert f"| **{node.key}** |" in page


def test_computed_properties_name_their_algorithm() -> None:
    assert re.search(r"\| rfm_recency_days \| number, days.* \| rfm \|", schema_page())


def test_kinds_of_events_are_told_once() -> None:
    page = schema_page()

    assert page.count("## (Account)-[:VIEWED | SEARCHED") == 2
    assert "(Account)-[:CARTED]->" not in page
    assert page.count('Account -->|"VIEWED, CARTED, ..."| Product') == 1


def test_what_is_hidden_is_a_label() -> None:
    assert set(computed_spec().nodes) >= HIDDEN


# --------------------------------------------------------------------- settings, commands


def test_settings_are_named_as_variables() -> None:
    page = settings_page()

    assert all(f"| `KITH_{name.upper()}` | " in page for name in Settings.model_fields)


@pytest.mark.parametrize(
    "command",
    ["run", "load", "unload", "resolve", "score", "cypher", "export", "keys create", "docs"],
)
def test_every_command_has_a_section(command: str) -> None:
    assert f"## kith {command}\n" in commands_page()


def test_a_group_is_told_by_its_commands() -> None:
    page = commands_page()

    assert "## kith keys\n" not in page
    assert page.index("## kith keys create") < page.index("## kith keys list")


def test_arguments_stand_in_capitals_and_options_with_their_dashes() -> None:
    page = commands_page()

    section = page[page.index("## kith export") :].split("\n## ")[0]
    assert "- `TABLE`: Any table, fact or knowledge." in section
    assert "- `--output`: FILE.csv, .jsonl, .parquet or .xlsx" in section


def test_a_command_without_help_has_an_empty_line() -> None:
    assert list(_command_section("kith x", object())) == ["## kith x", "", "", "", ""]


# ---------------------------------------------------------------------------- algorithms


def test_the_list_of_algorithms_leads_to_their_pages() -> None:
    page = algorithms_page()

    for algorithm in REGISTRY:
        assert f"[{algorithm.name}]({algorithm.name}.md) | {algorithm.stage} |" in page
        assert f"algorithms/{algorithm.name}.md" in pages()


@pytest.mark.parametrize("algorithm", list(REGISTRY), ids=lambda a: a.name)
def test_an_algorithms_page_names_all_it_writes(algorithm: object) -> None:
    found = REGISTRY.named(str(getattr(algorithm, "name", "")))

    page = algorithm_page(found)

    assert page.splitlines()[1] == f"# {found.name} {found.version}"
    names = [p.name for properties in found.outputs.values() for p in properties]
    assert [name for name in names if name not in page.split("## Writes")[1]] == []
    assert [table for table in found.reads if f"- `{table}`: " not in page] == []


# -------------------------------------------------------------------------------- errors


def test_errors_are_listed_by_code_with_their_treatment() -> None:
    lines = [line for line in problems_page().splitlines() if line.startswith("| ")][1:]
    codes = [line.split(" | ")[0].removeprefix("| ") for line in lines]

    assert codes == sorted(codes)
    assert any(line.startswith("| unknown-table-error | 404 | 4 | ") for line in lines)


def test_branches_without_a_sentence_are_not_listed() -> None:
    found = all_errors()

    assert KithError not in found
    assert NotFoundError not in found
    assert all(issubclass(error, KithError) for error in found)


def test_errors_of_others_are_not_listed_as_kiths() -> None:
    class TeapotError(KithError):
        text = Text("no tea", "没有茶")

    assert TeapotError not in all_errors()
