"""The mathematics of attention, for its page."""

from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

MATHEMATICS: Final = Mathematics(
    definition=Text(
        "For person $v$ with repliers $R(v)$ in the window, the last reply of $u$ being "
        "$a_{uv}$ days old, the untrusted score is $A(v) = \\sum_{u \\in R(v)} 2^{-a_{uv}/h}$ "
        "and the score $D(v) = \\sum_{u \\in R(v)} w_u\\, 2^{-a_{uv}/h}$ with the half-life "
        "$h$. The weight is $w_u \\propto \\min(2, \\ln(1 + r_u / \\tilde r))$, scaled to a mean "
        "of 1 over the established accounts $E$; $r$ is the PageRank (damping 0.85) on arcs "
        "that weigh their replies, with teleport to $E$ alone, and $\\tilde r$ its median over "
        "$E$. Established is who is known for a quarter of the window and had two different "
        "repliers before its last sixth. In the form with a floor $w_u$ is 1 at most, and at "
        "least 3/4, or the floor for whoever is known for less than a quarter of the window.",
        "对窗口内回复者集合为 $R(v)$ 的 $v$，$u$ 最近一次回复距今 $a_{uv}$ 天，未加信任的得分为 "
        "$A(v) = \\sum_{u \\in R(v)} 2^{-a_{uv}/h}$，得分为 "
        "$D(v) = \\sum_{u \\in R(v)} w_u\\, 2^{-a_{uv}/h}$，$h$ 为半衰期。权重 "
        "$w_u \\propto \\min(2, \\ln(1 + r_u / \\tilde r))$，在老账户集合 $E$ 上均值为 1；$r$ 为"
        "仅向 $E$ 跳转的 PageRank（阻尼 0.85，弧按回复数加权），$\\tilde r$ 为其在 $E$ 上的中位数。"
        "老账户指已知时间不少于窗口四分之一、且在窗口最后六分之一之前已有两位不同回复者的账户。"
        "带下限形式中 $w_u$ 至多为 1、至少为 3/4；已知时间不足窗口四分之一者至少为下限。",
    ),
    assumptions=Text(
        "Who was answered by many different people lately will be answered again. Whoever "
        "established people answer is a person; accounts made for the purpose are not answered "
        "by them.",
        "近期被许多不同的人回复者今后仍会被回复。被老账户回复的账户是真人；虚假账户得不到其回复。",
    ),
    estimator=Text(
        "Exact sums, one term a replier. The strict form ($w_u = 0$ without trust) holds where "
        "at least half of the people known for a sixth of the window are established, else the "
        "floor; the run says which. Where no half-life is given, six are compared, from a quarter "
        "of the usual (60 days, or a quarter of a shorter window) to ten windows, by the NDCG@50 "
        "of $A$ at up to six earlier cuts in the later half of the window, each judged by the "
        "`grade_days` after it; replies of people known for less than a sixth of the window are "
        "left out. A shorter one than the usual has to do better by 0.005 and by one standard "
        "error of the paired differences, a longer one on the mean; and what is chosen by one "
        "standard error than ten windows, which hardly fade. With fewer than three cuts the usual "
        "holds. The choice, its grade and the others' are metrics of the run. The rank without "
        "the five most active repliers compares what is left of the score with the unchanged "
        "scores of the others. Betweenness is "
        "unnormalised, directed and exact up to $2 \\cdot 10^9$ people times arcs, else from "
        "256 to 1,024 drawn people; reach counts the people within two steps along influence, each "
        "passing on with the share of their replies that went there. Beside the score stand "
        "PageRank, hubs and authorities, core number and volume; none of them foretells "
        "attention better. Who is rising is judged by three horizons: outside the hundred (a "
        "tenth at most) most answered before the cut, inside them after it. On `email_eu_core`, "
        "mail of one institute in which the same people are written to all year, the number of "
        "repliers calls them better than the score (average precision 0.36 against 0.31).",
        "精确求和，每位回复者一项。已知时间不少于窗口六分之一的人中老账户至少占一半时取严格形式"
        "（无信任者 $w_u = 0$），否则取带下限形式，运行会注明。未给定半衰期时比较六个值，从通常值"
        "（60 天，窗口较短时为其四分之一）的四分之一到窗口的十倍：在窗口后半段至多六个更早的截断点"
        "上，按 $A$ 排名并以其后 `grade_days` 天的 NDCG@50 评分，已知时间不足窗口六分之一者的回复"
        "不计。"
        "短于通常值者须高出 0.005 且高出配对差值的一个标准误，长于通常值者须均值更高；所选值还须比"
        "几乎不衰减的十倍窗口高出一个标准误。截断点不足三个时采用通常值。所选值、其得分及其余得分均"
        "记入运行指标。去掉五位最活跃回复者的名次，是以剩余"
        "得分与他人不变的得分比较。中介度为未归一化有向值，人数乘弧数不超过 "
        "$2 \\cdot 10^9$ 时精确，否则由 256 至 1,024 个抽样起点估计；触达为沿影响方向两步内的人数，"
        "每人按其回复中指向该人的比例传递。"
        "另列 PageRank、枢纽与权威值、核数和回复量，均不比得分更能预测关注。新星以三个检验期评判："
        "截断点前不在被回复人数最多的一百人（至多十分之一）之内，其后进入者。`email_eu_core` 为一所"
        "机构全年收信人大体不变的邮件，按回复人数判断新星优于得分（平均精度 0.36 对 0.31）。",
    ),
    unfit=Text(
        "To say who is right, liked, or sells: attention is none of these, and who asks much is "
        "answered much. To choose seeds: who reaches most is another question. Bought accounts "
        "that once earned trust still count.",
        "不能说明谁正确、谁受喜爱或谁带来销售；提问多者也会得到许多回复。不用于选择种子用户："
        "触达是另一个问题。曾获得信任的被购买账户仍会计分。",
    ),
)
