"""The sides of a customer, added up from what the database groups."""

from datetime import UTC, datetime

from api.facets import LATEST, consents, facets, orders, purchases, timeline
from api.views import Row, View, row_of

DAY = 86_400_000


def group(
    *,
    status: str = "paid",
    n: int = 1,
    spend: int = 100_000,
    is_visit: bool = True,
    in_store: bool = False,
    by_card: bool = False,
    first: int = DAY,
    last: int = DAY,
) -> Row:
    """Return a group of like orders; ``spend`` is in ten-thousandths."""
    return {
        "status": status,
        "n": n,
        "spend": spend,
        "is_visit": is_visit,
        "in_store": in_store,
        "by_card": by_card,
        "first": first,
        "last": last,
    }


def row(**parts: object) -> Row:
    """Return a profile's row; what is not given is empty."""
    empty: dict[str, object] = {"orders": [], "accounts": [], "service": [], "community": {}}
    return {**empty, **parts}


def account(**facts: object) -> Row:
    """Return an account as the profile's query does."""
    known = {"kind": None, "card_tier": None, "registered_at": None}
    return {"facts": {**known, **facts}}


def values(view: object) -> dict[str, object]:
    """Return the bare values of what is shown."""
    return {name: row_of(shown)["value"] for name, shown in row_of(view).items()}


def test_paid_orders_are_counted_and_their_money_added_exactly() -> None:
    cents = [group(n=1, spend=1_000), group(n=2, spend=2_000, in_store=True)]

    found = values(purchases(cents))

    assert found["n_orders"] == 3
    assert found["spend"] == 0.3


def test_a_pure_return_is_money_but_no_order() -> None:
    found = values(purchases([group(last=DAY), group(is_visit=False, spend=-40_000, last=9 * DAY)]))

    assert found["n_orders"] == 1
    assert found["spend"] == 6.0
    assert found["last_at"] == datetime(1970, 1, 2, tzinfo=UTC)


def test_cancelled_and_refunded_orders_count_nowhere_but_as_such() -> None:
    found = values(orders([group(), group(status="cancelled", n=2), group(status="refunded", n=3)]))

    assert found["n_orders"] == 1
    assert found["spend"] == 10.0
    assert found["n_not_paid"] == 5


def test_no_order_is_no_spend_rather_than_none_at_all() -> None:
    found = values(orders([]))

    assert found == {
        "n_orders": 0,
        "spend": None,
        "first_at": None,
        "last_at": None,
        "n_not_paid": 0,
    }


def test_the_first_and_last_order_are_those_over_all_groups() -> None:
    found = values(purchases([group(first=5 * DAY, last=6 * DAY), group(first=DAY, last=2 * DAY)]))

    assert found["first_at"] == datetime(1970, 1, 2, tzinfo=UTC)
    assert found["last_at"] == datetime(1970, 1, 7, tzinfo=UTC)


def test_store_and_online_share_the_orders_out_and_cards_overlap() -> None:
    groups = [
        group(in_store=True, by_card=True, n=2),
        group(in_store=True, n=3),
        group(in_store=False, by_card=True, n=5),
    ]

    found = facets(row(orders=groups))

    assert values(found["store"])["n_orders"] == 5
    assert values(found["online"])["n_orders"] == 5
    assert values(found["card"])["n_orders"] == 7


def test_all_six_sides_are_there_for_somebody_of_whom_nothing_is_known() -> None:
    found = facets(row())

    assert list(found) == ["membership", "store", "online", "card", "service", "community"]


def test_membership_is_of_member_accounts_alone() -> None:
    accounts = [
        account(kind="member", card_tier="gold", registered_at=5 * DAY),
        account(kind="member", card_tier="silver", registered_at=2 * DAY),
        account(kind="member"),
        account(kind="card", card_tier="black", registered_at=DAY),
    ]

    found = values(facets(row(accounts=accounts))["membership"])

    assert found["n_accounts"] == 3
    assert found["card_tiers"] == ["gold", "silver"]
    assert found["registered_at"] == datetime(1970, 1, 3, tzinfo=UTC)


def test_service_cases_of_all_kinds_are_added() -> None:
    service = [
        {"kind": "repair", "n": 2, "n_open": 1, "last": DAY},
        {"kind": "complaint", "n": 3, "n_open": 0, "last": 4 * DAY},
    ]

    found = values(facets(row(service=service))["service"])

    assert found["n_tickets"] == 5
    assert found["n_open"] == 1
    assert found["kinds"] == ["complaint", "repair"]
    assert found["last_at"] == datetime(1970, 1, 5, tzinfo=UTC)


def said(purpose: str, *, granted: bool, at: int, channel: str | None = None) -> Row:
    """Return a statement of consent."""
    return {"purpose": purpose, "channel": channel, "granted": granted, "at": at}


def test_the_latest_statement_counts_whatever_the_order_of_arrival() -> None:
    statements = [
        said("marketing", granted=False, at=3),
        said("marketing", granted=True, at=5),
        said("marketing", granted=False, at=1),
    ]

    assert [(c["purpose"], c["granted"]) for c in consents(statements)] == [("marketing", True)]


def test_of_two_statements_at_one_instant_the_withdrawal_counts() -> None:
    both = [said("marketing", granted=True, at=5), said("marketing", granted=False, at=5)]

    assert [c["granted"] for c in consents(both)] == [False]
    assert [c["granted"] for c in consents(both[::-1])] == [False]


def test_purposes_and_channels_stand_for_themselves() -> None:
    statements = [
        said("marketing", granted=True, at=1, channel="email"),
        said("marketing", granted=False, at=2, channel="sms"),
        said("profiling", granted=True, at=3),
    ]

    found = [(c["purpose"], c["channel"], c["granted"]) for c in consents(statements)]

    assert found == [
        ("marketing", "email", True),
        ("marketing", "sms", False),
        ("profiling", None, True),
    ]


def happened(kind: str, id_: str, *, at: int | None) -> View:
    """Return something that happened, as the profile's query does."""
    return {"kind": kind, "id": id_, "source": "s", "at": at}


def test_the_timeline_mixes_kinds_the_newest_first() -> None:
    found = timeline(
        {
            "latest_order": [happened("order", "o2", at=30), happened("order", "o1", at=10)],
            "latest_post": [happened("post", "p1", at=20)],
            "orders": [happened("order", "not a happening", at=99)],
        }
    )

    assert [entry["id"] for entry in found] == ["o2", "p1", "o1"]


def test_the_timeline_ends_after_the_latest_few() -> None:
    many = [happened("order", f"o{n:03}", at=n) for n in range(3 * LATEST)]

    found = timeline({"latest_order": many})

    assert len(found) == LATEST
    assert found[0]["id"] == f"o{3 * LATEST - 1:03}"


def test_what_happened_at_once_is_ordered_by_its_id() -> None:
    found = timeline(
        {"latest_a": [happened("order", "b", at=1)], "latest_b": [happened("post", "a", at=1)]}
    )

    assert [entry["id"] for entry in found] == ["a", "b"]


def test_what_has_no_date_comes_last() -> None:
    found = timeline(
        {"latest_a": [happened("order", "undated", at=None), happened("order", "d", at=5)]}
    )

    assert [(entry["id"], entry["at"] is None) for entry in found] == [
        ("d", False),
        ("undated", True),
    ]
