// title: Channels that win good customers
// 标题: 获客渠道质量
// question: Which channels won customers who go on to buy?
// 问题: 哪些渠道带来的客户后来真正购买？
MATCH (a:Account)-[:RESOLVED_TO]->(c:Customer)
WHERE a.acquisition_channel IS NOT NULL
WITH DISTINCT a.acquisition_channel AS channel, c
RETURN channel, count(c) AS customers, count(c.rfm_spend) AS buyers,
       round(avg(c.rfm_spend), 2) AS mean_spend, round(percentileCont(c.rfm_spend, 0.5), 2) AS median_spend
ORDER BY customers DESC, channel
