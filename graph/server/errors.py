"""Why kith's own database did not start, stop or import, each with what to do."""

from graph.errors import BusyError, ConfigurationError, GraphError
from graph.language import Text


class JavaMissingError(ConfigurationError):
    """There is no Java on this machine."""

    text = Text(
        "No Java was found (JAVA_HOME, PATH); the database needs Java 17 or newer. Install it: "
        "{command}.",
        "未找到 Java（JAVA_HOME、PATH）；数据库需要 Java 17 或更高版本。请安装：{command}。",
    )


class JavaTooOldError(ConfigurationError):
    """The Java that was found cannot run the database."""

    text = Text(
        "{path} is Java {version}; the database needs Java 17 or newer. Install it: {command}, or "
        "point JAVA_HOME at a newer one.",
        "{path} 是 Java {version}；数据库需要 Java 17 或更高版本。请安装：{command}，或将 "
        "JAVA_HOME 指向更新的版本。",
    )


class MavenMissingError(ConfigurationError):
    """Maven, which fetches the database, is not on this machine."""

    text = Text(
        "Maven (mvn) was not found; it fetches the database once. Install it: {command}.",
        "未找到 Maven（mvn）；首次获取数据库时需要它。请安装：{command}。",
    )


class FetchError(GraphError):
    """Maven could not fetch the database's jars."""

    text = Text(
        "Neo4j {version} could not be fetched: {problem}. Check the network, and the mirror or "
        "proxy in ~/.m2/settings.xml, then try again; nothing half fetched was kept.",
        "无法获取 Neo4j {version}：{problem}。请检查网络以及 ~/.m2/settings.xml 中的镜像或代理，"
        "然后重试；未完成的下载不会保留。",
    )


class HomeLockedError(BusyError):
    """Another process uses this database's files."""

    text = Text(
        "Another process uses the database files under {path}, and it was not started from this "
        "home's record. Stop it, or set KITH_HOME to another folder.",
        "另有进程正在使用 {path} 下的数据库文件，且它不在本主目录的记录中。请停止该进程，或将 "
        "KITH_HOME 设为其他目录。",
    )


class PortTakenError(ConfigurationError):
    """The port that was asked for belongs to another program."""

    text = Text(
        "Port {port} on 127.0.0.1 is taken by another program. Stop that program, set "
        "KITH_BOLT_PORT to a free port, or unset it and a free one is chosen.",
        "127.0.0.1 的端口 {port} 已被其他程序占用。请停止该程序，将 KITH_BOLT_PORT 设为空闲端口，"
        "或取消该设置以自动选择。",
    )


class ServerSettingError(ConfigurationError):
    """The database or its Java does not accept a setting."""

    text = Text(
        "The database refuses a setting: {problem}. Correct KITH_HEAP, KITH_PAGE_CACHE or "
        "KITH_JAVA_FLAGS.",
        "数据库拒绝某项设置：{problem}。请修正 KITH_HEAP、KITH_PAGE_CACHE 或 KITH_JAVA_FLAGS。",
    )


class ServerMemoryError(ConfigurationError):
    """The machine does not have the memory that the settings promise to the database."""

    text = Text(
        "This machine cannot give the database a heap of {heap} and a page cache of {page_cache}. "
        "Set KITH_HEAP and KITH_PAGE_CACHE lower, or end other programs.",
        "本机无法为数据库提供 {heap} 的堆和 {page_cache} 的页缓存。请调低 KITH_HEAP 与 "
        "KITH_PAGE_CACHE，或关闭其他程序。",
    )


class HomeNotWritableError(ConfigurationError):
    """The database may not write into its own folder."""

    text = Text(
        "The database may not write under {path}. Give the folder to your user, or set KITH_HOME "
        "to a folder of yours.",
        "数据库无权写入 {path}。请将该目录的所有权交给当前用户，或将 KITH_HOME 设为自己的目录。",
    )


class ServerFailedError(GraphError):
    """The database ended while it was starting, for a reason that is none of the others."""

    text = Text(
        "The database ended while starting: {problem}. The whole story is in {log}.",
        "数据库在启动时退出：{problem}。完整记录见 {log}。",
    )


class ServerSlowError(GraphError):
    """The database runs but does not answer in time."""

    text = Text(
        "The database (process {pid}) did not answer within {seconds} s. It may be recovering "
        "after a crash: look at {log}, then try again, or kith down and kith up.",
        "数据库（进程 {pid}）在 {seconds} 秒内未应答，可能正在崩溃后恢复：请查看 {log} "
        "后重试，或执行 kith down 再 kith up。",
    )


class StoreUnusableError(GraphError):
    """The server runs, but it could not open the files of the graph."""

    text = Text(
        "The database cannot open its files under {store}: {problem} {log} says why. Put the "
        "folder back from a backup, or remove {store} and load again: kith run.",
        "数据库无法打开 {store} 下的文件：{problem} 原因见 {log}。请从备份恢复该目录，或删除 "
        "{store} 后重新装载：kith run。",
    )


class NotRunningError(GraphError):
    """Kith's own database is not running."""

    text = Text(
        "The database of {path} is not running. Start it: kith up.",
        "{path} 的数据库未运行。请启动：kith up。",
    )


class PasswordMissingError(GraphError):
    """The database exists, but its password file is gone."""

    text = Text(
        "The database has a password, but {path} is gone. Put the file back from a backup, or "
        "remove {database} and load again.",
        "数据库已设密码，但 {path} 不存在。请从备份恢复该文件，或删除 {database} 后重新装载。",
    )


class ImportRunningError(BusyError):
    """The offline importer has the database to itself."""

    text = Text(
        "The first load is being imported into the database (process {pid}); it cannot be started "
        "until that ends. Wait, then try again.",
        "首次装载正在导入数据库（进程 {pid}），完成之前无法启动。请稍后重试。",
    )


class ImportFailedError(GraphError):
    """The offline importer refused its files."""

    text = Text(
        "The import failed: {problem}. The database is empty until the next load fills it; the "
        "importer's report is {log}.",
        "导入失败：{problem}。在下次装载之前，数据库为空；导入器报告见 {log}。",
    )


class NotOurServerError(ConfigurationError):
    """Something that only kith's own database can do was asked of another one."""

    text = Text(
        "{uri} is not run by kith, so kith cannot {action}. Unset KITH_NEO4J_URI to work on "
        "kith's own database.",
        "{uri} 不由 kith 运行，kith 无法对其执行 {action}。若要使用 kith 自带的数据库，请取消 "
        "KITH_NEO4J_URI。",
    )
