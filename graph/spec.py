"""Frozen values read off the models and tables; everything else works from these alone.

Constraints, row checks, writes, import files, reads, documents and API models need names,
kinds and ranges, not classes. Reading them off once also keeps neomodel, which takes most
of a second to import, out of whatever only needs to know a name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from graph.language import Text

if TYPE_CHECKING:
    from neomodel import StructuredNode, StructuredRel

    from graph.properties import Described, Kind

COMPANY_LABELS = frozenset({"Brand", "Category", "Product", "Store", "Campaign"})
UNSAID = Text("", "")
MONEY_SCALE = 10_000
"""Money is counted in ten-thousandths of the company's currency, so that sums are exact."""
SHARED_LABELS = COMPANY_LABELS | {"Identifier"}


@dataclass(frozen=True, slots=True)
class PropertySpec:
    """One property of a node or relationship, or one column that becomes it."""

    name: str
    kind: "Kind"
    about: Text
    required: bool = False
    default: str | float | bool | None = None
    codes: tuple[str, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    owner: str = ""
    unique: bool = False
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class ColumnSpec(PropertySpec):
    """A column that users map; ``personal`` values never enter the graph."""

    personal: bool = False
    refers: str = ""

    @property
    def stored(self) -> str:
        """Return the column's name once keys have become ids."""
        return f"{self.name.removesuffix('_key')}_id" if self.is_id else self.name

    @property
    def is_id(self) -> bool:
        """Tell whether the column holds the key of a node."""
        return bool(self.refers) and self.name.endswith("_key")


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A label with its key and properties."""

    label: str
    key: str
    about: Text
    properties: tuple[PropertySpec, ...]

    @property
    def name(self) -> str:
        """Return the element's name: the label."""
        return self.label

    @property
    def facts(self) -> tuple[PropertySpec, ...]:
        """Return what a load writes, without the key and when it was written."""
        return tuple(
            p for p in self.properties if not p.owner and p.name not in (self.key, "loaded_at")
        )


@dataclass(frozen=True, slots=True)
class RelationshipSpec:
    """A relationship type between two labels; ``key`` tells parallel ones apart."""

    type: str
    start: str
    end: str
    properties: tuple[PropertySpec, ...] = ()
    key: str = ""
    about: Text = UNSAID

    @property
    def name(self) -> str:
        """Return the element's name: ``Account-PLACED-Order``."""
        return f"{self.start}-{self.type}-{self.end}"

    @property
    def facts(self) -> tuple[PropertySpec, ...]:
        """Return what a load writes, the key included."""
        return tuple(p for p in self.properties if not p.owner)


Element = NodeSpec | RelationshipSpec


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """How a row's column points at a node; ``inward`` when the arrow comes from that node."""

    column: str
    relationship: str
    label: str
    inward: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A named set of typed rows and its picture in the graph.

    A row is a node (``node``), a relationship (``relationship``: an element's name), or,
    where both are empty, kept in staging alone. ``identity`` names the stored columns that
    identify a row; rows without a key of their own get a digest of their values there.
    ``judged`` are columns that resolution owns: read with the rows, never loaded.
    """

    name: str
    about: Text
    columns: tuple[ColumnSpec, ...]
    identity: tuple[str, ...]
    node: str = ""
    relationship: str = ""
    links: tuple[LinkSpec, ...] = ()
    keyless: bool = False
    judged: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Tell whether rows of several sources describe one thing."""
        return self.node in SHARED_LABELS

    @property
    def stored(self) -> tuple[ColumnSpec, ...]:
        """Return the columns that are kept outside the vault."""
        return tuple(column for column in self.columns if not column.personal)

    def column(self, name: str) -> ColumnSpec:
        """Return the column called ``name`` in a manifest."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class GraphSpec:
    """All nodes, relationships and tables, by name."""

    nodes: Mapping[str, NodeSpec]
    relationships: Mapping[str, RelationshipSpec]
    tables: Mapping[str, TableSpec]

    def element(self, name: str) -> Element:
        """Return the node or relationship called ``name``."""
        return self.nodes[name] if name in self.nodes else self.relationships[name]

    def with_computed(
        self,
        properties: Mapping[str, Iterable[PropertySpec]],
        relationships: Iterable[RelationshipSpec] = (),
    ) -> "GraphSpec":
        """Return this spec with what algorithms add.

        Parameters
        ----------
        properties
            Computed properties by label.
        relationships
            Relationship types that only algorithms write.
        """
        nodes = dict(self.nodes)
        for label, added in properties.items():
            node = nodes[label]
            nodes[label] = replace(node, properties=(*node.properties, *added))
        links = {**self.relationships, **{link.name: link for link in relationships}}
        return replace(self, nodes=nodes, relationships=links)


@cache
def fact_spec() -> GraphSpec:
    """Return the spec of everything that is declared in ``graph.models`` and ``graph.tables``."""
    from neomodel import StructuredNode

    from graph import models, tables

    classes = [
        value
        for value in vars(models).values()
        if isinstance(value, type)
        and issubclass(value, StructuredNode)
        and value is not StructuredNode
    ]
    links = [link for model in classes for link in _relationships_of(model)]
    return GraphSpec(
        nodes={model.__label__: node_of(model) for model in classes},
        relationships={link.name: link for link in links},
        tables={table.name: table for table in tables.TABLES},
    )


def node_of(model: "type[StructuredNode]") -> NodeSpec:
    """Read one node class."""
    properties = properties_of(model)
    key = next(p.name for p in properties if p.unique)
    about = Text((model.__doc__ or "").strip(), "")
    return NodeSpec(label=model.__label__, key=key, about=about, properties=properties)


def properties_of(model: "type[StructuredNode] | type[StructuredRel]") -> tuple[PropertySpec, ...]:
    """Read the declared properties of a node or relationship class, in order."""
    return tuple(property_of(name, declared) for name, declared in _declared(model))


def property_of(name: str, declared: "Described") -> PropertySpec:
    """Read one declared property."""
    return PropertySpec(
        name=name,
        kind=declared.kind,
        about=declared.about,
        required=bool(getattr(declared, "required", False)),
        default=getattr(declared, "default", None),
        codes=declared.codes,
        unit=declared.unit,
        minimum=declared.minimum,
        maximum=declared.maximum,
        owner=declared.computed_by,
        unique=bool(getattr(declared, "unique_index", False)),
        indexed=bool(getattr(declared, "index", False)),
    )


def _declared(
    model: "type[StructuredNode] | type[StructuredRel]",
) -> list[tuple[str, "Described"]]:
    from graph.properties import Described

    defined = model.defined_properties(aliases=False, rels=False)
    return [(name, p) for name, p in defined.items() if isinstance(p, Described)]


def _relationships_of(model: "type[StructuredNode]") -> list[RelationshipSpec]:
    """Read the outgoing relationships of a node class."""
    specs = []
    for _, declared in model.__all_relationships__:
        definition = declared.definition
        if definition["direction"].name != "OUTGOING":
            continue
        properties = properties_of(definition["model"]) if definition["model"] else ()
        end = declared._raw_class  # noqa: SLF001 -- neomodel offers no public name for it
        specs.append(
            RelationshipSpec(
                type=definition["relation_type"],
                start=model.__label__,
                end=end if isinstance(end, str) else end.__label__,
                properties=properties,
                key=next((p.name for p in properties if p.kind == "key" and not p.owner), ""),
                about=Text(((definition["model"] or model).__doc__ or "").strip(), ""),
            )
        )
    return specs
