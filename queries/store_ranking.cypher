// title: Stores compared
// 标题: 门店排名
// question: Which stores sell to how many customers, and how many of those come again?
// 问题: 各门店服务多少客户？其中多少人再次光顾？
// param top: integer 30 — how many stores / 显示的门店数
MATCH (s:Store)<-[:SOLD_AT]-(o:Order)
WHERE coalesce(o.status, 'paid') = 'paid'
OPTIONAL MATCH (o)<-[:PLACED]-(:Account)-[:RESOLVED_TO]->(c:Customer)
WITH s, c, count(DISTINCT o) AS visits
WITH s, sum(visits) AS orders, count(c) AS customers,
     sum(CASE WHEN c IS NOT NULL AND visits >= 2 THEN 1 ELSE 0 END) AS came_again
RETURN coalesce(s.name, s.store_id) AS store, s.region AS region, s.city AS city, orders, customers, came_again
ORDER BY orders DESC, store
LIMIT $top
