"""What is said about esteem in words: its page, its caveats, and what a person is esteemed for."""

from collections.abc import Iterator, Mapping
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text


def notes_on(*, likes: bool, accepted: bool, stated: int) -> Iterator[Text]:
    """Say which of the three the data do not have.

    Parameters
    ----------
    likes, accepted
        Whether any post states its likes, and whether any answer was accepted.
    stated
        Customers who stated a satisfaction.
    """
    if not likes:
        yield Text("No post states its likes.", "没有帖子给出点赞数。")
    if not accepted:
        yield Text(
            "No answer is marked as accepted; esteem.accepted names the kinds that are.",
            "没有被采纳的回答；可用 esteem.accepted 指定其类型。",
        )
    if not stated:
        yield Text("No ticket states a satisfaction.", "没有工单给出满意度。")


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what likes and accepted answers a person has, beside everybody's mean."""
    en, zh = [], []
    if (likes := customer.get("esteem_likes")) is not None:
        mean = float(str(metrics.get("mean_likes_per_post", 0)))
        per = float(str(customer["esteem_likes_per_post"]))
        en.append(f"{likes} likes, {per:.2f} a post (everybody {mean:.2f})")
        zh.append(f"获赞 {likes} 次，篇均 {per:.2f}（总体 {mean:.2f}）")
    if accepted := customer.get("esteem_accepted_answers"):
        en.append(f"{accepted} accepted answers")
        zh.append(f"被采纳回答 {accepted} 次")
    if (satisfied := customer.get("esteem_satisfaction")) is not None:
        en.append(f"satisfied with service at {float(str(satisfied)):.0f} of 100")
        zh.append(f"服务满意度 {float(str(satisfied)):.0f}（满分 100）")
    return Text("; ".join(en) + ".", "；".join(zh) + "。")


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "With $l_i$ likes on $n_i$ posts whose likes are stated, and $m = \\sum l / \\sum n$, "
        "likes a post are $(l_i + m) / (n_i + 1)$. Accepted answers are counted by the kind of "
        "the post. Satisfaction is the mean of the person's own tickets, 0 to 100.",
        "$n_i$ 篇给出点赞数的帖子共获赞 $l_i$ 次，$m = \\sum l / \\sum n$，篇均获赞为 "
        "$(l_i + m) / (n_i + 1)$。被采纳回答按帖子类型计数。满意度为本人工单的均值（0–100）。",
    ),
    assumptions=Text(
        "A like is approval, and numbers of likes are those of the export: sources do not say "
        "when or by whom they were given.",
        "点赞表示认可；点赞数以导出时为准，来源不说明何时由何人点赞。",
    ),
    estimator=Text(
        "Exact sums; one post with everybody's mean is added, so that a single lucky post does "
        "not lead the list. Posts that state no likes are left out, not counted as none.",
        "精确求和；另加一篇均值帖，以免单篇走运者居首。未给出点赞数的帖子不计入，不视为零。",
    ),
    unfit=Text(
        "To grade the past: likes are undated. Satisfaction is what a person thinks of the "
        "company, not what others think of the person.",
        "不能用于回溯评估：点赞无日期。满意度是本人对公司的评价，而非他人对其评价。",
    ),
)
