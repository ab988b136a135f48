"""``kith run``: how the six stages and the figures of a graph are printed."""

import json

import pytest

from api.commands.demo import show_pipeline
from api.pipeline import PipelineReport, StageReport
from loaders.report import LoadReport
from tests.in_process import CommandLine

SUMMARY: dict[str, object] = {
    "counts": {"accounts": 3000, "orders": 12},
    "joined": 1500,
    "in_three": 20,
    "buyers": 900,
    "best": 7,
    "mean_spend": 1234.5,
    "rules": [{"bought": "tea", "also": "cup", "lift": 2.5}],
}


def report(**figures: object) -> PipelineReport:
    stages = [StageReport("fuse", 12.34, 56.7, ["a", "b"]), StageReport("resolve", 1, 2, [])]
    return PipelineReport(LoadReport("l1"), stages, {**SUMMARY, **figures})


def printed(capsys: pytest.CaptureFixture[str], **figures: object) -> str:
    show_pipeline(report(**figures), as_json=False)
    return capsys.readouterr().out


def test_stages_are_a_row_each(capsys: pytest.CaptureFixture[str]) -> None:
    row = next(line for line in printed(capsys).splitlines() if line.startswith("│ fuse"))

    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["fuse", "12.3", "57", "a; b"]


def test_figures_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys)

    assert "The graph holds accounts 3,000, orders 12.\n" in out
    assert "1,500 customers are known by several accounts, 20 of them in three systems" in out
    assert "900 customers have bought; 7 stand in the best cell (R5 F5 M5)" in out
    assert "their mean spend is 1,234.50." in out


def test_a_company_without_buyers_has_no_mean(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, buyers=0, best=0, mean_spend=None)

    assert "No customer has bought anything.\n" in out
    assert "mean spend" not in out


@pytest.mark.parametrize(("rules", "shown"), [(SUMMARY["rules"], True), ([], False)])
def test_rules_are_printed_where_there_are_any(
    capsys: pytest.CaptureFixture[str], rules: object, *, shown: bool
) -> None:
    assert ("bought together" in printed(capsys, rules=rules)) is shown


def test_a_run_as_json_has_stages_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    show_pipeline(report(), as_json=True)

    found = json.loads(capsys.readouterr().out)
    assert (found["load_id"], found["summary"]) == ("l1", SUMMARY)
    assert found["stages"][0] == {
        "stage": "fuse",
        "name": "fuse",
        "seconds": 12.34,
        "peak_mb": 56.7,
        "told": ["a", "b"],
    }


@pytest.mark.parametrize("options", [["--customers", "0"], ["--seed", "-1"], ["--teapot"]], ids=str)
def test_wrong_options_of_the_demo_are_wrong_usage(kith: CommandLine, options: list[str]) -> None:
    kith.run("demo", *options, code=2)

    assert list(kith.home.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--profile", "wholesale"], "known profiles are retail, identity, deck."),
        (["--profile", "identity", "--preset", "wild"], "known presets are default, mild, stress."),
        (["--preset", "mild"], "the profile retail has no presets"),
        (["--profile", "retail", "--preset", "stress"], "the profile retail has no presets"),
        (["--profile", "identity", "--customers", "5"], "100 to 10,000,000"),
        (["--profile", "deck", "--customers", "500"], "the profile deck has 9,965 customers"),
        (["--profile", "deck", "--preset", "mild"], "the profile deck has no presets"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_demo_that_cannot_be_made_is_refused_before_the_database(
    kith: CommandLine, options: list[str], named: str
) -> None:
    said = kith.run("demo", *options, code=2)

    assert named in " ".join(said.err.split())
    assert not (kith.home / "demo").exists()
    assert not (kith.home / "server").exists()


@pytest.mark.parametrize(
    ("options", "folder", "preset"),
    [
        (["--profile", "identity"], "identity-200-7", "default"),
        (["--profile", "identity", "--preset", "stress"], "identity-stress-200-7", "stress"),
        (
            ["--profile", "identity", "--preset", "mild", "--seed", "3"],
            "identity-mild-200-3",
            "mild",
        ),
        ([], "retail-200-7", None),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_the_demos_files_lie_under_what_was_asked_for(
    kith: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    *,
    options: list[str],
    folder: str,
    preset: str | None,
) -> None:
    from graph import server
    from graph.errors import KithError

    def no_server(_: object) -> None:
        raise KithError(problem="no server in this test")

    monkeypatch.setattr(server, "start", no_server)
    said = kith.run("demo", "--customers", "200", *options, code=1)

    marker = json.loads((kith.home / "demo" / folder / ".demo.json").read_text())
    assert marker["report"]["preset"] == preset
    assert "source files of 200 customers" in said.err


def test_the_deck_has_its_own_number_of_customers(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph import server
    from graph.errors import KithError

    def no_server(_: object) -> None:
        raise KithError(problem="no server in this test")

    monkeypatch.setattr(server, "start", no_server)
    first = kith.run("demo", "--profile", "deck", code=1)
    again = kith.run("demo", "--profile", "deck", "--customers", "9965", code=1)

    assert (kith.home / "demo" / "deck-9965-7" / "company.toml").is_file()
    assert "source files of 9,965 customers" in first.err
    assert "already there" in " ".join(again.err.split())


def test_a_run_without_a_manifest_stops_before_the_database(kith: CommandLine) -> None:
    assert "nowhere.toml" in kith.run("run", "nowhere.toml", code=2).err
    assert not (kith.home / "server").exists()
