"""Who has moved between segments and which links are stale: the comparison without a graph."""

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest

from algorithms import rfm
from algorithms.contract import Algorithm, Group, owned
from algorithms.publish import Change
from algorithms.registry import computed_spec
from algorithms.segments import LEFT, LINK, MOVES, NODE, History, history_of, segments_of
from graph.language import Text

SPEC = computed_spec()
ABOUT = Text("Part", "部分")
Named = dict[str, str | int | None]
Links = list[tuple[str, str]]


def column(scheme: str, found: Named, *, kind: pa.DataType) -> pa.Table:
    ids, values = pa.array(found, pa.string()), pa.array(list(found.values()), kind)
    return pa.table({"customer_id": ids, scheme: values})


def told(query: str, **tables: pa.Table) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        return sorted(connection.sql(query).fetchall())


def moves(
    changed: Named, held: Named, *, scheme: str = "rfm_segment", kind: pa.DataType | None = None
) -> list[tuple[object, ...]]:
    """Return customer, new segment and previous one of whoever gets a link."""
    of = kind or pa.string()
    return told(
        MOVES.format(scheme=scheme),
        changed=column(scheme, changed, kind=of),
        held=column(scheme, held, kind=of),
    )


def left(found: Named, links: Links) -> list[tuple[object, ...]]:
    """Return the links that no longer hold."""
    starts, ends = ([link[place] for link in links] for place in (0, 1))
    table = {"start_id": pa.array(starts, pa.string()), "end_id": pa.array(ends, pa.string())}
    return told(
        LEFT.format(scheme="rfm_segment"),
        found=column("rfm_segment", found, kind=pa.string()),
        links=pa.table(table),
    )


def test_whoever_moves_is_linked_to_the_new_segment_and_knows_the_old() -> None:
    assert moves({"ann": "loyal"}, {"ann": "lost"}) == [("ann", "rfm_segment:loyal", "lost")]


def test_whoever_changed_in_other_things_and_stays_gets_no_link() -> None:
    assert moves({"ann": "lost"}, {"ann": "lost"}) == []


def test_whoever_was_nowhere_has_not_moved() -> None:
    assert moves({"ann": "loyal", "bob": "lost"}, {"ann": None}) == []


def test_whoever_leaves_every_segment_gets_no_link() -> None:
    assert moves({"ann": None, "bob": None}, {"ann": "lost"}) == []


def test_numbered_segments_are_named_by_their_number() -> None:
    found = moves({"ann": 3}, {"ann": 12}, scheme="rfm_cluster", kind=pa.int64())

    assert found == [("ann", "rfm_cluster:3", "12")]


def test_a_link_to_the_segment_that_somebody_is_in_stays() -> None:
    assert left({"ann": "lost"}, [("ann", "rfm_segment:lost")]) == []


@pytest.mark.parametrize("found", [{"ann": "loyal"}, {"ann": None}, {}])
def test_a_link_to_any_other_segment_goes(found: Named) -> None:
    assert left(found, [("ann", "rfm_segment:lost")]) == [("ann", "rfm_segment:lost")]


def test_links_of_other_schemes_are_left_alone() -> None:
    links = [("ann", "rfm_class:keep"), ("ann", "rfm_segment_old:lost")]

    assert left({"ann": "loyal"}, links) == []


def test_of_two_links_of_one_customer_only_the_stale_one_goes() -> None:
    # a run that was cut off has written the new one and not removed the old one yet
    links = [("ann", "rfm_segment:loyal"), ("ann", "rfm_segment:lost")]

    assert left({"ann": "loyal"}, links) == [("ann", "rfm_segment:lost")]


def test_every_customer_who_moves_has_one_link_in_and_the_old_one_out() -> None:
    was: Named = {f"c{i}": "lost" if i % 2 else "loyal" for i in range(9)}
    now: Named = {f"c{i}": "lost" if i % 3 else "loyal" for i in range(9)}

    new = moves(now, was)
    gone = left(now, [(who, f"rfm_segment:{name}") for who, name in was.items()])

    changed = sorted(who for who in was if was[who] != now[who])
    assert [row[0] for row in new] == [row[0] for row in gone] == changed
    assert all(f"rfm_segment:{row[2]}" == old[1] for row, old in zip(new, gone, strict=True))


PART = owned("rfm_part", "integer", about=ABOUT)


def placing(*schemes: str) -> Algorithm:
    return replace(rfm.ALGORITHM, properties={"Customer": (PART,)}, segments=schemes)


def rows_of(found: list[int | None], groups: dict[str, Group]) -> list[dict[str, object]]:
    parts = pa.array(found, pa.int64())
    tables = {"Customer": pa.table({"rfm_part": parts})}
    segments = segments_of(placing("rfm_part"), tables, groups={"rfm_part": groups}, spec=SPEC)
    rows: list[dict[str, object]] = segments.to_pylist()
    return rows


def test_a_group_of_which_nothing_is_said_is_called_by_its_name() -> None:
    (row,) = rows_of([7, 7], {})

    assert (row["label_en"], row["label_zh"], row["profile"], row["n"]) == ("7", "7", "{}", 2)


def test_segments_stand_by_id_whatever_the_order_of_customers() -> None:
    groups = {"2": Group(ABOUT), "11": Group(ABOUT)}

    one, other = rows_of([3, 1, 2, 1], groups), rows_of([1, 1, 2, 3], groups)

    assert one == other
    assert [row["segment_id"] for row in one] == [f"rfm_part:{n}" for n in ("1", "11", "2", "3")]


def test_profiles_of_equal_content_are_equal_texts() -> None:
    one, other = ({"a": 1.5, "b": "高"}, {"b": "高", "a": 1.5})

    (first,), (second,) = (rows_of([7], {"7": Group(ABOUT, p)}) for p in (one, other))

    assert first["profile"] == second["profile"] == '{"a": 1.5, "b": "高"}'


def test_an_algorithm_without_schemes_has_no_history() -> None:
    # nothing of the place is touched: there is no database here
    found = history_of(
        placing(),
        {},
        changes=[],
        place=None,  # type: ignore[arg-type]  # it must not be asked
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
    )

    assert found == History()
    assert found.counts == {}


def test_counts_of_elements_are_told_apart() -> None:
    nothing = pa.table({})
    changes = [
        Change(SPEC.element(name), nothing, nothing, {"new": n}, is_whole=True)
        for name, n in ((NODE, 2), (LINK, 5))
    ]

    assert History(before=changes).counts == {NODE: {"new": 2}, LINK: {"new": 5}}
    assert History(after=changes).counts == History(before=changes).counts
