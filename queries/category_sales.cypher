// title: Sales by category tree
// 标题: 品类销售
// question: What does each category sell with everything below it, and to how many customers?
// 问题: 每个品类（含下级）卖了多少？有多少客户购买？
// param top: integer 50 — how many categories / 显示的品类数
MATCH (top:Category)
WHERE NOT EXISTS { (top)-[:PART_OF]->(:Category) }
CALL (top) {
  MATCH (top)<-[:PART_OF*0..]-(:Category)<-[:IN_CATEGORY]-(p:Product)
  WITH DISTINCT p
  MATCH (p)<-[bought:PURCHASED]-(c:Customer)
  RETURN count(DISTINCT p) AS products, count(DISTINCT c) AS customers, sum(bought.spend) AS spend
}
RETURN coalesce(top.name, top.category_id) AS category, products, customers, round(spend, 2) AS spend
ORDER BY spend DESC, category
LIMIT $top
