"""The fact tables: what users map in a manifest, and what a row is in the graph.

A column that becomes a property is read off the model, so its kind, range and meaning are
said once. Declared here are only the keys, the links to other nodes, and the personal
columns, which have no place in the graph.
"""

from neomodel import StructuredNode, StructuredRel

from graph import models, relations
from graph.codes import EVENT_KINDS, IDENTIFIER_KINDS
from graph.language import Text
from graph.properties import Kind
from graph.spec import ColumnSpec, LinkSpec, PropertySpec, TableSpec, properties_of

BOOKKEEPING = frozenset({"source", "sources", "loaded_at", "attribute_values", "touched_at"})


def key(name: str, about: Text, *, refers: str = "", required: bool = False) -> ColumnSpec:
    """Declare a key column; ``refers`` is the label of the node that it names."""
    return ColumnSpec(name, "key", about, refers=refers, required=required)


def personal(name: str, about: Text, *, kind: Kind = "text") -> ColumnSpec:
    """Declare a column whose values go to the vault or under a hash, never into the graph."""
    return ColumnSpec(name, kind, about, personal=True)


def facts(
    model: type[StructuredNode] | type[StructuredRel], *, without: tuple[str, ...] = ()
) -> tuple[ColumnSpec, ...]:
    """Return the columns that become plain properties of ``model``."""
    return tuple(
        _column(p)
        for p in properties_of(model)
        if not (p.owner or p.unique or p.name in BOOKKEEPING or p.name in without)
    )


def _column(p: PropertySpec) -> ColumnSpec:
    values = {name: getattr(p, name) for name in PropertySpec.__slots__}
    return ColumnSpec(**values)


ACCOUNT = Text("Key of the account in its source", "来源系统内的账户编号")


def account(*, required: bool = True) -> ColumnSpec:
    """Declare the column that names the account a fact belongs to."""
    return key("account_key", ACCOUNT, refers="Account", required=required)


PRODUCT = Text("Key of the article", "商品编号")
CATEGORY = Text("Key of the category", "品类编号")

TABLES = (
    TableSpec(
        name="accounts",
        about=Text("A person as one source knows them", "一个来源系统中的一个人"),
        node="Account",
        identity=("account_id",),
        columns=(
            account(),
            *facts(models.Account),
            personal("full_name", Text("Name", "姓名")),
            personal("given_name", Text("Given name", "名")),
            personal("family_name", Text("Family name", "姓")),
            personal("birth_date", Text("Date of birth", "出生日期"), kind="date"),
            personal("address", Text("Street address", "地址")),
            personal("postcode", Text("Postcode", "邮编")),
            personal("national_id", Text("Identity card or passport", "证件号")),
        ),
    ),
    TableSpec(
        name="identifiers",
        about=Text("An identifier seen on an account", "账户上出现过的一个标识"),
        relationship="Account-HAS_IDENTIFIER-Identifier",
        identity=("account_id", "identifier_key"),
        columns=(
            account(),
            ColumnSpec(
                "kind",
                "code",
                Text("Kind of identifier", "标识类型"),
                codes=IDENTIFIER_KINDS,
                required=True,
            ),
            personal("value", Text("The value in the clear", "明文值")),
            personal("value_md5", Text("Its MD5 as 32 hex digits", "MD5 值")),
            *facts(relations.HasIdentifier),
            *facts(models.Identifier, without=("kind", "masked", "never_links")),
        ),
        judged=("linking", "epoch", "refused_reason", "state", "reason", "n_accounts"),
    ),
    TableSpec(
        name="categories",
        about=Text("A node of the category tree", "品类树的一个节点"),
        node="Category",
        identity=("category_id",),
        columns=(
            key("category_key", CATEGORY, refers="Category", required=True),
            *facts(models.Category),
            key("parent_key", Text("Key of the category above", "上级品类编号"), refers="Category"),
        ),
        links=(LinkSpec("parent_key", "PART_OF", "Category"),),
    ),
    TableSpec(
        name="products",
        about=Text("An article", "一个商品"),
        node="Product",
        identity=("product_id",),
        columns=(
            key("product_key", PRODUCT, refers="Product", required=True),
            *facts(models.Product),
            key("category_key", CATEGORY, refers="Category"),
            ColumnSpec("brand", "text", Text("Brand", "品牌"), refers="Brand"),
        ),
        links=(
            LinkSpec("category_key", "IN_CATEGORY", "Category"),
            LinkSpec("brand", "OF_BRAND", "Brand"),
        ),
    ),
    TableSpec(
        name="stores",
        about=Text("A shop", "一家门店"),
        node="Store",
        identity=("store_id",),
        columns=(
            key("store_key", Text("Key of the shop", "门店编号"), refers="Store", required=True),
            *facts(models.Store),
        ),
    ),
    TableSpec(
        name="orders",
        about=Text("An order as placed", "一个订单"),
        node="Order",
        identity=("order_id",),
        columns=(
            key("order_key", Text("Key of the order", "订单编号"), refers="Order", required=True),
            account(required=False),
            *facts(models.Order),
            key("store_key", Text("Key of the shop", "门店编号"), refers="Store"),
        ),
        links=(
            LinkSpec("account_key", "PLACED", "Account", inward=True),
            LinkSpec("store_key", "SOLD_AT", "Store"),
        ),
    ),
    TableSpec(
        name="order_lines",
        about=Text("A line of an order", "订单的一行"),
        relationship="Order-CONTAINS-Product",
        identity=("order_id", "line_key"),
        columns=(
            key("order_key", Text("Key of the order", "订单编号"), refers="Order", required=True),
            key("product_key", PRODUCT, refers="Product", required=True),
            *facts(relations.Contains),
        ),
    ),
    TableSpec(
        name="events",
        about=Text(
            "A behaviour; kept in staging, rolled up in the graph",
            "一次行为；明细在暂存区，图中为汇总",
        ),
        identity=("event_id",),
        keyless=True,
        columns=(
            account(),
            ColumnSpec("at", "time", Text("When", "时间"), required=True),
            ColumnSpec("kind", "code", Text("What", "行为"), codes=EVENT_KINDS, required=True),
            key("product_key", PRODUCT, refers="Product"),
            key("category_key", CATEGORY, refers="Category"),
            ColumnSpec("query", "text", Text("Words searched for", "搜索词")),
            ColumnSpec("value", "number", Text("Rating or seconds", "评分或秒数"), minimum=0),
            ColumnSpec("channel", "text", Text("Channel", "渠道")),
            key("session_key", Text("Session", "会话编号")),
            key("post_key", Text("Post it was about", "相关帖子编号"), refers="Post"),
            key("campaign_key", Text("Campaign it came from", "活动编号"), refers="Campaign"),
            key("event_key", Text("Key of the event", "事件编号")),
        ),
    ),
    TableSpec(
        name="posts",
        about=Text("A post, comment or reply", "帖子、评论或回复"),
        node="Post",
        identity=("post_id",),
        columns=(
            key("post_key", Text("Key of the post", "帖子编号"), refers="Post", required=True),
            account(),
            *facts(models.Post),
            key("reply_to_post_key", Text("Post it answers", "回复的帖子编号"), refers="Post"),
            key(
                "reply_to_account_key",
                Text("Account it answers, when the post is not known", "回复的账户编号"),
                refers="Account",
            ),
        ),
        links=(
            LinkSpec("account_key", "WROTE", "Account", inward=True),
            LinkSpec("reply_to_post_key", "REPLIES_TO", "Post"),
            LinkSpec("reply_to_account_key", "REPLIES_TO", "Account"),
        ),
    ),
    TableSpec(
        name="tickets",
        about=Text("A service case", "一个服务工单"),
        node="Ticket",
        identity=("ticket_id",),
        columns=(
            key("ticket_key", Text("Key of the case", "工单编号"), refers="Ticket", required=True),
            account(),
            *facts(models.Ticket),
            key("product_key", PRODUCT, refers="Product"),
            key("order_key", Text("Key of the order", "订单编号"), refers="Order"),
        ),
        links=(
            LinkSpec("account_key", "RAISED", "Account", inward=True),
            LinkSpec("product_key", "ABOUT", "Product"),
            LinkSpec("order_key", "ABOUT", "Order"),
        ),
    ),
    TableSpec(
        name="campaigns",
        about=Text("A marketing action", "一次营销活动"),
        node="Campaign",
        identity=("campaign_id",),
        columns=(
            key(
                "campaign_key",
                Text("Key of the campaign", "活动编号"),
                refers="Campaign",
                required=True,
            ),
            *facts(models.Campaign),
        ),
    ),
    TableSpec(
        name="exposures",
        about=Text(
            "A contact of an account with a campaign or channel", "账户与活动或渠道的一次接触"
        ),
        relationship="Account-EXPOSED_TO-Campaign",
        identity=("exposure_key",),
        keyless=True,
        columns=(
            account(),
            *facts(relations.ExposedTo, without=("exposure_key",)),
            key("campaign_key", Text("Key of the campaign", "活动编号"), refers="Campaign"),
        ),
    ),
    TableSpec(
        name="balances",
        about=Text("Points or coupons held", "持有的积分或优惠券"),
        node="Balance",
        identity=("balance_id",),
        keyless=True,
        columns=(account(), *facts(models.Balance)),
        links=(LinkSpec("account_key", "HOLDS", "Account", inward=True),),
    ),
    TableSpec(
        name="consents",
        about=Text("A consent given or withdrawn", "一次同意或撤回"),
        node="Consent",
        identity=("consent_id",),
        keyless=True,
        columns=(account(), *facts(models.Consent)),
        links=(LinkSpec("account_key", "GAVE", "Account", inward=True),),
    ),
)
