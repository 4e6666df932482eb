"""Spans to an OpenTelemetry collector: one for each decided event of a sender's sampled trace.

An extra (`pip install kulanse[otel]`) and off: without KULANSE_OTLP_URL nothing of it is imported
and nothing is asked per event. Ids and types only; nothing personal.
"""

from typing import TYPE_CHECKING

from shared.errors import Refused
from shared.settings import Settings
from shared.stage.batch import Plan, Planned

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

SAMPLED = 0x01


class Spans:
    """Tells of each batch. A span begins when its record came into the log."""

    def __init__(self, stage: str, exporter: "SpanExporter") -> None:
        """`exporter`: where they go; called in a thread of its own."""
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 -- an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 -- an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 -- an extra

        named = Resource({"service.name": f"kulanse-{stage}", "service.namespace": "kulanse"})
        self.stage, self.provider = stage, TracerProvider(resource=named)
        self.provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self.provider.get_tracer("kulanse")

    def batch(self, plan: Plan) -> None:
        """A batch was recorded and sent."""
        traced = [planned for planned in plan.planned if _sampled(planned.event.traceparent)]
        if traced:
            came_ms = {dict(r.headers).get("ce_id", b""): r.timestamp_ms for r in plan.records}
            for planned in traced:
                self._tell(planned, came_ms.get(planned.event.id.encode()))

    def _tell(self, planned: Planned, came_ms: int | None) -> None:
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 -- an extra
            TraceContextTextMapPropagator,
        )

        event = planned.event
        # Intake makes ids of its own for what comes in; there the event's time is the record's.
        began_ms = came_ms if came_ms is not None else round(event.time.timestamp() * 1000)
        span = self._tracer.start_span(
            f"{self.stage} {event.type}",
            context=TraceContextTextMapPropagator().extract(
                {"traceparent": str(event.traceparent)}
            ),
            start_time=began_ms * 1_000_000,
            attributes={
                "messaging.system": "kafka",
                "messaging.destination.name": event.topic,
                "kulanse.event_id": event.id,
                "kulanse.causation_id": event.causation_id or "",
                "kulanse.emitted": len(planned.emitted),
            },
        )
        span.end()

    def stop(self) -> None:
        """Send what waits."""
        self.provider.shutdown()


def _sampled(traceparent: str | None) -> bool:
    return traceparent is not None and bool(int(traceparent[-2:], 16) & SAMPLED)


def open_spans(settings: Settings, stage: str) -> Spans | None:
    """Spans to KULANSE_OTLP_URL; None when it is empty, `Refused` when the extra is missing."""
    if not settings.otlp_url:
        return None
    try:
        # An extra, as above.
        from opentelemetry.exporter.otlp.proto.http import trace_exporter  # noqa: PLC0415
    except ImportError:
        raise Refused(
            "no_otel",
            "KULANSE_OTLP_URL is set, but the OpenTelemetry SDK is not installed.",
            "Install kulanse[otel], or leave the setting empty.",
        ) from None
    return Spans(stage, trace_exporter.OTLPSpanExporter(endpoint=settings.otlp_url))
