// title: Whom people answer
// 标题: 意见领袖
// question: Whose posts do most people answer, how far does that reach in two steps, and do they buy from us?
// 问题: 谁的帖子得到最多人回复？两步之内能触及多少人？他们是我们的客户吗？
// param top: integer 20 — how many people / 显示的人数
MATCH (leader:Customer)<-[r:REPLIED_TO]-(follower:Customer)
WITH leader, count(follower) AS followers, sum(r.n) AS replies
ORDER BY followers DESC, replies DESC, leader.customer_id
LIMIT $top
CALL (leader) {
  MATCH (leader)<-[:REPLIED_TO*1..2]-(other:Customer)
  WHERE other <> leader
  RETURN count(DISTINCT other) AS reach
}
RETURN leader.customer_id AS customer,
       head(COLLECT { MATCH (leader)<-[:RESOLVED_TO]-(a:Account) WHERE a.handle IS NOT NULL RETURN a.handle ORDER BY a.account_id LIMIT 1 }) AS handle,
       followers, replies, reach, coalesce(leader.rfm_spend, 0.0) AS spend
ORDER BY followers DESC, replies DESC, customer
