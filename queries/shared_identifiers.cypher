// title: Identifiers that many share
// 标题: 多人共用的标识
// question: Which phones, devices or e-mails stand on so many accounts that they cannot mean one person?
// 问题: 哪些手机号、设备或邮箱出现在过多账户上，不可能只属于一个人？
// param least_accounts: integer 3 — fewest accounts / 最少账户数
// param top: integer 20 — how many identifiers / 显示的标识数
MATCH (i:Identifier)
WITH i, COUNT { (i)<-[:HAS_IDENTIFIER]-(:Account) } AS accounts
WHERE accounts >= $least_accounts
RETURN i.kind AS kind, i.masked AS masked, i.state AS state, accounts,
       COUNT { MATCH (i)<-[:HAS_IDENTIFIER]-(:Account)-[:RESOLVED_TO]->(c:Customer) RETURN DISTINCT c } AS customers
ORDER BY accounts DESC, kind, masked
LIMIT $top
