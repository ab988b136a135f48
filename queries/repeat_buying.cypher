// title: Products that people buy again
// 标题: 复购率高的商品
// question: Which products do customers come back for?
// 问题: 客户会反复购买哪些商品？
// param least_customers: integer 10 — fewest buyers / 最少购买人数
// param top: integer 30 — how many products / 显示的商品数
MATCH (c:Customer)-[r:PURCHASED]->(p:Product)
WITH p, count(*) AS customers, sum(CASE WHEN r.n_orders >= 2 THEN 1 ELSE 0 END) AS came_back
WHERE customers >= $least_customers
RETURN coalesce(p.name, p.product_id) AS product, customers, came_back,
       round(1.0 * came_back / customers, 3) AS repeat_rate
ORDER BY repeat_rate DESC, customers DESC, product
LIMIT $top
