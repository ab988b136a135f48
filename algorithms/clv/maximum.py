"""The largest likelihood over positive parameters, and whether there is one inside.

Parameters are searched as logarithms of dimensionless numbers, so that a change of the unit
of time or money changes nothing. A likelihood may keep rising as parameters run off: where
nobody drops out, the chances to do so are not identified, and any optimiser stops somewhere
on a ridge. On a ridge a Newton step is of the size of the parameters however flat it is; at
a true maximum it vanishes. So Newton's method has the last word.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from algorithms.clv.cells import Floats

Objective = Callable[[Floats], tuple[float, Floats]]
"""From parameters to the log-likelihood and its gradient by them."""

REACH = 9.0
"""Logarithms of scaled parameters stay within this: e**9 is about 8,000."""
STEP = 1e-5
"""For differences of the gradient: its error is then about that of a rounded gradient."""
NEWTON_STEPS = 30
CLIMBS = 300
HALVINGS = 40
NEAR = 1e-2
"""After a shorter step the last curvature is good enough: it costs as many looks at the data
as there are parameters, and each further step still gains two digits."""
ENOUGH = 1e-4
"""Of the gain that the slope promises: Armijo's rule."""
FLAT = 1e-10
"""A gain a customer below which climbing ends; Newton's method goes on from there."""
LONGEST = 1.0
SETTLED = 1e-7
LOOSE = 3.0
"""A parameter that may as well be twenty times as large or small is not determined."""
ASTRAY = 4.0
"""A parameter fifty times or a fiftieth of its scale is named among those that ran off."""


@dataclass(frozen=True)
class Fit:
    """Where the likelihood is largest.

    Parameters
    ----------
    theta
        The parameters, in the order of ``names``.
    log_likelihood
        Over all customers.
    errors
        Standard errors of the logarithms of the parameters; none where nothing peaks.
    ran_off
        The parameters that grow or shrink without end, or that the data leave open by more
        than `LOOSE`; empty where the maximum is inside. A fit with some is no fit: it may be
        reported, never used.
    """

    names: tuple[str, ...]
    theta: Floats
    log_likelihood: float
    errors: tuple[float, ...] = ()
    ran_off: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, float]:
        """Return the parameters by name."""
        return dict(zip(self.names, self.theta.tolist(), strict=True))


class Problem(NamedTuple):
    """What is to be made as large as can be.

    Parameters
    ----------
    objective
        For all customers.
    rough
        The same for a part of the customers, for the search from several starts.
    names, scales
        Of each parameter its name, and a value of its unit (1 where it has none).
    starts
        Scaled parameters from which to search.
    size
        The number of customers, so that tolerances mean the same at any size.
    """

    objective: Objective
    rough: Objective
    names: tuple[str, ...]
    scales: Floats
    starts: Sequence[Sequence[float]]
    size: float


class Place(NamedTuple):
    """A place, its height and its slope."""

    at: Floats
    value: float
    gradient: Floats


def maximise(problem: Problem) -> Fit:
    """Return the largest likelihood found from all starts, and whether it is a true maximum."""
    searched = [_searched(problem.rough, problem, start=start) for start in np.log(problem.starts)]
    best = max(searched, key=lambda found: found[0])[1]
    at, curvature = _settled(problem, best)
    if curvature is None:
        at, curvature = _settled(problem, _searched(problem.objective, problem, start=best)[1])
    value, _ = problem.objective(_natural(problem, at))
    if curvature is None:
        return Fit(problem.names, _natural(problem, at), value, ran_off=_astray(problem, at))
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)) / problem.size)
    loose = tuple(n for n, e in zip(problem.names, errors, strict=True) if e > LOOSE)
    return Fit(problem.names, _natural(problem, at), value, tuple(errors.tolist()), loose)


def _natural(problem: Problem, at: Floats) -> Floats:
    return np.asarray(np.exp(at) * problem.scales)


def _by_logarithms(objective: Objective, problem: Problem, *, at: Floats) -> tuple[float, Floats]:
    """Return the mean log-likelihood a customer and its gradient by logarithms."""
    values = _natural(problem, at)
    total, gradient = objective(values)
    return total / problem.size, gradient * values / problem.size


def _searched(objective: Objective, problem: Problem, *, start: Floats) -> tuple[float, Floats]:
    """Climb from one start within reach (BFGS); return the height and the place.

    Written out, because four parameters need no library, and SciPy's is slowed tenfold by its
    threads on a busy machine.
    """
    at = np.clip(start, -REACH, REACH)
    value, gradient = _by_logarithms(objective, problem, at=at)
    inverse = np.eye(len(at))
    for _ in range(CLIMBS):
        step = inverse @ gradient
        step *= min(1.0, LONGEST / max(np.abs(step).max(), SETTLED))
        found = _uphill(objective, problem, since=Place(at, value, gradient), step=step)
        if found is None:
            break
        moved, gained = found.at - at, found.value - value
        inverse = _bfgs(inverse, moved=moved, fell=gradient - found.gradient)
        at, value, gradient = found.at, found.value, found.gradient
        if gained < FLAT:
            break
    return value, at


def _uphill(objective: Objective, problem: Problem, *, since: Place, step: Floats) -> Place | None:
    """Return the first of ever shorter steps that leads higher; None where none does."""
    for _ in range(HALVINGS):
        at = np.clip(since.at + step, -REACH, REACH)
        value, gradient = _by_logarithms(objective, problem, at=at)
        is_higher = value > since.value + ENOUGH * (since.gradient @ (at - since.at))
        if is_higher and np.isfinite(gradient).all():
            return Place(at, value, gradient)
        step = step / 2
    return None


def _bfgs(inverse: Floats, *, moved: Floats, fell: Floats) -> Floats:
    """Return the inverse curvature, corrected by what a step has shown of it."""
    if moved @ fell <= 1e-14:
        return inverse
    rho = 1 / (moved @ fell)
    turn = np.eye(len(moved)) - rho * np.outer(moved, fell)
    return np.asarray(turn @ inverse @ turn.T + rho * np.outer(moved, moved))


def _settled(problem: Problem, at: Floats) -> tuple[Floats, Floats | None]:
    """Go on by Newton's method; return the curvature of where it rests, None if it does not."""
    longest, curvature = LONGEST, np.eye(len(at))
    for _ in range(NEWTON_STEPS):
        gradient = _by_logarithms(problem.objective, problem, at=at)[1]
        if longest > NEAR:
            curvature = _curvature(problem, at=at, gradient=gradient)
            if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature)[0] <= 0:
                return at, None
        step = np.asarray(np.linalg.solve(curvature, gradient))
        longest = float(np.abs(step).max())
        step *= min(1.0, LONGEST / max(longest, SETTLED))
        if np.abs(at + step).max() > REACH:
            return at, None
        at = at + step
        if longest < SETTLED:
            return at, curvature
    return at, None


def _curvature(problem: Problem, *, at: Floats, gradient: Floats) -> Floats:
    """Return how fast the gradient falls, by logarithms."""
    steps = STEP * np.eye(len(at))
    moved = [_by_logarithms(problem.objective, problem, at=at + step)[1] for step in steps]
    falls = (gradient - np.array(moved)) / STEP
    return np.asarray((falls + falls.T) / 2)


def _astray(problem: Problem, at: Floats) -> tuple[str, ...]:
    """Return the parameters that are far from their scale; where none is, all."""
    far = tuple(n for n, v in zip(problem.names, at, strict=True) if abs(v) > ASTRAY)
    return far or problem.names
