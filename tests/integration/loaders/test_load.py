"""Loads into a running graph: what holds afterwards, whatever happened on the way."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph.elements import read_element
from graph.journal import unfinished
from graph.server import start
from graph.session import connect
from graph.spec import fact_spec
from graph.staging import picture_file, picture_folder
from loaders import load as loading
from loaders.errors import FileError, TooMuchDeletedError, UnknownSourceError
from tests.conftest import HomeMaker
from tests.example_files import FILES, manifest_of, packed
from tests.graph_rows import plain
from tests.integration.loaders.conftest import LiveShop
from tests.loading import company, part, source

pytestmark = pytest.mark.integration

PHONE, NAME, ADDRESS = "13812345678", "欧阳知秋", "南京西路1266号"
PEOPLE = part(
    "accounts", "people", account_key="id", full_name="name", address="home", handle="nick"
)
PHONES = part("identifiers", "people", account_key="id", kind="'phone'", value="tel")
ORDERS = part(
    "orders", "orders", order_key="no", account_key="id", ordered_at="day", store_key="shop"
)
LINES = part("order_lines", "orders", order_key="no", product_key="sku", amount="paid")
HEADS = {"people": "id,name,home,nick,tel", "orders": "no,id,day,shop,sku,paid"}
ROWS = {
    "people": [f"A1,{NAME},{ADDRESS},</script>,{PHONE}", "A2,,,😀,13900001111"],
    "orders": [
        "O1,A1,2026-01-02 10:00,S1,tea,12.5",
        "O1,A1,2026-01-02 10:00,S1,milk,-2.0001",
        "O2,A9,2026-01-03,S1,tea,12.5",
        "O3,,2026-01-03,,tea,12.5",
    ],
}


def write(live: LiveShop, folder: str = ".", **rows: list[str]) -> None:
    for name, lines in (ROWS | rows).items():
        live.write(f"{folder}/{name}.csv", "\n".join([HEADS[name], *lines]) + "\n")


def shop_of(name: str = "shop", folder: str = ".") -> str:
    files = {name: f"{folder}/{name}.csv" for name in HEADS}
    return source(name, files=files, tables=[PEOPLE, PHONES, ORDERS, LINES])


TEXT = company(shop_of())
BOTH = company(shop_of(), shop_of("till", "till"))


# ------------------------------------------------------------------------- what is written


def test_the_graph_holds_the_picture(live: LiveShop) -> None:
    write(live)

    report = live.put(TEXT)

    names = sorted(path.stem for path in picture_folder(live.settings).glob("*.parquet"))
    assert set(names) == set(report.written)
    with connect(live.settings) as database:
        for name in names:
            drawn = pq.read_table(picture_file(live.settings, name))
            read = read_element(database, fact_spec(), name=name, columns=drawn.column_names)
            assert plain(read) == plain(drawn), name


def test_every_load_leaves_a_report_in_the_graph(live: LiveShop) -> None:
    write(live, orders=[*ROWS["orders"], "O4,A1,31/02/2026,S1,tea,1"])

    report = live.put(TEXT)

    with connect(live.settings) as database:
        found = database.read(
            "MATCH (r:LoadReport) RETURN r.report_id AS id, r.counts AS counts ORDER BY id"
        )
    assert [row["id"] for row in found] == [
        f"{report.load_id}:shop.{table}"
        for table in ("accounts", "identifiers", "order_lines", "orders")
    ]
    assert '"ordered_at: not-a-time": 1' in str(found[3]["counts"])


def test_no_personal_value_is_in_the_graph(live: LiveShop) -> None:
    write(live)

    live.put(TEXT)

    with connect(live.settings) as database:
        nodes = database.read("MATCH (n) RETURN properties(n) AS p")
        links = database.read("MATCH ()-[r]->() RETURN properties(r) AS p")
    told = str([row["p"] for row in (*nodes, *links)])
    assert "</script>" in told
    assert not [value for value in (PHONE, "13900001111", NAME, ADDRESS) if value in told]


@pytest.mark.parametrize("example", sorted(FILES))
def test_every_example_is_read_back_as_it_was_loaded(live: LiveShop, example: str) -> None:
    for name, content in FILES[example].items():
        live.write(name, packed(name, content))

    live.put(manifest_of(example))

    with connect(live.settings) as database:
        for path in picture_folder(live.settings).glob("*.parquet"):
            drawn = pq.read_table(path)
            read = read_element(database, fact_spec(), name=path.stem, columns=drawn.column_names)
            assert plain(read) == plain(drawn), path.stem


# --------------------------------------------------------------------------- the same again


def test_the_same_load_again_writes_nothing(live: LiveShop) -> None:
    write(live)
    live.put(TEXT)
    once = live.dump()

    report = live.put(TEXT)

    assert not report.changed_anything
    assert live.dump() == once


def test_rows_in_another_order_give_the_same_graph(live: LiveShop) -> None:
    write(live)
    live.put(TEXT)
    once = live.dump()
    write(live, people=ROWS["people"][::-1], orders=ROWS["orders"][::-1])

    report = live.put(TEXT)

    assert not report.changed_anything
    assert live.dump() == once


def test_a_change_is_written_and_nothing_else(live: LiveShop) -> None:
    write(live)
    live.put(TEXT)
    write(live, people=[ROWS["people"][0].replace("</script>", "Ann"), ROWS["people"][1]])

    report = live.put(TEXT)

    assert report.written == {"Account": 1}
    with connect(live.settings) as database:
        (row,) = database.read(
            "MATCH (a:Account {account_id: 'shop:A1'}) RETURN a.handle AS handle"
        )
    assert row["handle"] == "Ann"


def test_replace_takes_out_what_is_gone(live: LiveShop) -> None:
    write(live, orders=ROWS["orders"][:2])
    live.put(TEXT)
    alone = live.dump()
    write(live)
    live.put(TEXT)
    write(live, orders=ROWS["orders"][:2])

    report = live.put(TEXT, replace=True)

    assert report.removed["Order"] == 2
    assert live.dump() == alone


# ------------------------------------------------------------------------------- unloading


def test_loading_two_sources_and_unloading_one_is_loading_the_other(live: LiveShop) -> None:
    write(live)
    live.put(TEXT)
    alone = live.dump()
    write(live, folder="till", people=[f"B1,,,Bob,{PHONE}"], orders=["P1,B1,2026-01-05,S2,tea,1"])
    live.put(BOTH)
    assert live.dump() != alone

    live.take_out("till")

    assert live.dump() == alone


def test_unloading_the_last_source_empties_the_graph(live: LiveShop) -> None:
    write(live)
    live.put(TEXT)

    report = live.take_out("shop")

    assert report.removed["Account"] == 3
    assert not [line for line in live.dump() if "shop:" in line]
    assert not list(picture_folder(live.settings).glob("*.parquet"))


def test_unloading_what_was_never_loaded_is_refused(live: LiveShop) -> None:
    with pytest.raises(UnknownSourceError):
        live.take_out("shop")


# --------------------------------------------------------------------------- what goes wrong


def test_a_bad_file_leaves_the_graph_as_it_was(live: LiveShop) -> None:
    write(live)
    live.put(TEXT)
    once, held = live.dump(), live.held()
    live.write("orders.csv", "")

    with pytest.raises(FileError, match="the file is empty"):
        live.put(TEXT)

    assert live.dump() == once
    assert live.held() == held


def test_a_dry_run_tells_what_it_would_do_and_does_nothing(live: LiveShop) -> None:
    write(live)

    report = live.put(TEXT, dry_run=True)

    assert report.written["Account"] == 3
    assert live.held() == {}
    assert not [line for line in live.dump() if "shop:" in line]
    assert not list((live.settings.home / "staging").glob("*"))


def test_a_load_that_is_killed_while_it_writes_is_finished_by_the_next(
    live: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(live)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "write_prepared", killed)
        with pytest.raises(KeyboardInterrupt):
            live.put(TEXT)
    assert unfinished(live.settings) is not None
    assert live.held() == {}
    expected = {"Account": 3, "Order": 3}

    report = live.put(TEXT)

    assert unfinished(live.settings) is None
    assert not report.changed_anything
    assert {name: len(live.held()[name]) for name in expected} == expected


def test_a_load_that_is_killed_before_it_writes_leaves_nothing(
    live: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(live)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "begin", killed)
        with pytest.raises(KeyboardInterrupt):
            live.put(TEXT)
    assert unfinished(live.settings) is None

    live.put(TEXT)

    assert not list((live.settings.home / "staging").glob(".load-*"))
    assert len(live.held()["Account"]) == 3


def test_deleting_much_asks_first(live: LiveShop) -> None:
    orders = [f"O{number},A1,2026-01-02,S1,tea,1" for number in range(300)]
    write(live, orders=orders)
    live.put(TEXT)
    write(live, orders=orders[:100])

    with pytest.raises(TooMuchDeletedError, match=r"200 of 300 Order\. Add --yes"):
        live.put(TEXT, replace=True)
    live.put(TEXT, replace=True, confirmed=True)

    assert len(live.held()["Order"]) == 100


# ----------------------------------------------------------------------------- the importer


def test_a_first_large_load_by_the_importer_gives_the_same_graph(
    live: LiveShop, make_home: HomeMaker, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(live)
    report = live.put(TEXT)
    home = make_home("imported")
    start(home)
    other = LiveShop(tmp_path / "other", home)
    write(other)
    monkeypatch.setattr(loading, "IMPORT_FROM", 1)

    imported = other.put(TEXT)

    assert (report.imported, imported.imported) == (False, True)
    assert other.dump() == live.dump()
    assert not other.put(TEXT).changed_anything
