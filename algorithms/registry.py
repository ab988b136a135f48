"""The algorithms that kith has, in one list; adding one is one line at its end.

What they promise one another is checked here, when the list is made: one owner a property,
names that show their owner, and no algorithm that waits for itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter

from algorithms import (
    alerts,
    churn,
    circles,
    clv,
    copurchase,
    diffusion,
    engagement,
    esteem,
    golden,
    household,
    influence,
    lifecycle,
    network_map,
    portrait,
    price,
    reply_network,
    repurchase,
    reseller,
    rfm,
    rfm_clusters,
    rollup,
    seeds,
    store_health,
    value_potential,
)
from algorithms.contract import Algorithm, KnowledgeTable
from graph.errors import KithError, NotFoundError, some
from graph.language import Text
from graph.spec import GraphSpec, PropertySpec, fact_spec

UNPREFIXED = frozenset({"circle_id", "n_accounts", "first_seen_at", "last_seen_at", "rfm_cluster"})
"""Properties that belong to nobody in the eyes of those who read them, or, as the number of a
group by RFM, to a family of methods."""


class RegistrationError(KithError):
    """The declarations of the registered algorithms contradict each other."""

    text = Text("Algorithm {algorithm}: {problem}.", "算法 {algorithm}：{problem}。")


class UnknownAlgorithmError(NotFoundError):
    """No algorithm has this name."""

    text = Text(
        "There is no algorithm {name!r}. There are: {known}.",
        "没有名为 {name!r} 的算法。可用算法：{known}。",
    )


@dataclass(frozen=True)
class Registry:
    """Algorithms by name, in their declared order.

    Raises
    ------
    RegistrationError
        If two share a name, a property or a table, if a property does not show its owner, or
        if they wait for each other in a circle.
    """

    algorithms: tuple[Algorithm, ...]

    def __post_init__(self) -> None:
        """Check the declarations against each other."""
        _unique((a.name, a.name) for a in self.algorithms)
        _unique((a.name, name) for a in self.algorithms for name in _claims(a))
        for algorithm in self.algorithms:
            _show_owner(algorithm)
        self.ordered()

    def __iter__(self) -> Iterator[Algorithm]:
        """Go through the algorithms in their declared order."""
        return iter(self.algorithms)

    def named(self, name: str) -> Algorithm:
        """Return the algorithm called ``name``; raises `UnknownAlgorithmError`."""
        for algorithm in self.algorithms:
            if algorithm.name == name:
                return algorithm
        known = some([a.name for a in self.algorithms])
        raise UnknownAlgorithmError(name=name, known=known)

    def ordered(self, names: Iterable[str] = ()) -> tuple[Algorithm, ...]:
        """Return the named algorithms, or all, each after those whose results it reads.

        Raises
        ------
        UnknownAlgorithmError, RegistrationError
            If a name is unknown, or they wait for each other.
        """
        chosen = [self.named(name).name for name in names] or [a.name for a in self.algorithms]
        waits = {a.name: self.upstream(a) for a in self.algorithms}
        sorter = TopologicalSorter({name: sorted(waits[name]) for name in waits})
        try:
            order = list(sorter.static_order())
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            problem = f"waits for its own result: {circle}"
            raise RegistrationError(algorithm=error.args[1][0], problem=problem) from None
        return tuple(self.named(name) for name in order if name in chosen)

    def upstream(self, algorithm: Algorithm) -> frozenset[str]:
        """Return the names of the algorithms whose results ``algorithm`` reads."""
        wanted = {*algorithm.reads, *algorithm.reads.get("customers", ())}
        return frozenset(a.name for a in self.algorithms if wanted & _readable(a))

    @property
    def tables(self) -> Mapping[str, KnowledgeTable]:
        """Return the declared knowledge tables by name."""
        return {table.name: table for a in self.algorithms for table in a.tables}

    def spec(self, facts: GraphSpec) -> GraphSpec:
        """Return ``facts`` joined with everything that the algorithms declare."""
        properties: dict[str, list[PropertySpec]] = {}
        for algorithm in self.algorithms:
            for label, added in algorithm.properties.items():
                properties.setdefault(label, []).extend(added)
        return facts.with_computed(properties, [link for a in self.algorithms for link in a.links])


def _readable(algorithm: Algorithm) -> frozenset[str]:
    """Return what others can read of an algorithm: properties of customers, and tables."""
    scores = (p.name for p in algorithm.properties.get("Customer", ()))
    return frozenset({*scores, *(table.name for table in algorithm.tables)})


def _claims(algorithm: Algorithm) -> list[str]:
    """Return everything that only one algorithm may write, or call its own."""
    scores = [f"{label}.{p.name}" for label, ps in algorithm.properties.items() for p in ps]
    links = [link.name for link in algorithm.links]
    nodes = [f"every {label}" for label in sorted(algorithm.makes)]
    tables = [table.name for table in algorithm.tables] + [t.name for t in algorithm.files]
    return nodes + scores + links + [f"table {name}" for name in tables]


def _unique(claims: Iterable[tuple[str, str]]) -> None:
    owners: dict[str, str] = {}
    for algorithm, claim in claims:
        if claim in owners:
            problem = f"{claim} already belongs to {owners[claim]}"
            raise RegistrationError(algorithm=algorithm, problem=problem)
        owners[claim] = algorithm


def _show_owner(algorithm: Algorithm) -> None:
    for properties in algorithm.outputs.values():
        for p in properties:
            if p.owner != algorithm.name:
                problem = f"{p.name} is declared as owned by {p.owner!r}"
                raise RegistrationError(algorithm=algorithm.name, problem=problem)
    # on nodes of its own whatever stands there is the algorithm's
    shared = {*algorithm.properties} - algorithm.makes
    for p in (p for label in sorted(shared) for p in algorithm.properties[label]):
        if p.name not in UNPREFIXED and not p.name.startswith(f"{algorithm.name}_"):
            problem = f"{p.name} must begin with {algorithm.name}_"
            raise RegistrationError(algorithm=algorithm.name, problem=problem)


REGISTRY = Registry(
    (
        rollup.ALGORITHM,
        rfm.ALGORITHM,
        copurchase.ALGORITHM,
        golden.ALGORITHM,
        household.ALGORITHM,
        lifecycle.ALGORITHM,
        rfm_clusters.ALGORITHM,
        churn.ALGORITHM,
        clv.ALGORITHM,
        repurchase.ALGORITHM,
        value_potential.ALGORITHM,
        alerts.ALGORITHM,
        price.ALGORITHM,
        reseller.ALGORITHM,
        store_health.ALGORITHM,
        portrait.ALGORITHM,
        reply_network.ALGORITHM,
        influence.ALGORITHM,
        esteem.ALGORITHM,
        engagement.ALGORITHM,
        circles.ALGORITHM,
        network_map.ALGORITHM,
        seeds.ALGORITHM,
        diffusion.ALGORITHM,
    )
)


@cache
def computed_spec() -> GraphSpec:
    """Return the whole graph: declared facts and everything that algorithms add."""
    return REGISTRY.spec(fact_spec())
