// title: Whom to offer what next
// 标题: 交叉销售名单
// question: Who bought a product but none of those that usually go with it, and what would suit them best?
// 问题: 谁买了某个商品，却没买常与它搭配的商品？最适合向他们推荐什么？
// param product: text "" — the product's key; empty: the one with the strongest partner / 商品编号；留空则取关联最强的商品
// param least_lift: number 1.2 — lowest lift of a partner / 搭配商品的最低提升度
// param top: integer 50 — how many customers / 显示的客户数
MATCH (p:Product)-[r:ALSO_BOUGHT]->(partner:Product)
WHERE ($product = '' OR p.product_id = $product) AND r.lift >= $least_lift AND NOT coalesce(r.weak, false)
WITH p, r, partner
ORDER BY r.lift DESC, r.n DESC, partner.product_id
LIMIT 1
MATCH (c:Customer)-[bought:PURCHASED]->(p)
WHERE NOT EXISTS { (c)-[:PURCHASED]->(partner) }
RETURN c.customer_id AS customer, coalesce(p.name, p.product_id) AS bought, bought.last_at AS last_bought,
       coalesce(partner.name, partner.product_id) AS offer, r.lift AS lift, r.confidence AS confidence
ORDER BY last_bought DESC, customer
LIMIT $top
