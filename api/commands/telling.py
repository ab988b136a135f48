"""How explanations, histories, queues and decisions are printed for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from api.output import emit_table, say
from api.views import Row, View, maps
from graph.language import Text

WHEN, WHAT, EVENT = Text("when", "时间"), Text("what", "内容"), Text("event", "事件")
RISK, KIND = Text("risk", "风险"), Text("kind", "类型")
CUSTOMER, SINCE, UNTIL = Text("customer", "客户"), Text("since", "自"), Text("until", "至")
ACCOUNT, REASON, STATE = Text("account", "账户"), Text("reason", "原因"), Text("state", "状态")
ACCOUNTS, CUSTOMERS = Text("accounts", "账户数"), Text("customers", "客户数")
RULE, SURE, N = Text("rule", "依据"), Text("confidence", "置信度"), Text("n", "数量")
EVIDENCE, DECISION = Text("evidence", "证据"), Text("decision", "决定")

TRUNCATED: Final = Text(
    "The customer has more accounts than these; the others were not looked at.",
    "该客户的账户多于所列，其余未查看。",
)
EMPTY_QUEUE: Final = Text("There is nothing to review.", "没有需要审核的内容。")
NOTHING: Final = Text("Nobody merges or splits.", "没有客户合并或拆分。")
TRIED: Final = Text("Nothing was recorded. This would follow:", "未做记录。若执行将会：")
RECORDED: Final = Text("Recorded. This followed:", "已记录。结果：")
SIZES: Final = Text("customers by size", "客户规模")
IDENTIFIERS: Final = Text("identifiers by kind and state", "按类型与状态统计标识")
REFUSED: Final = Text("joins refused, by reason", "按原因统计未做的合并")
RULES: Final = Text("accounts by what joined them", "按合并依据统计账户")
LARGEST: Final = Text("largest customers", "最大的客户")
OTHERS: Final = {
    "n_aliases": Text("retired ids", "停用的编号"),
    "n_likely_same": Text("likely pairs kept apart", "相似但未合并的对"),
    "n_together": Text("decisions that put together", "归为一人的决定"),
    "n_apart": Text("decisions that keep apart", "保持分开的决定"),
    "n_events": Text("events", "事件"),
}


def show_steps(found: View) -> None:
    """Print the evidence that joins accounts, step by step."""
    steps = maps(found["steps"])
    if steps:
        rows = [[s["from"], s["to"], s["rule"], s["confidence"], s["text"]] for s in steps]
        emit_table(_heads(ACCOUNT, ACCOUNT, RULE, SURE, EVIDENCE), rows)
    if found["truncated"]:
        say(str(TRUNCATED))


def show_reasons(found: View) -> None:
    """Print what keeps two customers apart."""
    reasons = maps(found["reasons"])
    if reasons:
        emit_table(_heads(REASON, WHAT), [[r["reason"], r["text"]] for r in reasons])


def show_history(found: View) -> None:
    """Print the past of an account or a customer."""
    periods = maps(found["periods"])
    if periods:
        rows = [[p["customer_id"], _when(p["since"]), _when(p["until"])] for p in periods]
        emit_table(_heads(CUSTOMER, SINCE, UNTIL), rows)
    accounts = maps(found["accounts"])
    if accounts:
        emit_table(_heads(ACCOUNT, SINCE), [[a["account_id"], _when(a["since"])] for a in accounts])
    _show_happened(maps(found["events"]))


def _show_happened(events: Sequence[Row]) -> None:
    if events:
        rows = [[e["event_id"], _when(e["at"]), e["kind"], e["text"]] for e in events]
        emit_table(_heads(EVENT, WHEN, KIND, WHAT), rows)


def _when(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else ""


def show_queue(found: View) -> None:
    """Print the review queue."""
    items = maps(found["items"])
    if not items:
        say(str(EMPTY_QUEUE))
        return
    emit_table(_heads(RISK, KIND, WHAT), [[i["risk"], i["kind"], i["text"]] for i in items])


def show_events(found: View) -> None:
    """Print a decision and who merged or split after it, or would."""
    decisions = maps(found["decisions"])
    rows = [[d["decision_id"], d["verb"], _about(d), d["reason"]] for d in decisions]
    emit_table(_heads(DECISION, KIND, WHAT, REASON), rows)
    say(str(TRIED if found["dry_run"] else RECORDED))
    # the decision itself stands above
    followed = [event for event in maps(found["events"]) if event["kind"] != "steward"]
    if not followed:
        say(str(NOTHING))
    _show_happened(followed)


def _about(decision: Row) -> object:
    named = ("identifier_key", "refers", "customer_id")
    return decision["accounts"] or next((decision[n] for n in named if decision[n]), "")


def show_stats(found: View) -> None:
    """Print how resolution stands."""
    _counted(found["sizes"], SIZES, n_accounts=ACCOUNTS, n_customers=CUSTOMERS)
    _counted(found["identifiers"], IDENTIFIERS, kind=KIND, state=STATE, reason=REASON, n=N)
    _counted(found["refused"], REFUSED, reason=REASON, n=N)
    _counted(found["rules"], RULES, rule=RULE, n=N)
    _counted(found["largest"], LARGEST, customer_id=CUSTOMER, n_accounts=ACCOUNTS)
    emit_table(_heads(WHAT, N), [[str(text), found[name]] for name, text in OTHERS.items()])


def _counted(rows: object, title: Text, **columns: Text) -> None:
    cells = [[row[name] for name in columns] for row in maps(rows)]
    # a title of the table itself would be broken at its width
    say(str(title))
    emit_table(_heads(*columns.values()), cells)


def _heads(*texts: Text) -> list[str]:
    return [str(text) for text in texts]
