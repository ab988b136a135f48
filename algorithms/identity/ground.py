"""What resolution stands on beside the graph: the vault, the stewards' record, the model.

All three are files of the home. They are read here and nowhere else, so that everything
else of resolution is a function of tables.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.decisions import decisions_file, read_decisions
from algorithms.identity.linkage.model import Model, load
from algorithms.identity.linkage.settings import read_choices
from algorithms.identity.persons import PERSONS, name_keys
from algorithms.identity.policy import Policy, read_policy
from algorithms.identity.weighing import Means
from algorithms.identity.words import NO_WORDS, Word, Words, words_of
from graph.engine import unspilling
from graph.identifiers import never_linking_sql
from graph.secret import read_secret
from graph.settings import Settings
from graph.vault import MANY, Vault, open_vault

# what the vault holds of a person once, and as often as the person has it
ONCE: Final = (
    "full_name",
    "given_name",
    "family_name",
    "birth_date",
    "address",
    "postcode",
    "national_id",
)
DETAILS: Final = pa.schema(
    [("account_id", pa.string())]
    + [(name, pa.string()) for name in ONCE]
    + [(name, pa.list_(pa.string())) for name in MANY]
)
# what accounts say of a person that is not personal
SAID: Final = ("gender", "birth_year", "region", "city", "occupation")
MODELS: Final = "models"
CURRENT: Final = "linkage.json"
CHOICES: Final = "linkage.toml"  # the same for what is compared
POLICY: Final = "identity.toml"  # the company's own, laid over the shipped one


@dataclass(frozen=True)
class Ground:
    """The company's own: policy, vault, stewards' decisions, linkage model and its choices."""

    policy: Policy = field(default_factory=read_policy)
    vault: Vault | None = None
    words: Words = NO_WORDS
    models: Path | None = None
    model: Model | None = None
    choices: Path | None = None

    @property
    def means(self) -> Means:
        """Return by what to weigh who resembles whom; raises `SettingsError`."""
        return Means(self.model, read_choices(self.choices))

    @property
    def resembles(self) -> bool:
        """Tell whether groups may be joined because they resemble each other."""
        return self.vault is not None and self.policy.linkage.mode != "off"


def read_ground(
    settings: Settings | None,
    *,
    spoken: tuple[Word, ...] = (),
    vault: Path | None = None,
    policy: Path | None = None,
) -> Ground:
    """Return the ground of a home; of none, an empty one.

    Parameters
    ----------
    settings
        Name the home.
    spoken
        Words that are only tried: they count as if they were recorded last.
    vault
        Another folder of the vault's files: of a load that is prepared and not committed.
    policy
        A file to be tried instead of the home's ``identity.toml``.

    Raises
    ------
    DecisionsError, SecretError, PolicyError, ModelError
        If the stewards' record, the secret, the policy or the model cannot be read.
    """
    if settings is None:
        return Ground(read_policy(policy), words=words_of(spoken))
    own = settings.home / POLICY
    opened = open_vault(settings, read_secret(settings))
    words = words_of([*read_decisions(decisions_file(settings)), *spoken])
    at = Vault(vault, opened.secret) if vault else opened
    chosen = policy or (own if own.exists() else None)
    models = settings.home / MODELS
    choices = settings.home / CHOICES
    return Ground(
        read_policy(chosen),
        at,
        words,
        models,
        current_model(models),
        choices if choices.exists() else None,
    )


def current_model(models: Path) -> Model | None:
    """Return the model of a home; nothing if none was trained yet; raises `ModelError`."""
    path = models / CURRENT
    return load(path) if path.exists() else None


def adopt_policy(settings: Settings, policy: Path) -> None:
    """Make a policy file the home's own, for this and every later run."""
    own, fresh = settings.home / POLICY, settings.home / f".{POLICY}"
    fresh.write_bytes(policy.read_bytes())
    fresh.replace(own)


def read_details(vault: Vault | None, *, accounts: pa.Array | None = None) -> pa.Table:
    """Return what the vault knows of persons.

    Parameters
    ----------
    vault
        Where from; none: nothing is known.
    accounts
        Only of these; ``None``: of all.

    Returns
    -------
    Columns ``DETAILS``: one row an account, ascending.

    Raises
    ------
    VaultError
        If a file cannot be decrypted.
    """
    if vault is None:
        return DETAILS.empty_table()
    buckets = vault.accounts()
    if accounts is not None:
        buckets = (b.filter(pc.is_in(b["account_id"], value_set=accounts)) for b in buckets)
    rows = pa.concat_tables(buckets)
    once = [f"any_value(value) FILTER (field = '{name}') AS {name}" for name in ONCE]
    # what stands for nobody, 13800138000 or test@, makes nobody alike
    many = [
        f"list(value ORDER BY value) FILTER (field = '{name}' "
        f"AND NOT coalesce({never_linking_sql(name, 'value')}, false)) AS {name}"
        for name in MANY
    ]
    query = f"SELECT account_id, {', '.join(once + many)} FROM known GROUP BY 1 ORDER BY 1"
    connection = unspilling()
    connection.register("known", rows)
    return connection.sql(query).to_arrow_table().cast(DETAILS)


def described(details: pa.Table, accounts: pa.Table) -> pa.Table:
    """Add to what the vault knows what the accounts say of their persons in the clear."""
    at = pc.index_in(
        details["account_id"].combine_chunks(), value_set=accounts["account_id"].combine_chunks()
    )
    for name in SAID:
        if name in accounts.column_names:
            details = details.append_column(name, accounts[name].combine_chunks().take(at))
    source = pc.replace_substring_regex(details["account_id"], "(?s):.*$", "")
    return details.append_column("source", source)


def persons_of(details: pa.Table) -> pa.Table:
    """Return what vetoes compare (columns ``PERSONS``): birth dates and the keys of names."""
    names = pc.coalesce(
        details["full_name"],
        pc.binary_join_element_wise(details["family_name"], details["given_name"], " "),
    )
    keys = name_keys(names.combine_chunks())
    return pa.table([details["account_id"], details["birth_date"], keys], schema=PERSONS)
