"""Circles, declared: what is read, what is written about whom."""

from typing import Final

from algorithms.circles.members import ROLES
from algorithms.circles.model import compute
from algorithms.circles.settings import CirclesParameters
from algorithms.circles.words import MATHEMATICS, explain
from algorithms.contract import Algorithm, FiledTable, KnowledgeTable, PropertyOptions, owned
from algorithms.purchases import PAID
from algorithms.purchases import READS as PURCHASES_READ
from algorithms.replies import READS as REPLIES_READ
from algorithms.replies import REPLIES
from graph.language import Text
from graph.spec import RelationshipSpec

OWNER: Final = "circles"

# only people with a few replies reach Python: of a million who wrote once nothing can be said
ACTIVE: Final = f"""
WITH {REPLIES}, talks AS (
    SELECT customer_id, target_id, posted FROM (
        SELECT customer_id, target_id, COUNT(*) AS posted
        FROM replies
        WHERE excluded IS NULL
        GROUP BY customer_id, target_id
    ) counted
), sides AS (
    SELECT customer_id, posted FROM talks
    UNION ALL
    SELECT target_id, posted FROM talks
), interactions AS (
    SELECT customer_id, CAST(SUM(posted) AS BIGINT) AS n
    FROM sides
    GROUP BY customer_id
), active AS (
    SELECT i.customer_id
    FROM interactions i
    CROSS JOIN parameters q
    WHERE i.n >= q.least_interactions
)
"""
ARCS: Final = f"""
{ACTIVE}
SELECT t.customer_id, t.target_id, t.posted AS n
FROM talks t
JOIN active a ON t.customer_id = a.customer_id
JOIN active b ON t.target_id = b.customer_id
ORDER BY t.customer_id, t.target_id
"""
SEEN: Final = f"""
{ACTIVE}
SELECT COUNT(*) AS n_people
FROM interactions
"""
WORDS: Final = f"""
{ACTIVE}
SELECT DISTINCT p.customer_id, p.topic AS word
FROM posts p
JOIN active a ON p.customer_id = a.customer_id
CROSS JOIN parameters q
WHERE p.topic IS NOT NULL
    AND p.posted_at > q.as_of - q.window_days * INTERVAL '24' HOUR
ORDER BY p.customer_id, word
"""
GOODS: Final = f"""
{ACTIVE}, {PAID}
SELECT DISTINCT p.customer_id, COALESCE(c.name, c.category_id) AS word
FROM paid p
JOIN active a ON p.customer_id = a.customer_id
JOIN order_lines l ON p.order_id = l.order_id
JOIN products g ON l.product_id = g.product_id
JOIN categories c ON g.category_id = c.category_id
CROSS JOIN parameters q
WHERE p.amount >= 0 AND p.ordered_at > q.as_of - q.window_days * INTERVAL '24' HOUR
ORDER BY p.customer_id, word
"""
KNOWN: Final = """
SELECT customer_id, circle_id, circles_before, circles_since, circles_as_of
FROM remembered
WHERE circles_as_of IS NOT NULL
ORDER BY customer_id
"""

SHARE: Final[PropertyOptions] = {"minimum": 0, "maximum": 1, "owner": OWNER}

OF_CUSTOMERS: Final = (
    owned("circle_id", "text", about=Text("Circle", "所在圈子"), indexed=True, owner=OWNER),
    owned(
        "circles_role",
        "code",
        about=Text("What they are in it", "圈内角色"),
        codes=ROLES,
        owner=OWNER,
    ),
    owned(
        "circles_strength",
        "number",
        about=Text("Share of runs in which they belong to it", "归入该圈的划分比例"),
        **SHARE,
    ),
    owned("circles_since", "time", about=Text("Member since", "加入时间"), owner=OWNER),
    owned(
        "circles_before",
        "text",
        about=Text("Circle at the date before; none: in none", "上一时点所在圈子"),
        owner=OWNER,
    ),
    owned(
        "circles_as_of", "time", about=Text("Date of the circles", "圈子的统计时点"), owner=OWNER
    ),
)

OF_CIRCLES: Final = (
    owned("size", "integer", about=Text("People", "人数"), minimum=2, owner=OWNER),
    owned(
        "density",
        "number",
        about=Text("Share of pairs with a reply", "有回复的有向对比例"),
        **SHARE,
    ),
    owned(
        "stability",
        "number",
        about=Text("How much runs find it again (Jaccard)", "多次划分的重现度(Jaccard)"),
        **SHARE,
    ),
    owned(
        "cohesion",
        "number",
        about=Text("Share of members' replies that stay inside", "成员往来留在圈内的比例"),
        **SHARE,
    ),
    owned("born_at", "time", about=Text("When it was first found", "诞生时间"), owner=OWNER),
    owned(
        "event",
        "code",
        about=Text("What happened at this date", "本期变化"),
        codes=("stayed", "born", "split"),
        owner=OWNER,
    ),
    owned("terms", "texts", about=Text("What it talks about", "话题用词"), owner=OWNER),
    owned(
        "categories", "texts", about=Text("What it buys more than others", "偏好品类"), owner=OWNER
    ),
    owned(
        "leaders",
        "texts",
        about=Text("Whom most others in it answer (customer ids)", "圈内被最多人回复者(客户编号)"),
        owner=OWNER,
    ),
    owned("label_en", "text", about=Text("Name in English", "英文名称"), owner=OWNER),
    owned("label_zh", "text", about=Text("Name in Chinese", "中文名称"), owner=OWNER),
    owned("about_en", "text", about=Text("Figures in English", "英文量化描述"), owner=OWNER),
    owned("about_zh", "text", about=Text("Figures in Chinese", "中文量化描述"), owner=OWNER),
)

MEMBER_OF: Final = RelationshipSpec(
    type="MEMBER_OF",
    start="Customer",
    end="Circle",
    about=Text("Who is in a circle", "圈子成员"),
    properties=(
        owned(
            "strength",
            "number",
            about=Text("Share of runs in which they belong to it", "归入该圈的划分比例"),
            **SHARE,
        ),
        owned("since", "time", about=Text("Member since", "加入时间"), owner=OWNER),
        owned(
            "role", "code", about=Text("What they are in it", "圈内角色"), codes=ROLES, owner=OWNER
        ),
    ),
)

CIRCLES: Final = KnowledgeTable(
    name="circles",
    about=Text("A circle", "圈子"),
    columns=(
        "circle_id",
        "size",
        "density",
        "stability",
        "born_at",
        "terms",
        "cohesion",
        "event",
        "categories",
        "leaders",
        "label_en",
        "label_zh",
    ),
    elements=("Circle",),
    query="""
SELECT
    circle_id, size, density, stability, born_at, terms, cohesion, event, categories, leaders,
    label_en, label_zh
FROM "Circle"
""",
)

EVENTS: Final = FiledTable(
    name="circle_events",
    about=Text("What became of a circle at one date", "圈子在某时点的变化"),
    identity=("circle_id", "event", "other_id"),
    columns=(
        owned("circle_id", "key", about=Text("Circle", "圈子"), owner=OWNER),
        owned(
            "event",
            "code",
            about=Text("What happened", "变化"),
            codes=("born", "merged", "split", "ended"),
            owner=OWNER,
        ),
        owned(
            "other_id",
            "key",
            about=Text("Where it came from or went; empty: nowhere", "来源或去向;空为无"),
            owner=OWNER,
        ),
        owned("people", "integer", about=Text("How many", "人数"), minimum=1, owner=OWNER),
        owned("happened_at", "time", about=Text("At which date", "时点"), owner=OWNER),
    ),
)

ALGORITHM: Final = Algorithm(
    name=OWNER,
    version="1",
    about=Text(
        "Finds circles of people who answer one another, keeps their ids from date to date and "
        "says what they talk about and buy.",
        "找出彼此往来的圈子,使其编号跨期稳定,并说明其话题与购买偏好。",
    ),
    stage="model",
    source="Leiden (Traag, Waltman and van Eck 2019); consensus of runs (Lancichinetti and "
    "Fortunato 2012); roles (Guimerà and Amaral 2005); stability (Hennig 2007).",
    reads={
        **REPLIES_READ,
        **PURCHASES_READ,
        "order_lines": (*PURCHASES_READ["order_lines"], "product_id"),
        "products": ("product_id", "category_id"),
        "categories": ("category_id", "name"),
    },
    parameters=CirclesParameters,
    compute=compute,
    reduce={"arcs": ARCS, "seen": SEEN, "words": WORDS, "goods": GOODS, "known": KNOWN},
    properties={"Customer": OF_CUSTOMERS, "Circle": OF_CIRCLES},
    makes=frozenset({"Circle"}),
    links=(MEMBER_OF,),
    tables=(CIRCLES,),
    files=(EVENTS,),
    mathematics=MATHEMATICS,
    explain=explain,
    remembers=("circle_id", "circles_before", "circles_since", "circles_as_of"),
)
