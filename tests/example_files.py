"""A few made-up rows for every manifest of ``examples``, in the form of the real files."""

# ruff: noqa: E501 -- the real files have long lines

import gzip
from collections.abc import Mapping
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
Files = Mapping[str, str]

ONLINE_RETAIL = {
    "online_retail.csv.gz": """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
900001,T1,TEA TOWEL,6,2011-01-03 08:26:00,2.55,70001,United Kingdom
900001,M2,"MUG, LARGE",2,2011-01-03 08:26:00,3.395,70001,United Kingdom
900001,M2,"MUG, LARGE",2,2011-01-03 08:26:00,3.395,70001,United Kingdom
C900002,M2,MUG LARGE,-1,2011-02-03 09:00:00,3.395,70001,United Kingdom
900003,T1,TEA TOWEL,1,2011-03-03 09:00:00,2.55,,France
900004,B1,Adjustment,1,2011-03-04 09:00:00,-11062.06,70002,United Kingdom
"""
}

SUPERSTORE_ZH = {
    "orders.csv.gz": """\
行 ID,订单 ID,订单日期,发货日期,装运模式,客户 ID,客户名称,细分,城市,省/自治区,国家/地区,区域,产品 ID,类别,子类别,产品名称,销售额,数量,折扣,利润
1,CN-1,2023-04-27,2023-04-29,二级,冯远山-10001,冯远山,公司,杭州,浙江,中国,华东,用品-1,办公用品,用品,"剪刀, 蓝色",129.696,2,0.4,-60.704
2,CN-1,2023-04-27,2023-04-29,二级,冯远山-10001,冯远山,公司,杭州,浙江,中国,华东,椅子-1,家具,椅子,转椅,125.43999999999998,2,0.0,42.56
3,CN-2,2023-06-15,2023-06-19,一级,宋知秋-10002,宋知秋,消费者,沈阳,辽宁,中国,东北,椅子-1,家具,椅子,转椅 黑色,880,1,0.2,42.56
4,CN-3,2023-06-16,2023-06-19,一级,宋知秋-10002,宋知秋,公司,沈阳,辽宁,中国,东北,用品-1,办公用品,用品,"剪刀, 蓝色",1.5,1,1,0
""",
    "returns.csv": "订单 ID,退回\nCN-2,是\nCN-2,是\n",
}

COMPLETE_JOURNEY = {
    "demographics.csv.gz": """\
household_id,age,income,home_ownership,marital_status,household_size,household_comp,kids_count
1,65+,35-49K,Homeowner,Married,2,2 Adults No Kids,0
2,45-54,50-74K,,,1,1 Adult No Kids,0
""",
    "products.csv.gz": """\
product_id,manufacturer_id,department,brand,product_category,product_type,package_size
11,2,GROCERY,National,FRZN ICE,ICE - CRUSHED/CUBED,22 LB
12,2,MISCELLANEOUS,Private,,,
13,3,GROCERY,Private,FRZN ICE,,
""",
    "transactions_sample.csv.gz": """\
household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp
1,309,5001,11,1.0,3.86,0.43,0.0,0.0,5,2017-01-28 19:06:53
1,309,5001,12,2.0,4.440892e-16,0.9,0.0,0.25,5,2017-01-28 19:06:53
3,310,5002,99,1.0,1.59,0.9,0.0,0.0,10,2017-03-01 03:31:57
""",
    "campaign_descriptions.csv.gz": """\
campaign_id,campaign_type,start_date,end_date
1,Type B,2017-03-03,2017-04-09
2,Type A,2017-03-08,2017-04-09
""",
    "campaigns.csv.gz": "campaign_id,household_id\n1,1\n1,3\n2,1\n",
    "coupon_redemptions.csv.gz": """\
household_id,coupon_upc,campaign_id,redemption_date
1,51380041013,1,2017-03-10
1,51380041313,1,2017-03-10
""",
}

GROCERIES = {
    "baskets.csv.gz": "basket_id,item\n1,milk\n1,sponge\n2,milk\n3,milk\n3,cherries\n",
    "items.csv": """\
item_id,item,level2,level1
1,milk,dairy,fresh products
2,sponge,cleaner,detergent
3,cherries,fruit,fresh products
""",
}

COLLEGE_MSG = {
    "CollegeMsg.txt.gz": "1 2 1082040961\n3 4 1082155839\n3 4 1082155839\n2 1 1082414391\n"
}

WEIBO = {
    "events.csv.gz": """\
event_id,label,root_uid,root_mid,date,text,n_reposts,n_comments,n_likes,pics,has_url,source,user_followers,user_friends,user_messages,user_gender,user_location,user_verified,user_verified_type,user_reg_time,user_has_description
e1,rumor,u1,m0,2012-09-11 11:34:22,某处有事,3,0,1,0,False,web,59624.0,1923.0,11.0,m,其他,False,-1.0,2011-04-12,False
e2,rumor,u2,m0,2012-10-09 15:44:54,另一处有事,1,0,0,0,False,web,,,,,,,,,
""",
    "reposts.csv.gz": """\
event_id,mid,parent_mid,uid,date,text,n_kids
e1,m1,,u3,2012-09-16 15:05:11,真的吗,0
e1,m2,m1,u4,2012-09-17 01:24:55,,0
e1,m3,m2,u1,2012-09-18 01:24:55,"不,是",0
e2,m1,,u3,2012-10-16 15:05:11,转发,0
""",
}

FILES: Mapping[str, Files] = {
    "online_retail": ONLINE_RETAIL,
    "superstore_zh": SUPERSTORE_ZH,
    "complete_journey_sample": COMPLETE_JOURNEY,
    "groceries": GROCERIES,
    "college_msg": COLLEGE_MSG,
    "weibo_ced_rumor": WEIBO,
}


def manifest_of(example: str) -> str:
    """Return the text of an example's manifest."""
    return (EXAMPLES / f"{example}.toml").read_text(encoding="utf-8")


def packed(name: str, content: str | bytes) -> bytes:
    """Return the bytes of a file, packed where its name says so."""
    plain = content.encode() if isinstance(content, str) else content
    return gzip.compress(plain, mtime=0) if name.endswith(".gz") else plain
