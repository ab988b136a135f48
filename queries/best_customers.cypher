// title: Best customers
// 标题: 最有价值的客户
// question: Who spends the most, when were they last here, and through how many systems do we know them?
// 问题: 谁消费最多？最近一次消费是什么时候？我们在几个系统里认识他们？
// param top: integer 20 — how many customers / 显示的客户数
MATCH (c:Customer)
WHERE c.rfm_spend IS NOT NULL
WITH c
ORDER BY c.rfm_spend DESC, c.customer_id
LIMIT $top
RETURN c.customer_id AS customer, c.rfm_spend AS spend, c.rfm_order_count AS orders,
       round(c.rfm_recency_days, 1) AS days_since_order,
       COUNT { (c)<-[:RESOLVED_TO]-() } AS accounts,
       COLLECT { MATCH (c)<-[:RESOLVED_TO]-(a:Account) RETURN DISTINCT a.source ORDER BY a.source } AS sources
