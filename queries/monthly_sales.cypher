// title: Orders by month
// 标题: 月度订单
// question: How do orders, buyers and paid amounts develop from month to month?
// 问题: 订单数、购买人数与实付金额逐月如何变化？
// param months: integer 24 — how many months / 显示的月数
MATCH (o:Order)
WHERE coalesce(o.status, 'paid') = 'paid'
OPTIONAL MATCH (o)<-[:PLACED]-(a:Account)-[:RESOLVED_TO]->(c:Customer)
WITH o, c, date.truncate('month', date(o.ordered_at)) AS month
CALL (o) {
  OPTIONAL MATCH (o)-[line:CONTAINS]->(:Product)
  RETURN coalesce(sum(line.amount), 0.0) AS lines, count(line) AS n_lines
}
RETURN month, count(o) AS orders, count(DISTINCT c) AS customers,
       round(sum(CASE WHEN n_lines > 0 THEN lines ELSE coalesce(o.amount, 0.0) END), 2) AS paid
ORDER BY month DESC
LIMIT $months
