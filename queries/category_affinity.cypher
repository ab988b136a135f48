// title: Categories bought together
// 标题: 品类之间的关联
// question: Which categories attract each other, and which rules are weak?
// 问题: 哪些品类互相带动？哪些规则较弱？
// param top: integer 30 — how many pairs / 显示的组合数
MATCH (a:Category)-[r:ALSO_BOUGHT]->(b:Category)
RETURN coalesce(a.name, a.category_id) AS bought, coalesce(b.name, b.category_id) AS also_bought,
       r.n AS baskets, r.confidence AS confidence, r.lift AS lift, r.q_value AS q_value,
       coalesce(r.weak, false) AS is_weak
ORDER BY lift DESC, baskets DESC, bought, also_bought
LIMIT $top
