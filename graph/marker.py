"""The node that says whose picture a database is: this home's, made with this secret.

A writer that was pointed at the wrong database by a slip of a setting is stopped before its
first write.
"""

from graph.errors import ConfigurationError
from graph.home import SCHEMA_VERSION, Home, SchemaVersionError, read_home
from graph.language import Text
from graph.secret import read_secret
from graph.session import Database
from graph.settings import Settings

READ_HOME = """
MATCH (h:Home)
RETURN h.home_id AS home_id, h.secret_fingerprint AS fingerprint, h.schema_version AS version
"""

WRITE_HOME = """
MERGE (h:Home {home_id: $home_id})
SET h += $properties
"""


class ForeignDatabaseError(ConfigurationError):
    """The database holds the picture of another home, or of another secret."""

    text = Text(
        "The database belongs to another {what} than this KITH_HOME. Point KITH_HOME or "
        "KITH_NEO4J_URI at a pair that belongs together; nothing was written.",
        "数据库所属的{what}与此 KITH_HOME 不同。"
        "请让 KITH_HOME 与 KITH_NEO4J_URI 相互对应；未写入任何内容。",
    )


def check_home(database: Database, settings: Settings) -> None:
    """Check that a database is this home's, or nobody's yet.

    Raises
    ------
    ForeignDatabaseError
        If it carries another home's id or another secret's fingerprint.
    SchemaVersionError
        If another version of kith wrote it.
    """
    for row in database.read(READ_HOME):
        if row["home_id"] != read_home(settings).home_id:
            raise ForeignDatabaseError(what=Text("home", "主目录"))
        if row["fingerprint"] != read_secret(settings).fingerprint:
            raise ForeignDatabaseError(what=Text("secret", "密钥"))
        if row["version"] != SCHEMA_VERSION:
            where = Text("the database", "数据库")
            raise SchemaVersionError(path=where, found=row["version"], known=SCHEMA_VERSION)


def mark_home(database: Database, settings: Settings, *, home: Home) -> None:
    """Mark a database as the picture of a home; raises what `check_home` raises."""
    check_home(database, settings)
    company = home.company
    properties = {
        "secret_fingerprint": read_secret(settings).fingerprint,
        "schema_version": home.schema_version,
        "company": company.name if company else None,
        "currency": company.currency if company else None,
        "timezone": company.timezone if company else None,
        "phone_region": company.phone_region if company else None,
    }
    database.write(WRITE_HOME, {"home_id": home.home_id, "properties": properties})
