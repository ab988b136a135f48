"""``kith load``: what is printed of a load, when it asks, and with which code it leaves."""

import json
from collections import Counter
from pathlib import Path

import pytest
import typer

from api.commands import loading
from api.commands.loading import _confirmed, refuse_rejects, show_load
from graph.settings import read_settings
from loaders.errors import NothingKeptError, TooMuchDeletedError
from loaders.load import Options
from loaders.report import LoadReport, TableReport
from tests.in_process import CommandLine


def table(name: str = "orders", **counts: object) -> TableReport:
    made = TableReport("shop", name, read=5, accepted=5)
    for key, value in counts.items():
        setattr(made, key, value)
    return made


def load(*tables: TableReport, **facts: object) -> LoadReport:
    report = LoadReport("l1", tables=list(tables), written={"Order": 3})
    for key, value in facts.items():
        setattr(report, key, value)
    return report


def too_much() -> TooMuchDeletedError:
    return TooMuchDeletedError(counts="5 of 10 Order")


# ------------------------------------------------------------------------------ printing


def test_a_load_is_a_row_for_each_table(capsys: pytest.CaptureFixture[str]) -> None:
    orders = table(read=1200, accepted=1199, rejected=Counter({"kind": 1}), new=1199)

    show_load(load(orders), as_json=False)

    row = next(x for x in capsys.readouterr().out.splitlines() if "orders" in x and "│" in x)
    cells = [cell.strip() for cell in row.split("│")[1:-1]]
    assert cells == ["shop", "orders", "1,200", "1,199", "1", "0", "1,199", "0", "0", "0"]


def test_remarks_name_rules_files_and_bare_nodes(capsys: pytest.CaptureFixture[str]) -> None:
    orders = table(
        rejected=Counter({"range": 2, "kind": 1}),
        conflicts={"status": 4},
        repeated_files=("a.csv", "b.csv"),
    )

    show_load(load(orders, bare={"Product": 1200}), as_json=False)

    out = capsys.readouterr().out
    assert "shop.orders rejected: kind 1, range 2\n" in out
    assert "shop.orders conflicts: status 4\n" in out
    assert "shop: files read once only: a.csv, b.csv\n" in out
    assert "named but not described: Product 1,200\n" in out
    assert "nothing was written" not in out


@pytest.mark.parametrize(
    ("facts", "remark"),
    [
        ({"dry_run": True}, "dry run: nothing was written"),
        ({"written": {}}, "the graph already held all of it: nothing was written"),
    ],
)
def test_a_load_that_wrote_nothing_says_why(
    facts: dict[str, object], remark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_load(load(table(), **facts), as_json=False)

    assert capsys.readouterr().out.endswith(f"{remark}\n")


def test_a_load_as_json_has_all_counts(capsys: pytest.CaptureFixture[str]) -> None:
    show_load(load(table(rejected=Counter({"kind": 1}), accepted=4)), as_json=True)

    shown = json.loads(capsys.readouterr().out)
    assert (shown["load_id"], shown["written"]) == ("l1", {"Order": 3})
    (orders,) = shown["tables"]
    assert (orders["read"], orders["accepted"], orders["rejected"]) == (5, 4, {"kind": 1})


# ------------------------------------------------------------------------------- leaving


def test_rejects_are_no_failure(tmp_path: Path) -> None:
    refuse_rejects(
        read_settings(home=tmp_path), load(table(rejected=Counter({"kind": 1}))), strict=False
    )


def test_strict_allows_no_reject(tmp_path: Path) -> None:
    report = load(table(rejected=Counter({"kind": 1200})))

    with pytest.raises(NothingKeptError, match="1,200") as caught:
        refuse_rejects(read_settings(home=tmp_path), report, strict=True)

    assert caught.value.exit_code == 3
    assert caught.value.facts["folder"] == tmp_path / "rejects"


def test_strict_is_content_with_a_clean_load(tmp_path: Path) -> None:
    refuse_rejects(read_settings(home=tmp_path), load(table()), strict=True)


def test_tables_that_kept_no_row_are_named(tmp_path: Path) -> None:
    report = load(table(accepted=0), table("posts"), table("stores", accepted=0))

    with pytest.raises(NothingKeptError, match=r"shop\.orders, shop\.stores"):
        refuse_rejects(read_settings(home=tmp_path), report, strict=False)


def test_a_table_that_was_emptied_on_purpose_is_fine(tmp_path: Path) -> None:
    refuse_rejects(read_settings(home=tmp_path), load(table(accepted=0, removed=5)), strict=True)


# -------------------------------------------------------------------------------- asking


class Attempts:
    """A load that would delete much, until that is confirmed."""

    def __init__(self) -> None:
        self.confirmed: list[bool] = []

    def __call__(self, options: Options) -> LoadReport:
        self.confirmed.append(options.confirmed)
        if not options.confirmed:
            raise too_much()
        return load(table())


def test_where_nobody_sits_a_large_deletion_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "is_interactive", lambda: False)
    attempts = Attempts()

    with pytest.raises(TooMuchDeletedError):
        _confirmed(attempts, Options())

    assert attempts.confirmed == [False]


def test_whoever_says_yes_gets_the_deletion(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(loading, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "confirm", lambda question, **_: asked.append(question))
    attempts = Attempts()

    report = _confirmed(attempts, Options())

    assert report.load_id == "l1"
    assert attempts.confirmed == [False, True]
    assert asked == [str(too_much())]


def test_whoever_says_no_keeps_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(_question: str, **_options: bool) -> None:
        raise typer.Abort

    monkeypatch.setattr(loading, "is_interactive", lambda: True)
    monkeypatch.setattr(typer, "confirm", no)
    attempts = Attempts()

    with pytest.raises(typer.Abort):
        _confirmed(attempts, Options())

    assert attempts.confirmed == [False]


def test_a_load_that_deletes_little_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_question: str, **_options: bool) -> None:
        pytest.fail("nobody should be asked")

    monkeypatch.setattr(typer, "confirm", never)

    assert _confirmed(lambda _: load(table()), Options()).load_id == "l1"


def test_a_manifest_that_is_not_there_stops_before_the_database(kith: CommandLine) -> None:
    said = kith.run("load", "nowhere.toml", code=2)

    assert "nowhere.toml" in said.err
    assert not (kith.home / "server").exists()
