// title: Longest conversations
// 标题: 最长的讨论
// question: Which posts start the longest chains of answers, and how many people take part?
// 问题: 哪些帖子引出了最长的回复链？有多少人参与？
// param topic: text "" — topic of the first post; empty: all / 首帖话题；留空为全部
// param top: integer 20 — how many posts / 显示的帖子数
MATCH (root:Post)
WHERE ($topic = '' OR root.topic = $topic)
  AND EXISTS { (root)<-[:REPLIES_TO]-(:Post) }
  AND NOT EXISTS { (root)-[:REPLIES_TO]->(:Post) }
MATCH chain = (root) (()<-[:REPLIES_TO]-(:Post)){1,50} (answer:Post)
OPTIONAL MATCH (answer)<-[:WROTE]-(author:Account)
RETURN root.post_id AS post, root.topic AS topic, root.posted_at AS posted,
       max(length(chain)) AS steps, count(DISTINCT answer) AS answers, count(DISTINCT author) AS people
ORDER BY steps DESC, answers DESC, post
LIMIT $top
