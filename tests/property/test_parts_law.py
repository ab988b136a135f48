"""The law of parts: a picture drawn in parts and kept in layers is the picture drawn whole."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import layers, parts
from tests.loading import Row, Shop, Staged, company, part, source

KEYS = st.sampled_from(["1", "2", "3", "4"])
MAYBE = st.sampled_from(["", "1", "2", "3"])
TABLES = {
    "people": ("id,city,tel,seen", st.tuples(KEYS, st.sampled_from(["", "x", "y"]), MAYBE, MAYBE)),
    "orders": ("no,id,shop,sku,paid", st.tuples(KEYS, MAYBE, MAYBE, KEYS, KEYS)),
    "posts": ("no,id,to,whom", st.tuples(KEYS, KEYS, MAYBE, MAYBE)),
    "visits": ("id,at,sku,post", st.tuples(KEYS, KEYS, MAYBE, MAYBE)),
    "goods": ("sku,kind,brand", st.tuples(KEYS, MAYBE, MAYBE)),
}
LOAD = st.fixed_dictionaries(
    {name: st.lists(row, max_size=4) for name, (_, row) in TABLES.items()}
    | {"replace": st.booleans()}
)
SEEN = "('2026-01-0' || nullif(seen, ''))::DATE"


def shop_of(name: str) -> str:
    return source(
        name,
        files={table: f"{name}/{table}.csv" for table in TABLES},
        tables=[
            part("accounts", "people", account_key="id", city="city"),
            part(
                "identifiers",
                "people",
                account_key="id",
                kind="'phone'",
                value="'1380000000' || tel",
                last_seen_at=SEEN,
                where_="tel <> ''",
            ),
            part(
                "orders",
                "orders",
                order_key="no",
                account_key="nullif(id, '')",
                ordered_at="DATE '2026-01-05'",
                store_key="nullif(shop, '')",
                distinct_="true",
            ),
            part("order_lines", "orders", order_key="no", product_key="sku", amount="paid"),
            part(
                "posts",
                "posts",
                post_key="no",
                account_key="id",
                posted_at="DATE '2026-01-05'",
                reply_to_post_key="nullif(\"to\", '')",
                reply_to_account_key="nullif(whom, '')",
            ),
            part(
                "events",
                "visits",
                account_key="id",
                at="('2026-01-0' || \"at\")::DATE",
                kind="'viewed'",
                product_key="nullif(sku, '')",
                post_key="nullif(post, '')",
            ),
            part(
                "products",
                "goods",
                product_key="sku",
                category_key="nullif(kind, '')",
                brand="nullif(brand, '')",
            ),
        ],
    )


TEXT = company(shop_of("shop"), shop_of("till"))
Load = dict[str, list[tuple[str, ...]]]


def put(shop: Shop, load: Load, *, name: str) -> Staged:
    for table, (head, _) in TABLES.items():
        for one in ("shop", "till"):
            rows = load[table] if one == name else []
            text = "\n".join([head, *(",".join(row) for row in rows)])
            shop.write(f"{one}/{table}.csv", text + "\n")
    return shop.load(
        TEXT if not load["replace"] else company(shop_of(name)), replace=bool(load["replace"])
    )


@contextmanager
def never_in_part() -> Iterator[None]:
    with mock.patch.object(parts, "MOST_SHARE", -1.0):
        yield


@contextmanager
def always_in_part() -> Iterator[None]:
    with (
        mock.patch.object(parts, "MOST_SHARE", 1e9),
        mock.patch.object(layers, "MOST_SHARE", 1e9),
        mock.patch.object(layers, "FROM_ROWS", 0),
    ):
        yield


def told(staged: Staged) -> dict[str, object]:
    report = staged.prepared.report
    counts = {f"{r.source}.{r.table}": r.counts() for r in report.tables}
    return {**counts, "w": report.written, "r": report.removed, "b": report.bare}


def after(loads: list[tuple[str, Load]]) -> tuple[dict[str, list[Row]], list[dict[str, object]]]:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        reports = [told(put(shop, load, name=name)) for name, load in loads]
        return {name: rows for name, rows in shop.held().items() if rows}, reports


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["shop", "till"]), LOAD), min_size=2, max_size=4))
def test_a_picture_in_parts_and_layers_is_the_whole_picture(
    loads: list[tuple[str, Load]],
) -> None:
    with never_in_part():
        whole = after(loads)

    with always_in_part():
        in_part = after(loads)

    assert in_part == whole
