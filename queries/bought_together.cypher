// title: Products bought together
// 标题: 常被一起购买的商品
// question: Which products are bought together more often than chance, and on how many baskets does that rest?
// 问题: 哪些商品被一起购买的次数明显高于随机？依据多少个购物篮？
// param least_baskets: integer 10 — fewest baskets with both / 同时出现的最少购物篮数
// param largest_q: number 0.05 — largest false discovery rate / 错误发现率的上限
// param top: integer 30 — how many pairs / 显示的组合数
MATCH (a:Product)-[r:ALSO_BOUGHT]->(b:Product)
WHERE r.n >= $least_baskets AND r.q_value <= $largest_q AND NOT coalesce(r.weak, false)
RETURN coalesce(a.name, a.product_id) AS bought, coalesce(b.name, b.product_id) AS also_bought,
       r.n AS baskets, r.support AS support, r.confidence AS confidence, r.lift AS lift, r.p_value AS p_value
ORDER BY lift DESC, baskets DESC, bought, also_bought
LIMIT $top
