"""Words of texts in several scripts, and what may never become one."""

import pandas as pd
import pytest

from algorithms.circles.wording import FEWEST_PEOPLE, words_of
from tests.circle_forum import circles, clique, forum
from tests.pure import Rows, rows_of, utc


def said(*texts: str) -> pd.DataFrame:
    """Return texts, each of somebody else."""
    names = [f"p{i:02}" for i in range(len(texts))]
    frame = pd.DataFrame({"customer_id": names, "text": texts})
    return frame.astype({"customer_id": "category"})


def people_by_word(*texts: str, handles: tuple[str, ...] = ()) -> dict[str, int]:
    held = words_of(said(*texts), handles)
    return {str(word): int(n) for word, n in held["word"].value_counts().items()}


def test_words_between_spaces_are_counted_by_people() -> None:
    texts = ("My new lens, my LENS!", "a lens", "this Lens")

    assert people_by_word(*texts) == {"lens": 3}


@pytest.mark.parametrize("word", ["объектив", "عدسة", "objectif", "l'optique", "café"])
def test_every_script_that_parts_words_has_some(word: str) -> None:
    assert people_by_word(f"1 {word}.", f"({word})", f"2 {word}!") == {word: 3}


def test_chinese_words_are_found_without_spaces() -> None:
    texts = ("单反相机真好", "我的单反相机", "买了单反相机。", "这镜头好", "换镜头吧", "新镜头")

    # the pieces 单反, 反相机 and the like stand nowhere alone
    assert people_by_word(*texts) == {"单反相机": 3, "镜头": 3}


def test_a_piece_that_also_stands_alone_is_a_word() -> None:
    texts = ("单反相机", "单反相机", "单反相机", "旧相机", "相机包", "好相机")

    assert people_by_word(*texts) == {"单反相机": 3, "相机": 6}


def test_a_phrase_that_all_write_is_no_word() -> None:
    assert people_by_word(*["谢谢楼主分享这么多"] * 5) == {}


def test_a_run_does_not_go_from_one_text_into_the_next() -> None:
    assert people_by_word(*["镜", "头"] * 5) == {}


def test_two_people_make_no_word_however_often_they_write_it() -> None:
    texts = pd.DataFrame({"customer_id": ["a", "b"] * 50, "text": ["镜头 lens"] * 100})

    held = words_of(texts.astype({"customer_id": "category"}), ())

    assert FEWEST_PEOPLE == 3
    assert held.empty


@pytest.mark.parametrize(
    "secret",
    [
        "13800138000",
        "138-0013-8000",
        "１３８００１３８０００",
        "wang.wei@example.com",
        "https://example.com/wangwei",
        "www.wangwei.example",
        "@wangwei",
        "@王小明",
        "＠王小明",
        "wangwei88",
        "wx_8812ab",
        "6222ABCD0001",
    ],
)
def test_nothing_that_reaches_a_person_is_a_word(secret: str) -> None:
    texts = [f"加我 {secret} 谢谢", f"call {secret} now", f"{secret} lens", f"{secret} lens"]

    assert people_by_word(*texts, "lens") == {"lens": 3}


@pytest.mark.parametrize(
    "handle", ["南方猫咪", "南方猫咪921", "⭐南方猫咪", "Luckystar", "ＬＵＣＫＹＳＴＡＲ3773"]
)
def test_nicknames_are_no_words(handle: str) -> None:
    texts = ("谢南方猫咪 luckystar 镜头", "问南方猫咪 Luckystar镜头", "南方猫咪 luckystar 好镜头")

    found = people_by_word(*texts, handles=(handle,))

    assert "镜头" in found
    assert ("南方猫咪" in found) == ("uckystar" in handle.casefold() or "Ｌ" in handle)
    assert ("luckystar" in found) == ("猫咪" in handle)
    assert not {"南方猫", "方猫咪"} & set(found)


def test_a_common_word_inside_a_nickname_of_several_stays_one() -> None:
    found = people_by_word("my camera", "a camera", "camera", handles=("camera_girl", "猫咪相机"))

    assert found == {"camera": 3}


def test_texts_of_any_length_and_without_letters_are_no_fault() -> None:
    assert people_by_word("", "🌸🌸🌸", "123", "   ", "。。。") == {}
    assert people_by_word() == {}
    assert set(people_by_word(*["lens " + "x" * 10_000] * 3)) >= {"lens"}


def test_the_order_of_texts_does_not_matter() -> None:
    texts = said("单反相机 lens", "旧相机 lens", "相机包 lens", "单反相机", "单反相机")

    there, back = (words_of(frame, ()) for frame in (texts, texts[::-1]))

    assert rows_of(there, "customer_id", "word") == rows_of(back, "customer_id", "word")


# ---------------------------------------------------------------- as a circle's terms


CAMERA = tuple(f"c{i}" for i in range(9))
PHONE = tuple(f"p{i}" for i in range(9))
TALK = [*clique(*CAMERA), *clique(*PHONE), ("c1", "p1")]


def texted(*texts: tuple[str, str]) -> dict[str, Rows]:
    """Return two circles of nine, with more posts of whom is named."""
    rows = forum(TALK)
    rows["posts"] += [
        {"post_id": f"t{i}", "customer_id": who, "posted_at": utc("2026-01-20"), "text": text}
        for i, (who, text) in enumerate(texts)
    ]
    return rows


def terms(rows: dict[str, Rows], *, most: str = "5") -> set[tuple[str, ...]]:
    """Return the terms of each circle."""
    frame = circles(rows, n_terms=most).frames["Circle"]
    return {tuple(of) for of in frame["terms"]}


def test_a_circle_is_told_by_the_words_of_its_texts() -> None:
    rows = texted(*((who, "新镜头 tripod") for who in CAMERA), *((who, "屏幕") for who in PHONE))

    assert terms(rows) == {("屏幕",), ("tripod", "新镜头")}


def test_a_word_that_two_members_write_is_theirs_alone() -> None:
    assert terms(texted(*((who, "tripod") for who in CAMERA[:2]))) == {()}


def test_topics_come_before_words_and_neither_pushes_the_other_out() -> None:
    rows = texted(*((who, "tripod shutter") for who in CAMERA))
    for row in rows["posts"]:
        row["topic"] = "cameras" if row["customer_id"] in CAMERA else "phones"

    found = terms(rows, most="1")

    assert found == {("phones",), ("cameras", "shutter")}


def test_texts_from_before_the_window_say_nothing() -> None:
    rows = texted(*((who, "tripod") for who in CAMERA))
    for row in rows["posts"]:
        if str(row["post_id"]).startswith("t"):
            row["posted_at"] = utc("2020-01-01")

    assert terms(rows) == {()}


def test_where_few_are_a_word_may_be_chance_and_is_not_told() -> None:
    rows = texted(*((who, "tripod") for who in CAMERA[:3]))

    # three of nine here and none of nine there: G = 18 (1/3 ln 2 + 2/3 ln 0.8), about 1.5
    assert terms(rows) == {()}
