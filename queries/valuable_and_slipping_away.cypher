// title: Valuable customers who stay away
// 标题: 正在流失的高价值客户
// question: Who used to come often and spend much, and has not come for a long time?
// 问题: 哪些客户过去来得多、花得多，却很久没有再来？
// param most_recent: integer 2 — highest recency score that counts as away (1 to 5) / 视为疏远的最高近度得分（1 至 5）
// param least_value: integer 4 — lowest frequency and spend score that counts as valuable (1 to 5) / 视为高价值的最低频度与金额得分（1 至 5）
// param top: integer 50 — how many customers / 显示的客户数
MATCH (c:Customer)
WHERE c.rfm_r <= $most_recent AND c.rfm_f >= $least_value AND c.rfm_m >= $least_value
RETURN c.customer_id AS customer, c.rfm_spend AS spend, c.rfm_order_count AS orders,
       round(c.rfm_recency_days) AS days_since_order
ORDER BY spend DESC, customer
LIMIT $top
