"""A prepared load goes into the graph in an order in which every end of a relationship exists."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph import apply, importer, writer
from graph.apply import finish_unfinished, note_touched, write_difference, write_prepared
from graph.journal import Journal, begin, folder_of, journal_file
from graph.session import Database
from graph.settings import Settings, read_settings
from graph.spec import NodeSpec, RelationshipSpec, fact_spec

NO_DATABASE = cast("Database", None)
AT = datetime(2026, 3, 31, 18, 5, tzinfo=UTC)
EVIDENCE = "Account-HAS_IDENTIFIER-Identifier"


class Written:
    """Keeps what the writer is asked to write, in its order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, int]] = []
        self.marked: list[tuple[list[str], dict[str, datetime]]] = []
        self.stamps: dict[str, list[str]] = {}

    def __call__(self, *_: object, **__: object) -> "Written":
        return self

    def write_nodes(self, node: NodeSpec, rows: pa.Table, *, stamp: dict[str, datetime]) -> None:
        self.calls.append(("node", node.name, rows.num_rows))
        self.stamps[node.name] = sorted(stamp)

    def write_relationships(
        self, link: RelationshipSpec, rows: pa.Table, *, stamp: dict[str, datetime]
    ) -> None:
        self.calls.append(("link", link.name, rows.num_rows))
        self.stamps[link.name] = sorted(stamp)

    def delete_relationships(
        self, link: RelationshipSpec, rows: pa.Table, *, stamp: dict[str, datetime]
    ) -> None:
        self.calls.append(("no link", link.name, rows.num_rows))

    def stamp_nodes(
        self, node: NodeSpec, keys: pa.ChunkedArray, *, stamp: dict[str, datetime]
    ) -> None:
        self.calls.append(("mark", node.name, len(keys)))
        self.marked.append((keys.to_pylist(), stamp))

    def delete_nodes(self, node: NodeSpec, keys: pa.ChunkedArray) -> None:
        self.calls.append(("no node", node.name, len(keys)))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    made = Written()
    monkeypatch.setattr(writer, "Writer", made)
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def put(folder: Path, part: str, name: str, rows: int = 1) -> None:
    key = fact_spec().nodes[name].key if name in fact_spec().nodes else "start_id"
    (folder / part).mkdir(parents=True, exist_ok=True)
    table = pa.table({key: [str(n) for n in range(rows)]})
    pq.write_table(table, folder / part / f"{name}.parquet")


def test_nodes_come_before_links_and_removals_after_both(tmp_path: Path, written: Written) -> None:
    for name in ("Order", "Account", "Account-PLACED-Order"):
        put(tmp_path, "upserts", name)
        put(tmp_path, "removals", name)

    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert written.calls == [
        ("node", "Account", 1),
        ("node", "Order", 1),
        ("link", "Account-PLACED-Order", 1),
        ("no link", "Account-PLACED-Order", 1),
        ("no node", "Account", 1),
        ("no node", "Order", 1),
    ]


def test_accounts_are_marked_where_their_evidence_changes(tmp_path: Path, written: Written) -> None:
    for name in ("Order", "Account", "Account-PLACED-Order", EVIDENCE):
        put(tmp_path, "upserts", name)

    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert written.stamps == {
        "Account": ["loaded_at", "touched_at"],
        "Order": ["loaded_at"],
        "Account-PLACED-Order": [],
        EVIDENCE: ["touched_at"],
    }


def test_accounts_of_whom_the_vault_alone_has_learned_are_marked(
    tmp_path: Path, written: Written
) -> None:
    put(tmp_path, "upserts", "Account", rows=2)
    note_touched(tmp_path, pa.chunked_array([["0", "7"], ["8"]]))

    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert written.marked == [(["7", "8"], {"touched_at": AT})]


def test_marks_come_after_everything_that_may_remove_an_account(
    tmp_path: Path, written: Written
) -> None:
    for name in ("Account", EVIDENCE):
        put(tmp_path, "removals", name)
    note_touched(tmp_path, pa.chunked_array([["7"]]))

    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert [what for what, _, _ in written.calls] == ["no link", "no node", "mark"]


def test_nobody_is_marked_if_the_vault_learned_nothing_that_is_not_written(
    tmp_path: Path, written: Written
) -> None:
    put(tmp_path, "upserts", "Account", rows=2)
    note_touched(tmp_path, pa.chunked_array([["0", "1"]]))

    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert written.marked == []


def test_a_load_from_which_the_vault_learns_nothing_notes_nothing(tmp_path: Path) -> None:
    note_touched(tmp_path / "load", pa.chunked_array([], pa.string()))

    assert not (tmp_path / "load").exists()


def test_a_load_that_was_cut_off_marks_accounts_when_it_is_finished(
    settings: Settings, written: Written
) -> None:
    note_touched(folder_of(settings, "l1"), pa.chunked_array([["7"]]))
    begin(settings, Journal("l1", "writing", int(AT.timestamp() * 1000), moves={}))

    finish_unfinished(settings, NO_DATABASE, spec=fact_spec())

    assert written.marked == [(["7"], {"touched_at": AT})]
    assert not folder_of(settings, "l1").exists()


def test_an_empty_difference_writes_nothing(tmp_path: Path, written: Written) -> None:
    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert written.calls == []


def test_many_rows_are_written_in_parts(
    tmp_path: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "ROWS_AT_ONCE", 2)
    put(tmp_path, "upserts", "Order", rows=5)

    write_difference(NO_DATABASE, fact_spec(), folder=tmp_path, loaded_at=AT)

    assert [n for _, _, n in written.calls] == [2, 2, 1]


def test_a_load_that_was_cut_off_is_written_again_and_forgotten(
    settings: Settings, written: Written
) -> None:
    put(folder_of(settings, "l1"), "upserts", "Order")
    begin(settings, Journal("l1", "writing", 0, moves={}))

    assert finish_unfinished(settings, NO_DATABASE, spec=fact_spec()) == "l1"

    assert written.calls == [("node", "Order", 1)]
    assert not journal_file(settings).exists()
    assert finish_unfinished(settings, NO_DATABASE, spec=fact_spec()) is None


def test_an_import_gets_facts_and_knowledge_of_an_element_together(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, list[str]] = {}

    def import_all(_: Settings, _spec: object, **said: object) -> None:
        elements = cast("dict[str, list[Path]]", said["elements"])
        given.update({n: [p.parent.name for p in paths] for n, paths in elements.items()})
        assert said["loaded_at"] == AT

    monkeypatch.setattr(importer, "import_all", import_all)
    folder = folder_of(settings, "l1")
    for part in ("upserts", "knowledge/tag", "knowledge/identity"):
        put(folder, part, "Product")
    put(folder, "upserts", "Order")
    journal = Journal("l1", "importing", int(AT.timestamp() * 1000), moves={})

    write_prepared(settings, NO_DATABASE, journal=journal, spec=fact_spec())

    assert given == {"Product": ["upserts", "identity", "tag"], "Order": ["upserts"]}
