"""Who draws attention, declared: what is read, what is written about whom."""

from typing import Final

from algorithms.contract import Algorithm, Graded, KnowledgeTable, PropertyOptions, owned
from algorithms.influence.mathematics import MATHEMATICS
from algorithms.influence.model import compute
from algorithms.influence.settings import InfluenceParameters
from algorithms.influence.standing import BOOSTED, FEW
from algorithms.influence.words import BANDS, explain
from algorithms.replies import PEOPLE, READS, prepared_for
from graph.language import Text

PAIRS: Final = """
SELECT
    a.source, a.target, COUNT(*) AS n,
    MIN(a.replied_at) AS first_at, MAX(a.replied_at) AS last_at,
    CAST(SUM(
        CASE WHEN a.replied_at > q.as_of - q.recent_days * INTERVAL '24' HOUR THEN 1 ELSE 0 END
    ) AS BIGINT) AS n_recent,
    CAST(SUM(
        CASE WHEN a.replied_at <= q.as_of - q.recent_days * INTERVAL '24' HOUR
            AND a.replied_at > q.as_of - 2 * q.recent_days * INTERVAL '24' HOUR
        THEN 1 ELSE 0 END
    ) AS BIGINT) AS n_before
FROM arcs a
CROSS JOIN parameters q
GROUP BY a.source, a.target
ORDER BY a.source, a.target
"""
# one by one, for the back-test of the half-life: numbers and an instant are small
EACH: Final = """
SELECT source, target, replied_at
FROM arcs
ORDER BY source, target, replied_at
"""
KNOWN: Final = """
WITH facts AS (
    SELECT customer_id, registered_at AS seen_at FROM accounts
    UNION ALL
    SELECT customer_id, posted_at FROM posts
)
SELECT p.number, MIN(f.seen_at) AS since
FROM facts f
JOIN people p ON f.customer_id = p.customer_id
WHERE f.seen_at IS NOT NULL
GROUP BY p.number
ORDER BY p.number
"""
TOPICS: Final = """
WITH repliers AS (
    SELECT DISTINCT target, topic, source
    FROM arcs
    WHERE topic IS NOT NULL
), drawn AS (
    SELECT target, topic, COUNT(*) AS n
    FROM repliers
    GROUP BY target, topic
), placed AS (
    SELECT target, topic, ROW_NUMBER() OVER (PARTITION BY target ORDER BY n DESC, topic) AS place
    FROM drawn
)
SELECT target AS number, topic AS topic_key
FROM placed
WHERE place = 1
ORDER BY target
"""
RECALLED: Final = """
SELECT customer_id, influence_score, influence_rank, influence_repliers, influence_as_of
FROM recalled
ORDER BY customer_id
"""
DRAWN: Final = """
WITH listed AS (
    SELECT MAX(influence_as_of) AS at FROM recalled
)
SELECT g.target_id, COUNT(DISTINCT g.customer_id) AS n
FROM gathered g
CROSS JOIN listed l
CROSS JOIN parameters q
WHERE g.excluded IS NULL
    AND g.replied_at > l.at AND g.replied_at <= l.at + q.grade_days * INTERVAL '24' HOUR
GROUP BY g.target_id
ORDER BY g.target_id
"""

RANK: Final[PropertyOptions] = {"minimum": 1}
NUMBER: Final[PropertyOptions] = {"minimum": 0}

PROPERTIES: Final = (
    owned(
        "influence_score",
        "number",
        about=Text(
            "Attention: different repliers, faded by age and weighted by trust",
            "关注度：不同回复者数，按时间衰减并按信任加权",
        ),
        **NUMBER,
    ),
    owned(
        "influence_untrusted_score",
        "number",
        about=Text("The same with every replier weighing 1", "同上，所有回复者权重为 1"),
        **NUMBER,
    ),
    owned(
        "influence_rank",
        "integer",
        about=Text("Place by score", "得分名次"),
        minimum=1,
        indexed=True,
    ),
    owned(
        "influence_previous_rank",
        "integer",
        about=Text("Place in the earlier list that was graded", "所评上期榜单中的名次"),
        **RANK,
    ),
    owned(
        "influence_untrusted_rank",
        "integer",
        about=Text("Place by untrusted score", "未加信任得分的名次"),
        **RANK,
    ),
    owned(
        "influence_rank_without_top",
        "integer",
        about=Text("Place without the five most active repliers", "去掉五位最活跃回复者后的名次"),
        **RANK,
    ),
    owned(
        "influence_percentile",
        "number",
        about=Text("Share of the ranked who stand no higher", "名次不高于此人的比例"),
        unit="percent",
        minimum=0,
        maximum=100,
    ),
    owned(
        "influence_band",
        "code",
        about=Text("Where that places a person", "所处层级"),
        codes=tuple(BANDS),
        indexed=True,
    ),
    owned(
        "influence_rising",
        "boolean",
        about=Text("High score outside the list, not shrinking", "榜外高分且未下滑"),
    ),
    owned(
        "influence_repliers",
        "integer",
        about=Text("Different people who replied in the window", "窗口内不同回复者数"),
        **RANK,
    ),
    owned(
        "influence_established_repliers",
        "integer",
        about=Text("Of these, established ones", "其中的老账户数"),
        **NUMBER,
    ),
    owned(
        "influence_recent_repliers",
        "integer",
        about=Text("Different people who replied lately", "近期不同回复者数"),
        **NUMBER,
    ),
    owned(
        "influence_recent_established",
        "integer",
        about=Text("Of the recent ones, established", "近期回复者中的老账户数"),
        **NUMBER,
    ),
    owned(
        "influence_earlier_repliers",
        "integer",
        about=Text("Different people in as many days before", "此前同样天数内的不同回复者数"),
        **NUMBER,
    ),
    owned(
        "influence_replies",
        "integer",
        about=Text("Volume: replies received in the window", "回复量：窗口内收到的回复数"),
        **RANK,
    ),
    owned(
        "influence_topic",
        "text",
        about=Text("Topic in which most people replied", "回复者最多的话题"),
    ),
    owned(
        "influence_betweenness",
        "number",
        about=Text(
            "Broker: shortest paths of replies that lead through", "桥梁：经过此人的最短回复路径数"
        ),
        **NUMBER,
    ),
    owned(
        "influence_broker_rank",
        "integer",
        about=Text("Place as broker; equals share one", "桥梁名次，相同者并列"),
        **RANK,
    ),
    owned(
        "influence_pagerank",
        "number",
        about=Text("Answered by the answered: PageRank", "PageRank：被受关注者回复"),
        minimum=0,
        maximum=1,
    ),
    owned(
        "influence_authority",
        "number",
        about=Text("Answered by good answerers: HITS authority", "HITS 权威值"),
        minimum=0,
        maximum=1,
    ),
    owned(
        "influence_hub",
        "number",
        about=Text("Answers the answered: HITS hub", "HITS 枢纽值"),
        minimum=0,
        maximum=1,
    ),
    owned(
        "influence_core",
        "integer",
        about=Text("Depth in the core of the network", "核数（网络中的深度）"),
        **NUMBER,
    ),
    owned(
        "influence_reach",
        "number",
        about=Text("People who hear within two steps, on the mean", "两步内平均可触达的人数"),
        unit="people",
        minimum=0,
    ),
    owned(
        "influence_reach_rank",
        "integer",
        about=Text("Place by reach; equals share one", "触达名次，相同者并列"),
        **RANK,
    ),
    owned(
        "influence_flags",
        "texts",
        about=Text(
            f"What to look into: {BOOSTED}, {FEW}; none where nothing is",
            f"需留意之处：{BOOSTED}（疑似被新账户抬高）、{FEW}（过半得分来自五人）；无则为空",
        ),
    ),
    owned(
        "influence_as_of",
        "time",
        about=Text("Instant from which replies fade", "计算衰减的时点"),
    ),
)

# the latest statement holds; of two at the same instant the one that withdraws
AGREED: Final = """
said AS (
    SELECT
        r.end_id AS customer_id, s.purpose, COALESCE(s.channel, '') AS channel, s.granted,
        ROW_NUMBER() OVER (
            PARTITION BY r.end_id, s.purpose, COALESCE(s.channel, '')
            ORDER BY s.at DESC, s.granted
        ) AS place
    FROM "Account-GAVE-Consent" g
    JOIN "Consent" s ON g.end_id = s.consent_id
    JOIN "Account-RESOLVED_TO-Customer" r ON g.start_id = r.start_id
), agreed AS (
    SELECT
        customer_id,
        STRING_AGG(
            CASE WHEN channel = '' THEN purpose ELSE purpose || ':' || channel END, ', '
            ORDER BY purpose, channel
        ) AS consents
    FROM said
    WHERE place = 1 AND granted
    GROUP BY customer_id
)
"""
"""What each customer agrees to today: ``marketing:sms, profiling``."""

LEADERS: Final = KnowledgeTable(
    name="leaders",
    about=Text("A person in a reply network", "回复网络中的一人"),
    columns=(
        "customer_id",
        "rank",
        "influence_score",
        "influence_band",
        "influence_repliers",
        "influence_untrusted_score",
        "influence_pagerank",
        "influence_betweenness",
        "influence_core",
        "influence_reach",
        "circle_id",
        "flags",
        "influence_previous_rank",
        "influence_rank_without_top",
        "influence_topic",
        "rfm_order_count",
        "rfm_spend",
        "rfm_segment",
        "consents",
    ),
    elements=("Customer", "Account-RESOLVED_TO-Customer", "Account-GAVE-Consent", "Consent"),
    query=f"""
WITH {AGREED}
SELECT
    c.customer_id, c.influence_rank AS rank, c.influence_score, c.influence_band,
    c.influence_repliers, c.influence_untrusted_score, c.influence_pagerank,
    c.influence_betweenness, c.influence_core, c.influence_reach, c.circle_id,
    c.influence_flags AS flags, c.influence_previous_rank, c.influence_rank_without_top,
    c.influence_topic, c.rfm_order_count, c.rfm_spend, c.rfm_segment, a.consents
FROM "Customer" c
LEFT JOIN agreed a ON c.customer_id = a.customer_id
WHERE c.influence_score IS NOT NULL
""",
)

ALGORITHM = Algorithm(
    name="influence",
    version="2",
    about=Text(
        "Says who draws replies, who links people and who is rising, with the reason for each.",
        "说明谁引发回复、谁连接人群、谁在上升，并逐一给出依据。",
    ),
    stage="model",
    source=(
        "Definition: decayed distinct repliers weighted by trust; Brin and Page (1998), "
        "Kleinberg (1999), Brandes (2001), Seidman (1983)."
    ),
    reads=READS,
    parameters=InfluenceParameters,
    compute=compute,
    prepare=prepared_for(),
    reduce={
        "people": PEOPLE,
        "pairs": PAIRS,
        "replies": EACH,
        "known": KNOWN,
        "topics": TOPICS,
        "recalled": RECALLED,
        "drawn": DRAWN,
    },
    properties={"Customer": PROPERTIES},
    tables=(LEADERS,),
    mathematics=MATHEMATICS,
    explain=explain,
    graded=(Graded("influence_score", "repliers", 30),),
    recalls=("influence_score", "influence_rank", "influence_repliers", "influence_as_of"),
)
