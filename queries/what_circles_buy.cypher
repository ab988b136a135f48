// title: What circles buy
// 标题: 各圈子的购买偏好
// question: Which categories do the members of each circle buy, and how much more often than all customers?
// 问题: 各圈子成员购买哪些品类？相对全体客户高出多少？
// param circle: text "" — one circle; empty: all / 圈子编号；留空为全部
// param least_buyers: integer 3 — fewest buyers of a category in a circle / 圈内最少购买人数
// param top: integer 50 — how many rows / 显示的行数
MATCH (:Customer)-[:PURCHASED]->(:Product)-[:IN_CATEGORY]->(category:Category)
WITH DISTINCT category
CALL (category) {
  MATCH (c:Customer)-[:PURCHASED]->(:Product)-[:IN_CATEGORY]->(category)
  RETURN count(DISTINCT c) AS buyers_of_all
}
WITH category, buyers_of_all, COUNT { MATCH (c:Customer) WHERE c.rfm_order_count > 0 } AS buyers
MATCH (member:Customer)-[:PURCHASED]->(:Product)-[:IN_CATEGORY]->(category)
WHERE member.circle_id IS NOT NULL AND ($circle = '' OR member.circle_id = $circle)
WITH category, buyers_of_all, buyers, member.circle_id AS circle, count(DISTINCT member) AS members
WHERE members >= $least_buyers
CALL (circle) {
  MATCH (c:Customer) WHERE c.circle_id = circle AND c.rfm_order_count > 0
  RETURN count(c) AS circle_buyers
}
RETURN circle, coalesce(category.name, category.category_id) AS category, members,
       circle_buyers, buyers_of_all,
       round(1.0 * members * buyers / (circle_buyers * buyers_of_all), 2) AS times_as_often
ORDER BY circle, times_as_often DESC, category
LIMIT $top
