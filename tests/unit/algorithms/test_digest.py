"""Equal inputs, equal digests; anything that differs shows."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from algorithms import digest
from algorithms.digest import code_digest, digest_of

TABLE = pa.table({"a": [1, 2, 2], "b": ["x", "y", None]})

CHANGES: dict[str, Callable[[pa.Table], pa.Table]] = {
    "a value": lambda t: t.set_column(0, "a", pa.array([1, 2, 3])),
    "a null": lambda t: t.set_column(1, "b", pa.array(["x", "y", "z"])),
    "a row less": lambda t: t.slice(1),
    "a row twice": lambda t: pa.concat_tables([t, t.slice(0, 1)]),
    "two rows twice": lambda t: pa.concat_tables([t, t.slice(0, 1), t.slice(0, 1)]),
    "a column's name": lambda t: t.rename_columns(["c", "b"]),
    "values that changed places": lambda t: t.set_column(0, "a", pa.array([2, 1, 2])),
}


def digested(**tables: pa.Table) -> str:
    with duckdb.connect() as connection:
        return digest_of(tables, connection)


def test_the_order_of_rows_and_columns_does_not_show() -> None:
    other = TABLE.take([2, 0, 1]).select(["b", "a"])

    assert digested(t=other) == digested(t=TABLE)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_shows(change: str) -> None:
    assert digested(t=CHANGES[change](TABLE)) != digested(t=TABLE)


def test_the_name_of_a_table_shows() -> None:
    assert digested(t=TABLE) != digested(u=TABLE)


def test_changed_code_shows() -> None:
    before = digested(t=TABLE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "code_digest", lambda: "other code")
        after = digested(t=TABLE)

    assert after != before


def test_code_and_data_of_packages_count_as_code(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    content = Path.read_bytes

    def noted(path: Path) -> bytes:
        read.append(path)
        return content(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    code_digest.cache_clear()

    code_digest()

    names = {f"{path.parent.name}/{path.name}" for path in read}
    assert {
        "algorithms/rfm.py",
        "algorithms/rfm.toml",
        "clv/model.py",
        "identity/union.py",
    } <= names
