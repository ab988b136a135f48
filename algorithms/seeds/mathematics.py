"""The page of seeds: definition, assumptions, estimator, and what they must not be used for."""

from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Influence goes against replies: who answers has been reached. With $w_{uv}$ replies of "
        "$u$ to $v$, $v$ reaches $u$ with probability $p_{vu} = w_{uv} / \\sum_x w_{ux}$, the "
        "share of the replies of $u$ that went to $v$ (or one number for all). *Cascade*: whoever "
        "is reached tries each such arc once, independently. *Threshold*: $u$ is reached when "
        "$\\sum_{v \\in A} p_{vu} \\ge \\theta_u$ over the reached $A$, $\\theta_u$ even on "
        "$[0, 1]$. The reach $\\sigma(S)$ of seeds $S$ is the expected number of people reached, "
        "seeds included. Wanted is $\\max \\sigma(S)$ with costs $\\sum_{s \\in S} c_s \\le B$; "
        "the gain of seed $i$ is $\\sigma(s_1, \\dots, s_i) - \\sigma(s_1, \\dots, s_{i-1})$.",
        "影响与回复方向相反：回复者即被触达者。$u$ 对 $v$ 回复 $w_{uv}$ 次时，"
        "$v$ 触达 $u$ 的概率为 "
        "$p_{vu} = w_{uv} / \\sum_x w_{ux}$，即 $u$ 的回复中给 $v$ 的占比（或统一取一数）。"
        "*级联*：被触达者对每条弧独立尝试一次。*阈值*：已触达者 $A$ 满足 "
        "$\\sum_{v \\in A} p_{vu} \\ge \\theta_u$ 时 $u$ 被触达，$\\theta_u$ 在 $[0, 1]$ 上均匀。"
        "种子 $S$ 的触达 $\\sigma(S)$ 为期望触达人数（含种子）。目标为在 "
        "$\\sum_{s \\in S} c_s \\le B$ 下使 $\\sigma(S)$ 最大；第 $i$ 位种子的增量为 "
        "$\\sigma(s_1, \\dots, s_i) - \\sigma(s_1, \\dots, s_{i-1})$。",
    ),
    assumptions=Text(
        "A share of replies is taken for a probability: nobody has measured what a message of $v$ "
        "does to $u$. People answer others as they did in the window, independently of each "
        "other, and pass on what they take up. Accounts of one customer are one person.",
        "以回复占比代替概率：$v$ 的信息对 $u$ 的实际作用并未测量。假定人们像窗口期内那样相互独立地"
        "回复，并转述所接受的内容。同一客户的多个账户视为一人。",
    ),
    estimator=Text(
        "A reverse-reachable set holds whoever reaches a person drawn at random in one draw of "
        "the arcs; $S$ meets a share $\\sigma(S) / n$ of them. On `sets` of them a lazy greedy "
        "choice covers the most, by sets a unit of cost and by sets alone, the better of both; "
        "reach and gains come from as many *other* sets, with Wilson intervals. On the same "
        "sets stand the most answered people, the top by attention and a random list for the same "
        "money; where the most answered reach more they are proposed. The gain over them counts "
        "the sets that one list alone meets. The certain share of the best is the bound of "
        "OPIM-C. Sets that would hold more than 60 million people are refused. A "
        "product with Bass's $p$ and $q$ is played with the seeds as first owners: each period "
        "who has none adopts with probability $p + q \\sum_{v \\in A} w_{uv} / \\sum_x w_{ux}$.",
        "逆向可达集由一次随机弧抽样下能触达某随机个体的所有人组成；"
        "$S$ 命中的比例为 $\\sigma(S)/n$。"
        "在 `sets` 个集合上以惰性贪心选取覆盖最多者（按单位成本与按集合数各一次，取优）；触达与增量"
        "由同样多的*另一批*集合估计，并给出 Wilson 区间。在同一批集合上并列同等花费的被回复最多者、"
        "注意力最高者与随机名单；若被回复最多者触达更多则采用之。与其差值只计仅被一方命中的集合。"
        "相对最优的保证份额取 OPIM-C 界。若集合总人数将超过六千万则拒绝。"
        "可按 Bass 的 $p$、$q$ 模拟商品：种子首先拥有，其余人每周期以概率 "
        "$p + q \\sum_{v \\in A} w_{uv} / \\sum_x w_{ux}$ 采用。",
    ),
    unfit=Text(
        "Reach is of a model: it ranks plans and foretells no campaign. That seeding raised reach "
        "needs a randomised group to compare with. It says nothing of persuasion or sales, and "
        "the proposed are not the people who will draw most replies: see influence for them.",
        "触达为模型量：可用于比较方案，不能预测活动效果。要说明种子投放确有提升，须有随机对照组。"
        "不代表说服或销售，也不等同于将获得最多回复的人（见 influence）。",
    ),
)
