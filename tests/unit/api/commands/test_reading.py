"""``kith tables`` and how profiles are printed."""

import pytest

from api.commands.reading import _show_profile
from graph.spec import fact_spec
from tests.in_process import CommandLine


def test_all_tables_are_listed_with_their_number_of_columns(kith: CommandLine) -> None:
    said = kith.run("tables")

    rows = [line.split("│") for line in said.out.splitlines() if line.startswith("│")]
    counts = {row[1].strip(): int(row[3]) for row in rows}
    assert counts == {name: len(t.columns) for name, t in fact_spec().tables.items()}


def test_tables_as_json_is_nothing_but_json(kith: CommandLine) -> None:
    said = kith.run("tables", "--json")

    assert isinstance(said.json, list)
    assert {"name": "posts", "about": "A post, comment or reply"} in said.json
    assert said.err == ""


def test_one_table_shows_which_columns_are_required_and_personal(kith: CommandLine) -> None:
    columns = kith.run("tables", "accounts", "--json").json

    assert isinstance(columns, list)
    by_name = {column["column"]: column for column in columns}
    assert by_name["account_key"] == {
        "column": "account_key",
        "kind": "key",
        "required": True,
        "personal": False,
        "meaning": "Key of the account in its source",
    }
    assert by_name["full_name"]["personal"]


def test_one_table_is_printed_for_people(kith: CommandLine) -> None:
    said = kith.run("tables", "stores")

    assert said.out.splitlines()[0].strip() == "stores"
    assert "store_key" in said.out


def test_meanings_follow_the_language(kith: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    assert "一个服务工单" in kith.run("tables").out


def test_an_unknown_table_is_not_found_and_the_known_ones_are_named(kith: CommandLine) -> None:
    said = kith.run("tables", "teapots", code=4)

    assert said.out == ""
    assert "There is no 'teapots'. Known are: accounts, identifiers" in said.err


def test_export_refuses_a_call_without_a_file(kith: CommandLine) -> None:
    assert "--output" in kith.run("export", "orders", code=2).err


def test_a_profile_prints_values_lists_and_groups(capsys: pytest.CaptureFixture[str]) -> None:
    _show_profile(
        {
            "customer_id": "c1",
            "merged_into": None,
            "labels": ["tea", "silk"],
            "accounts": [{"account_id": "till:1", "orders": 12}],
            "scores": {"rfm_r": {"value": 5, "run": "rfm-1", "unit": None}},
        }
    )

    out = capsys.readouterr().out
    assert "customer_id          c1\n" in out
    assert "merged_into          \n" in out
    assert "labels               tea, silk\n" in out
    assert "till:1" in out
    assert "value 5" in out


def test_groups_of_different_width_stand_in_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    _show_profile({"orders": {"paid": 2, "last": {"at": "2026-01-01", "value": 3}, "lines": [1]}})

    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("│")
    ]
    assert rows == [["paid", "2", ""], ["last", "at 2026-01-01", "value 3"], ["lines", "1", ""]]


def test_an_empty_group_prints_nothing_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    _show_profile({"scores": {}, "accounts": []})

    assert "scores" in capsys.readouterr().out
