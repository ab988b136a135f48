"""The deck's figures: what it prints, and the counts that were worked out to meet it.

Printed: ``MEAN_ORDERS``, ``MEAN_SPEND``, the members of each group, the two cells, the rules
that ``BASKETS`` gives, and the forum's ``ACTIVE``, ``ARCS`` and ``LEADERS``. Constructed: how the
members of a group spread over scores (``BLOCKS``), the money that a score stands for, prices.

A population cannot meet the printed scores exactly. Quintiles of which equal values share the
lower score have a mean of at most 3, and the deck prints 3.02 for frequency: each of the five
large groups lies about 0.02 below its printed mean of F. Five recency levels of 1,993 leave
the group of heavy buyers 21, 77, 94 and 269 members of R 2 to 5, a mean of 4.33 where the
deck prints 4.38. The means of R otherwise, of M, of orders and of spend are met as printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Levels = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Block:
    """Members of one group and recency score whose other two scores are paired at random.

    ``frequency`` and ``money`` count the members of each score, 1 to 5.
    """

    group: int
    recency: int
    frequency: Levels
    money: Levels


# by group; every score of all three measures has 1,993 members in all
BLOCKS: Final = (
    # the cell that the deck counts: R 1 and F 3, with M spread evenly
    Block(1, 1, (0, 0, 721, 0, 0), (144, 144, 145, 144, 144)),
    Block(1, 1, (347, 343, 0, 329, 253), (252, 263, 255, 238, 264)),
    Block(2, 3, (375, 400, 325, 445, 371), (404, 403, 384, 356, 369)),
    # the other cell: whoever has 5 three times belongs to the heavy buyers
    Block(3, 5, (0, 0, 0, 0, 81), (0, 0, 0, 0, 81)),
    Block(3, 5, (0, 0, 3, 10, 175), (0, 0, 55, 133, 0)),
    Block(3, 4, (0, 0, 2, 5, 87), (0, 0, 17, 43, 34)),
    Block(3, 3, (0, 0, 1, 4, 72), (0, 0, 14, 36, 27)),
    Block(3, 2, (0, 0, 0, 1, 20), (0, 0, 4, 9, 8)),
    Block(4, 2, (386, 412, 335, 458, 381), (400, 407, 395, 375, 395)),
    Block(5, 4, (410, 417, 322, 419, 331), (408, 403, 380, 349, 359)),
    Block(6, 5, (0, 0, 0, 0, 222), (60, 59, 54, 49, 0)),
    Block(6, 5, (475, 421, 284, 322, 0), (325, 314, 290, 261, 312)),
)
CUSTOMERS: Final = sum(sum(block.money) for block in BLOCKS)
PER_LEVEL: Final = CUSTOMERS // 5

# of groups 1 to 6: hundredths of an order, and hundredths of a yuan
MEAN_ORDERS: Final = (352, 745, 8_121, 550, 959, 1_295)
MEAN_SPEND: Final = (420_176, 882_929, 12_060_579, 707_115, 1_038_531, 1_334_780)

# what a score stands for: the fewest orders of 1 to 5, and the least money in hundredths of a
# yuan; ranges do not touch, so no customer can slip into the next score
LEAST_ORDERS: Final = (1, 2, 3, 4, 6)
LEAST_SPEND: Final = (30_000, 90_000, 180_000, 300_000, 500_000)
# days before the end at which the recency scores 1 to 5 begin, and the last of them ends
RECENCY_DAYS: Final = (700, 365, 180, 90, 30, 0)

# of the forum, by rank: nickname and printed value, which stays the deck's own (the deck does
# not name its measure; unnormalised directed betweenness has the scale)
LEADERS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "我叫丶肉妞妞": 3_525.173,
        "被罚站的树8": 2_759.877,
        "爱的鼓励JJ": 1_846.192,
        "为基佬而生": 1_474.093,
        "xn1084": 1_306.875,
        "开元盛世1688": 1_249.006,
        "谨记那份爱577": 1_155.784,
        "听天丶由命丶丶": 1_068.323,
    }
)
ACTIVE: Final = 175
ARCS: Final = 835
FEWEST_POSTS: Final = 4
"""Whom the deck counts in its forum: people with more than three posts, and who answers whom."""

OTHERS: Final = "其他"
# price in yuan of the one article that stands for each category
PRICES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "音像器材/黑白电视": 380,
        "生活电器/厨卫用": 259,
        "音像器材/摄像器材": 3_280,
        "办公用品/照相器材": 1_960,
        "音像器材/音响": 899,
        "金银珠宝/银制品": 168,
        "金银珠宝/足金饰品": 2_150,
        "家居用品/民族工艺品": 128,
        "日用品/器皿类": 45,
        "鞋帽类/女鞋": 329,
        OTHERS: 60,
    }
)
# baskets by what they hold; the printed rules leave no other counts
BASKETS: Final[Mapping[tuple[str, ...], int]] = MappingProxyType(
    {
        ("音像器材/黑白电视", "生活电器/厨卫用"): 2,
        ("音像器材/黑白电视",): 1,
        ("生活电器/厨卫用",): 89,
        ("音像器材/摄像器材", "办公用品/照相器材"): 3,
        ("音像器材/摄像器材",): 1,
        ("音像器材/音响", "办公用品/照相器材"): 2,
        ("音像器材/音响",): 9,
        ("办公用品/照相器材",): 11,
        ("金银珠宝/银制品", "金银珠宝/足金饰品"): 2,
        ("金银珠宝/银制品",): 7,
        ("金银珠宝/足金饰品",): 169,
        ("家居用品/民族工艺品", "日用品/器皿类"): 2,
        ("家居用品/民族工艺品",): 1,
        ("日用品/器皿类",): 70,
        ("家居用品/民族工艺品", "鞋帽类/女鞋"): 2,
        ("鞋帽类/女鞋",): 773,
        (OTHERS,): 11_275,
    }
)
