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
from algorithms.replies import prepared_for
from graph.language import Text
from graph.spec import RelationshipSpec

OWNER: Final = "circles"
TEXTS_EACH, MOST_TEXTS = 50, 200_000

TALKS: Final = """
SELECT source, target, COUNT(*) AS n
FROM arcs
GROUP BY source, target
"""
# only people with a few replies reach Python: of a million who wrote once nothing can be said
INTERACTIONS: Final = """
WITH sides AS (
    SELECT source AS number, n FROM talks
    UNION ALL
    SELECT target AS number, n FROM talks
)
SELECT number, CAST(SUM(n) AS BIGINT) AS n
FROM sides
GROUP BY number
"""
ACTIVE: Final = """
SELECT p.customer_id, p.number
FROM people p
JOIN interactions i ON p.number = i.number
CROSS JOIN parameters q
WHERE i.n >= q.least_interactions
"""
PEOPLE: Final = "SELECT customer_id, number FROM active ORDER BY number"
PAIRS: Final = """
SELECT t.source, t.target, t.n
FROM talks t
JOIN active a ON t.source = a.number
JOIN active b ON t.target = b.number
ORDER BY t.source, t.target
"""
SEEN: Final = "SELECT COUNT(*) AS n_people FROM interactions"
WORDS: Final = """
SELECT DISTINCT p.customer_id, p.topic AS word
FROM posts p
JOIN active a ON p.customer_id = a.customer_id
CROSS JOIN parameters q
WHERE p.topic IS NOT NULL
    AND p.posted_at > q.as_of - q.window_days * INTERVAL '24' HOUR
ORDER BY p.customer_id, word
"""
# a person's latest texts, and of all no more than take a second: enough to tell circles apart
SAID: Final = f"""
WITH placed AS (
    SELECT p.customer_id, p.text,
        ROW_NUMBER() OVER (
            PARTITION BY p.customer_id ORDER BY p.posted_at DESC, p.post_id
        ) AS place
    FROM posts p
    JOIN active a ON p.customer_id = a.customer_id
    CROSS JOIN parameters q
    WHERE p.text IS NOT NULL
        AND p.posted_at > q.as_of - q.window_days * INTERVAL '24' HOUR
), chosen AS (
    SELECT customer_id, text, place, ROW_NUMBER() OVER (ORDER BY place, customer_id) AS turn
    FROM placed
    WHERE place <= {TEXTS_EACH}
)
SELECT customer_id, text
FROM chosen
WHERE turn <= {MOST_TEXTS}
ORDER BY customer_id, place
"""
HANDLES: Final = """
SELECT DISTINCT n.handle
FROM accounts n
JOIN active a ON n.customer_id = a.customer_id
WHERE n.handle IS NOT NULL
ORDER BY n.handle
"""
GOODS: Final = f"""
WITH {PAID}
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
        about=Text("How much runs find it again (Jaccard)", "多次划分的重现度（Jaccard）"),
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
        about=Text(
            "Whom most others in it answer (customer ids)", "圈内被最多人回复者（客户编号）"
        ),
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
            about=Text("Where it came from or went; empty: nowhere", "来源或去向；空为无"),
            owner=OWNER,
        ),
        owned("people", "integer", about=Text("How many", "人数"), minimum=1, owner=OWNER),
        owned("happened_at", "time", about=Text("At which date", "时点"), owner=OWNER),
    ),
)

ALGORITHM: Final = Algorithm(
    name=OWNER,
    version="2",
    about=Text(
        "Finds circles of people who answer one another, keeps their ids from date to date and "
        "says what they talk about and buy.",
        "找出彼此往来的圈子，使其编号跨期稳定，并说明其话题与购买偏好。",
    ),
    stage="model",
    source="Leiden (Traag, Waltman and van Eck 2019); consensus of runs (Lancichinetti and "
    "Fortunato 2012); roles (Guimerà and Amaral 2005); stability (Hennig 2007).",
    reads={
        **REPLIES_READ,
        "posts": (*REPLIES_READ["posts"], "text"),
        **PURCHASES_READ,
        "order_lines": (*PURCHASES_READ["order_lines"], "product_id"),
        "products": ("product_id", "category_id"),
        "categories": ("category_id", "name"),
    },
    parameters=CirclesParameters,
    compute=compute,
    prepare={
        **prepared_for(),
        "talks": TALKS,
        "interactions": INTERACTIONS,
        "active": ACTIVE,
    },
    reduce={
        "people": PEOPLE,
        "arcs": PAIRS,
        "seen": SEEN,
        "words": WORDS,
        "said": SAID,
        "handles": HANDLES,
        "goods": GOODS,
        "known": KNOWN,
    },
    properties={"Customer": OF_CUSTOMERS, "Circle": OF_CIRCLES},
    makes=frozenset({"Circle"}),
    links=(MEMBER_OF,),
    tables=(CIRCLES,),
    files=(EVENTS,),
    mathematics=MATHEMATICS,
    explain=explain,
    remembers=("circle_id", "circles_before", "circles_since", "circles_as_of"),
)
