"""Learning a model from the rows: chance from random pairs, the rest from candidate pairs."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.linkage import learning, pairs
from algorithms.identity.linkage.frequencies import Frequencies, count_frequencies, look_up
from algorithms.identity.linkage.learning import Learned, Sample
from algorithms.identity.linkage.model import Model
from algorithms.identity.linkage.settings import Settings
from algorithms.identity.linkage.splinking import splink_settings
from graph.errors import ComputeError
from graph.language import Text

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger(__name__)

Flags = npt.NDArray[np.bool_]

# The second round counts each person's values once, as far as the first knows persons.
ROUNDS: Final = 2

TOO_FEW_ROWS: Final = Text("there are fewer than {least}", "少于 {least} 位")
NO_PAIRS: Final = Text("no two of them agree on anything", "没有任何两位在任何字段上一致")
TOO_LITTLE: Final = Text(
    "even two that agree on all that can be compared ({fields}) may be strangers",
    "即使两位在所有可比较的字段（{fields}）上一致，也可能不是同一人",
)


class NotEstimableError(ComputeError):
    """The register says too little for a probabilistic match; layer 2 is to be skipped."""

    text = Text(
        "No probabilistic match can be learned from {rows} customers: {reason}. "
        "Customers stay as their identifiers join them.",
        "无法从 {rows} 位客户学习概率匹配：{reason}。客户仍按其标识符归并。",
    )


@dataclass(frozen=True)
class _Register:
    """The rows in a workshop; ``touched`` are those of which all candidate pairs are seen."""

    connection: "duckdb.DuckDBPyConnection"
    rows: pa.Table
    settings: Settings
    touched: Flags
    seed: int

    @property
    def n_pairs(self) -> float:
        return _all_pairs(self.rows)

    def sample(self, alike: learning.Patterns, by_chance: learning.Chance) -> Sample:
        """Return what is learned from: of the candidate pairs those with a touched end."""
        seen = 1 - (1 - float(self.touched.mean())) ** 2
        settings = self.settings
        return Sample(settings.comparisons, alike, by_chance, self.n_pairs, seen, settings.training)


@dataclass(frozen=True)
class _Found:
    learned: Learned
    frequencies: Mapping[str, Frequencies]
    candidates: int


def train(rows: pa.Table, settings: Settings, *, seed: int) -> Model:
    """Learn what agreement is worth in this register.

    Parameters
    ----------
    rows
        What ``match_rows`` returned.
    settings
        What ``derive`` returned for these rows.
    seed
        Of the random pairs, and of the rows that are learned from where not all are.

    Raises
    ------
    NotEstimableError
        If there are too few rows, no two agree on any key, or even two that agree on
        everything could not be told from strangers.
    """
    least = settings.training.min_rows
    if rows.num_rows < least:
        raise _not_estimable(rows, TOO_FEW_ROWS, least=least)
    if not settings.blocks:
        raise _not_estimable(rows, NO_PAIRS)
    touched = _touched(rows.num_rows, settings, seed=seed)
    with pairs.workshop(rows.select(["unit", *_read(settings)]), touched) as connection:
        found = _search(_Register(connection, rows, settings, touched, seed))
    if not _reaches(settings, found):
        fields = ", ".join(field.name for field in settings.comparisons)
        raise _not_estimable(rows, TOO_LITTLE, fields=fields)
    model = _model(
        settings, found, trained_on=_counts(rows, settings, found=found) | {"seed": seed}
    )
    logger.info("match model %s: %s", model.digest, dict(model.trained_on))
    return model


def _not_estimable(rows: pa.Table, reason: Text, **facts: object) -> NotEstimableError:
    told = Text(reason.en.format(**facts), reason.zh.format(**facts))
    return NotEstimableError(rows=rows.num_rows, reason=told, **facts)


def _touched(n: int, settings: Settings, *, seed: int) -> Flags:
    """Choose rows so that about the wished number of candidate pairs has one of them."""
    wished = min(settings.training.candidate_pairs / max(settings.n_pairs, 1), 1.0)
    share = 1 - np.sqrt(1 - wished)
    return np.random.default_rng(seed).random(n) < share if share < 1 else np.ones(n, np.bool_)


def _search(register: _Register) -> _Found:
    settings, connection = register.settings, register.connection
    by_chance = _chance(register)
    pairs.block(connection, settings.blocks)
    pairs.compare(connection, settings.comparisons, pairs=pairs.PAIRS)
    votes = np.ones(register.rows.num_rows)
    state: Learned | None = None
    for _ in range(ROUNDS):
        frequencies = _frequencies(register, votes)
        look_up(connection, frequencies)
        seen = pairs.compared(connection, settings.comparisons, frequencies=settings.frequencies)
        alike = learning.patterns(seen, settings.comparisons)
        sample = register.sample(alike, by_chance)
        start = state or learning.begin(sample, n_rows=len(votes))
        state = learning.learn(sample, start)
        matches, _ = learning.probabilities(sample, state)
        votes = learning.votes(seen, matches[alike.of_pair], touched=register.touched)
    assert state is not None  # there is at least one round
    return _Found(state, frequencies, seen.num_rows)


def _chance(register: _Register) -> learning.Chance:
    """Return how random pairs agree."""
    settings, connection = register.settings, register.connection
    drawn = pairs.draw(
        register.rows.num_rows, n_pairs=settings.training.random_pairs, seed=register.seed
    )
    connection.register("random_pairs", drawn)
    pairs.compare(connection, settings.comparisons, pairs="random_pairs")
    seen = pairs.compared(connection, settings.comparisons)
    connection.unregister("random_pairs")
    return learning.chance(seen, settings.comparisons)


def _frequencies(register: _Register, votes: learning.Floats) -> dict[str, Frequencies]:
    kept = register.settings.training.kept_frequency
    return {
        name: count_frequencies(register.rows[name], votes, kept=kept)
        for name in register.settings.frequencies
    }


def _reaches(settings: Settings, found: _Found) -> bool:
    """Tell whether two that agree on everything, rare as it may be, would be thought one."""
    weight = np.log2(found.learned.p_match)
    for at, field in enumerate(settings.comparisons):
        by_chance = found.learned.other[at][0]
        if frequency := field.levels[0].frequency:
            by_chance = min(by_chance, found.frequencies[frequency].rest)
        weight += max(0.0, np.log2(found.learned.match[at][0] / by_chance))
    return bool(weight > 0)


def _counts(rows: pa.Table, settings: Settings, *, found: _Found) -> dict[str, float]:
    return {
        "rows": rows.num_rows,
        "pairs": settings.n_pairs,
        "pairs_learned_from": found.candidates,
        "expected_matches": round(found.learned.p_match * _all_pairs(rows), 1),
        "expected_relatives": round(found.learned.p_relative * _all_pairs(rows), 1),
    }


def _all_pairs(rows: pa.Table) -> float:
    return float(rows.num_rows * (rows.num_rows - 1) / 2)


def _model(settings: Settings, found: _Found, *, trained_on: Mapping[str, float]) -> Model:
    return Model(
        splink=splink_settings(settings, found.learned),
        fields=tuple(field.name for field in settings.comparisons),
        columns=_read(settings),
        blocks=settings.blocks,
        frequencies=found.frequencies,
        limits=settings.limits,
        trained_on=trained_on,
    )


def _read(settings: Settings) -> tuple[str, ...]:
    """Return the columns that the settings name, sorted."""
    read = {name for field in settings.comparisons for name in field.columns}
    read |= {name for keys in settings.blocks for name in keys} | set(settings.frequencies)
    return tuple(sorted(read))
