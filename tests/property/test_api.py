"""What holds of the API for all inputs: cursors, the audit, keys, digests, amounts."""

import json
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api import cursors
from api.audit import AuditBrokenError, AuditLog, Entry, verify
from api.cursors import CursorError, Position
from api.facets import consents, purchases
from api.http.docs import written_down
from api.http.metrics import Metrics
from api.http.middleware import preferred
from api.keys import KeyStore, UnknownKeyError
from api.pages import Listing, Page, read_part
from api.roles import Role
from api.views import Row, instant, row_of

SCALARS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
POSITIONS = st.lists(SCALARS, min_size=1, max_size=4).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENTRY = Entry("k", "admin", "GET", "/v1/runs", 200, "d", None, "", "r")


# ---------------------------------------------------------------- cursors and pages


@given(POSITIONS, st.text())
def test_every_position_comes_back_from_its_cursor(position: Position, scope: str) -> None:
    cursor = cursors.encode(scope, position)

    assert cursors.decode(cursor, scope=scope, like=position) == position


@given(st.text(max_size=60))
def test_no_text_crashes_the_reader_of_cursors(text: str) -> None:
    with pytest.raises(CursorError):
        cursors.decode(text, scope="orders of c1", like=(0, ""))


@given(JSON)
def test_no_json_in_a_cursor_is_taken_for_a_position(value: object) -> None:
    import base64

    forged = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    with pytest.raises(CursorError):
        cursors.decode(forged, scope="orders of c1", like=(0, ""))


@given(st.text(), st.text(), POSITIONS)
def test_a_cursor_works_in_its_own_listing_only(scope: str, other: str, position: Position) -> None:
    assume(scope != other)

    with pytest.raises(CursorError):
        cursors.decode(cursors.encode(scope, position), scope=other, like=position)


@given(
    st.sets(st.tuples(st.integers(0, 5), st.text(min_size=1, max_size=3)), max_size=30),
    st.integers(1, 7),
)
def test_pages_of_any_size_hold_every_item_once_and_in_order(
    items: set[tuple[int, str]], limit: int
) -> None:
    listing = Listing(scope="s", query="q", keys=("size", "id"), start=(-1, ""))

    def ask(_: str, parameters: Mapping[str, object]) -> list[Row]:
        after = (int(str(parameters["after_size"])), str(parameters["after_id"]))
        rest = sorted(item for item in items if item > after)[: limit + 1]
        return [{"items": [{"size": size, "id": id_} for size, id_ in rest]}]

    listed, cursor = [], None
    while True:
        page = Page(limit=limit, cursor=cursor)
        part = read_part(ask, listing, page=page, about={}, show=dict)
        assert part is not None
        listed += [(item["size"], item["id"]) for item in part.items]
        cursor = part.cursor
        if cursor is None:
            break

    assert listed == sorted(items)


# ---------------------------------------------------------------- audit and keys


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=300), st.integers(0, 999)), max_size=8))
def test_whatever_is_recorded_is_found_whole(entries: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = AuditLog(Path(folder))
        for purpose, status in entries:
            log.append(replace(ENTRY, purpose=purpose, status=status))

        assert verify(Path(folder)).n_records == len(entries)
        assert verify(Path(folder)).n_torn == 0


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_changing_any_letter_of_any_record_is_noticed(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = AuditLog(Path(folder))
        for number in range(3):
            log.append(replace(ENTRY, request_id=f"r{number}"))
        file = Path(folder) / "000001.jsonl"
        head = verify(Path(folder)).head
        whole = file.read_text()
        place = data.draw(st.integers(0, len(whole) - 1))
        letter = data.draw(st.sampled_from("0aZ}"))
        assume(whole[place] not in ("\n", letter))

        file.write_text(whole[:place] + letter + whole[place + 1 :])

        # a line that is no JSON any more counts as torn; then it is the next record, or the
        # head noted before, that does not fit
        with pytest.raises(AuditBrokenError):
            verify(Path(folder), head=head)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_no_text_opens_anything(token: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(KeyStore(Path(folder) / "keys.sqlite")) as store,
    ):
        store.create("x", Role.ADMIN)

        with pytest.raises(UnknownKeyError):
            store.verify(token)


# ---------------------------------------------------------------- values


@given(st.integers(-2_208_988_800_000, 253_402_300_799_999))
def test_every_instant_from_1900_to_9999_keeps_its_milliseconds(at: int) -> None:
    found = instant(at)

    assert found is not None
    assert (found - EPOCH) // timedelta(milliseconds=1) == at


def groups() -> st.SearchStrategy[list[Row]]:
    """Return groups of orders as the database may return them."""
    group = st.fixed_dictionaries(
        {
            "status": st.sampled_from(["paid", "cancelled", "refunded"]),
            "n": st.integers(1, 9),
            "spend": st.integers(-(10**12), 10**12),
            "is_visit": st.booleans(),
            "first": st.integers(0, 10**12),
            "last": st.integers(0, 10**12),
        }
    )
    return st.lists(group.map(dict), max_size=6)


@given(groups(), st.randoms())
def test_the_order_of_groups_changes_no_sum(found: list[Row], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as object

    assert purchases(shuffled) == purchases(found)


@given(groups())
def test_money_is_the_exact_sum_in_ten_thousandths(found: list[Row]) -> None:
    paid = [group["spend"] for group in found if group["status"] == "paid"]

    spend = row_of(purchases(found)["spend"])["value"]

    if not paid:
        assert spend is None
    else:
        assert isinstance(spend, float)
        assert round(spend * 10_000) == sum(value for value in paid if isinstance(value, int))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "purpose": st.sampled_from(["marketing", "profiling"]),
                "channel": st.sampled_from([None, "sms"]),
                "granted": st.booleans(),
                "at": st.integers(0, 3),
            }
        ),
        max_size=8,
    ),
    st.randoms(),
)
def test_consent_does_not_depend_on_the_order_of_statements(
    said: list[dict[str, object]], random: object
) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as object

    assert consents(shuffled) == consents(said)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_every_duration_is_under_the_last_bound(durations: list[float]) -> None:
    metrics = Metrics()
    for seconds in durations:
        metrics.note_query(name="/r", seconds=seconds)

    counts = [
        int(line.rsplit(" ", 1)[1])
        for line in metrics.text().splitlines()
        if line.startswith("kith_query_seconds_bucket")
    ]

    assert counts == sorted(counts)
    assert counts[-1] == len(durations)


# ---------------------------------------------------------------- requests


@given(st.text(max_size=60))
def test_every_wish_for_a_language_ends_in_one_of_ours(wish: str) -> None:
    assert preferred(wish, otherwise="en") in {"en", "zh"}


@given(JSON)
def test_a_document_written_down_once_stays_so(document: object) -> None:
    once = written_down(document)

    assert written_down(once) == once
