"""Can a new schema read everything that an older one allowed? BACKWARD, as registries call it.

Held against every released version it is BACKWARD_TRANSITIVE: what lies in a topic for years can
still be read. Stricter than a registry in one point: a property that goes away is a break too,
for those who use it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

# Bounds that must not tighten: what must not rise, what must not fall.
FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")

Node = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class _Side:
    """A place in a schema, with the schema it belongs to (for `$ref`)."""

    root: Node
    node: Node

    def at(self, node: JsonValue) -> "_Side":
        """Another place of the same schema."""
        return _Side(self.root, _node(node))

    def alternatives(self) -> list["_Side"]:
        """What the place allows, one by one: references followed, `anyOf` taken apart."""
        if "$ref" in self.node:
            name = str(self.node["$ref"]).removeprefix("#/$defs/")
            return self.at(_node(self.root["$defs"])[name]).alternatives()
        options = self.node.get("anyOf", self.node.get("oneOf"))
        if isinstance(options, list):
            return [found for option in options for found in self.at(option).alternatives()]
        return [self]

    def names(self, keyword: str) -> set[str]:
        """The strings of a list or the keys of a mapping under a keyword."""
        value = self.node.get(keyword)
        return {str(name) for name in value} if isinstance(value, (list, dict)) else set()


def breaks(old: Node, new: Node) -> list[str]:
    """What `old` allowed and `new` refuses or no longer knows, each with its path; none: fine."""
    return list(_compared(_Side(old, old), _Side(new, new), path="$"))


def _compared(old: _Side, new: _Side, *, path: str) -> Iterator[str]:
    for allowed in old.alternatives():
        options = new.alternatives()
        if any(_takes_anything(option.node) for option in options):
            continue
        before = allowed.node.get("type")
        fitting = [option for option in options if _same_type(before, option.node.get("type"))]
        if not fitting:
            yield f"{path}: no longer {before}"
            continue
        tries = [list(_narrowed(allowed, option, path=path)) for option in fitting]
        yield from min(tries, key=len)


def _narrowed(old: _Side, new: _Side, *, path: str) -> Iterator[str]:
    yield from _values(old, new, path=path)
    yield from _bounds(old, new, path=path)
    yield from _properties(old, new, path=path)
    for keyword in ("items", "additionalProperties"):
        if isinstance(new.node.get(keyword), dict):
            before, after = old.at(old.node.get(keyword)), new.at(new.node[keyword])
            yield from _compared(before, after, path=f"{path}.*")


def _values(old: _Side, new: _Side, *, path: str) -> Iterator[str]:
    before, after = _allowed(old.node), _allowed(new.node)
    if after is not None and (before is None or before - after):
        gone = "everything else" if before is None else ", ".join(sorted(before - after))
        yield f"{path}: no longer takes {gone}"
    pattern = new.node.get("pattern")
    if pattern is not None and pattern != old.node.get("pattern"):
        yield f"{path}: another pattern"
    if "format" in new.node and new.node["format"] != old.node.get("format"):
        yield f"{path}: another format"


def _bounds(old: _Side, new: _Side, *, path: str) -> Iterator[str]:
    for keywords, sign in ((FLOORS, 1), (CEILINGS, -1)):
        for keyword in keywords:
            before, after = old.node.get(keyword), new.node.get(keyword)
            if not isinstance(after, (int, float)):
                continue
            if not isinstance(before, (int, float)) or sign * after > sign * before:
                yield f"{path}: {keyword} was {before}, is {after}"


def _properties(old: _Side, new: _Side, *, path: str) -> Iterator[str]:
    known, now = old.names("properties"), new.names("properties")
    for name in sorted(known - now):
        yield f"{path}.{name}: removed"
    for name in sorted(new.names("required") - old.names("required")):
        yield f"{path}.{name}: required now"
    for name in sorted(known & now):
        before = old.at(_node(old.node["properties"])[name])
        after = new.at(_node(new.node["properties"])[name])
        yield from _compared(before, after, path=f"{path}.{name}")


def _takes_anything(node: Node) -> bool:
    return not node.keys() - {"title", "description", "default"}


def _same_type(before: JsonValue, after: JsonValue) -> bool:
    return before == after or after is None or (before == "integer" and after == "number")


def _allowed(node: Node) -> set[str] | None:
    if "const" in node:
        return {str(node["const"])}
    listed = node.get("enum")
    return {str(value) for value in listed} if isinstance(listed, list) else None


def _node(value: JsonValue) -> Node:
    return value if isinstance(value, dict) else {}
