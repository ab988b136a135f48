"""The one secret of a home, and the keyed hashes made from it.

An identifier's key is ``HMAC-SHA256(secret, kind + ":" + md5hex(normal form))``: a clear
number from our own till and an MD5 from a partner meet on one node, and neither can be
read back without the secret. Sub-keys for identifiers, accounts and the vault are derived
by HKDF (RFC 5869), so that losing one tells nothing of the others.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings

IDENTIFIER_DIGITS = 40
ACCOUNT_DIGITS = 32
BLOCK = 64  # bytes of a SHA-256 block, to which HMAC pads its key


class SecretError(ConfigurationError):
    """The secret of the home is missing or is not a secret."""

    text = Text(
        "{path}: {problem}. Restore this file from its backup: without it the identifiers in "
        "the graph and the vault cannot be matched or read.",
        "{path}：{problem}。请从备份恢复此文件：没有它，图中的标识与保险库都无法匹配或读取。",
    )


@dataclass(frozen=True, slots=True)
class Secret:
    """Sub-keys of 32 bytes each; never shown."""

    identifiers: bytes = field(repr=False)
    accounts: bytes = field(repr=False)
    vault: bytes = field(repr=False)
    fingerprint: str = ""

    def identifier_key(self, kind: str, normal_form: str) -> str:
        """Return the 40 hex digits under which an identifier stands in the graph.

        Parameters
        ----------
        kind
            Kind of identifier, such as ``phone``.
        normal_form
            The value as ``graph.identifiers.normalise`` returns it.
        """
        digest = hashlib.md5(normal_form.encode(), usedforsecurity=False).hexdigest()
        message = f"{kind}:{digest}".encode()
        return hmac.digest(self.identifiers, message, "sha256").hex()[:IDENTIFIER_DIGITS]

    def account_key(self, source: str, key: str) -> str:
        """Return the 32 hex digits that stand in for a personal account key."""
        message = f"account:{source}:{key}".encode()
        return hmac.digest(self.accounts, message, "sha256").hex()[:ACCOUNT_DIGITS]


def read_secret(settings: Settings) -> Secret:
    """Read the home's secret; a home that has never loaded anything gets a new one.

    Raises
    ------
    SecretError
        If the file is missing beside data that was made with it, or is damaged.
    """
    path = settings.home / "secret"
    if not path.exists():
        if any((settings.home / name).exists() for name in ("staging", "vault")):
            raise SecretError(path=path, problem=Text("the file is missing", "文件缺失"))
        _create(path)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        problem = Text("it does not hold 64 hexadecimal digits", "内容不是 64 位十六进制数")
        raise SecretError(path=path, problem=problem)
    return secret_of(bytes.fromhex(text))


def secret_of(master: bytes) -> Secret:
    """Derive the sub-keys of a master secret of 32 bytes."""
    return Secret(
        identifiers=_subkey(master, "identifiers"),
        accounts=_subkey(master, "accounts"),
        vault=_subkey(master, "vault"),
        fingerprint=_subkey(master, "fingerprint").hex()[:16],
    )


def hmac_sql(message: str, *, pads: str) -> str:
    """Return the DuckDB expression of HMAC-SHA256 over a text expression, as hex digits.

    Parameters
    ----------
    message
        A VARCHAR expression.
    pads
        Name of the prepared parameters ``$<pads>_inner`` and ``$<pads>_outer``, which
        ``hmac_pads`` fills: a key never stands in the text of a query.
    """
    inner = f"sha256(${pads}_inner::BLOB || encode({message}))"
    return f"sha256(${pads}_outer::BLOB || unhex({inner}))"


def hmac_pads(key: bytes, *, pads: str) -> dict[str, bytes]:
    """Return the two padded keys that ``hmac_sql`` needs as parameters."""
    padded = key.ljust(BLOCK, b"\0")
    return {
        f"{pads}_inner": bytes(byte ^ 0x36 for byte in padded),
        f"{pads}_outer": bytes(byte ^ 0x5C for byte in padded),
    }


def _subkey(master: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    hkdf = HKDF(algorithm=SHA256(), length=32, salt=b"kith", info=purpose.encode())
    return hkdf.derive(master)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # written whole or not at all: half a secret would lock the vault for ever
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
