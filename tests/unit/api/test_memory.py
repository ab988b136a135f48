"""The most memory that a stage took, as far as the system tells."""

from pathlib import Path

import pytest

from api import memory
from api.memory import peak_megabytes, reset_peak


def test_the_peak_is_read_in_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmPeak:\t 999999 kB\nVmHWM:\t  2560 kB\nVmRSS:\t 1024 kB\n")
    monkeypatch.setattr(memory, "STATUS", status)

    assert peak_megabytes() == 2.5


def test_a_system_that_tells_no_mark_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\n")
    monkeypatch.setattr(memory, "STATUS", status)

    assert peak_megabytes() == 0.0


def test_without_proc_the_whole_process_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "STATUS", tmp_path / "nowhere")

    assert peak_megabytes() > 1


def test_resetting_asks_the_system_for_a_new_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear = tmp_path / "clear_refs"
    monkeypatch.setattr(memory, "CLEAR", clear)

    reset_peak()

    assert clear.read_text() == "5"


def test_where_there_is_no_mark_to_reset_the_old_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "CLEAR", tmp_path / "nowhere" / "clear_refs")

    reset_peak()

    assert not (tmp_path / "nowhere").exists()
