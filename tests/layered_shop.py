"""Small shops whose tables lie in layers: their files, and which files hold after a load."""

from collections.abc import Mapping

from graph.staging import committed_files
from tests.loading import Row, Shop, company, part, source

ORDERS = part(
    "orders", "orders", order_key="no", account_key="id", ordered_at="day", store_key="store"
)
LINES = part("order_lines", "lines", order_key="no", product_key="sku", amount="paid")
VISITS = part("events", "visits", account_key="id", at="day", kind="'viewed'", product_key="sku")
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
    "phones": "id,tel,first,last",
}
TABLES = {"orders": ORDERS, "lines": LINES, "visits": VISITS, "phones": PHONES}


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
