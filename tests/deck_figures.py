"""What a marketing deck prints: groups of customers, rules between categories, a forum."""

from typing import NamedTuple


class Group(NamedTuple):
    """A row of the printed table of groups; figures as text, to the printed digits."""

    n: int
    orders: str
    spend: str
    r: str
    f: str
    m: str


# orders, spend and scores are means; groups are numbered as in the deck
GROUPS = {
    1: Group(1_993, "3.52", "4201.76", "1.00", "2.92", "3.00"),
    2: Group(1_916, "7.45", "8829.29", "3.00", "3.04", "2.94"),
    3: Group(461, "81.21", "120605.79", "4.38", "4.93", "4.13"),
    4: Group(1_972, "5.50", "7071.15", "2.00", "3.04", "2.98"),
    5: Group(1_899, "9.59", "10385.31", "4.00", "2.94", "2.92"),
    6: Group(1_724, "12.95", "13347.80", "5.00", "2.67", "2.88"),
}
ALL = Group(9_965, "11.05", "13805.11", "3.00", "3.02", "3.00")

# antecedent, consequent, n, support, confidence, lift as printed; p to two digits
RULES = [
    ("黑白电视", "厨卫用", 2, "0.000161", "0.67", "90.98", 1.6e-4),
    ("厨卫用", "黑白电视", 2, "0.000161", "0.02", "90.98", 1.6e-4),
    ("摄像器材", "照相器材", 3, "0.000242", "0.75", "582.14", 7.0e-9),
    ("照相器材", "摄像器材", 3, "0.000242", "0.19", "582.14", 7.0e-9),
    ("银制品", "足金饰品", 2, "0.000161", "0.22", "16.14", 0.0064),
    ("民族工艺品", "器皿类", 2, "0.000161", "0.40", "68.99", 3.3e-4),
    ("器皿类", "民族工艺品", 2, "0.000161", "0.03", "68.99", 3.3e-4),
    ("民族工艺品", "女鞋", 2, "0.000161", "0.40", "6.41", 0.034),
    ("音响", "照相器材", 2, "0.000161", "0.18", "141.13", 8.5e-5),
    ("照相器材", "音响", 2, "0.000161", "0.13", "141.13", 8.5e-5),
]

# nicknames in the printed order, with the values that the deck prints beside them
LEADERS = {
    "我叫丶肉妞妞": 3_525.173,
    "被罚站的树8": 2_759.877,
    "爱的鼓励JJ": 1_846.192,
    "为基佬而生": 1_474.093,
    "xn1084": 1_306.875,
    "开元盛世1688": 1_249.006,
    "谨记那份爱577": 1_155.784,
    "听天丶由命丶丶": 1_068.323,
}


def printed(value: float, *, places: int) -> str:
    """Round half up, as the deck does: 141.125 is printed as 141.13."""
    return f"{int(value * 10**places + 0.5) / 10**places:.{places}f}"
