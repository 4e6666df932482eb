"""What the audit sends: the demo's complaints, paid for with a provider that can fail."""

from datetime import UTC, datetime

from pydantic import JsonValue

from services.cli.demo.script import Node, Script, Told, script
from tests.system.load import Load

PROVIDER = "pi_"


class Traffic(Load):
    """A channel team whose shop takes cards by the fake provider."""

    def script(self, many: int, mark: str) -> Script:
        """The demo's list; every payment is the provider's."""
        usual = script(many, datetime.now(UTC), mark=mark)
        told = tuple(
            Told(each.id, each.via, _paid(each.submitted), again=each.again) for each in usual.told
        )
        return Script(told, tuple(_paid(each) for each in usual.orders), usual.broken)


def _paid(node: Node) -> Node:
    return {name: _by_provider(name, value) for name, value in node.items()}


def _by_provider(name: str, value: JsonValue) -> JsonValue:
    if name == "reference" and isinstance(value, str):
        return PROVIDER + value
    if isinstance(value, dict):
        return _paid(value)
    if isinstance(value, list):
        return [_by_provider(name, each) for each in value]
    return value
