"""What all models of purchases have in common, and how one is fitted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np

from algorithms.clv.beta_binomial import BG_BB
from algorithms.clv.beta_geometric import BG_NBD, MBG_NBD
from algorithms.clv.cells import Cells, Floats
from algorithms.clv.maximum import Fit, Objective, Problem, maximise
from algorithms.clv.pareto import PARETO_NBD

ModelName = Literal["bg_nbd", "mbg_nbd", "pareto_nbd", "bg_bb"]

SAMPLE: Final = 4_000
"""Histories on which the starts are tried: enough to come near, not more."""


class Model(Protocol):
    """A model of when customers buy and when they leave; times are in units of the cells."""

    @property
    def name(self) -> str:
        """Return how a parameter names it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the usual names of its parameters."""

    @property
    def starts(self) -> tuple[tuple[float, ...], ...]:
        """Return scaled parameters from which to search."""

    def scales(self, cells: Cells) -> Floats:
        """Return a unit for each parameter."""

    def log_likelihood(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Return the logarithm of each cell's chance, and its derivatives by parameter."""

    def probability_alive(self, theta: Floats, cells: Cells) -> Floats:
        """Return each cell's probability of still being a customer."""

    def expected_orders(self, theta: Floats, cells: Cells, *, time: float) -> Floats:
        """Return each cell's expected purchases within ``time``."""

    def next_orders(self, theta: Floats, cells: Cells, *, time: float) -> Iterator[Floats]:
        """Yield the probabilities of 0, 1, 2, ... purchases of those who are alive."""


MODELS: Final[Mapping[str, Model]] = {
    model.name: model for model in (MBG_NBD, PARETO_NBD, BG_NBD, BG_BB)
}


@dataclass(frozen=True)
class Fitted:
    """A model with its parameters."""

    model: Model
    fit: Fit

    def alive(self, cells: Cells) -> Floats:
        """Return each cell's probability of still being a customer."""
        return self.model.probability_alive(self.fit.theta, cells)

    def expected(self, cells: Cells, *, time: float) -> Floats:
        """Return each cell's expected purchases within ``time``."""
        return self.model.expected_orders(self.fit.theta, cells, time=time)

    def log_likelihood(self, cells: Cells) -> float:
        """Return the log-likelihood of other histories at these parameters."""
        return cells.total(self.model.log_likelihood(self.fit.theta, cells)[0])


def fitted(model: Model, cells: Cells) -> Fitted:
    """Fit ``model`` to ``cells`` by maximum likelihood."""
    few = cells.part(slice(None, None, -(-len(cells) // SAMPLE)))
    problem = Problem(
        objective=_objective(model, cells),
        rough=_objective(model, few),
        names=model.names,
        scales=model.scales(cells),
        starts=model.starts,
        size=cells.n,
    )
    return Fitted(model, maximise(problem))


def _objective(model: Model, cells: Cells) -> Objective:
    def objective(theta: Floats) -> tuple[float, Floats]:
        each, gradient = model.log_likelihood(theta, cells)
        return cells.total(each), np.asarray(gradient @ cells.weight)

    return objective
