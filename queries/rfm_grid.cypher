// title: Recency by frequency
// 标题: 近度与频度矩阵
// question: How many customers stand in each cell of recency and frequency, and what do they spend?
// 问题: 近度与频度的每个格子里各有多少客户？他们的消费是多少？
MATCH (c:Customer)
WHERE c.rfm_r IS NOT NULL
RETURN c.rfm_r AS recency, c.rfm_f AS frequency, count(*) AS customers,
       round(sum(c.rfm_spend), 2) AS spend, round(avg(c.rfm_spend), 2) AS mean_spend
ORDER BY recency DESC, frequency DESC
