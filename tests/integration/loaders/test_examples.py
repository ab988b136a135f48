"""The example manifests on the real files: exact figures that others have published.

Figures of the sets' own descriptions, or worked out once by hand over the raw files.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from loaders.load import Options, stage_manifest
from loaders.manifest import read_manifest
from tests.example_files import EXAMPLES
from tests.loading import Shop, Staged

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.integration


class Loaded:
    """An example, staged, with its tables and elements as views."""

    def __init__(self, staged: Staged) -> None:
        self.staged = staged
        self._connection = duckdb.connect()
        folder = staged.prepared.folder
        for (_, table), rows in staged.prepared.files.items():
            assert rows is not None  # of a first load none goes
            self._view(table, rows.path)
        for path in (folder / "picture").glob("*.parquet"):
            self._view(path.stem, path)

    def _view(self, name: str, path: Path) -> None:
        self._connection.execute(f"CREATE VIEW \"{name}\" AS FROM read_parquet('{path}')")

    def row(self, query: str) -> tuple[object, ...]:
        """Return the only row of a query."""
        (found,) = self._connection.execute(query).fetchall()
        return tuple(found)

    def counts(self, table: str) -> dict[str, object]:
        """Return what a table's report counts, without what is zero."""
        (report,) = (r for r in self.staged.prepared.report.tables if r.table == table)
        return {name: value for name, value in report.counts().items() if value}


Load = Callable[[str], Loaded]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    known: dict[str, Loaded] = {}

    def load_once(example: str) -> Loaded:
        if not (DATA / example).is_dir():
            pytest.skip(f"the data set {example} is not beside the repository")
        if example not in known:
            shop = Shop(tmp_path_factory.mktemp(example))
            manifest = read_manifest(EXAMPLES / f"{example}.toml")
            prepared = stage_manifest(
                shop.settings, manifest, data=DATA / example, options=Options()
            )
            known[example] = Loaded(Staged(shop.settings, prepared))
        return known[example]

    return load_once


def money(ten_thousandths: object) -> Decimal:
    return Decimal(str(ten_thousandths)) / 10_000


# ----------------------------------------------------------------------- online_retail

SALES = """
FROM order_lines l JOIN orders USING (order_id)
WHERE account_id IS NOT NULL AND status = 'paid' AND quantity > 0 AND l.amount > 0
"""


def test_online_retail_gives_the_figures_of_the_usual_cleaning(load: Load) -> None:
    retail = load("online_retail")

    lines, customers, baskets, products, spend = retail.row(
        "SELECT count(*), count(DISTINCT account_id), count(DISTINCT order_id), "
        f"count(DISTINCT product_id), sum(l.amount) {SALES}"
    )

    assert (lines, customers) == (397_884, 4_338)
    assert (baskets, products) == (18_532, 3_665)
    assert money(spend) == Decimal("8911407.904")


def test_online_retail_keeps_every_line_and_its_exact_total(load: Load) -> None:
    retail = load("online_retail")

    lines, total = retail.row("SELECT count(*), sum(amount) FROM order_lines")

    assert lines == 541_909
    assert money(total) == Decimal("9747747.934")
    assert retail.counts("order_lines") == {
        "read": 541_909,
        "accepted": 541_909,
        "new": 541_909,
    }


def test_online_retail_keeps_cancellations_and_guests_apart(load: Load) -> None:
    retail = load("online_retail")

    cancelled = retail.row(
        "SELECT count(*) FROM order_lines JOIN orders USING (order_id) WHERE status = 'cancelled'"
    )
    orders, guests = retail.row("SELECT count(*), count(*) FILTER (account_id IS NULL) FROM orders")

    assert cancelled == (9_288,)
    assert (orders, guests) == (25_900, 3_710)


# ------------------------------------------------------------------------ superstore_zh


def test_superstore_sells_what_its_description_says(load: Load) -> None:
    shop = load("superstore_zh")

    lines, sales = shop.row("SELECT count(*), sum(amount) FROM order_lines")
    orders, customers = shop.row("SELECT count(*), count(DISTINCT account_id) FROM orders")

    numbers = raw(
        'SELECT count(DISTINCT ("订单 ID", "客户 ID", 订单日期)) FROM lines',
        lines="superstore_zh/orders.csv.gz",
    )
    assert (lines, customers) == (9_959, 771)
    assert (orders,) == numbers
    assert money(sales) == Decimal("16068954.125")


def test_superstore_has_regions_a_category_tree_and_returns(load: Load) -> None:
    shop = load("superstore_zh")

    stores = shop.row('SELECT list_sort(list(store_id)) FROM "Store"')
    categories, below = shop.row(
        'SELECT count(*), (SELECT count(*) FROM "Category-PART_OF-Category") FROM "Category"'
    )
    refunded = shop.row("SELECT count(*) FROM orders WHERE status = 'refunded'")
    first, last = shop.row("SELECT min(ordered_at::VARCHAR), max(ordered_at::VARCHAR) FROM orders")

    assert stores == (["东北", "中南", "华东", "华北", "西北", "西南"],)
    assert (categories, below) == (20, 17)
    assert refunded == raw(
        'SELECT count(DISTINCT ("订单 ID", "客户 ID", 订单日期)) FROM lines '
        'SEMI JOIN returned USING ("订单 ID")',
        lines="superstore_zh/orders.csv.gz",
        returned="superstore_zh/returns.csv",
    )
    assert (str(first)[:10], str(last)[:10]) == ("2019-12-31", "2023-12-29")  # 16:00 UTC


def test_superstore_names_customers_nowhere(load: Load) -> None:
    shop = load("superstore_zh")
    (names,) = raw(
        "SELECT string_agg(DISTINCT 客户名称) FROM lines", lines="superstore_zh/orders.csv.gz"
    )

    (told,) = shop.row("SELECT string_agg(account_id || coalesce(attributes, '')) FROM accounts")

    known = str(names).split(",")
    assert len(known) == 771
    assert not [name for name in known if name in str(told)]
    assert shop.counts("accounts")["conflicts"] == {"attributes": 8}


# -------------------------------------------------------------- complete_journey_sample


def test_the_journey_has_its_households_campaigns_and_contacts(load: Load) -> None:
    journey = load("complete_journey_sample")

    orders, households, shops = journey.row(
        "SELECT count(*), count(DISTINCT account_id), count(DISTINCT store_id) FROM orders"
    )
    sent, converted = journey.row(
        "SELECT count(*) FILTER (action = 'sent'), count(*) FILTER (action = 'converted') "
        "FROM exposures"
    )

    assert (orders, households, shops) == (47_243, 2_377, 293)
    assert (sent, converted) == (6_589, 2_102)
    assert journey.row('SELECT count(*) FROM "Campaign"') == (27,)
    assert journey.counts("order_lines") == {"read": 75_000, "accepted": 75_000, "new": 75_000}


def test_the_journey_has_a_tree_of_three_levels(load: Load) -> None:
    journey = load("complete_journey_sample")

    depths = journey.row(
        "SELECT count(*) FILTER (depth = 1), count(*) FILTER (depth = 2), "
        "count(*) FILTER (depth = 3) FROM (SELECT len(string_split(category_id, ' > ')) AS depth "
        'FROM "Category")'
    )
    roots = journey.row(
        'SELECT count(*) FROM "Category" c ANTI JOIN "Category-PART_OF-Category" p '
        "ON p.start_id = c.category_id"
    )

    assert depths == raw(
        "SELECT count(DISTINCT department), "
        "count(DISTINCT (department, product_category)) FILTER (product_category IS NOT NULL), "
        "count(DISTINCT (department, product_category, product_type)) "
        "FILTER (product_category IS NOT NULL AND product_type IS NOT NULL) FROM products",
        products="complete_journey_sample/products.csv.gz",
    )
    assert roots == (32,)


def test_the_journey_spends_what_its_lines_say(load: Load) -> None:
    journey = load("complete_journey_sample")

    (spend, shelf) = journey.row("SELECT sum(amount), sum(list_amount) FROM order_lines")

    told = raw(
        "SELECT sum(sales_value::DECIMAL(18, 2)), "
        "sum(sales_value::DECIMAL(18, 2) + retail_disc::DECIMAL(18, 2) "
        "+ coupon_match_disc::DECIMAL(18, 2)) FROM lines",
        lines="complete_journey_sample/transactions_sample.csv.gz",
    )
    assert (money(spend), money(shelf)) == told


# ---------------------------------------------------------------------------- groceries


def test_groceries_are_baskets_of_guests(load: Load) -> None:
    groceries = load("groceries")

    baskets, known = groceries.row("SELECT count(*), count(account_id) FROM orders")
    milk = groceries.row("SELECT count(*) FROM order_lines WHERE product_id = 'whole milk'")
    days = groceries.row("SELECT count(DISTINCT ordered_at) FROM orders")

    assert (baskets, known) == (9_835, 0)
    assert (milk, days) == ((2_513,), (1,))
    assert groceries.row("SELECT count(*) FROM order_lines") == (43_367,)


def test_groceries_have_a_tree_of_ten_and_fifty_five(load: Load) -> None:
    groceries = load("groceries")

    roots, below = groceries.row(
        "SELECT count(*) FILTER (parent_id IS NULL), count(parent_id) FROM categories"
    )

    assert (roots, below) == (10, 55)
    assert groceries.row('SELECT count(*) FROM "Product-IN_CATEGORY-Category"') == (169,)


# -------------------------------------------------------------------------- college_msg


def test_college_messages_are_replies_between_accounts(load: Load) -> None:
    college = load("college_msg")

    users = college.row('SELECT count(*) FROM "Account"')
    messages, pairs = college.row(
        "SELECT count(*), count(DISTINCT (account_id, reply_to_account_id)) FROM posts"
    )
    days = college.row("SELECT date_sub('day', min(posted_at), max(posted_at)) FROM posts")

    assert users == (1_899,)
    assert (messages, pairs) == (59_835, 20_296)
    assert days == (193,)
    assert college.row('SELECT count(*) FROM "Post-REPLIES_TO-Account"') == (59_835,)


# ---------------------------------------------------------------------- weibo_ced_rumor


def test_weibo_rejects_the_days_without_a_year_and_keeps_no_text(load: Load) -> None:
    weibo = load("weibo_ced_rumor")

    counts = weibo.counts("posts")
    texts = weibo.row("SELECT count(text) FROM posts")

    assert counts["read"] == 1_538 + 483_617
    assert counts["rejected"] == {"posted_at: not-a-time": 21}
    assert texts == (0,)
    rejects = weibo.staged.rejects("posts", "weibo")
    assert {reject[0] for reject in rejects} == {"reposts.csv.gz"}
    assert len(rejects) == 21


def test_weibo_reposts_have_their_parents(load: Load) -> None:
    weibo = load("weibo_ced_rumor")

    accounts = weibo.row('SELECT count(*) FROM "Account"')
    roots, kept = weibo.row(
        "SELECT count(*) FILTER (kind = 'post'), count(*) FILTER (kind = 'repost') FROM posts"
    )
    answered = weibo.row(
        'SELECT count(*) FROM "Post-REPLIES_TO-Post" r '
        "JOIN posts p ON p.post_id = r.end_id WHERE p.kind = 'repost'"
    )

    assert accounts == (408_656,)
    assert roots == 1_538
    # 483,617 reposts, of which 185 come twice and 21 have no year
    assert kept == 483_411
    assert answered == raw(ANSWERED, reposts="weibo_ced_rumor/reposts.csv.gz", events=WEIBO_EVENTS)


WEIBO_EVENTS = "weibo_ced_rumor/events.csv.gz"
# of a repost that comes twice with two parents, the first in the order of their keys counts
ANSWERED = """
WITH kept AS (SELECT * FROM reposts WHERE TRY_CAST(date AS TIMESTAMP) IS NOT NULL),
answers AS (
    SELECT event_id, mid, min(coalesce(parent_mid, root_mid)) AS parent
    FROM kept JOIN (SELECT event_id, root_mid FROM events) USING (event_id)
    GROUP BY event_id, mid
)
SELECT count(*) FROM answers a SEMI JOIN kept k ON k.event_id = a.event_id AND k.mid = a.parent
"""


def raw(query: str, **files: str) -> tuple[object, ...]:
    """Ask the raw files directly."""
    with duckdb.connect() as connection:
        for name, path in files.items():
            connection.execute(
                f"CREATE VIEW {name} AS FROM read_csv('{DATA / path}', all_varchar = true)"
            )
        (found,) = connection.execute(query).fetchall()
        return tuple(found)
