"""One demo company for the unit tests of its systems: what each exports, and who is who."""

from collections.abc import Callable
from functools import cache

import pandas as pd

from loaders.demo import call, community, crm, erp, partner, pos, web
from loaders.demo.company import Company, Export, company_of
from loaders.demo.profile import RETAIL

N = 40_000
EXPORTS: dict[str, Callable[[Company], Export]] = {
    "crm": crm.export,
    "erp": erp.export,
    "pos": pos.export,
    "web": web.export,
    "call": call.export,
    "community": community.export,
    "partner": partner.export,
}


@cache
def company() -> Company:
    """Return the company, made once a session."""
    return company_of(RETAIL, N, seed=7)


@cache
def export_of(source: str) -> Export:
    """Return what a system exports, made once a session."""
    return EXPORTS[source](company())


def rows_of(source: str, name: str) -> pd.DataFrame:
    """Return the rows of one exported relation, a fresh copy."""
    extracts = {extract.name: extract.rows for extract in export_of(source).extracts}
    frame: pd.DataFrame = extracts[name].to_pandas()
    return frame


def person_of(source: str) -> dict[str, int]:
    """Return the person behind each account key of a system."""
    export = export_of(source)
    return dict(zip(export.account_keys.to_pylist(), export.persons.tolist(), strict=True))
