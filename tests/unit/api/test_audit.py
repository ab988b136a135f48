"""The audit: appended, chained, and broken by any change."""

import json
import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api import audit
from api.audit import (
    FIRST,
    AuditBrokenError,
    AuditLog,
    AuditWriteError,
    Entry,
    verify,
)

ENTRY = Entry(
    key_id="k1",
    role="analyst",
    method="GET",
    route="/v1/customers/{customer_id}",
    status=200,
    parameters="d1",
    rows=None,
    purpose="",
    request_id="r1",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def log(folder: Path) -> AuditLog:
    return AuditLog(folder, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))


def write(log: AuditLog, n: int) -> None:
    for number in range(n):
        log.append(replace(ENTRY, request_id=f"r{number}"))


def lines(folder: Path) -> list[str]:
    files = sorted(folder.glob("*.jsonl"))
    return [line for file in files for line in file.read_text().splitlines()]


def test_a_record_says_who_asked_what_when_and_why(log: AuditLog, folder: Path) -> None:
    log.append(replace(ENTRY, rows=3, purpose="complaint 17"))

    (record,) = (json.loads(line) for line in lines(folder))
    assert record["number"] == 1
    assert record["at"] == "2026-03-01T00:00:00.000+00:00"
    assert (record["key_id"], record["role"]) == ("k1", "analyst")
    assert (record["route"], record["status"]) == ("/v1/customers/{customer_id}", 200)
    assert (record["rows"], record["purpose"]) == (3, "complaint 17")
    assert record["previous"] == FIRST


def test_each_record_names_the_one_before_it(log: AuditLog, folder: Path) -> None:
    write(log, 3)

    records = [json.loads(line) for line in lines(folder)]
    assert [record["number"] for record in records] == [1, 2, 3]
    assert records[1]["previous"] == records[0]["digest"]
    assert records[2]["previous"] == records[1]["digest"]


def test_an_untouched_file_is_found_whole(log: AuditLog, folder: Path) -> None:
    write(log, 5)

    found = verify(folder)

    assert (found.n_records, found.n_torn) == (5, 0)
    assert found.head == json.loads(lines(folder)[-1])["digest"]


def test_a_folder_without_records_is_whole(log: AuditLog, folder: Path) -> None:
    assert log.digest("") != ""
    assert verify(folder) == audit.Verified(0, 0, FIRST)


def change(text: list[str]) -> list[str]:
    return [text[0], text[1].replace('"status": 200', '"status": 403'), *text[2:]]


def remove(text: list[str]) -> list[str]:
    return [text[0], *text[2:]]


def swap(text: list[str]) -> list[str]:
    return [text[1], text[0], *text[2:]]


def repeat(text: list[str]) -> list[str]:
    return [text[0], text[0], *text[1:]]


def behead(text: list[str]) -> list[str]:
    # the first record of all must be record 1; cutting it off shows when it is renumbered
    forged = {**json.loads(text[1]), "number": 1}
    return [json.dumps({**forged, "digest": digest_of(forged)}), *text[2:]]


def forge(text: list[str]) -> list[str]:
    # a record with a right digest of its own still is not the one that the next one names
    forged = {**json.loads(text[1]), "status": 403}
    return [text[0], json.dumps({**forged, "digest": digest_of(forged)}), *text[2:]]


def digest_of(record: dict[str, object]) -> str:
    import hashlib

    said = {name: record[name] for name in record if name != "digest"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize("harm", [change, remove, swap, repeat, behead, forge])
def test_any_alteration_breaks_the_chain(
    log: AuditLog, folder: Path, *, harm: Callable[[list[str]], list[str]]
) -> None:
    write(log, 4)
    file = folder / "000001.jsonl"

    file.write_text("\n".join(harm(lines(folder))) + "\n")

    with pytest.raises(AuditBrokenError) as caught:
        verify(folder)
    assert "000001.jsonl" in str(caught.value)


def test_a_cut_at_the_end_shows_by_the_head_noted_before(log: AuditLog, folder: Path) -> None:
    write(log, 3)
    head = verify(folder).head

    (folder / "000001.jsonl").write_text("\n".join(lines(folder)[:2]) + "\n")

    assert verify(folder).n_records == 2
    with pytest.raises(AuditBrokenError, match="is gone"):
        verify(folder, head=head)


def test_the_head_noted_before_is_found_again_when_more_was_added(
    log: AuditLog, folder: Path
) -> None:
    write(log, 2)
    head = verify(folder).head
    write(log, 2)

    assert verify(folder, head=head).n_records == 4


def test_a_line_torn_by_a_killed_writer_is_counted_and_the_chain_goes_on(
    log: AuditLog, folder: Path
) -> None:
    write(log, 2)
    with (folder / "000001.jsonl").open("a") as file:
        file.write('{"number": 3, "at": "2026-')

    write(log, 2)

    assert verify(folder).n_records == 4
    assert verify(folder).n_torn == 1


def test_a_full_file_is_followed_by_the_next_in_one_chain(
    log: AuditLog, folder: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LARGEST_FILE", 1)

    write(log, 3)

    names = sorted(file.name for file in folder.glob("*.jsonl"))
    assert names == ["000001.jsonl", "000002.jsonl", "000003.jsonl"]
    assert verify(folder).n_records == 3


def test_the_oldest_files_may_be_removed_for_good(
    log: AuditLog, folder: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LARGEST_FILE", 1)
    write(log, 3)

    (folder / "000001.jsonl").unlink()

    assert verify(folder).n_records == 2


def test_a_first_line_made_unreadable_is_no_start(log: AuditLog, folder: Path) -> None:
    write(log, 3)
    file = folder / "000001.jsonl"

    file.write_text(file.read_text()[1:])

    with pytest.raises(AuditBrokenError):
        verify(folder)


def test_a_file_removed_from_the_middle_breaks_the_chain(
    log: AuditLog, folder: Path, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LARGEST_FILE", 1)
    write(log, 3)

    (folder / "000002.jsonl").unlink()

    with pytest.raises(AuditBrokenError):
        verify(folder)


def test_a_log_opened_again_goes_on_with_the_chain(log: AuditLog, folder: Path) -> None:
    write(log, 2)

    write(AuditLog(folder), 2)

    assert verify(folder).n_records == 4


def _append_many(folder: str) -> None:
    write(AuditLog(Path(folder)), 25)


def test_several_processes_write_one_chain(folder: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append_many, args=(str(folder),)) for _ in range(3)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert verify(folder).n_records == 75


def test_the_same_question_has_the_same_digest_in_any_order(log: AuditLog) -> None:
    assert log.digest({"a": 1, "b": 2}) == log.digest({"b": 2, "a": 1})
    assert log.digest({"a": 1}) != log.digest({"a": 2})


def test_a_digest_cannot_be_tried_out_elsewhere(log: AuditLog, tmp_path: Path) -> None:
    elsewhere = AuditLog(tmp_path / "other")

    assert log.digest("13812345678") != elsewhere.digest("13812345678")


def test_the_digest_stays_the_same_when_the_log_is_opened_again(
    log: AuditLog, folder: Path
) -> None:
    assert AuditLog(folder).digest("q") == log.digest("q")


def test_the_files_are_readable_by_their_owner_alone(log: AuditLog, folder: Path) -> None:
    write(log, 1)

    for path in (folder, folder / "000001.jsonl", folder / "key"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_long_purpose_is_cut(log: AuditLog, folder: Path) -> None:
    log.append(replace(ENTRY, purpose="p" * 100_000))

    assert len(lines(folder)[0]) < audit.LONGEST_RECORD
    assert verify(folder).n_records == 1


def test_a_purpose_with_line_ends_stays_one_line(log: AuditLog, folder: Path) -> None:
    log.append(replace(ENTRY, purpose='a\n{"digest": "x"}\u2028'))

    assert len(lines(folder)) == 1
    assert verify(folder).n_records == 1


def test_what_cannot_be_written_is_an_error_and_not_a_silence(log: AuditLog, folder: Path) -> None:
    (folder / "000001.jsonl").mkdir()

    with pytest.raises(AuditWriteError) as caught:
        log.append(ENTRY)

    assert caught.value.http_status == 503
