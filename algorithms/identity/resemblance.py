"""Layer 2 as a run uses it: the model and the memory of the home before, and after, a run."""

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from algorithms.identity.evidence import Evidence
from algorithms.identity.ground import CURRENT, Ground
from algorithms.identity.linkage.model import Model
from algorithms.identity.linker import Linked, link
from algorithms.identity.memory import JOIN_COLUMNS, Memory, recall, remember
from algorithms.identity.policy import Policy
from algorithms.identity.union import Union
from algorithms.identity.weighing import Means, Weighed, weigh


@dataclass
class Resemblance:
    """Weighs and joins groups of layer 1; remembers what it found until that may be kept.

    Parameters
    ----------
    policy
        Mode and limits.
    details
        What is known of the persons of the accounts that are here.
    means
        The model of an earlier run, and what a new one may be learned from.
    memory
        Of the last run; none: everybody is weighed.
    """

    policy: Policy
    details: pa.Table
    means: Means = field(default_factory=Means)
    memory: Memory | None = None
    _weighed: Weighed | None = field(default=None, init=False)
    _joins: pa.Table | None = field(default=None, init=False)

    def __call__(self, evidence: Evidence, union: Union) -> Linked | None:
        """Return the joins; nothing where nothing can be learned or joining is off."""
        if self.policy.linkage.mode == "off":
            return None
        self._weighed = weigh(
            evidence, union, details=self.details, means=self.means, memory=self.memory
        )
        if self._weighed.model is None:
            self._joins = JOIN_COLUMNS.empty_table()
            return None
        linked = link(
            evidence, union, weighed=self._weighed, policy=self.policy, memory=self.memory
        )
        self._joins = linked.joins
        return linked

    @property
    def digest(self) -> str:
        """Return the digest of the model by which was weighed; "" where none was."""
        used = self._weighed.model if self._weighed else self.means.model
        return used.digest if used else ""

    def keep(self, ground: Ground, *, run_id: str) -> None:
        """Keep model and memory for the next run, once this one is written."""
        if self._weighed is None or self._joins is None or not ground.models or not ground.vault:
            return
        ground.models.mkdir(mode=0o700, exist_ok=True)
        if self._weighed.model is not None:
            _keep_model(self._weighed.model, ground.models)
        memory = self._weighed.memory(self._joins)
        remember(ground.models, memory, run_id=run_id, key=ground.vault.secret.vault)


def _keep_model(model: Model, folder: Path) -> None:
    fresh = folder / f".{CURRENT}"
    model.save(folder / f"linkage-{model.digest}.json")
    model.save(fresh)
    fresh.replace(folder / CURRENT)


def recalled(ground: Ground, *, run_id: str) -> Memory | None:
    """Return what a run remembered, if it is still there."""
    if ground.models is None or ground.vault is None:
        return None
    return recall(ground.models, run_id=run_id, key=ground.vault.secret.vault)
