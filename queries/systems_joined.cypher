// title: What joining the systems gave
// 标题: 用户识别的结果
// question: How many customers do we know from one system alone, and how many from several together?
// 问题: 有多少客户只在一个系统里出现？有多少客户跨多个系统？
MATCH (a:Account)-[:RESOLVED_TO]->(c:Customer)
WITH c, count(a) AS accounts, collect(DISTINCT a.source) AS sources
WITH size(sources) AS systems, count(c) AS customers, sum(accounts) AS accounts
RETURN systems, customers, accounts, round(1.0 * accounts / customers, 2) AS accounts_a_customer
ORDER BY systems
