"""What a run remembers is found by the run that follows it, and by nobody else."""

from pathlib import Path

import pyarrow as pa
import pytest

from algorithms.identity.memory import JOIN_COLUMNS, Memory, recall, remember

KEY, OTHER_KEY = b"k" * 32, b"x" * 32
MEMORY = Memory(
    rows=pa.table({"founder": ["crm:1", "erp:2"], "phones": [["138"], None]}),
    pairs=pa.table({"founder_l": ["crm:1"], "founder_r": ["erp:2"], "weight": [4.25]}),
    joins=pa.Table.from_pylist(
        [
            {
                "founder": "erp:2",
                "label": "crm:1",
                "probability": 0.95,
                "linked_to": "crm:1",
                "by_field": "{}",
            }
        ],
        JOIN_COLUMNS,
    ),
)
FILES = ("rows", "pairs", "joins")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    remember(tmp_path, MEMORY, run_id="run-1", key=KEY)
    return tmp_path


def test_what_was_remembered_is_recalled(kept: Path) -> None:
    found = recall(kept, run_id="run-1", key=KEY)

    assert found is not None
    for name in FILES:
        assert getattr(found, name).equals(getattr(MEMORY, name)), name


def test_a_later_run_takes_the_place_of_the_earlier(kept: Path) -> None:
    nothing = Memory(MEMORY.rows.slice(0, 0), MEMORY.pairs.slice(0, 0), MEMORY.joins.slice(0, 0))

    remember(kept, nothing, run_id="run-2", key=KEY)

    found = recall(kept, run_id="run-2", key=KEY)
    assert found is not None
    assert [len(getattr(found, name)) for name in FILES] == [0, 0, 0]
    assert recall(kept, run_id="run-1", key=KEY) is None


def test_of_another_run_nothing_is_recalled(kept: Path) -> None:
    assert recall(kept, run_id="run-2", key=KEY) is None


def test_with_another_key_nothing_is_recalled_and_nothing_lost(kept: Path) -> None:
    assert recall(kept, run_id="run-1", key=OTHER_KEY) is None
    assert recall(kept, run_id="run-1", key=KEY) is not None


def test_where_nothing_was_kept_nothing_is_recalled(tmp_path: Path) -> None:
    assert recall(tmp_path / "nowhere", run_id="run-1", key=KEY) is None


@pytest.mark.parametrize("name", ["run", "rows.parquet", "pairs.parquet", "joins.parquet"])
def test_of_half_a_memory_nothing_is_recalled(kept: Path, name: str) -> None:
    (kept / "memory" / name).unlink()

    assert recall(kept, run_id="run-1", key=KEY) is None


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"\xff\xfe\x00 no file"])
@pytest.mark.parametrize("name", ["run", "rows.parquet"])
def test_a_damaged_memory_is_none(kept: Path, name: str, damage: bytes) -> None:
    (kept / "memory" / name).write_bytes(damage)

    assert recall(kept, run_id="run-1", key=KEY) is None


def test_what_a_run_left_that_was_cut_off_is_gone_after_the_next(kept: Path) -> None:
    (kept / ".memory").mkdir()
    (kept / ".memory" / "rows.parquet").write_bytes(b"half")

    remember(kept, MEMORY, run_id="run-2", key=KEY)

    assert [path.name for path in kept.iterdir()] == ["memory"]
    assert recall(kept, run_id="run-2", key=KEY) is not None


def test_the_files_are_encrypted_and_their_owner_s_alone(kept: Path) -> None:
    files = [path for path in (kept / "memory").iterdir() if path.suffix == ".parquet"]

    assert {path.stem for path in files} == set(FILES)
    for path in files:
        # PARE is the magic of a file whose footer is encrypted too
        assert path.read_bytes()[:4] == b"PARE"
        assert path.stat().st_mode & 0o077 == 0
    assert (kept / "memory").stat().st_mode & 0o077 == 0
