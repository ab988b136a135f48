// title: Between two circles
// 标题: 两个圈子之间的人
// question: Who exchanges replies with most people of both of two circles?
// 问题: 谁与两个圈子中最多的人互相回复？
// param one: text "" — a circle / 一个圈子
// param other: text "" — another circle / 另一个圈子
// param top: integer 20 — how many people / 显示的人数
MATCH (c:Customer)-[:REPLIED_TO]-(o:Customer)
WHERE o.circle_id IN [$one, $other]
WITH c, count(DISTINCT CASE WHEN o.circle_id = $one THEN o END) AS in_one,
     count(DISTINCT CASE WHEN o.circle_id = $other THEN o END) AS in_other
WHERE in_one > 0 AND in_other > 0
RETURN c.customer_id AS customer, c.circle_id AS circle, in_one, in_other,
       round(2.0 * in_one * in_other / (in_one + in_other), 2) AS strength,
       coalesce(c.influence_betweenness, 0.0) AS betweenness
ORDER BY strength DESC, betweenness DESC, customer
LIMIT $top
