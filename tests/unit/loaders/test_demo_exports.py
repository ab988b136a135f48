"""What holds for every system of the demo company."""

import pyarrow as pa
import pytest

from tests.demo_exports import EXPORTS, export_of


@pytest.mark.parametrize("source", list(EXPORTS))
def test_a_system_knows_each_account_once(source: str) -> None:
    export = export_of(source)

    keys = export.account_keys.to_pylist()

    assert len(set(keys)) == len(keys) == len(export.persons) == export.counts["accounts"]
    assert None not in keys
    assert export.persons.min() >= 0


@pytest.mark.parametrize("source", list(EXPORTS))
def test_no_table_holds_an_unnamed_or_nested_type_by_accident(source: str) -> None:
    for extract in export_of(source).extracts:
        for field in extract.rows.schema:
            assert not pa.types.is_null(field.type)
            assert not pa.types.is_nested(field.type) or field.name == "device"
