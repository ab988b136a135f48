// title: Least certain joins
// 标题: 最不确定的用户合并
// question: Which accounts were joined to a customer on the weakest evidence?
// 问题: 哪些账户是凭最弱的依据并入客户的？
// param top: integer 20 — how many accounts / 显示的账户数
MATCH (a:Account)-[r:RESOLVED_TO]->(c:Customer)
WHERE r.confidence < 1 OR COUNT { (c)<-[:RESOLVED_TO]-() } > 1
RETURN c.customer_id AS customer, a.account_id AS account, a.kind AS kind, r.rule AS rule,
       r.confidence AS confidence, r.since AS since
ORDER BY confidence, customer, account
LIMIT $top
