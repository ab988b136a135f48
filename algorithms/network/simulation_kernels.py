"""Compiled loops that play spreading forward, run by run, step by step."""

from typing import NamedTuple

import numpy as np

from algorithms.network.compiled import compiled
from algorithms.network.digraph import Floats, Ints, Numbers
from algorithms.network.randomness import STEP, Stream, begin, following, fraction, stream_of


class Game(NamedTuple):
    """Arcs along influence, who begins, and how far a run has come.

    ``order`` holds who is reached, ``filled[0]`` how many, in run ``run[0]``; ``reached`` and
    ``touched`` the last run in which each person was, and was influenced at all; ``felt`` the
    weight that works on each, ``level`` the weight that wins each over.
    """

    starts: Numbers
    targets: Ints
    weight: Floats
    seeds: Ints
    order: Ints
    filled: Numbers
    run: Numbers
    reached: Numbers
    touched: Numbers
    felt: Floats
    level: Floats
    stream: Stream


def game_of(arcs: tuple[Numbers, Ints, Floats], *, seeds: Ints, seed: int) -> Game:
    """Return a game that nobody has played yet."""
    n = len(arcs[0]) - 1
    runs = (np.full(n, -1, np.int64), np.full(n, -1, np.int64))
    counts = (np.zeros(1, np.int64), np.zeros(1, np.int64))
    weights = (np.zeros(n), np.zeros(n))
    return Game(*arcs, seeds, np.empty(n, np.int32), *counts, *runs, *weights, stream_of(seed))


@compiled
def spread(game: Game, steps: Numbers, *, by_level: bool) -> None:
    """Play runs, and fill in how many are reached after each step: runs by steps + 1.

    Parameters
    ----------
    by_level
        Whether influence adds up (linear threshold) or every arc tries once (cascade).
    """
    for run in range(len(steps)):
        _begin(game, run)
        steps[run, 0] = game.filled[0]
        head = 0
        for step in range(1, steps.shape[1]):
            end = game.filled[0]
            for place in range(head, end):
                if by_level:
                    _add_up(game, game.order[place])
                else:
                    _try_each(game, game.order[place])
            head = end
            steps[run, step] = game.filled[0]


@compiled
def adopt(game: Game, steps: Numbers, *, p: float, q: float) -> None:
    """Play runs of adoption; as `spread`.

    In each step who has not adopted does so with probability ``p`` plus ``q`` times the weight
    of those, among whom the person follows, who had adopted before the step.
    """
    for run in range(len(steps)):
        _begin(game, run)
        game.felt[:] = 0.0
        steps[run, 0] = game.filled[0]
        head = 0
        for step in range(1, steps.shape[1]):
            end = game.filled[0]
            for place in range(head, end):
                _tell(game, game.order[place])
            head = end
            for person in range(len(game.felt)):
                if _decides(game, person) <= p + q * game.felt[person]:
                    _reach(game, person)
            steps[run, step] = game.filled[0]


@compiled
def _begin(game: Game, run: int) -> None:
    begin(game.stream, run)
    game.run[0] = run
    game.filled[0] = 0
    for person in game.seeds:
        _reach(game, person)


@compiled
def _reach(game: Game, person: int) -> None:
    game.reached[person] = game.run[0]
    game.order[game.filled[0]] = person
    game.filled[0] += 1


@compiled
def _try_each(game: Game, person: int) -> None:
    """Let somebody who was just reached try every arc once."""
    counter = game.stream[0]
    for arc in range(game.starts[person], game.starts[person + 1]):
        other = game.targets[arc]
        counter += STEP
        if fraction(counter) <= game.weight[arc] and game.reached[other] != game.run[0]:
            _reach(game, other)
    game.stream[0] = counter


@compiled
def _add_up(game: Game, person: int) -> None:
    """Let the weight of somebody who was just reached work on others, and win who has enough."""
    for arc in range(game.starts[person], game.starts[person + 1]):
        other = game.targets[arc]
        if game.touched[other] != game.run[0]:
            game.touched[other] = game.run[0]
            game.level[other] = following(game.stream)
            game.felt[other] = 0.0
        game.felt[other] += game.weight[arc]
        if game.reached[other] != game.run[0] and game.felt[other] >= game.level[other]:
            _reach(game, other)


@compiled
def _tell(game: Game, person: int) -> None:
    for arc in range(game.starts[person], game.starts[person + 1]):
        game.felt[game.targets[arc]] += game.weight[arc]


@compiled
def _decides(game: Game, person: int) -> float:
    """Return what decides: a number that the chance to adopt must reach; 2 for who has."""
    return 2.0 if game.reached[person] == game.run[0] else following(game.stream)
