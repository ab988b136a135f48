"""What is said about the network of replies in words: its page, its caveats, a person's place."""

from collections.abc import Mapping
from typing import Final

from algorithms.contract import Mathematics
from algorithms.replies import EXCLUDED
from graph.language import Text

# below this the figures of a network are those of a handful of people
FEW_PEOPLE: Final = 20


def notes_on(*, n: int, counted: int, excluded: Mapping[str, int]) -> list[Text]:
    """Return what a reader has to know: few people, and which replies did not count.

    Parameters
    ----------
    n
        People who answer or are answered.
    counted, excluded
        Replies that count, and those that do not by the code of the reason.
    """
    notes = []
    if n < FEW_PEOPLE:
        en = f"Only {n} people answer each other: the figures of the network mean little."
        notes.append(Text(en, f"仅有 {n} 人互相回复，网络指标意义有限。"))
    left_out = sum(excluded.values())
    if left_out:
        parts = [(EXCLUDED[reason], of) for reason, of in sorted(excluded.items())]
        en = "; ".join(f"{reason.en} {of:,}" for reason, of in parts)
        zh = "；".join(f"{reason.zh} {of:,}" for reason, of in parts)
        notes.append(
            Text(
                f"{left_out:,} of {left_out + counted:,} replies do not count: {en}.",
                f"共 {left_out + counted:,} 条回复，其中 {left_out:,} 条不计入：{zh}。",
            )
        )
    return notes


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what a person wrote and answered, and why nothing of theirs counts if so."""
    held = {name: customer.get(f"reply_network_{name}") for name in PARTS}
    reason = customer.get("reply_network_excluded")
    if reason is not None:
        about = EXCLUDED[str(reason)]
        return Text(
            f"Wrote {held['posts']} posts; not in the network of replies: {about.en}.",
            f"发帖 {held['posts']} 篇；未计入回复网络：{about.zh}。",
        )
    return Text(
        f"Wrote {held['posts']} posts, answered {held['answered']} people "
        f"{held['replies_given']} times and was answered {held['replies_received']} times by "
        f"{held['repliers']} people.",
        f"发帖 {held['posts']} 篇，回复 {held['answered']} 人共 {held['replies_given']} 次，"
        f"被 {held['repliers']} 人回复 {held['replies_received']} 次。",
    )


PARTS: Final = ("posts", "answered", "replies_given", "replies_received", "repliers")

MATHEMATICS: Final = Mathematics(
    definition=Text(
        "An arc $u \\to v$ stands for the replies of person $u$ to person $v \\ne u$ in the "
        "window; its weight $w_{uv}$ is their number. With $n$ people and $m$ arcs the density "
        "is $m / (n(n-1))$, the reciprocity the share of arcs whose reverse exists, the "
        "clustering of a person the share of pairs of neighbours who are neighbours "
        "themselves, whichever way arcs point, and the transitivity three times the triangles "
        "over the paths of two steps. The active core are the people with more than "
        "`min_posts` posts; its network holds the arcs between them.",
        "弧 $u \\to v$ 表示窗口内 $u$ 对 $v \\ne u$ 的回复，权重 $w_{uv}$ 为次数。$n$ 人、"
        "$m$ 条弧时密度为 $m / (n(n-1))$；互惠率为反向弧也存在的弧的比例；"
        "个人聚类系数为其邻居对中互为邻居的比例（不计方向）；传递性为三倍三角形数除以"
        "两步路径数。活跃核心为发帖数大于 `min_posts` 的人，其网络只含核心成员之间的弧。",
    ),
    assumptions=Text(
        "A reply is attention by its writer for whom it answers. Accounts of one customer are "
        "one person. A post that answers a missing post counts for the account that it names, "
        "or not at all.",
        "回复表示作者对被回复者的关注。同一客户的各账户视为一人。所回复帖子缺失时按所指账户计，"
        "否则不计入。",
    ),
    estimator=Text(
        "Exact counts. Replies to oneself, of brands, moderators, accounts that are gone and "
        "suspected resellers, rows without a known parent and rows older than their parent are "
        "left out and counted by reason; the first reason that applies stands. Kinds and topics "
        "are layers: the twenty largest of each are summed up apart.",
        "精确计数。自我回复，涉及官方、已注销或疑似黄牛账户的回复，父帖未知或早于父帖的回复均不计入，"
        "并按原因统计（取首个适用的原因）。类型与话题为不同的层，各取最大的二十层分别汇总。",
    ),
    unfit=Text(
        "To compare the densities of communities of different sizes: density falls with $n$ "
        "where people answer a bounded number of others. Nor is a reply agreement.",
        "不宜比较不同规模社区的密度：每人回复的人数有限时密度随 $n$ 下降。回复也不代表赞同。",
    ),
)
