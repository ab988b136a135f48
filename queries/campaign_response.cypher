// title: Who ordered after a campaign
// 标题: 营销活动后的购买
// question: How many of those a campaign reached ordered within some days, and how many of its control group?
// 问题: 活动触达的客户中有多少人在若干天内下单？对照组又有多少？
// param days: integer 14 — days after the contact / 触达后的天数
MATCH (a:Account)-[x:EXPOSED_TO]->(g:Campaign)
WITH g, a, coalesce(x.is_control, false) AS is_control, min(x.at) AS reached_at
WITH g, is_control, count(*) AS accounts,
     sum(CASE WHEN EXISTS {
       MATCH (a)-[:PLACED]->(o:Order)
       WHERE o.ordered_at >= reached_at AND o.ordered_at < reached_at + duration({days: $days})
     } THEN 1 ELSE 0 END) AS ordered
RETURN coalesce(g.name, g.campaign_id) AS campaign, is_control, accounts, ordered,
       round(1.0 * ordered / accounts, 4) AS rate
ORDER BY campaign, is_control
