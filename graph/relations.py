"""What relationships carry: their properties, declared beside the nodes of ``graph.models``."""

from neomodel import StructuredRel

from graph.properties import Code, Flag, Integer, Json, Key, Money, Number, String, Time


class Interaction(StructuredRel):
    """Events of one kind by an account on one product or category, rolled up."""

    n = Integer("Number of events", "事件次数", minimum=1)
    days = Integer("Distinct calendar days", "发生的天数", unit="days", minimum=1)
    first_at = Time("First event", "首次时间")
    last_at = Time("Last event", "最近时间")


class HasIdentifier(StructuredRel):
    """An identifier seen on an account."""

    first_seen_at = Time("First seen on the account", "首次出现时间")
    last_seen_at = Time("Last seen on the account", "最近出现时间")
    is_authenticated = Flag("Seen with a login", "是否登录状态", default=True)
    app = String("App of an open id", "open id 所属应用")
    linking = Flag("Whether it joins accounts", "是否用于合并", owner="identity")
    epoch = Integer(
        "Ownership epoch of a recycled number", "号码归属期", minimum=1, owner="identity"
    )
    refused_reason = String("Why it does not join", "未合并的原因", owner="identity")


class Contains(StructuredRel):
    """A line of an order."""

    line_key = Key("Number of the line within the order", "订单行号")
    quantity = Number("Units; negative for a return", "数量；退货为负", default=1)
    amount = Money("Paid for the line", "实付金额", required=True)
    list_amount = Money("Price of the line before discounts", "折前金额", minimum=0)


class ExposedTo(StructuredRel):
    """A contact of an account with a campaign."""

    exposure_key = Key("Tells identical contacts apart", "触点编号")
    at = Time("When", "时间", required=True)
    channel = String("Channel of the contact", "渠道", required=True)
    action = Code(
        "What happened", "动作", codes=("sent", "shown", "opened", "clicked", "converted")
    )
    cost = Money("Cost of the contact", "成本", minimum=0)
    is_control = Flag("Belongs to a control group", "是否对照组")


class ResolvedTo(StructuredRel):
    """Which customer an account belongs to, and why."""

    rule = String("Kind of evidence that joined it", "合并依据", owner="identity")
    confidence = Number("How sure the join is", "置信度", minimum=0, maximum=1, owner="identity")
    since = Time("When the account joined the customer", "归入时间", owner="identity")
    linked_to = Key("The account that it resembles", "与之相似的账户", owner="identity", index=True)
    by_field = Json("Match weight of each field", "各字段的匹配权重", owner="identity")
    run_id = Key("Run that decided it", "运行编号", owner="identity")


class LikelySame(StructuredRel):
    """Two customers who resemble each other as one person does, and were not joined."""

    weight = Number(
        "Match weight: log2 of the Bayes factor", "匹配权重（以 2 为底）", owner="identity"
    )
    probability = Number(
        "That they are one", "同一人的概率", minimum=0, maximum=1, owner="identity"
    )
    by_field = Json("Match weight of each field", "各字段的匹配权重", owner="identity")
    model_version = String("Version of the linkage model", "匹配模型版本", owner="identity")
    kept_apart = String("Why they were not joined", "未合并的原因", owner="identity")


class InSegment(StructuredRel):
    """A customer who changed to a segment; who never changed has the property alone."""

    since = Time("As of when the change was found", "变动的数据截止时间", owner="segments")
    previous = String("Name of the segment before", "原分群", owner="segments")


class Decided(StructuredRel):
    """A steward's word on two accounts."""

    decision_id = Key("Number of the decision", "决定编号", owner="identity")
    by = String("Who decided", "决定人", owner="identity")
    at = Time("When", "时间", owner="identity")
    reason = String("Why", "理由", owner="identity")
