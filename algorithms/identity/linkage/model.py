"""A trained model: one JSON file that later runs reuse, so that scores stay what they were.

It holds Splink's own settings with all probabilities, the blocks, how frequent the frequent
values are, and what it was trained on. Values are kept as digests, and only those that
several customers share: the file names nobody.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from algorithms.identity.linkage.frequencies import Frequencies
from algorithms.identity.linkage.settings import Limits, counts_of_pairs
from graph.errors import ConfigurationError
from graph.language import Text

VERSION: Final = 1
OUTGROWN: Final = 3  # times the pairs of the training from which a model is too old


class ModelError(ConfigurationError):
    """A model file cannot be used."""

    text = Text(
        "The match model {path} cannot be used: {problem}. Train a new one.",
        "匹配模型 {path} 无法使用：{problem}。请重新训练。",
    )


class Model(BaseModel):
    """How much agreement is worth in one register.

    ``splink`` are Splink's settings, ``fields`` the names of its comparisons, ``columns``
    those of the rows that it reads, ``blocks`` the keys that bring pairs together,
    ``frequencies`` by column how frequent the frequent values are, ``limits`` what is kept
    of the pairs, ``trained_on`` the counts of the training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = VERSION
    splink: Mapping[str, object]
    fields: tuple[str, ...]
    columns: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...]
    frequencies: Mapping[str, Frequencies]
    limits: Limits
    trained_on: Mapping[str, float]

    @property
    def digest(self) -> str:
        """Return a digest of all of it: models of equal digests give equal scores."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()[:16]

    @property
    def prior(self) -> float:
        """Return the weight of a pair that no field says anything about: log2 of the odds."""
        share = self.splink["probability_two_random_records_match"]
        assert isinstance(share, float)  # our own file
        return math.log2(share / (1 - share))

    def as_json(self) -> str:
        """Return the model as canonical JSON."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)

    def save(self, path: Path) -> None:
        """Write the model into one file."""
        path.write_text(self.as_json(), encoding="utf-8")


def load(path: Path) -> Model:
    """Read a model.

    Raises
    ------
    ModelError
        If the file is missing, no model, or of another version.
    """
    try:
        model = Model.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(path=path, problem=error) from None
    except ValidationError as error:
        raise ModelError(path=path, problem=error.errors()[0]["msg"]) from None
    if model.version != VERSION:
        raise ModelError(path=path, problem=f"version {model.version}, not {VERSION}")
    return model


def is_outgrown(model: Model, rows: pa.Table) -> bool:
    """Tell whether the model's blocks make far more pairs of these rows than when it was trained.

    Then a new model is due: this one would compare too much, and its prior is out of date.
    """
    there = [keys for keys in model.blocks if set(keys) <= set(rows.column_names)]
    made = sum(counts_of_pairs(rows, there))
    return made > OUTGROWN * max(model.trained_on["pairs"], model.limits.min_pairs)
