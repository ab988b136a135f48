"""What a load leaves in the graph beside its facts: the home's mark and its own report."""

import json
from datetime import datetime

from graph.errors import ConfigurationError
from graph.home import Home
from graph.language import Text
from graph.secret import read_secret
from graph.session import Database
from graph.settings import Settings
from loaders.report import LoadReport

READ_HOME = """
MATCH (h:Home)
RETURN h.home_id AS home_id, h.secret_fingerprint AS fingerprint
"""

WRITE_HOME = """
MERGE (h:Home {home_id: $home_id})
SET h += $properties
"""

ANY_FACT = """
MATCH (n)
WHERE NOT n:Home AND NOT n:LoadReport
RETURN 1 AS found
LIMIT 1
"""

WRITE_REPORTS = """
UNWIND $rows AS row
MERGE (r:LoadReport {report_id: row.report_id})
SET r.load_id = row.load_id, r.source = row.source, r.table = row.table,
    r.counts = row.counts, r.at = datetime({epochMillis: row.at})
"""


class ForeignDatabaseError(ConfigurationError):
    """The database holds the picture of another home, or of another secret."""

    text = Text(
        "The database belongs to another {what} than this KITH_HOME. Point KITH_HOME or "
        "KITH_NEO4J_URI at a pair that belongs together; nothing was written.",
        "数据库所属的{what}与此 KITH_HOME 不同。"
        "请让 KITH_HOME 与 KITH_NEO4J_URI 相互对应；未写入任何内容。",
    )


def mark_home(database: Database, settings: Settings, *, home: Home) -> None:
    """Check that the database is this home's, and mark an unmarked one.

    Raises
    ------
    ForeignDatabaseError
        If it carries another home's id or another secret's fingerprint.
    """
    fingerprint = read_secret(settings).fingerprint
    for row in database.read(READ_HOME):
        if row["home_id"] != home.home_id:
            raise ForeignDatabaseError(what=Text("home", "主目录"))
        if row["fingerprint"] != fingerprint:
            raise ForeignDatabaseError(what=Text("secret", "密钥"))
    company = home.company
    properties = {
        "secret_fingerprint": fingerprint,
        "schema_version": home.schema_version,
        "company": company.name if company else None,
        "currency": company.currency if company else None,
        "timezone": company.timezone if company else None,
        "phone_region": company.phone_region if company else None,
    }
    database.write(WRITE_HOME, {"home_id": home.home_id, "properties": properties})


def is_empty(database: Database) -> bool:
    """Tell whether the database holds nothing but the home's mark and reports."""
    return not database.read(ANY_FACT)


def write_reports(database: Database, report: LoadReport, *, at: datetime) -> None:
    """Keep a load's report as one node a source and table."""
    rows = [
        {
            "report_id": f"{report.load_id}:{table.source}.{table.table}",
            "load_id": report.load_id,
            "source": table.source,
            "table": table.table,
            "counts": json.dumps(table.counts(), ensure_ascii=False, sort_keys=True),
            "at": int(at.timestamp() * 1000),
        }
        for table in report.tables
    ]
    database.write(WRITE_REPORTS, {"rows": rows})
