// title: Who may be written to
// 标题: 可触达的客户
// question: How many customers agree to each purpose and channel today?
// 问题: 每个用途与渠道目前有多少客户同意？
MATCH (c:Customer)<-[:RESOLVED_TO]-(:Account)-[:GAVE]->(s:Consent)
WITH c, s.purpose AS purpose, coalesce(s.channel, '') AS channel, s
ORDER BY s.at DESC, s.granted
WITH c, purpose, channel, head(collect(s.granted)) AS agrees
RETURN purpose, channel, sum(CASE WHEN agrees THEN 1 ELSE 0 END) AS agree,
       sum(CASE WHEN agrees THEN 0 ELSE 1 END) AS withdrew
ORDER BY purpose, channel
