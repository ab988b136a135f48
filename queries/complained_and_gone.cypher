// title: Complained and never came back
// 标题: 投诉后未复购
// question: Who complained and has not ordered since?
// 问题: 哪些客户投诉之后再也没有下单？
// param top: integer 50 — how many customers / 显示的客户数
MATCH (c:Customer)<-[:RESOLVED_TO]-(:Account)-[:RAISED]->(t:Ticket {kind: 'complaint'})
WITH c, count(t) AS complaints, max(t.opened_at) AS complained_at
WHERE NOT EXISTS {
  MATCH (c)<-[:RESOLVED_TO]-(:Account)-[:PLACED]->(o:Order)
  WHERE o.ordered_at > complained_at
}
RETURN c.customer_id AS customer, complaints, complained_at, coalesce(c.rfm_spend, 0.0) AS spend
ORDER BY spend DESC, customer
LIMIT $top
