"""Whose is this phone number: a clear value becomes a keyed hash, and the hash a person.

The value takes the way it takes when it is loaded, through the same normal form and the
same secret, and goes no further: not into an address, a log, an error or the audit.
"""

from api.models import LookupRequest
from api.views import Ask, View, maps, texts
from graph.errors import ConfigurationError
from graph.home import read_home
from graph.language import Text
from graph.secret import read_secret
from graph.settings import Settings

FIND = """
MATCH (i:Identifier {identifier_key: $key})
CALL (i) {
  MATCH (i)<-[:HAS_IDENTIFIER]-(a:Account)-[:RESOLVED_TO]->(c:Customer)
  WITH c.customer_id AS customer_id, count(a) AS n, collect(DISTINCT a.source) AS sources
  ORDER BY n DESC, customer_id LIMIT 100
  RETURN collect({customer_id: customer_id, n_accounts: n, sources: sources}) AS customers
}
RETURN i.masked AS masked, i.state AS state, customers
"""
# numbers that name no country, before the first load has said where the company is
REGION = "CN"


class IdentifierValueError(ConfigurationError):
    """The value cannot be an identifier of its kind."""

    text = Text(
        "The value cannot be a {kind}: <hidden>. Check it, and the kind.",
        "该值不可能是 {kind}：<hidden>。请检查取值与类型。",
    )


def look_up(ask: Ask, wanted: LookupRequest, *, key: str) -> View:
    """Find the customers of an identifier, those with most accounts on it first.

    Parameters
    ----------
    wanted
        The identifier, of which only the kind is read here.
    key
        Its ``identifier_key``.

    Returns
    -------
    At most 100 customers; none where the identifier was never seen.
    """
    rows = ask(FIND, {"key": key})
    held = rows[0] if rows else {"masked": None, "state": None, "customers": []}
    found = [
        {**customer, "sources": texts(maps(customer["sources"]))}
        for customer in maps(held["customers"])
    ]
    return {**held, "kind": wanted.kind, "customers": found}


def identifier_key(wanted: LookupRequest, *, settings: Settings) -> str:
    """Return the keyed hash under which the graph knows the identifier.

    Raises
    ------
    IdentifierValueError
        If the value has no normal form of its kind.
    """
    import pyarrow as pa

    from graph.identifiers import normalise

    company = read_home(settings).company
    form = normalise(
        wanted.kind,
        pa.array([wanted.value]),
        region=company.phone_region if company else REGION,
        scope=pa.array([wanted.scope], pa.string()) if wanted.scope else None,
    )[0].as_py()
    if form is None:
        raise IdentifierValueError(kind=wanted.kind)
    return read_secret(settings).identifier_key(wanted.kind, form)
