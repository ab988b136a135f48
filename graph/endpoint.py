"""Where a database answers, and the ways in which it can fail to.

Both the server that we start ourselves and the session that speaks to any server need
these, so they stand below both.
"""

from dataclasses import dataclass, field

from graph.errors import BusyError, ConfigurationError, GraphError, GuardError
from graph.language import Text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A database that answers: its Bolt address and who may enter.

    ``is_own`` is true for the server that kith runs under ``KITH_HOME``; ``was_started``
    is true if the call that returned this value started it, so that the caller knows
    whether stopping it is its business. ``origin`` says where the password stands, for
    whoever has to correct it.
    """

    uri: str
    user: str
    password: str = field(repr=False)
    is_own: bool
    was_started: bool = field(default=False, compare=False)
    origin: str = field(default="KITH_NEO4J_PASSWORD", compare=False)


class UnreachableError(GraphError):
    """Nobody answers at the database's address."""

    text = Text(
        "No Neo4j answers at {uri} ({problem}). If KITH_NEO4J_URI is set, check address, network "
        "and firewall; else start kith's own database: kith up.",
        "{uri} 没有 Neo4j 应答（{problem}）。若设置了 KITH_NEO4J_URI，请检查地址、网络与防火墙；"
        "否则请启动 kith 自带的数据库：kith up。",
    )


class AddressError(ConfigurationError):
    """The database's address cannot be one."""

    text = Text(
        "{uri!r} is no address of a Neo4j: {problem}. Set KITH_NEO4J_URI to something like "
        "neo4j+s://graph.example.com:7687.",
        "{uri!r} 不是 Neo4j 地址：{problem}。请将 KITH_NEO4J_URI 设为类似 "
        "neo4j+s://graph.example.com:7687 的地址。",
    )


class WrongPasswordError(GraphError):
    """The database refuses this user and password."""

    text = Text(
        "The database at {uri} refuses user {user!r} with the password from {origin}. Put the "
        "right password there.",
        "数据库 {uri} 拒绝用户 {user!r} 使用 {origin} 中的密码。请在该处填入正确的密码。",
    )


class DiskFullError(GraphError):
    """There is no room left for the database."""

    text = Text(
        "The disk that holds {path} is full ({free_mb} MB free, {needed_mb} MB needed). Free some "
        "space or move KITH_HOME to a larger disk, then: kith down, kith up.",
        "{path} 所在磁盘已满（剩余 {free_mb} MB，至少需要 {needed_mb} MB）。请清理空间或将 "
        "KITH_HOME 移至更大的磁盘，然后执行：kith down，kith up。",
    )


class DatabaseHaltedError(GraphError):
    """The database has stopped accepting work and must be restarted."""

    text = Text(
        "The database at {uri} has halted to protect its data ({code}). A full or failing disk is "
        "the usual cause: put that right, then restart it (kith down, kith up).",
        "数据库 {uri} 为保护数据已停止工作（{code}）。通常是磁盘已满或故障：请先排除，再重启"
        "（kith down，kith up）。",
    )


class WriteConflictError(BusyError):
    """Other writers held the same nodes for longer than we retry."""

    text = Text(
        "Other writers kept the same part of the graph locked ({code}). Nothing of this step was "
        "written; run the command again.",
        "其他写入者一直锁定图的同一部分（{code}）。本步骤未写入任何内容；请重新执行该命令。",
    )


class ConstraintBrokenError(GraphError):
    """A write would have broken a uniqueness constraint."""

    text = Text(
        "The write would break a constraint of the graph: {problem}",
        "该写入违反图的约束：{problem}",
    )


class QueryTimeoutError(GuardError):
    """A query ran longer than its limit."""

    text = Text(
        "The query ran longer than its limit of {seconds} s and was stopped. Ask for less, or "
        "raise KITH_CYPHER_SECONDS.",
        "查询超过 {seconds} 秒的时限，已被终止。请缩小查询范围，或调大 KITH_CYPHER_SECONDS。",
    )


class QueryMemoryError(GuardError):
    """A query needed more memory than one query may have."""

    text = Text(
        "The query needed more memory than one query may have ({code}). Collect or sort fewer "
        "rows, or raise KITH_HEAP.",
        "查询所需内存超过单个查询的上限（{code}）。请减少收集或排序的行数，或调大 KITH_HEAP。",
    )


class QueryRefusedError(GuardError):
    """The database does not accept this query."""

    text = Text("The database refused the query: {problem}", "数据库拒绝了该查询：{problem}")


class DatabaseFailedError(GraphError):
    """The database answered with an error that is none of the others."""

    text = Text(
        "The database failed: {problem} ({code}). See its log under {log}.",
        "数据库出错：{problem}（{code}）。详见日志 {log}。",
    )
