"""Gender, age band and region of customers who do not state them, from what they buy.

An inferred portrait is worse than none where it is hardly better than a guess. So each
attribute is written only if it proved accurate on customers kept out, and better there than
always naming the commonest value; otherwise the run says why not.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from algorithms.contract import Algorithm, Inputs, NothingToSayError, Result, owned
from algorithms.portrait_model import (
    Flags,
    Floats,
    Inferred,
    Integers,
    PortraitParameters,
    Values,
    inferred,
    is_unknown,
)
from algorithms.portrait_words import ATTRIBUTES, BANDS, MATHEMATICS, explain, notes_on
from algorithms.purchases import JOINS, PAID, READS
from graph.language import Text
from graph.spec import PropertySpec

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BAND_STARTS: Final = (25, 35, 45, 55)
# nobody of that age is known; a year of birth beyond it is a slip or a default
OLDEST: Final = 122


class NothingBoughtError(NothingToSayError):
    """No customer bought anything of a known category."""

    text = Text(
        "portrait: no customer bought anything of a known category, so nothing can be inferred.",
        "portrait：没有客户购买过已知品类的商品，无法推断。",
    )


SPENDS: Final = f"""
WITH {PAID}
SELECT p.customer_id, g.category_id, CAST(SUM(l.amount) AS BIGINT) AS spend
FROM paid p
JOIN order_lines l ON p.order_id = l.order_id
JOIN products g ON l.product_id = g.product_id
WHERE l.amount > 0 AND g.category_id IS NOT NULL
GROUP BY p.customer_id, g.category_id
ORDER BY p.customer_id, g.category_id
"""

KNOWN: Final = """
SELECT customer_id, golden_gender AS gender, golden_birth_year AS birth_year,
    golden_region AS region
FROM customers
ORDER BY customer_id
"""


def compute(inputs: Inputs, params: PortraitParameters) -> Result:
    """Infer what buyers do not state.

    Parameters
    ----------
    inputs
        ``spends``: one row a customer and category bought, ordered by both: ``spend``
        (ten-thousandths, above 0). ``known``: one row a customer, ordered: ``gender``,
        ``birth_year``, ``region`` as stated, null where not.
    params
        ``as_of``, from which ages follow, and when an inference is good enough.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``, one row a buyer who leaves something unstated:
    ``portrait_basis`` (categories bought), ``portrait_gender``, ``portrait_age_band``,
    ``portrait_region`` and the confidence of each (0-1); null where it is stated, or cannot
    be told. Metrics: the grade of each.

    Raises
    ------
    NothingBoughtError
        If nobody bought anything of a known category.
    """
    spends = inputs["spends"]
    if spends.empty:
        raise NothingBoughtError
    customers, features = _features(spends)
    known = _known(inputs["known"], customers, year=params.as_of.year)
    found = {name: inferred(features, known[name], params=params) for name in ATTRIBUTES}
    is_open = np.any([is_unknown(known[name]) for name in ATTRIBUTES], axis=0)
    n_categories = np.diff(features.indptr) // 2
    columns = {"customer_id": customers, "portrait_basis": n_categories, **_columns(found)}
    frame = pd.DataFrame(columns)[is_open].reset_index(drop=True)
    grades = {name: told.grade for name, told in found.items()}
    metrics = {name: asdict(grade) for name, grade in grades.items()}
    return Result({"Customer": frame}, metrics, notes_on(grades))


def _columns(found: dict[str, Inferred]) -> dict[str, Values | Floats]:
    columns: dict[str, Values | Floats] = {}
    for name, told in found.items():
        columns[f"portrait_{name}"] = told.words
        columns[f"portrait_{name}_confidence"] = told.confidence
    return columns


def _features(spends: pd.DataFrame) -> tuple[Values, "csr_array"]:
    """Return the customers, and of each the share of every category and whether it was bought."""
    from scipy.sparse import csr_array

    customers, owner = _places(spends["customer_id"])
    categories, category = _places(spends["category_id"])
    spend = spends["spend"].to_numpy(np.float64)
    share = spend / np.bincount(owner, weights=spend)[owner]
    shape = (len(customers), 2 * len(categories))
    columns = np.concatenate([category, category + len(categories)])
    values = np.concatenate([share, np.ones(len(share))])
    return customers, csr_array((values, (np.tile(owner, 2), columns)), shape=shape)


def _places(ids: "pd.Series[str]") -> tuple[Values, Integers]:
    """Return the distinct ids in their order, and the place of each row's among them."""
    column = ids.astype("category").cat.remove_unused_categories()
    names = column.cat.categories.to_numpy(dtype=object)
    order = np.argsort(names.astype(str))
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    return names[order], place[column.cat.codes.to_numpy()]


def _known(rows: pd.DataFrame, customers: Values, *, year: int) -> dict[str, Values]:
    """Return what each customer states, None where nothing."""
    stated = rows.set_index(rows["customer_id"].astype(object)).reindex(customers)
    age = year - stated["birth_year"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    band = np.array(list(BANDS), dtype=object)[np.digitize(np.nan_to_num(age), BAND_STARTS)]
    is_age = (age >= 0) & (age <= OLDEST)
    return {
        "gender": _stated(stated["gender"]),
        "age_band": _kept(band, is_age),
        "region": _stated(stated["region"]),
    }


def _stated(column: "pd.Series[str]") -> Values:
    return _kept(column.astype(object).to_numpy(), column.notna().to_numpy(np.bool_))


def _kept(words: Values, is_known: Flags) -> Values:
    """Return the words that are known, None in the place of the others."""
    kept = np.full(len(words), None, dtype=object)
    kept[is_known] = words[is_known]
    return kept


def _declared(name: str, about: Text) -> tuple[PropertySpec, PropertySpec]:
    en, zh = f"{about.en}, inferred where not stated", f"推断的{about.zh}（未填报时）"
    codes = {"gender": ("female", "male", "other"), "age_band": tuple(BANDS)}.get(name, ())
    return (
        owned(f"portrait_{name}", "code" if codes else "text", about=Text(en, zh), codes=codes),
        owned(
            f"portrait_{name}_confidence",
            "number",
            about=Text(f"{about.en}: confidence of the inference", f"{about.zh}推断的置信度"),
            minimum=0,
            maximum=1,
        ),
    )


ALGORITHM: Final = Algorithm(
    name="portrait",
    version="1",
    about=Text(
        "Infers gender, age band and region of customers who do not state them, if it can.",
        "在可靠时推断未填报客户的性别、年龄段和省份。",
    ),
    stage="tag",
    source="Multinomial logistic regression with a ridge penalty; hold-out against the majority.",
    reads={
        **READS,
        "order_lines": ("order_id", "product_id", "amount"),
        "products": ("product_id", "category_id"),
        "customers": ("customer_id", "golden_gender", "golden_birth_year", "golden_region"),
    },
    parameters=PortraitParameters,
    compute=compute,
    reduce={"spends": SPENDS, "known": KNOWN},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "portrait_basis",
                "integer",
                about=Text("Categories bought, on which an inference rests", "推断所依据的品类数"),
                minimum=1,
            ),
            *(p for name, about in ATTRIBUTES.items() for p in _declared(name, about)),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
)
