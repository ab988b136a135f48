"""Which products, categories and brands are bought together, and how surprising that is.

Support alone favours best-sellers, so a pair is a rule only if it is commoner than chance
(lift) and rests on enough baskets, and it says how likely chance alone is to do as well
(one-sided Fisher test, corrected for the number of pairs). Thresholds compare whole
numbers: a confidence of exactly 16/20 is not lost to a rounded 0.8.

A basket is a paid order with at least one line of a quantity above zero; lines of zero or
below are returns and put nothing into a basket. A category's baskets are those of its whole
subtree; a category and one above it are no pair. "Support" is the share of baskets with
both (documents write P(A u B) and mean both).
"""

import numpy as np
import pandas as pd

from algorithms.baskets import Level, brands_of, categories_of, products_of
from algorithms.contract import Algorithm, Inputs, KnowledgeTable, PropertyOptions, Result, owned
from algorithms.pairs import Pairs, count_pairs
from algorithms.rules import CopurchaseParameters, rules_of
from graph.language import Text
from graph.spec import RelationshipSpec

LEVELS = ("Product", "Category", "Brand")


BOUGHT = """
WITH baskets AS (
    SELECT o.order_id, ROW_NUMBER() OVER (ORDER BY o.order_id) AS basket
    FROM orders o CROSS JOIN parameters
    WHERE COALESCE(o.status, 'paid') = 'paid'
        AND (parameters.guests OR o.account_id IS NOT NULL)
)
SELECT b.basket, l.product_id
FROM order_lines l
JOIN baskets b ON l.order_id = b.order_id
WHERE COALESCE(l.quantity, 1) > 0
"""

PRODUCTS = "SELECT product_id, category_id, brand AS brand_id FROM products"
CATEGORIES = "SELECT category_id, parent_id FROM categories"


def compute(inputs: Inputs, params: CopurchaseParameters) -> Result:
    """Find the pairs that are bought together more often than chance explains.

    Parameters
    ----------
    inputs
        ``bought``: one row a line: ``basket`` (a number), ``product_id``. ``products``:
        ``category_id`` and ``brand_id`` of each, null where unknown. ``categories``: the
        ``parent_id`` of each.
    params
        Thresholds, all compared as whole numbers.

    Returns
    -------
    ``Product-ALSO_BOUGHT-Product`` and the same between categories and between brands, one
    row a direction, ordered by its ends; ``Product``: number of partners, and the best by
    lift among the rules that are not weak (among all where all are), ties going to more
    baskets and then to the smaller id. Products without a rule are absent.

    References
    ----------
    Agrawal, R., Imielinski, T. and Swami, A. (1993). Mining association rules.
    Zhang, T. (2000). Association rules.
    """
    products = products_of(inputs["bought"])
    n_baskets = int((np.diff(products.contains.indptr) > 0).sum())
    levels = {
        "product": products,
        "category": categories_of(products, inputs["products"], tree=inputs["categories"]),
        "brand": brands_of(products, inputs["products"]),
    }
    frames: dict[str, pd.DataFrame] = {}
    metrics: dict[str, object] = {"n_baskets": n_baskets, "largest_basket": _largest(products)}
    for name, level in levels.items():
        pairs = count_pairs(
            level.contains,
            least=params.minimum_count,
            n_baskets=n_baskets,
            related=level.related,
        )
        rules = rules_of(pairs, params, ids=level.ids)
        label = name.capitalize()
        frames[f"{label}-ALSO_BOUGHT-{label}"] = rules
        metrics[name] = _measured(pairs, rules)
    frames["Product"] = _partners(frames["Product-ALSO_BOUGHT-Product"])
    return Result(frames, metrics)


def _largest(products: Level) -> int:
    return int(np.diff(products.contains.indptr).max(initial=0))


def _measured(pairs: Pairs, rules: pd.DataFrame) -> dict[str, int]:
    return {
        "n_items": int((pairs.sizes > 0).sum()),
        "n_pairs_tested": pairs.tested,
        "n_pairs_met": pairs.n_met,
        "n_pairs_of_minimum_count": len(pairs.p),
        "n_rules": len(rules),
        "n_weak": int(rules["weak"].sum()),
    }


def _partners(rules: pd.DataFrame) -> pd.DataFrame:
    """Return one row a product with a rule: how many partners, and the best."""
    ranked = rules.sort_values(
        ["start_id", "weak", "lift", "n", "end_id"], ascending=[True, True, False, False, True]
    )
    best = ranked.drop_duplicates("start_id")
    partners = rules.groupby("start_id", observed=True).size()
    return pd.DataFrame(
        {
            "product_id": best["start_id"].to_numpy(object),
            "copurchase_partners": partners.to_numpy(np.int64),
            "copurchase_best_lift": best["lift"].to_numpy(),
            "copurchase_best_partner_id": best["end_id"].to_numpy(object),
        }
    )


SHARE: PropertyOptions = {"minimum": 0, "maximum": 1, "owner": "copurchase"}

EVIDENCE = (
    owned(
        "n",
        "integer",
        about=Text("Baskets with both", "同时包含两者的购物篮数"),
        minimum=1,
        owner="copurchase",
    ),
    owned(
        "n_antecedent",
        "integer",
        about=Text("Baskets with the first", "含前项的购物篮数"),
        owner="copurchase",
    ),
    owned(
        "n_consequent",
        "integer",
        about=Text("Baskets with the second", "含后项的购物篮数"),
        owner="copurchase",
    ),
    owned("n_baskets", "integer", about=Text("All baskets", "购物篮总数"), owner="copurchase"),
    owned("support", "number", about=Text("Share of baskets with both", "支持度"), **SHARE),
    owned(
        "confidence",
        "number",
        about=Text("Share of the first's baskets with both", "置信度"),
        **SHARE,
    ),
    owned(
        "lift",
        "number",
        about=Text("How many times likelier together than by chance", "提升度"),
        minimum=0,
        owner="copurchase",
    ),
    owned(
        "leverage",
        "number",
        about=Text("Share of baskets beyond what chance gives", "杠杆率"),
        minimum=-0.25,
        maximum=0.25,
        owner="copurchase",
    ),
    owned(
        "zhang",
        "number",
        about=Text("Zhang's metric: 1 always together, -1 never", "Zhang 度量"),
        minimum=-1,
        maximum=1,
        owner="copurchase",
    ),
    owned("p_value", "number", about=Text("One-sided Fisher p-value", "单侧 Fisher p 值"), **SHARE),
    owned(
        "q_value",
        "number",
        about=Text("The p-value corrected for all pairs tested", "经多重检验校正的 p 值"),
        **SHARE,
    ),
    owned(
        "weak",
        "boolean",
        about=Text("Few baskets, or not significant", "弱规则"),
        owner="copurchase",
    ),
)

ALSO_BOUGHT = """
SELECT
    '{level}' AS level, start_id AS antecedent_id, end_id AS consequent_id, n, n_antecedent,
    n_consequent, n_baskets, support, confidence, lift, leverage, zhang, p_value, q_value, weak
FROM "{label}-ALSO_BOUGHT-{label}"
"""

ALGORITHM = Algorithm(
    name="copurchase",
    version="1",
    about=Text(
        "Finds products, categories and brands that are bought together more than by chance.",
        "找出一起购买次数超出偶然的商品、品类和品牌。",
    ),
    stage="model",
    source="Agrawal, Imielinski and Swami (1993); Zhang (2000); Fisher's exact test with "
    "Benjamini and Hochberg (1995).",
    reads={
        "orders": ("order_id", "account_id", "status"),
        "order_lines": ("order_id", "product_id", "quantity"),
        "products": ("product_id", "category_id", "brand"),
        "categories": ("category_id", "parent_id"),
    },
    parameters=CopurchaseParameters,
    compute=compute,
    reduce={"bought": BOUGHT, "products": PRODUCTS, "categories": CATEGORIES},
    properties={
        "Product": (
            owned(
                "copurchase_partners",
                "integer",
                about=Text("Products that it is bought with", "关联商品数"),
                minimum=1,
            ),
            owned(
                "copurchase_best_lift",
                "number",
                about=Text("Lift of the best partner", "最佳关联的提升度"),
                minimum=0,
            ),
            owned(
                "copurchase_best_partner_id",
                "key",
                about=Text("The partner of greatest lift", "提升度最高的关联商品"),
            ),
        )
    },
    links=tuple(
        RelationshipSpec(
            type="ALSO_BOUGHT",
            start=label,
            end=label,
            properties=EVIDENCE,
            about=Text("Bought together more than by chance", "一起购买的次数超出偶然"),
        )
        for label in LEVELS
    ),
    tables=(
        KnowledgeTable(
            name="also_bought",
            about=Text("A directed rule between two things bought together", "有向关联规则"),
            columns=("level", "antecedent_id", "consequent_id", *(p.name for p in EVIDENCE)),
            elements=tuple(f"{label}-ALSO_BOUGHT-{label}" for label in LEVELS),
            query="UNION ALL".join(
                ALSO_BOUGHT.format(level=label.lower(), label=label) for label in LEVELS
            ),
        ),
    ),
)
