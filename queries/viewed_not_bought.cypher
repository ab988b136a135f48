// title: Looked at and not bought
// 标题: 看过但未购买
// question: Which products do many customers view or put into the basket, and how few of them buy?
// 问题: 哪些商品被许多客户浏览或加购，却很少被购买？
// param least_customers: integer 10 — fewest who looked / 最少浏览人数
// param top: integer 30 — how many products / 显示的商品数
MATCH (c:Customer)<-[:RESOLVED_TO]-(:Account)-[seen:VIEWED|CARTED|FAVOURITED]->(p:Product)
WITH p, c, sum(seen.n) AS looks
WITH p, count(c) AS looked, sum(looks) AS looks,
     sum(CASE WHEN EXISTS { (c)-[:PURCHASED]->(p) } THEN 1 ELSE 0 END) AS bought
WHERE looked >= $least_customers
RETURN coalesce(p.name, p.product_id) AS product, looked, looks, bought,
       round(1.0 * bought / looked, 3) AS share_who_bought
ORDER BY share_who_bought, looked DESC, product
LIMIT $top
