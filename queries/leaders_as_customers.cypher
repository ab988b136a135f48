// title: Leaders as customers
// 标题: 作为客户的意见领袖
// question: Do the people whom others answer buy from us, for how much, and how much do those who answer them buy?
// 问题: 意见领袖是否是我们的买家？消费多少？回复他们的人又消费多少？
// param band: text "leader" — leader or rising / 层级：leader（意见领袖）或 rising（潜力新星）
// param top: integer 20 — how many people / 显示的人数
MATCH (leader:Customer)
WHERE leader.influence_rank >= 1 AND leader.influence_band = $band
WITH leader
ORDER BY leader.influence_rank
LIMIT $top
OPTIONAL MATCH (leader)<-[:REPLIED_TO]-(follower:Customer)
WITH leader, count(follower) AS followers,
     sum(CASE WHEN follower.rfm_order_count > 0 THEN 1 ELSE 0 END) AS buying_followers,
     round(sum(coalesce(follower.rfm_spend, 0.0)), 2) AS spend_of_followers
RETURN leader.influence_rank AS rank, leader.customer_id AS customer,
       coalesce(leader.rfm_order_count, 0) > 0 AS buys,
       coalesce(leader.rfm_order_count, 0) AS orders, coalesce(leader.rfm_spend, 0.0) AS spend,
       leader.rfm_segment AS segment, followers, buying_followers, spend_of_followers
ORDER BY rank
