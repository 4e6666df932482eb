"""Topics and, where the broker asks who calls, the rights on them: made before anyone starts."""

from collections.abc import Iterable, Iterator

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from shared.contracts.rights import Right, rights
from shared.contracts.topics import SUBMITTED, TOPICS
from shared.errors import Refused
from shared.settings import Settings
from shared.stage.broker import ensure_topics, wait_for_broker

# Numbers of Kafka's protocol (KIP-140, KIP-290).
OPERATIONS = {"read": 3, "write": 4}
RESOURCES = {"topic": 2, "group": 3}
LITERAL, ALLOW = 3, 3
EVERYWHERE = "*"


async def prepare(settings: Settings, sources: Iterable[str]) -> list[str]:
    """Make every topic that is missing, and the rights; a line for each step.

    Raises `Refused` when the broker did not make what it was asked for.
    """
    listed = tuple(sources)
    of_sources = [f"{SUBMITTED.name}.{source}" for source in listed]
    names = [*(topic.name for topic in TOPICS), *of_sources]
    await ensure_topics(settings, of_sources)
    admin = await wait_for_broker(settings)
    try:
        missing = sorted(set(names) - set(await admin.list_topics()))
        if missing:
            raise Refused(
                "topics_not_made",
                f"The broker did not make {', '.join(missing)}.",
                "Make them by hand (docs/guides/compose.md), or give this login the right to.",
            )
        said = [f"{len(names)} topics are there"]
        if settings.kafka_security == "sasl_ssl":
            granted = [await _granted(admin, right) for right in rights(listed)]
            said.append(f"{len(granted)} rights are granted")
    finally:
        await admin.close()
    return said


async def _granted(admin: AIOKafkaAdminClient, right: Right) -> Right:
    request = CreateAclsRequest(
        resource_type=RESOURCES[right.resource],
        resource_name=right.name,
        resource_pattern_type_filter=LITERAL,
        principal=f"User:{right.principal}",
        host=EVERYWHERE,
        operation=OPERATIONS[right.operation],
        permission_type=ALLOW,
    )
    answer = await admin._send_request(request)  # noqa: SLF001 -- it has no verb for rights
    for code, message in _errors(answer.creation_responses):
        raise Refused(
            "right_not_granted",
            f"{right.principal} may not {right.operation} {right.name}: {message or code}.",
            "The login of this job must be a super user of the broker.",
        )
    return right


def _errors(answers: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return ((code, message) for code, message in answers if code)
