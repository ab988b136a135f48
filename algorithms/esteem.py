"""How people are thought of, where the data say so: likes, accepted answers, satisfaction.

Kept apart from attention: many are answered because they are contradicted, and some are
esteemed whom hardly anybody answers.
"""

from collections.abc import Mapping
from typing import Annotated, Final

import numpy as np
import pandas as pd
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, NothingToSayError, Result, owned
from algorithms.esteem_words import MATHEMATICS, explain, notes_on
from algorithms.measures import Floats
from algorithms.parameters import DatedParameters
from algorithms.reply_arcs import People, people_of
from graph.language import Text


class NoEsteemError(NothingToSayError):
    """Nothing that the company loaded tells how people are thought of."""

    text = Text(
        "esteem: no post of the {days} days up to {as_of} has likes or was accepted, and no "
        "ticket states a satisfaction.",
        "esteem：截至 {as_of} 的 {days} 天内没有点赞、被采纳的回答或满意度记录。",
    )


class EsteemParameters(DatedParameters):
    """Which posts, and which of them are accepted answers."""

    window_days: Annotated[int, Text("Days before as_of", "统计时点前的天数")] = Field(
        365, ge=1, le=36_500
    )
    accepted: Annotated[
        str,
        Text(
            "Kinds of posts that are accepted answers, parted by commas",
            "视为被采纳回答的帖子类型，以逗号分隔",
        ),
    ] = "accepted_answer,accepted,best_answer,最佳答案,被采纳"


# a like of one's own cannot be told: sources state a number of likes, not who gave them
POSTS: Final = """
SELECT
    p.customer_id, COALESCE(p.kind, '') AS kind, COUNT(*) AS n,
    COUNT(p.n_likes) AS n_stated, CAST(SUM(COALESCE(p.n_likes, 0)) AS BIGINT) AS likes
FROM posts p
CROSS JOIN parameters q
WHERE p.customer_id IS NOT NULL
    AND p.posted_at > q.as_of - q.window_days * INTERVAL '24' HOUR
GROUP BY p.customer_id, COALESCE(p.kind, '')
ORDER BY p.customer_id, kind
"""
SATISFIED: Final = """
SELECT t.customer_id, COUNT(*) AS n, AVG(CAST(t.satisfaction AS DOUBLE)) AS satisfaction
FROM tickets t
CROSS JOIN parameters q
WHERE t.customer_id IS NOT NULL AND t.satisfaction IS NOT NULL
    AND t.opened_at > q.as_of - q.window_days * INTERVAL '24' HOUR
GROUP BY t.customer_id
ORDER BY t.customer_id
"""


def compute(inputs: Inputs, params: EsteemParameters) -> Result:
    """Add up likes and accepted answers of each author, and what customers said of service.

    Parameters
    ----------
    inputs
        ``posts``: by author and kind, the posts (``n``), those whose likes are stated, and the
        likes; ``satisfied``: mean satisfaction (0 to 100) and number of tickets by customer.
    params
        Window, and kinds of accepted answers.

    Returns
    -------
    ``Customer``, ordered by id: whoever has likes stated, an accepted answer or a satisfaction.
    ``esteem_likes_per_post`` lies between the person's own mean and that of everybody, as if
    one more post with the mean of everybody had been written: one lucky post is no esteem.

    Raises
    ------
    NoEsteemError
        If nothing of all that is stated.
    """
    posts, satisfied = inputs["posts"], inputs["satisfied"]
    posts = posts.assign(accepted=posts["kind"].isin(_parted(params.accepted)) * posts["n"])
    told = posts[(posts["n_stated"] > 0) | (posts["accepted"] > 0)]
    people = people_of(told["customer_id"], satisfied["customer_id"])
    if not people.n:
        raise NoEsteemError(days=params.window_days, as_of=params.as_of.isoformat())
    sums = _sums(told, people)
    mean = float(sums["likes"].sum() / max(sums["n_stated"].sum(), 1))
    frame = _frame(sums, people, mean=mean)
    who = people.numbers(satisfied["customer_id"])
    frame.loc[who, "esteem_satisfaction"] = satisfied["satisfaction"].to_numpy(np.float64)
    metrics = {
        "n": people.n,
        "mean_likes_per_post": mean,
        "n_accepted": int(sums["accepted"].sum()),
        "n_satisfaction": len(satisfied),
    }
    is_liked, is_accepted = sums["n_stated"].any(), sums["accepted"].any()
    notes = notes_on(likes=bool(is_liked), accepted=bool(is_accepted), stated=len(satisfied))
    return Result({"Customer": frame}, metrics, tuple(notes))


def _sums(told: pd.DataFrame, people: People) -> dict[str, Floats]:
    author = people.numbers(told["customer_id"])
    return {
        column: np.bincount(author, told[column].to_numpy(np.float64), people.n).astype(np.float64)
        for column in ("n_stated", "likes", "accepted")
    }


def _frame(sums: Mapping[str, Floats], people: People, *, mean: float) -> pd.DataFrame:
    """Return one row a person; likes are absent where no post of theirs states any."""
    liked = pd.Series(sums["n_stated"] > 0)
    per_post = pd.Series((sums["likes"] + mean) / (sums["n_stated"] + 1)).where(liked)
    columns = {
        "customer_id": people.names,
        "esteem_likes": pd.Series(sums["likes"].astype(np.int64), dtype="Int64").where(liked),
        "esteem_likes_per_post": per_post,
        # equals share a place
        "esteem_rank": per_post.rank(ascending=False, method="min").astype("Int64"),
        "esteem_accepted_answers": sums["accepted"].astype(np.int64),
        "esteem_satisfaction": np.nan,
    }
    return pd.DataFrame(columns)


def _parted(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


ALGORITHM = Algorithm(
    name="esteem",
    version="1",
    about=Text(
        "Says how people are thought of: likes, accepted answers, satisfaction; apart from "
        "attention.",
        "说明他人对其评价：点赞、被采纳的回答与满意度，与关注度分开。",
    ),
    stage="model",
    source="Definition: sums and shrunken means; Efron, B. and Morris, C. (1975) on shrinkage.",
    reads={
        "posts": ("customer_id", "posted_at", "kind", "n_likes"),
        "tickets": ("customer_id", "opened_at", "satisfaction"),
    },
    parameters=EsteemParameters,
    compute=compute,
    reduce={"posts": POSTS, "satisfied": SATISFIED},
    properties={
        "Customer": (
            owned(
                "esteem_likes",
                "integer",
                about=Text("Likes of their posts in the window", "窗口内帖子获赞数"),
                minimum=0,
            ),
            owned(
                "esteem_likes_per_post",
                "number",
                about=Text("Likes a post, drawn towards the mean", "篇均获赞，向总体均值收缩"),
                minimum=0,
            ),
            owned(
                "esteem_rank",
                "integer",
                about=Text("Place by likes a post; equals share one", "篇均获赞名次，相同者并列"),
                minimum=1,
            ),
            owned(
                "esteem_accepted_answers",
                "integer",
                about=Text("Answers that were accepted", "被采纳的回答数"),
                minimum=0,
            ),
            owned(
                "esteem_satisfaction",
                "number",
                about=Text(
                    "How satisfied they were themselves, mean of their tickets",
                    "其工单的平均满意度",
                ),
                minimum=0,
                maximum=100,
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
)
