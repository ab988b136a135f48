// title: How fresh the scores are
// 标题: 评分的新鲜度
// question: When was each score last computed, on facts up to when, and in what time?
// 问题: 各项评分最近何时计算？数据截至何时？用时多久？
MATCH (run:AlgorithmRun {is_current: true})
RETURN run.algorithm AS algorithm, run.version AS version, run.as_of AS facts_until,
       run.started_at AS computed_at, round(run.seconds, 1) AS seconds, run.run_id AS run
ORDER BY algorithm
