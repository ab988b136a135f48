"""What is said of attention: caveats and reasons, in both languages, from the figures alone."""

import numpy as np
import pandas as pd
import pytest

from algorithms.influence.attention import Attention
from algorithms.influence.fading import HalfLife
from algorithms.influence.lists import LastList
from algorithms.influence.settings import InfluenceParameters
from algorithms.influence.standing import BOOSTED, FEW
from algorithms.influence.words import BANDS, FLAGS, Facts, explain, notes_on
from algorithms.rankings import ListGrade
from graph.language import Text, speaking
from tests.pure import utc

CUSTOMER: dict[str, object] = {
    "influence_rank": 3,
    "influence_previous_rank": None,
    "influence_repliers": 21,
    "influence_recent_repliers": 8,
    "influence_recent_established": 5,
    "influence_earlier_repliers": 6,
    "influence_rank_without_top": 9,
    "influence_topic": None,
    "influence_flags": None,
}
METRICS: dict[str, object] = {"recent_days": 30, "n": 120}


def facts(
    *, n: int = 200, share: float = 0.625, is_strict: bool = True, pivots: int | None = None
) -> Facts:
    return Facts(
        n=n,
        n_people=2 * n,
        share=share,
        is_strict=is_strict,
        half_life=HalfLife(60.0, 60.0, "given"),
        leaders=2,
        recent_days=90,
        pivots=pivots,
    )


def attention_of(*scores: float, established: bool = True) -> Attention:
    score = np.array(scores)
    n = len(score)
    return Attention(
        score=score,
        untrusted=score,
        parts=np.zeros(0),
        trust=np.ones(n),
        established=np.full(n, established),
        share=1.0,
        is_strict=True,
    )


def said(given: Facts, found: Attention, last: LastList | None = None) -> list[Text]:
    return [*notes_on(given, found, last)]


LAST = LastList(
    as_of=pd.Timestamp("2026-01-31", tz="UTC"),
    days=28.6,
    n=40,
    grade=ListGrade(0.6666, 0.45, 0.305),
    baseline=ListGrade(0.61, 0.4, 0.25),
)


def test_of_a_large_forum_only_the_form_is_said() -> None:
    assert said(facts(), attention_of(3.0, 2.0, 1.0)) == [
        Text(
            "62% of the people who are not new are established, so the strict form holds: who "
            "has no trust adds nothing.",
            "非新用户中 62% 为老账户，采用严格形式：无信任者的回复不计分。",
        )
    ]


def test_the_form_with_a_floor_warns_of_made_up_accounts() -> None:
    (note,) = said(facts(share=0.1, is_strict=False), attention_of(3.0, 2.0, 1.0))

    assert note.en.startswith("10% of the people")
    assert note.en.endswith("made-up accounts can raise a rank.")
    assert note.zh.endswith("虚假账户可抬高名次。")


@pytest.mark.parametrize(("n", "expected"), [(49, True), (50, False)])
def test_fewer_than_fifty_people_are_few(n: int, expected: bool) -> None:
    notes = said(facts(n=n), attention_of(3.0, 2.0, 1.0))

    assert any(note.en.startswith(f"Only {n} people") for note in notes) == expected
    assert any(note.zh.startswith(f"仅有 {n} 人") for note in notes) == expected


def test_without_anybody_established_made_up_accounts_cannot_be_told() -> None:
    notes = said(facts(), attention_of(3.0, 2.0, 1.0, established=False))

    assert notes[1].en.startswith("No account is established yet")
    assert notes[1].zh == "尚无老账户，所有回复者权重相同，无法区分虚假账户。"


def test_an_estimate_says_from_how_many_people_it_is() -> None:
    notes = said(facts(pivots=1_024), attention_of(3.0, 2.0, 1.0))

    assert "estimated from 1,024 people" in notes[1].en
    assert "1,024 个起点" in notes[1].zh


@pytest.mark.parametrize(
    ("scores", "n"),
    [
        ((3.0, 2.0, 2.0), 2),
        ((2.0, 2.0, 2.0, 1.0), 3),
        ((3.0, 0.1 + 0.2, 0.3), 2),
        ((3.0, 2.0, 1.0), None),
        ((2.0, 2.0, 1.0), None),
        ((3.0, 2.0), None),
        ((3.0, 0.0, 0.0), None),
    ],
    ids=[
        "second and third",
        "all on the list and one below",
        "but for the last digits",
        "nobody",
        "both on the list",
        "nobody below",
        "without a score",
    ],
)
def test_ties_are_told_only_across_the_end_of_the_list(
    scores: tuple[float, ...], n: int | None
) -> None:
    notes = said(facts(), attention_of(*scores))[1:]

    assert [note.en.split(" people")[0] for note in notes] == ([str(n)] if n else [])
    assert [note.zh.startswith(f"榜单末位有 {n} 人得分相同") for note in notes] == [True] * len(
        notes
    )


def test_a_graded_list_comes_with_the_baseline_behind_each_figure() -> None:
    *_, note = said(facts(), attention_of(3.0, 2.0, 1.0), LAST)

    assert note.en == (
        "The list of 2026-01-31, judged by the 29 days since: NDCG@50 0.667 (by number of "
        "repliers 0.610), precision@20 0.45 (0.40), share@50 0.30 (0.25)."
    )
    assert note.zh == (
        "2026-01-31 的榜单按其后 29 天检验：NDCG@50 0.667（按回复人数 0.610），"
        "前 20 准确率 0.45（0.40），前 50 占比 0.30（0.25）。"
    )


def test_metrics_state_a_floor_only_where_it_holds() -> None:
    params = InfluenceParameters.model_validate(
        {"as_of": utc("2026-03-02"), "floor": 0.3, "topic": "lens"}
    )

    strict = facts(is_strict=True).as_metrics(params)
    floor = facts(is_strict=False).as_metrics(params)

    assert (strict["form"], strict["floor"]) == ("strict", None)
    assert (floor["form"], floor["floor"]) == ("floor", 0.3)
    assert (floor["topic"], floor["window_days"], floor["n_people"]) == ("lens", 365, 400)


def test_a_reason_is_made_of_rank_repliers_and_what_is_left() -> None:
    reason = explain(CUSTOMER, METRICS)

    assert reason.en == (
        "Rank 3 of 120. 8 different people replied in 30 days, 5 established; 6 in the 30 days "
        "before, 21 in the whole window. Without the five most active repliers: rank 9."
    )
    assert reason.zh == (
        "第 3 名（共 120 人）。30 天内有 8 人回复，其中老账户 5 人；再前 30 天 6 人，"
        "整个窗口 21 人。去掉最活跃的五位回复者：第 9 名。"
    )


def test_a_former_rank_and_a_topic_are_told_where_there_are() -> None:
    reason = explain(
        {**CUSTOMER, "influence_previous_rank": 7, "influence_topic": "镜头 🎥"}, METRICS
    )

    assert reason.en.startswith("Rank 3 of 120 (was 7). ")
    assert "21 in the whole window; mainly '镜头 🎥'." in reason.en
    assert reason.zh.startswith("第 3 名（共 120 人，上期第 7 名）。")
    assert "整个窗口 21 人；主要话题“镜头 🎥”。" in reason.zh


@pytest.mark.parametrize(
    ("flags", "en", "zh"),
    [
        (
            [FEW],
            " Flag: more than half of the score rests on five people.",
            "提示：过半得分来自五人。",
        ),
        (
            [BOOSTED, FEW],
            " Flag: boosted by new accounts; more than half of the score rests on five people.",
            "提示：疑似被新账户抬高；过半得分来自五人。",
        ),
    ],
)
def test_flags_stand_at_the_end_in_words(flags: list[str], en: str, zh: str) -> None:
    plain, flagged = (explain({**CUSTOMER, "influence_flags": f}, METRICS) for f in (None, flags))

    assert flagged.en == plain.en + en
    assert flagged.zh == plain.zh + zh


def test_no_flags_and_an_empty_list_of_flags_are_the_same() -> None:
    assert explain({**CUSTOMER, "influence_flags": []}, METRICS) == explain(CUSTOMER, METRICS)


def test_a_run_that_told_nothing_of_itself_leaves_a_question_mark() -> None:
    reason = explain(CUSTOMER, {})

    assert reason.en.startswith("Rank 3 of ?. 8 different people replied in ? days")
    assert reason.zh.startswith("第 3 名（共 ? 人）。? 天内")


@pytest.mark.parametrize("words", [BANDS, FLAGS], ids=["bands", "flags"])
def test_no_two_bands_or_flags_are_called_the_same(words: dict[str, Text]) -> None:
    for language in (0, 1):
        assert len({text[language] for text in words.values()}) == len(words)


def test_a_reason_speaks_the_language_of_who_asks() -> None:
    reason = explain(CUSTOMER, METRICS)

    with speaking("zh"):
        assert str(reason).startswith("第 3 名")
    with speaking("en"):
        assert str(reason).startswith("Rank 3")
