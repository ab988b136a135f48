"""Why a query of an analyst was refused or stopped: one class a reason.

Each names the limit and its value, the part of the query or the plan operator to blame, and
what to do instead. "An error occurred" helps nobody who has just written thirty lines.

GuardError
├── WriteRefusedError        it would change data, the schema or the server
├── OperatorRefusedError     its plan holds an operator that is not on the reviewed list
├── ProcedureRefusedError    it calls a procedure that is not on the list
├── FunctionRefusedError     it calls a function that reaches beyond the graph
├── LoopRefusedError         it loops inside one expression, where no time limit is noticed
├── CrossProductRefusedError it pairs everything with everything
├── EstimateRefusedError     it is expected to go through more rows than the limit
├── PrefixRefusedError       it starts with EXPLAIN, PROFILE, CYPHER or USE
├── TextRefusedError         it is longer or more deeply nested than the limits
├── BoundRefusedError        LIMIT or SKIP is to be worked out
├── CypherSyntaxError        the server cannot parse it; with its own position
├── CypherFailedError        the server could not run it: a wrong type, an unknown index
├── ParameterMissingError    it names a parameter that was not given
├── ParameterTypeError       a parameter has a value that Cypher has not
├── TimeLimitError           it took longer than its limit
│   ├── PlanningTimeError    planning alone took longer than that
│   ├── RunawayEndedError    nothing but a restart of the server ended it
│   └── RunawayLeftError     the server still runs it, and is not ours to restart
└── MemoryLimitError         it needed more memory than its limit
"""

from graph.errors import GuardError
from graph.language import Text


class WriteRefusedError(GuardError):
    """The query would change something."""

    text = Text(
        "Queries here only read, and this one would write ({operator}). Nothing was changed. "
        "Facts come in through kith load, scores through kith score.",
        "这里的查询只能读取，而该查询会写入（{operator}）。未做任何更改。"
        "事实数据请用 kith load 装载，评分请用 kith score 计算。",
    )


class OperatorRefusedError(GuardError):
    """The plan holds an operator that nobody has reviewed."""

    text = Text(
        "The plan of this query holds {operator} ({details}), which is not on the list of "
        "reviewed operators. Use MATCH, WITH, UNWIND, CALL (x) {{ }} and RETURN.",
        "该查询的执行计划包含 {operator}（{details}），不在已审核的操作列表中。"
        "请使用 MATCH、WITH、UNWIND、CALL (x) {{ }} 与 RETURN。",
    )


class ProcedureRefusedError(GuardError):
    """The query calls a procedure that is not on the list."""

    text = Text(
        "The procedure {procedure} may not be called here. Allowed: {allowed}.",
        "此处不允许调用过程 {procedure}。允许的过程：{allowed}。",
    )


class FunctionRefusedError(GuardError):
    """The query calls a function that is not part of Cypher itself."""

    text = Text(
        "The function {function} ({operator}) may not be called here: it is not one of Cypher's "
        "own. Allowed are those without a dot in their name and {allowed}.",
        "此处不允许调用函数 {function}（{operator}）：它不是 Cypher 自带的函数。"
        "允许不带点号的函数，以及 {allowed}。",
    )


class LoopRefusedError(GuardError):
    """The query loops inside one expression, where the server notices no time limit."""

    text = Text(
        "{loop} ({operator}) loops inside one expression, which no time limit can stop. Write "
        "the loop as rows: UNWIND range(1, 10) AS i, then an aggregate such as sum(i).",
        "{loop}（{operator}）在单个表达式内循环，任何时限都无法中止。"
        "请改用行的方式：UNWIND range(1, 10) AS i，再用 sum(i) 之类的聚合。",
    )


class CrossProductRefusedError(GuardError):
    """The query pairs everything in one part with everything in another."""

    text = Text(
        "{parts} are not connected, so every pair of them is made: about {rows:,.0f} rows, and "
        "the limit is {limit:,.0f} (CartesianProduct). Connect them by a relationship or a shared "
        "value, or narrow each first.",
        "{parts} 之间没有关联，会产生所有组合：约 {rows:,.0f} 行，上限为 {limit:,.0f}"
        "（CartesianProduct）。请用关系或共同的值连接，或先缩小各部分范围。",
    )


class EstimateRefusedError(GuardError):
    """The query is expected to go through more rows than the limit."""

    text = Text(
        "The database expects {operator} ({details}) to make about {rows:,.0f} rows; the limit is "
        "{limit:,.0f}. Start from fewer nodes, or aggregate before the next MATCH.",
        "数据库预计 {operator}（{details}）会产生约 {rows:,.0f} 行，上限为 {limit:,.0f}。"
        "请从更少的节点开始，或在下一个 MATCH 之前先聚合。",
    )


class PrefixRefusedError(GuardError):
    """The query starts with something other than a clause."""

    text = Text(
        "A query starts with a clause here, not with EXPLAIN, PROFILE, CYPHER or USE. Every "
        "answer carries its plan; remove the prefix.",
        "这里的查询须以子句开头，不能以 EXPLAIN、PROFILE、CYPHER 或 USE 开头。"
        "每个结果都附带执行计划；请去掉该前缀。",
    )


class TextRefusedError(GuardError):
    """The query's text is too long or too deeply nested to be parsed safely."""

    text = Text(
        "The query has {amount:,} {measure_en}; the limit is {limit:,}. Pass long lists as "
        "parameters ($ids) and part nested expressions by WITH.",
        "该查询的{measure_zh}为 {amount:,}，上限为 {limit:,}。"
        "长列表请作为参数（$ids）传入，嵌套的表达式请用 WITH 拆开。",
    )


class BoundRefusedError(GuardError):
    """LIMIT or SKIP holds more than a number or a parameter."""

    text = Text(
        "After {word} stands {expression}, and the server works that out before any limit holds. "
        "Give a number or a parameter: {word} $n. (A name spelled {word} needs back-quotes.)",
        "{word} 之后是 {expression}，服务器会在任何限制生效之前计算它。"
        "请使用数字或参数：{word} $n。（名为 {word} 的变量须加反引号。）",
    )


class CypherSyntaxError(GuardError):
    """The server cannot parse the query."""

    text = Text(
        "Line {line}, column {column}: {problem}",
        "第 {line} 行第 {column} 列：{problem}",
    )


class CypherFailedError(GuardError):
    """The server understood the query and could not run it."""

    text = Text("The query failed: {problem} ({code})", "查询失败：{problem}（{code}）")


class ParameterMissingError(GuardError):
    """The query names parameters that were not given."""

    text = Text(
        "The query needs a value for {names}. Give it: --param name=value, or in the body's "
        "parameters.",
        "查询需要参数 {names} 的值。请提供：--param 名称=值，或写入请求体的 parameters。",
    )


class ParameterTypeError(GuardError):
    """A parameter has a value that Cypher does not have."""

    text = Text(
        "Parameter ${name} holds {problem}. Cypher takes null, yes or no, whole numbers of 64 "
        "bits, numbers, texts, lists and maps of these.",
        "参数 ${name} 的值为 {problem}。Cypher 接受 null、布尔、64 位整数、数字、文本，"
        "以及由它们组成的列表与映射。",
    )


class TimeLimitError(GuardError):
    """The query took longer than its limit."""

    text = Text(
        "The query was stopped at its limit of {seconds:g} s. Most work is expected in "
        "{operator} ({details}). Start from fewer nodes, bound paths such as [*..4], or raise "
        "KITH_CYPHER_SECONDS.",
        "查询达到 {seconds:g} 秒的时限，已被终止。预计主要开销在 {operator}（{details}）。"
        "请从更少的节点开始，限制路径长度（如 [*..4]），或调大 KITH_CYPHER_SECONDS。",
    )


class PlanningTimeError(TimeLimitError):
    """The server did not even come to an end with planning."""

    text = Text(
        "The database did not finish planning the query in {seconds:g} s. Give it fewer "
        "alternatives and subqueries at once, part it by WITH, and pass long lists as $parameters.",
        "数据库在 {seconds:g} 秒内未能完成查询的规划。请减少一次给出的条件与子查询，"
        "用 WITH 拆分，并将长列表作为 $参数 传入。",
    )


class RunawayEndedError(TimeLimitError):
    """Only a restart of the database ended the query."""

    text = Text(
        "The query did not stop at its limit of {seconds:g} s, because it spends its time inside "
        "one expression ({operator}: {details}), so the database was restarted. Do not run it "
        "again: use UNWIND and an aggregate in place of loops, and simpler regular expressions.",
        "查询在单个表达式内耗时（{operator}：{details}），到达 {seconds:g} 秒时限后仍未停止，"
        "数据库已重启。请勿再次运行：用 UNWIND 加聚合代替循环，并简化正则表达式。",
    )


class RunawayLeftError(TimeLimitError):
    """The server still runs the query."""

    text = Text(
        "The query did not stop at its limit of {seconds:g} s ({operator}: {details}) and the "
        "database still works on it. It is not ours to restart: tell whoever runs it.",
        "查询到达 {seconds:g} 秒时限后仍未停止（{operator}：{details}），数据库仍在执行它。"
        "该数据库不由 kith 管理，无法代为重启：请通知其管理者。",
    )


class MemoryLimitError(GuardError):
    """The query needed more memory than its limit."""

    text = Text(
        "The query needed more memory than {limit}. {operator} ({details}) keeps rows: collect "
        "or sort fewer, aggregate earlier, or raise KITH_HEAP.",
        "查询所需内存超过 {limit}。{operator}（{details}）会保留行：请减少收集或排序的行数，"
        "提前聚合，或调大 KITH_HEAP。",
    )
