"""Run inside the network of the brokers, with every login: who can really read, write and create.

Reads secrets from /secrets/NAME/kafka_password; prints {login: {"read": […], "write": […],
"create": […]}} as JSON, tried out topic by topic.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

BROKER, CA = "kafka:9092", "/run/kafka-ca/pem"
FETCH_MS = 1500
GIVE_UP_S = 8.0

Try = Callable[[dict[str, object], str], Awaitable[bool]]


def login(name: str) -> dict[str, object]:
    """How a client logs in with a service's password."""
    return {
        "bootstrap_servers": BROKER,
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": name,
        "sasl_plain_password": Path(f"/secrets/{name}/kafka_password").read_text().strip(),
        "ssl_context": ssl.create_default_context(cafile=CA),
    }


async def may_read(who: dict[str, object], topic: str) -> bool:
    """Whether a fetch is answered; the position is asked for, nothing is committed."""
    consumer = AIOKafkaConsumer(**who, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        await consumer.getmany(timeout_ms=FETCH_MS)
    finally:
        await consumer.stop()
    return True


async def may_write(who: dict[str, object], topic: str) -> bool:
    """Whether a record is taken; it is no event, and a reader puts it aside."""
    producer = AIOKafkaProducer(**who)
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"{}", key=b"probe", partition=0)
    finally:
        await producer.stop()
    return True


async def may_create(who: dict[str, object], topic: str) -> bool:
    """Whether a topic of a new name can be made."""
    admin = AIOKafkaAdminClient(**who)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(f"new.{topic}", 1, 1)])
    finally:
        await admin.close()
    return all(error[1] == 0 for error in answer.topic_errors)


async def allowed(tried: Try, who: dict[str, object], topic: str) -> bool:  # signature: pytest
    """Whether it worked; a refusal in any form is a no."""
    try:
        return await asyncio.wait_for(tried(who, topic), GIVE_UP_S)
    except (KafkaError, TimeoutError, AssertionError):
        return False


async def main(logins: list[str], topics: list[str]) -> None:
    """Try everything."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in logins:
        who, found[name] = login(name), {}
        for verb, tried in (("read", may_read), ("write", may_write)):
            said = await asyncio.gather(*(allowed(tried, who, topic) for topic in topics))
            found[name][verb] = [topic for topic, yes in zip(topics, said, strict=True) if yes]
        made = await allowed(may_create, who, name)
        found[name]["create"] = [name] if made else []
    print(json.dumps(found))  # noqa: T201 -- its output is its purpose


if __name__ == "__main__":
    asyncio.run(main(*json.loads(sys.argv[1])))
