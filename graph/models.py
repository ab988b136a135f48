"""The nodes and relationships of the graph, declared once.

Labels, keys, indexes, properties with unit and range: constraints, row checks, writes,
imports, reads and the schema page are all derived from these classes through
``graph.spec``. Objects of them serve single reads and edits inside ``Database.objects``;
nothing in bulk goes through them.
"""

from neomodel import RelationshipFrom, RelationshipTo, StructuredNode

from graph.codes import ACCOUNT_KINDS, EVENT_KINDS, IDENTIFIER_KINDS, STATES
from graph.properties import (
    Code,
    Day,
    Flag,
    Integer,
    Json,
    Key,
    Money,
    Number,
    String,
    Strings,
    Time,
)
from graph.relations import (
    Contains,
    Decided,
    ExposedTo,
    HasIdentifier,
    InSegment,
    Interaction,
    LikelySame,
    ResolvedTo,
)


def loaded() -> Time:
    """Return the property that says when a load last wrote the node."""
    return Time("When a load last wrote it", "最近一次写入的时间")


def source() -> Key:
    """Return the property that names the one source of a fact."""
    return Key("Source system that states it", "来源系统", index=True)


def sources() -> Strings:
    """Return the property that names every source of a shared node."""
    return Strings("Source systems that name it, sorted", "提到它的来源系统，已排序")


class Brand(StructuredNode):
    """A brand."""

    brand_id = Key("The brand's name", "品牌名", unique_index=True, required=True)
    sources = sources()
    loaded_at = loaded()


class Category(StructuredNode):
    """A node of the category tree."""

    category_id = Key("The category's key", "品类编号", unique_index=True, required=True)
    name = String("Name", "名称", index=True)
    sources = sources()
    loaded_at = loaded()
    part_of = RelationshipTo("Category", "PART_OF")


class Product(StructuredNode):
    """An article."""

    product_id = Key("The article's key", "商品编号", unique_index=True, required=True)
    name = String("Name", "名称", index=True)
    price = Money("List price", "标价", minimum=0)
    cost = Money("Cost", "成本", minimum=0)
    listed_at = Time("When it came on sale", "上市时间")
    attributes = Json("Colour, size, material, scene and the like", "颜色、尺码、材质、场景等属性")
    attribute_values = Strings("The attributes as sorted key=value", "属性键值，已排序")
    sources = sources()
    loaded_at = loaded()
    in_category = RelationshipTo(Category, "IN_CATEGORY")
    of_brand = RelationshipTo(Brand, "OF_BRAND")


class Store(StructuredNode):
    """A shop."""

    store_id = Key("The shop's key", "门店编号", unique_index=True, required=True)
    name = String("Name", "名称")
    region = String("Region", "大区")
    city = String("City", "城市")
    sector = String("Line of business", "业态")
    opened_on = Day("Opening day", "开业日期")
    closed_on = Day("Closing day", "关店日期")
    performance = Number("Performance score", "绩效得分", minimum=0, maximum=100)
    sources = sources()
    loaded_at = loaded()


class Campaign(StructuredNode):
    """A marketing action."""

    campaign_id = Key("The campaign's key", "活动编号", unique_index=True, required=True)
    name = String("Name", "名称")
    channel = String("Channel", "渠道")
    started_at = Time("Start", "开始时间")
    ended_at = Time("End", "结束时间")
    cost = Money("Cost", "成本", minimum=0)
    sources = sources()
    loaded_at = loaded()


class Order(StructuredNode):
    """An order as placed."""

    order_id = Key("Source and key of the order", "订单编号", unique_index=True, required=True)
    ordered_at = Time("When it was placed", "下单时间", required=True, index=True)
    currency = String("Currency, where the source says", "币种")
    channel = String("Channel", "渠道")
    status = Code("State", "状态", codes=("paid", "cancelled", "refunded"), default="paid")
    payment_type = String("Way of payment", "支付方式")
    amount = Money("Total where there are no lines", "订单金额（无明细时）")
    discount = Money("Discount contained in the amounts", "折扣额", minimum=0)
    coupon = String("Coupon used", "优惠券")
    source = source()
    loaded_at = loaded()
    contains = RelationshipTo(Product, "CONTAINS", model=Contains)
    sold_at = RelationshipTo(Store, "SOLD_AT")


class Identifier(StructuredNode):
    """A phone, e-mail, cookie, device or number, known by a keyed hash alone."""

    identifier_key = Key("Keyed hash", "加密标识", unique_index=True, required=True)
    kind = Code("Kind of identifier", "类型", codes=IDENTIFIER_KINDS, required=True, index=True)
    masked = String("What may be shown of it", "掩码")
    os = String("Operating system of a device", "设备系统")
    model = String("Model of a device", "设备型号")
    never_links = Flag("The value stands for nobody: zeros, test@, null", "不代表任何人的值")
    state = Code(
        "Whether it may join accounts", "合并状态", codes=STATES, owner="identity", index=True
    )
    reason = String("Why it is shared or blocked", "原因", owner="identity")
    n_accounts = Integer(
        "Most registered accounts that one source has on it",
        "单一来源内的最多注册账户数",
        minimum=0,
        owner="identity",
    )
    sources = sources()
    loaded_at = loaded()


class Consent(StructuredNode):
    """A consent given or withdrawn."""

    consent_id = Key(
        "Source and digest of the statement", "同意编号", unique_index=True, required=True
    )
    purpose = Code("What for", "用途", codes=("profiling", "marketing", "sharing"), required=True)
    channel = String("Channel it covers; empty: all", "渠道；空为全部")
    granted = Flag("Given, or withdrawn", "同意或撤回", required=True)
    at = Time("When", "时间", required=True)
    text_version = String("Version of the text agreed to", "文本版本")
    source = source()
    loaded_at = loaded()


class Balance(StructuredNode):
    """Points or coupons held."""

    balance_id = Key(
        "Source and digest of the holding", "余额编号", unique_index=True, required=True
    )
    kind = Code("What is held", "类型", codes=("points", "coupon"), required=True)
    amount = Number("How much", "数量", required=True)
    expires_at = Time("When it runs out", "到期时间")
    source = source()
    loaded_at = loaded()


class Post(StructuredNode):
    """A post, comment or reply."""

    post_id = Key("Source and key of the post", "帖子编号", unique_index=True, required=True)
    posted_at = Time("When", "发布时间", required=True, index=True)
    topic = String("Topic", "话题", index=True)
    kind = String("Form of the post", "类型")
    text = String("Text, where the source is public", "正文（仅公开来源）")
    n_likes = Integer("Likes", "点赞数", minimum=0)
    source = source()
    loaded_at = loaded()
    replies_to = RelationshipTo("Post", "REPLIES_TO")
    replies_to_account = RelationshipTo("Account", "REPLIES_TO")


class Ticket(StructuredNode):
    """A service case."""

    ticket_id = Key("Source and key of the case", "工单编号", unique_index=True, required=True)
    opened_at = Time("When it was opened", "开单时间", required=True)
    kind = Code(
        "Kind of case",
        "类型",
        codes=("question", "complaint", "suggestion", "repair", "return"),
        required=True,
    )
    closed_at = Time("When it was closed", "结单时间")
    satisfaction = Number("Satisfaction", "满意度", minimum=0, maximum=100)
    source = source()
    loaded_at = loaded()
    about = RelationshipTo(Product, "ABOUT")
    about_order = RelationshipTo(Order, "ABOUT")


class Segment(StructuredNode):
    """One group of a scheme that places customers in groups."""

    segment_id = Key("Scheme and name", "分群编号", unique_index=True, required=True)
    scheme = String(
        "Property of customers that places them", "分群方案", owner="segments", index=True
    )
    name = String("Value of that property", "分群代码", owner="segments")
    label_en = String("Name for people, in English", "英文名称", owner="segments")
    label_zh = String("Name for people, in Chinese", "中文名称", owner="segments")
    n = Integer("Customers in it", "客户数", minimum=0, owner="segments")
    profile = Json("What marks its members", "成员特征", owner="segments")


class Customer(StructuredNode):
    """The person behind the accounts."""

    customer_id = Key("The customer's lasting id", "客户编号", unique_index=True, required=True)
    customer_changed_at = Time("When accounts last came or went", "账户变动时间", owner="identity")
    n_accounts = Integer("Accounts", "账户数", minimum=0, owner="identity")
    accounts = RelationshipFrom("Account", "RESOLVED_TO", model=ResolvedTo)
    split_from = RelationshipTo("Customer", "SPLIT_FROM")
    likely_same = RelationshipTo("Customer", "LIKELY_SAME", model=LikelySame)
    in_segment = RelationshipTo(Segment, "IN_SEGMENT", model=InSegment)


class Household(StructuredNode):
    """Customers who share a phone, an e-mail or a device of a home, and are not one person."""

    household_id = Key("The household's id", "家庭编号", unique_index=True, required=True)


class Alert(StructuredNode):
    """A condition on a customer's facts that holds, or held a short while ago."""

    alert_id = Key("The alert's id", "预警编号", unique_index=True, required=True)


class Circle(StructuredNode):
    """People who answer one another more than others."""

    circle_id = Key("The circle's id", "圈子编号", unique_index=True, required=True)


class CustomerAlias(StructuredNode):
    """An id that a customer once had; it answers for ever."""

    customer_id = Key("The retired id", "停用的客户编号", unique_index=True, required=True)
    retired_at = Time("When it was retired", "停用时间", owner="identity")
    merged_into = RelationshipTo(Customer, "MERGED_INTO")


def interactions() -> dict[str, RelationshipTo]:
    """Return one relationship a kind of event, VIEWED or CARTED, to a product or a category."""
    return {
        f"{kind}_{target.__name__.lower()}": RelationshipTo(target, kind.upper(), model=Interaction)
        for kind in EVENT_KINDS
        for target in (Product, Category)
    }


class Account(StructuredNode):
    """One record of a person in one system."""

    account_id = Key("Source and key of the account", "账户编号", unique_index=True, required=True)
    kind = Code("Kind of record", "账户类型", codes=ACCOUNT_KINDS)
    registered_at = Time("When it was opened", "注册时间")
    gender = Code("Gender", "性别", codes=("female", "male", "other", "unknown"))
    birth_year = Integer("Year of birth", "出生年份", minimum=1000)
    region = String("Region", "省份")
    city = String("City", "城市")
    occupation = String("Occupation", "职业")
    card_tier = String("Tier of the member card", "会员卡等级")
    acquisition_channel = String("Channel that won the account", "获客渠道")
    handle = String("Public nickname", "公开昵称")
    is_official = Flag("Brand, moderator or shop account", "是否官方账户")
    attributes = Json("Further attributes", "其他属性")
    attribute_values = Strings("The attributes as sorted key=value", "属性键值，已排序")
    touched_at = Time("When its evidence last changed", "证据变动时间", owner="load", index=True)
    source = source()
    loaded_at = loaded()
    identifiers = RelationshipTo(Identifier, "HAS_IDENTIFIER", model=HasIdentifier)
    orders = RelationshipTo(Order, "PLACED")
    posts = RelationshipTo(Post, "WROTE")
    tickets = RelationshipTo(Ticket, "RAISED")
    consents = RelationshipTo(Consent, "GAVE")
    balances = RelationshipTo(Balance, "HOLDS")
    exposures = RelationshipTo(Campaign, "EXPOSED_TO", model=ExposedTo)
    customer = RelationshipTo(Customer, "RESOLVED_TO", model=ResolvedTo)
    together = RelationshipTo("Account", "TOGETHER", model=Decided)
    apart = RelationshipTo("Account", "APART", model=Decided)
    # a class body's namespace is a plain dictionary: twenty-six lines that differ in two words
    vars().update(interactions())


class AlgorithmRun(StructuredNode):
    """One run of an algorithm: every score can be traced to one."""

    run_id = Key("The run's id", "运行编号", unique_index=True, required=True)
    algorithm = String("Name of the algorithm", "算法", index=True)
    version = String("Version of the algorithm", "版本")
    kind = Code("What was run", "类型", codes=("score", "resolve", "evaluation"))
    as_of = Time("Latest fact that was used", "数据截止时间")
    started_at = Time("Start of the run", "开始时间")
    seconds = Number("Duration", "耗时", unit="seconds", minimum=0)
    input_digest = String("Digest of what was read", "输入摘要")
    parameters = Json("Parameters", "参数")
    window = Json("First and last time of each table read", "输入窗口")
    counts = Json("Rows read and values written", "计数")
    metrics = Json("Fitted parameters, edges and grades", "指标")
    evaluation = Json("How its scores did at past cuts; empty: not yet graded", "历史时点评估")
    is_current = Flag("Whether its results stand in the graph", "是否当前结果", index=True)


class ResolutionEvent(StructuredNode):
    """A change of who is whom; only ever added."""

    event_id = Key("Number of the event in its chain", "事件编号", unique_index=True, required=True)
    at = Time("When", "时间")
    kind = Code(
        "What happened",
        "类型",
        codes=(
            "created",
            "absorbed",
            "merged",
            "split",
            "retired",
            "restored",
            "blocked",
            "unblocked",
            "steward",
        ),
    )
    run_id = Key("Run that decided it", "运行编号")
    actor = String("The steward whose word it follows; empty: the rules", "决定人；空为规则")
    payload = Json("Before and after", "变动内容")
    digest = String("Chained digest", "链式摘要")


class LoadReport(StructuredNode):
    """What a load did to one table of one source."""

    report_id = Key("Load, source and table", "报告编号", unique_index=True, required=True)
    load_id = Key("The load", "装载编号", index=True)
    at = Time("When", "时间")
    source = source()
    table = String("Table", "表")
    counts = Json("Read, accepted, rejected, new, changed, unchanged, bare, duplicates", "计数")


class Home(StructuredNode):
    """Marks the database as the picture of one home."""

    home_id = Key("The home's id", "数据主目录编号", unique_index=True, required=True)
    secret_fingerprint = String("Tells whether the secret is the same", "密钥指纹")
    company = String("Company whose customers these are", "公司")
    currency = String("The company's currency", "币种")
    timezone = String("The company's time zone", "时区")
    phone_region = String("Country of phone numbers without one", "电话区号")
    schema_version = Integer("Form of what is stored", "结构版本", minimum=1)
