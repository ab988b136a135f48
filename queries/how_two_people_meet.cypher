// title: How two people meet
// 标题: 两个人之间的联系
// question: Over whom are two people of the community connected?
// 问题: 社区里的两个人通过谁联系在一起？
// param one: text "" — a customer's id; empty: whom most people answer / 客户编号；留空则取被回复最多的人
// param other: text "" — another's id; empty: who answers the most people / 另一客户编号；留空则取回复他人最多的人
MATCH (a:Customer)
WHERE ($one = '' OR a.customer_id = $one) AND EXISTS { (a)<-[:REPLIED_TO]-() }
WITH a
ORDER BY COUNT { (a)<-[:REPLIED_TO]-() } DESC, a.customer_id
LIMIT 1
MATCH (b:Customer)
WHERE ($other = '' OR b.customer_id = $other) AND b <> a AND EXISTS { (b)-[:REPLIED_TO]->() }
WITH a, b
ORDER BY COUNT { (b)-[:REPLIED_TO]->() } DESC, b.customer_id
LIMIT 1
MATCH path = shortestPath((a)-[:REPLIED_TO*..8]-(b))
RETURN [person IN nodes(path) | person.customer_id] AS people, length(path) AS steps
