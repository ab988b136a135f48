"""The sides of one customer: membership, shops, online, cards, service, community.

Pure: what the database returned about one customer becomes what is shown. Facets may
overlap on purpose: an order by a card account in a shop belongs to both.
"""

from collections.abc import Sequence

from api.views import Row, View, instant, maps, row_of, shown, texts, whole
from graph.language import Text
from graph.spec import PropertySpec

PURCHASES = (
    PropertySpec(
        "n_orders", "integer", Text("Paid orders, pure returns aside", "已付订单数（不含纯退货）")
    ),
    PropertySpec("spend", "money", Text("Paid in all, returns deducted", "累计实付（扣除退货）")),
    PropertySpec("first_at", "time", Text("First paid order", "首次付款订单时间")),
    PropertySpec("last_at", "time", Text("Latest paid order", "最近付款订单时间")),
)
UNPAID = PropertySpec("n_not_paid", "integer", Text("Cancelled or refunded", "取消或退款订单数"))
MEMBERSHIP = (
    PropertySpec("n_accounts", "integer", Text("Member accounts", "会员账户数")),
    PropertySpec("card_tiers", "texts", Text("Tiers of the member cards", "会员卡等级")),
    PropertySpec("registered_at", "time", Text("First registration", "首次注册时间")),
)
SERVICE = (
    PropertySpec("n_tickets", "integer", Text("Service cases", "工单数")),
    PropertySpec("n_open", "integer", Text("Cases not closed", "未结工单数")),
    PropertySpec("kinds", "texts", Text("Kinds of case", "工单类型")),
    PropertySpec("last_at", "time", Text("Latest case", "最近工单时间")),
)
COMMUNITY = (
    PropertySpec("n_posts", "integer", Text("Posts and replies written", "发帖与回复数")),
    PropertySpec("n_replies_written", "integer", Text("Of these, replies", "其中回复数")),
    PropertySpec("n_replies_received", "integer", Text("Replies received", "收到的回复数")),
    PropertySpec("n_likes", "integer", Text("Likes received", "收到的点赞数")),
    PropertySpec("last_at", "time", Text("Latest post", "最近发帖时间")),
)

LATEST = 20


def purchases(groups: Sequence[Row]) -> View:
    """Sum groups of orders into one facet; only paid orders count, and returns only as money.

    Parameters
    ----------
    groups
        Orders alike in ``status``, ``in_store``, ``by_card`` and ``is_visit``: their number
        ``n``, their ``spend`` in ten-thousandths, and ``first`` and ``last`` in milliseconds.
    """
    paid = [group for group in groups if group["status"] == "paid"]
    visits = [group for group in paid if group["is_visit"]]
    spend = sum(whole(group["spend"]) for group in paid)
    values = {
        "n_orders": sum(whole(group["n"]) for group in visits),
        "spend": spend / 10_000 if paid else None,
        "first_at": min((whole(group["first"]) for group in visits), default=None),
        "last_at": max((whole(group["last"]) for group in visits), default=None),
    }
    return shown(PURCHASES, values)


def orders(groups: Sequence[Row]) -> View:
    """Sum all orders of a customer, with those that came to nothing."""
    unpaid = sum(whole(group["n"]) for group in groups if group["status"] != "paid")
    return {**purchases(groups), **shown([UNPAID], {"n_not_paid": unpaid})}


def facets(row: Row) -> View:
    """Return the six sides of the customer in ``row``, as the profile's query returns it."""
    groups = maps(row["orders"])
    return {
        "membership": _membership([row_of(held["facts"]) for held in maps(row["accounts"])]),
        "store": purchases([group for group in groups if group["in_store"]]),
        "online": purchases([group for group in groups if not group["in_store"]]),
        "card": purchases([group for group in groups if group["by_card"]]),
        "service": _service(maps(row["service"])),
        "community": shown(COMMUNITY, row_of(row["community"])),
    }


def consents(statements: Sequence[Row]) -> list[View]:
    """Return the latest statement per purpose and channel; a tie counts as withdrawn."""
    latest: dict[tuple[str, str], Row] = {}
    # withdrawn sorts behind given at the same instant, so that it is the one that stays
    for said in sorted(statements, key=lambda said: (whole(said["at"]), not said["granted"])):
        latest[str(said["purpose"]), str(said["channel"] or "")] = said
    return [{**latest[key], "at": instant(latest[key]["at"])} for key in sorted(latest)]


def timeline(row: Row) -> list[View]:
    """Return what happened latest, the newest first, whatever its kind."""
    lists = [maps(value) for name, value in row.items() if name.startswith("latest_")]
    happened = [happening for some in lists for happening in some]
    happened.sort(key=lambda h: (-whole(h["at"]), str(h["id"])))
    return [{**happening, "at": instant(happening["at"])} for happening in happened[:LATEST]]


def _membership(accounts: Sequence[Row]) -> View:
    members = [account for account in accounts if account["kind"] == "member"]
    registered = [whole(m["registered_at"]) for m in members if m["registered_at"] is not None]
    values = {
        "n_accounts": len(members),
        "card_tiers": texts(member["card_tier"] for member in members),
        "registered_at": min(registered, default=None),
    }
    return shown(MEMBERSHIP, values)


def _service(kinds: Sequence[Row]) -> View:
    values = {
        "n_tickets": sum(whole(kind["n"]) for kind in kinds),
        "n_open": sum(whole(kind["n_open"]) for kind in kinds),
        "kinds": texts(kind["kind"] for kind in kinds),
        "last_at": max((whole(kind["last"]) for kind in kinds), default=None),
    }
    return shown(SERVICE, values)
