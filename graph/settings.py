"""What can be set: defaults, then ``KITH_HOME/kith.toml``, then ``KITH_*`` variables.

A key that nobody reads is an error, so a typing slip cannot silently do nothing.
"""

import os
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import psutil
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from graph.errors import ConfigurationError
from graph.language import Text

PREFIX = "KITH_"
GIGABYTE = 1024**3


class SettingError(ConfigurationError):
    """A setting is unknown or has a value that it cannot take."""

    text = Text(
        "Setting {name}: {problem}. See the list in docs/settings.md.",
        "设置 {name}：{problem}。可用的设置见 docs/settings.md。",
    )


class Settings(BaseSettings):
    """Every setting, with its default and the reason for it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(
        default_factory=lambda: Path.home() / ".kith",
        description="Folder of everything that kith keeps: database, staging, vault, keys.",
    )
    lang: Literal["en", "zh"] = Field("en", description="Language of messages and labels.")
    neo4j_uri: str | None = Field(
        None, description="A database that is already there; unset: kith runs its own."
    )
    neo4j_user: str = Field("neo4j", description="User of that database.")
    neo4j_password: SecretStr | None = Field(None, description="Password of that user.")
    bolt_port: int = Field(
        0, ge=0, le=65535, description="Port of kith's own database; 0: a free one, remembered."
    )
    heap: str = Field(
        default_factory=lambda: f"{_share(6, least=1, most=4)}g",
        pattern=r"^\d+[mg]$",
        description="Java heap of kith's own database; default a sixth of memory, 1 to 4 GB.",
    )
    page_cache: str = Field(
        default_factory=lambda: f"{_share(8, least=1, most=8)}g",
        pattern=r"^\d+[mg]$",
        description="Its page cache; default an eighth of memory, 1 to 8 GB.",
    )
    java_flags: str = Field(
        "", description="Further flags for the Java of kith's own database, parted by spaces."
    )
    import_heap: str = Field(
        default_factory=lambda: f"{_share(6, least=1, most=4)}g",
        pattern=r"^\d+[mg]$",
        description="Java heap of the offline importer, and as much again outside the heap; "
        "default a sixth of memory, 1 to 4 GB.",
    )
    memory: str = Field(
        default_factory=lambda: f"{_share(6, least=1, most=16)}GB",
        pattern=r"^\d+[MG]B$",
        description="Memory of the staging engine before it spills to KITH_HOME/tmp; "
        "default a sixth of the machine's, 1 to 16 GB.",
    )
    api_host: str = Field("127.0.0.1", description="Address that the API listens on.")
    api_port: int = Field(8000, ge=1, le=65535, description="Port of the API.")
    cypher_seconds: float = Field(
        10.0, gt=0, le=600, description="Time limit of an analyst's query, in seconds."
    )
    cypher_rows: int = Field(
        1000, ge=1, le=1_000_000, description="Rows of an analyst's query before it is truncated."
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the log lines.")

    @classmethod
    def settings_customise_sources(  # noqa: PLR0917 - the signature is pydantic's
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, then the file in the home."""
        home = Path(os.environ.get(f"{PREFIX}HOME", str(Path.home() / ".kith")))
        file = TomlConfigSettingsSource(settings_cls, toml_file=home / "kith.toml")
        return init_settings, env_settings, file

    @cached_property
    def tmp(self) -> Path:
        """Return the folder for what spills, readable by its owner alone."""
        folder = self.home / "tmp"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder


def read_settings(**overrides: Any) -> Settings:
    """Read the settings of this process.

    Parameters
    ----------
    overrides
        Settings given as flags; they win over the environment and the file.

    Raises
    ------
    SettingError
        If a ``KITH_`` variable or a key of ``kith.toml`` is unknown or out of range.
    """
    _refuse_unknown(os.environ)
    try:
        return Settings(**overrides)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(name="kith.toml", problem=str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingError(name=name, problem=first["msg"]) from None


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            raise SettingError(name=name, problem="nobody reads it")


def _share(part: int, *, least: int, most: int) -> int:
    """Return the ``part``-th of this machine's memory in whole gigabytes, within bounds."""
    return max(least, min(most, psutil.virtual_memory().total // GIGABYTE // part))
