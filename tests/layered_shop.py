"""Small shops whose tables lie in layers: their files, and which files hold after a load."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph import layers
from graph.staging import committed_files, picture_file
from tests.loading import Row, Shop, Staged, company, part, source

ORDERS = part(
    "orders", "orders", order_key="no", account_key="id", ordered_at="day", store_key="store"
)
LINES = part("order_lines", "lines", order_key="no", product_key="sku", amount="paid")
VISITS = part("events", "visits", account_key="id", at="day", kind="'viewed'", product_key="sku")
POSTS = part(
    "posts",
    "posts",
    post_key="no",
    account_key="id",
    posted_at="DATE '2026-01-05'",
    reply_to_post_key="post",
    reply_to_account_key="person",
)
PHONES = part(
    "identifiers",
    "phones",
    account_key="id",
    kind="'phone'",
    value="tel",
    first_seen_at="nullif(first, '')::DATE",
    last_seen_at="nullif(last, '')::DATE",
)
HEADS = {
    "orders": "no,id,day,store",
    "lines": "no,sku,paid",
    "visits": "id,day,sku",
    "posts": "no,id,post,person",
    "phones": "id,tel,first,last",
}
TABLES = {"orders": ORDERS, "lines": LINES, "visits": VISITS, "posts": POSTS, "phones": PHONES}


def text_of(files: Mapping[str, str], *sources: str) -> str:
    """Return a manifest of sources that all read the same files."""
    names = {name: f"{name}.csv" for name in files}
    tables = [TABLES[name] for name in files]
    return company(*(source(name, files=names, tables=tables) for name in sources or ("shop",)))


def write(shop: Shop, **files: str) -> str:
    """Write some files, their lines parted by blanks, and return the manifest that reads them."""
    for name, lines in files.items():
        shop.write(f"{name}.csv", "\n".join([HEADS[name], *lines.split()]) + "\n")
    return text_of(files)


def files_of(shop: Shop, table: str, name: str = "shop") -> list[str]:
    return [path.name for path in committed_files(shop.settings).get((name, table), ())]


def column(rows: list[Row], *names: str) -> list[tuple[object, ...]]:
    return sorted(tuple(row[name] for name in names) for row in rows)


def let_lie_above(patch: pytest.MonkeyPatch) -> None:
    """Let a table of any size bear layers of any weight."""
    patch.setattr(layers, "FROM_ROWS", 0)
    patch.setattr(layers, "MOST_SHARE", 1e9)


def above(shop: Shop, element: str) -> Path:
    """Return where the first layer above an element lies."""
    ground = picture_file(shop.settings, element)
    return ground.with_name(f"{ground.stem}.0001.parquet")


def different(staged: Staged, part_of_load: str, element: str) -> list[Row]:
    """Return the rows of an element that a prepared load upserts or removes."""
    path = staged.prepared.folder / part_of_load / f"{element}.parquet"
    rows: list[Row] = pq.read_table(path).to_pylist() if path.exists() else []
    return rows
