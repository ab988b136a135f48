// title: Who buys what leaders praise
// 标题: 谁购买了领袖称赞的商品
// question: Which products do leaders like, favourite, share or rate, and how many of the people who answer them have bought them?
// 问题: 意见领袖点赞、收藏、分享或评价了哪些商品？回复他们的人中有多少已经购买？
// param band: text "leader" — leader or rising / 层级：leader（意见领袖）或 rising（潜力新星）
// param top: integer 50 — how many rows / 显示的行数
MATCH (leader:Customer)
WHERE leader.influence_rank >= 1 AND leader.influence_band = $band
MATCH (leader)<-[:RESOLVED_TO]-(:Account)-[:LIKED|FAVOURITED|SHARED|RATED]->(product:Product)
WITH DISTINCT leader, product
CALL (leader, product) {
  MATCH (leader)<-[:REPLIED_TO]-(follower:Customer)
  RETURN count(follower) AS followers,
         sum(CASE WHEN EXISTS { (follower)-[:PURCHASED]->(product) } THEN 1 ELSE 0 END) AS bought
}
RETURN leader.influence_rank AS rank, leader.customer_id AS customer,
       coalesce(product.name, product.product_id) AS product,
       EXISTS { (leader)-[:PURCHASED]->(product) } AS bought_it, followers, bought
ORDER BY bought DESC, rank, product
LIMIT $top
