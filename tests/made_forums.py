"""Forums drawn at random whose popularity is known: it stays, drifts, or comes and goes."""

from collections.abc import Callable

import numpy as np

from algorithms.influence.arcs import Floats, Numbers, Timeline

DAYS = 730


def _timeline(source: Numbers, target: Numbers, at: Floats, *, n: int) -> Timeline:
    keep = source != target
    since = np.full(n, np.inf)
    for person in (source[keep], target[keep]):
        np.minimum.at(since, person, at[keep])
    return Timeline(n, source[keep], target[keep], at[keep], since)


def _talk(
    pull: Callable[[int], Floats], activity: Floats, *, per_day: int, rng: np.random.Generator
) -> Timeline:
    """Draw who answers by activity, and who is answered by the pull of the day."""
    n, by = len(activity), activity / activity.sum()
    rows = []
    for day in range(DAYS):
        to = pull(day)
        at = day + rng.uniform(size=per_day)
        rows.append((rng.choice(n, per_day, p=by), rng.choice(n, per_day, p=to / to.sum()), at))
    source, target, at = (np.concatenate(column) for column in zip(*rows, strict=True))
    return _timeline(source, target, at, n=n)


def stationary(*, seed: int, n: int = 5_000, per_day: int = 15) -> Timeline:
    """Return two years in which everybody draws as many as ever: heavy-tailed, and sparse."""
    rng = np.random.default_rng(seed)
    pull, activity = rng.pareto(1.2, n) + 0.02, rng.pareto(1.3, n) + 0.05
    return _talk(lambda _: pull, activity, per_day=per_day, rng=rng)


def drifting(*, seed: int, n: int = 3_000, per_day: int = 60, months: float = 4.0) -> Timeline:
    """Return two years in which the logarithm of a pull wanders about its own mean."""
    rng = np.random.default_rng(seed)
    base, activity = np.log(rng.pareto(1.0, n) + 0.02), rng.pareto(1.3, n) + 0.05
    wander, keep = rng.normal(0, 1.5, n), np.exp(-1 / (30 * months))

    def pull(_: int) -> Floats:
        wander[:] = keep * wander + np.sqrt(1 - keep**2) * 1.5 * rng.normal(size=n)
        return np.asarray(np.exp(base + wander))

    return _talk(pull, activity, per_day=per_day, rng=rng)
