"""Orders of one line each, from which prices and discounts can be worked out by hand."""

from tests.pure import Rows, money, utc

# customer, category, paid, list price (none: not stated)
Line = tuple[str, str, float, float | None]


def shop(lines: list[Line], *, days: list[int] | None = None) -> dict[str, Rows]:
    """Return one order of one article a line, of the article ``p-<category>``."""
    at = days or [1] * len(lines)
    orders: Rows = [
        {
            "order_id": f"o{place}",
            "customer_id": line[0],
            "ordered_at": utc(f"2026-01-{day:02d}"),
            "ordered_day": utc(f"2026-01-{day:02d}").date(),
        }
        for place, (line, day) in enumerate(zip(lines, at, strict=True))
    ]
    sold: Rows = [
        {
            "order_id": f"o{place}",
            "product_id": f"p-{category}",
            "amount": money(paid),
            "list_amount": None if listed is None else money(listed),
        }
        for place, (_, category, paid, listed) in enumerate(lines)
    ]
    categories = sorted({category for _, category, *_ in lines})
    products: Rows = [{"product_id": f"p-{c}", "category_id": c} for c in categories]
    return {"orders": orders, "order_lines": sold, "products": products}
