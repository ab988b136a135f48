"""Choosing seeds among a million arcs: seconds, memory, reach, beside plain lists and other tools.

    python bench/seeds.py [--arcs 1000000] [--seeds 50] [--sets 200000] [--seed 7]

A network by R-MAT, probabilities the share of a person's replies. Every list is judged on the same
independent sets; a tool that is not installed is left out and said so. Compilation is done
before the clock starts, and shown apart.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt
from apart import Measured, Work, measured  # type: ignore[import-not-found]  # lies beside
from arcs import skewed  # type: ignore[import-not-found]  # lies beside this script

from algorithms.network.cover import certificate, chosen_seeds, reach_of
from algorithms.network.digraph import Digraph, Floats, Numbers, digraph_of
from algorithms.network.simulation import course
from algorithms.network.spreading import reach_sets, spreading_of

Unsigned = npt.NDArray[np.uint32]

RUNS = 100
JUDGED_ON = 400_000


def searched(
    digraph: Digraph, *, k: int, sets: int, seed: int
) -> tuple[Numbers, Mapping[str, float]]:
    """Choose seeds and check them on as many independent sets; CPU seconds of each step."""
    steps, last = {}, time.process_time()

    def done(step: str) -> None:
        nonlocal last
        steps[step], last = time.process_time() - last, time.process_time()

    spreading = spreading_of(digraph)
    done("probabilities")
    drawn = reach_sets(spreading, sets, seed=2 * seed)
    done("sets")
    choice = chosen_seeds(drawn, budget=k, cost=np.ones(digraph.n))
    done("choice")
    check = reach_sets(spreading, sets, seed=2 * seed + 1)
    reach = reach_of(choice.people, sets=check)
    done("independent check")
    held = int((reach.first < len(choice.people)).sum())
    steps["certain share of the best"] = certificate(
        choice, held, n_chosen_on=sets, n_checked_on=sets
    )
    return choice.people, steps


def ours(m: int, *, k: int, sets: int, seed: int) -> Work:
    """Return the search, compiled beforehand on two people."""
    digraph = skewed(m, seed=seed)
    searched(digraph_of([0, 1], [1, 0], n=2), k=1, sets=1_000, seed=seed)
    return partial(searched, digraph, k=k, sets=sets, seed=seed)


def compiling() -> Work:
    """Return the first search of a process: what compiling, or loading what is kept, takes."""
    two = digraph_of([0, 1], [1, 0], n=2)
    return partial(searched, two, k=1, sets=1_000, seed=0)


def played(m: int, *, k: int, seed: int) -> Work:
    """Return our simulation from the most answered people."""
    digraph = skewed(m, seed=seed)
    spreading = spreading_of(digraph)
    top = most_answered(digraph, k=k).astype(np.int32)
    course(spreading_of(digraph_of([0, 1], [1, 0], n=2)), top[:1] * 0, runs=1, seed=0)
    return lambda: float(course(spreading, top, runs=RUNS, seed=seed).mean[-1])


def played_by_cynetdiff(m: int, *, k: int, seed: int) -> Work:
    """Return the same simulation by cynetdiff."""
    from cynetdiff.models import IndependentCascadeModel

    digraph = skewed(m, seed=seed)
    starts, targets, chances = along_influence(digraph)
    model = IndependentCascadeModel(
        # it takes arrays of NumPy, whatever its types say
        starts,  # type: ignore[arg-type]
        targets,  # type: ignore[arg-type]
        activation_probs=chances.astype(np.float32),  # type: ignore[arg-type]
        rng=np.random.default_rng(seed),
    )
    model.set_seeds({*most_answered(digraph, k=k).tolist()})

    def work() -> float:
        total = 0
        for _ in range(RUNS):
            model.reset_model()
            model.advance_until_completion()
            total += model.get_num_activated_nodes()
        return total / RUNS

    return work


def most_answered(digraph: Digraph, *, k: int) -> Numbers:
    """Return the people with most repliers."""
    return np.argsort(-digraph.in_degree, kind="stable")[:k]


def along_influence(digraph: Digraph) -> tuple[Unsigned, Unsigned, Floats]:
    """Return where each person's arcs begin, whom they reach, and with what probability."""
    turned = digraph.reversed()
    written = np.bincount(digraph.source, digraph.weight, digraph.n)
    share: Floats = turned.weight / written[turned.target]
    return turned.starts.astype(np.uint32), turned.target.astype(np.uint32), share


def judged(digraph: Digraph, lists: Mapping[str, Numbers], *, seed: int) -> dict[str, str]:
    """Return how far each list reaches, on sets that chose none of them."""
    sets = reach_sets(spreading_of(digraph), JUDGED_ON, seed=10_000 + seed)
    found = {}
    for name, people in lists.items():
        value, low, high = reach_of(people, sets=sets).total[:, -1]
        found[name] = f"{value:,.1f} ({low:,.1f} to {high:,.1f})"
    return found


def main() -> None:
    """Print seconds and memory of the search and the simulations, and how far each list reaches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arcs", type=int, default=1_000_000)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--sets", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    digraph = skewed(asked.arcs, seed=asked.seed)
    print(f"{digraph.n:,} people, {digraph.m:,} arcs, {asked.seeds} seeds, {asked.sets:,} sets\n")
    how = {"k": asked.seeds, "sets": asked.sets, "seed": asked.seed}
    first = measured(compiling)
    found = measured(partial(ours, asked.arcs, **how))
    people, steps = found.answer
    print(f"compiling or loading kernels {first.seconds:.1f} s; then, CPU seconds:\n")
    certain = steps.pop("certain share of the best")
    for step, seconds in {**steps, "all": sum(steps.values())}.items():
        print(f"- {step} {seconds:.2f}")
    print(f"\npeak {found.megabytes:.0f} MB; surely {100 * certain:.0f} % of the best reach\n")
    random = np.random.default_rng(asked.seed).permutation(digraph.n)[: asked.seeds]
    lists = {
        "search": people,
        "top degree": most_answered(digraph, k=asked.seeds),
        "random": random,
    }
    for name, reach in judged(digraph, lists, seed=asked.seed).items():
        print(f"- {name} reaches {reach}")
    print(f"\n{RUNS} runs of the cascade from top degree:\n")
    tell_simulations(asked.arcs, k=asked.seeds, seed=asked.seed)


def tell_simulations(m: int, *, k: int, seed: int) -> None:
    """Print what each simulation takes and finds."""
    tools: dict[str, Callable[..., Work]] = {"kith": played, "cynetdiff": played_by_cynetdiff}
    for name, prepare in tools.items():
        if name != "kith" and find_spec(name) is None:
            print(f"- {name}: not installed")
            continue
        found: Measured = measured(partial(prepare, m, k=k, seed=seed))
        print(f"- {name}: {found.seconds:.2f} s, reach {found.answer:,.1f}")


if __name__ == "__main__":
    main()
