"""The AsyncAPI 3.0 document: what Kulanse reads and writes on Kafka, for all who connect."""

from pydantic import JsonValue

from shared.contracts.contract import Contract
from shared.contracts.topics import PARTITIONS_DEFAULT, SUBMITTED, TOPICS, Topic

VERSION = "1.0.0"
BINDING_VERSION = "0.5.0"

# What a record's key is, in words, by `Topic.key`.
KEYS = {
    "complainant": "HMAC-SHA256 of the complainant, 32 hex digits: one person's events in order",
    "source": "the source that the receipt is for",
    "order": "the order's id",
    "switch": "the switch's name",
    "measure": "the measure's id: of each the last word is kept",
    "any": "anything; it decides nothing",
}
# CloudEvents 1.0 in binary mode: the attributes as record headers, and what each one is.
HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "unique; what we write is derived from its cause, never drawn",
    "ce_source": "who wrote it; from outside it is a claim, never a proof",
    "ce_type": "the event type",
    "ce_time": "RFC 3339; the time of the first cause",
    "ce_partitionkey": "the complainant's key, copied by every later event",
    "ce_causedepth": "how many causes came before",
    "ce_causationid": "the event that brought this one about",
    "ce_policydigest": "the policy that decided it",
    "ce_traceparent": "W3C Trace Context",
}
NEEDED = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")

Node = dict[str, JsonValue]


def document() -> Node:
    """The whole document, as plain values in the order they are written."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {_operation_name(topic): _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {e.TYPE: _message(e, topic) for topic in TOPICS for e in topic.types},
            "messageTraits": {"cloudevent": _cloudevent()},
        },
    }


def _info() -> Node:
    return {
        "title": "Kulanse",
        "version": VERSION,
        "description": (
            "Complaints in, fair answers out. Publish to complaints.submitted (or to your own "
            "complaints.submitted.SOURCE), read your answers on complaints.receipts, and follow "
            "the money on recoveries. Money is minor units and an ISO 4217 code."
        ),
        "license": {"name": "Apache-2.0"},
    }


def _channel(topic: Topic) -> Node:
    cleanup: list[JsonValue] = ["compact" if topic.compacted else "delete"]
    channel: Node = {
        "address": topic.name,
        "messages": {e.TYPE: {"$ref": f"#/components/messages/{e.TYPE}"} for e in topic.types},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions or PARTITIONS_DEFAULT,
                "topicConfiguration": {
                    "cleanup.policy": cleanup,
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.record_bytes_max,
                },
                "bindingVersion": BINDING_VERSION,
            }
        },
    }
    if topic is SUBMITTED:
        channel["description"] = (
            "A source that must be proved has a topic of its own, complaints.submitted.SOURCE, "
            "which only it may write to. A plain JSON value without headers is taken too."
        )
    if not topic.types:
        channel["messages"] = {"deadletter": {"payload": {}, "contentType": "*/*"}}
        channel["description"] = "The original bytes; reason and provenance are headers."
    return channel


def _operation_name(topic: Topic) -> str:
    return f"{'receive' if topic.foreign else 'send'}.{topic.name}"


def _operation(topic: Topic) -> Node:
    channel = f"#/channels/{topic.name}"
    names = [event.TYPE for event in topic.types] or ["deadletter"]
    return {
        "action": "receive" if topic.foreign else "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
    }


def _message(event: type[Contract], topic: Topic) -> Node:
    summary = (event.__doc__ or "").strip().splitlines()[0]
    return {
        "name": event.TYPE,
        "summary": summary,
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {"$ref": f"./schemas/{event.TYPE}.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": KEYS[topic.key]}}},
    }


def _cloudevent() -> Node:
    headers: Node = {n: {"type": "string", "description": d} for n, d in HEADERS.items()}
    required: list[JsonValue] = list(NEEDED)
    return {
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers, "required": required},
    }
