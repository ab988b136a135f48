"""What a load leaves in the graph beside its facts: its own report."""

import json
from datetime import datetime

from graph.session import Database
from loaders.report import LoadReport

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
