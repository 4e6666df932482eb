"""A Stripe in one process that forgets nothing it did: refunds over HTTP, a journal, and faults.

It keeps no books of ours and refuses no second refund: what our side would do twice stands here
twice. Faults come as the test says, each before or after the effect.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Fault = Literal[
    "timeout_after",
    "500_after",
    "500_without",
    "500_saved",
    "reset",
    "429",
    "503",
    "409",
    "401",
    "garbage",
    "wrong_amount",
    "forgets",
    "slow",
]
FAULTS: tuple[Fault, ...] = Fault.__args__  # type: ignore[attr-defined] # a Literal's values
ERRORS = {"429": "rate_limit", "503": "api_error", "409": "lock_timeout", "401": "api_key_expired"}
HALF = 2
Refund = dict[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the journal has it."""

    method: str
    key: str
    payment: str
    fault: Fault | None


@dataclass(slots=True)
class FakeStripe:
    """What it did and was asked. `fault` says what befalls a call; `status` how a refund begins."""

    fault: Callable[[Call], Fault | None] = lambda _call: None
    status: Callable[[str], str] = lambda _payment: "succeeded"
    silent_s: float = 1.0
    journal: list[Call] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    saved: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    url: str = ""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator["FakeStripe"]:
        """Serve on a free port of this machine."""
        server = _Server(self)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def effects(self, key: str) -> list[Refund]:
        """The refunds that carry this effect's key in their metadata."""
        return [r for r in self.refunds if _metadata(r).get("gesture_id") == key]

    def noted(self, method: str, key: str, *, payment: str) -> Fault | None:
        """Write the call down, and say what befalls it."""
        with self._turn:
            fault = self.fault(Call(method, key, payment, None))
            self.journal.append(Call(method, key, payment, fault))
            return fault

    def listed(self, payment: str) -> bytes:
        """The refunds of a payment (none named: all of them), newest first."""
        with self._turn:
            found = [r for r in reversed(self.refunds) if payment in ("", r["payment_intent"])]
            for refund in found:
                # Time passes between two looks: what was pending is done.
                refund["status"] = (
                    "succeeded" if refund["status"] == "pending" else refund["status"]
                )
            return json.dumps({"object": "list", "data": found, "has_more": False}).encode()

    def made(self, form: Mapping[str, str], key: str, *, fault: Fault | None) -> tuple[int, bytes]:
        """Refund once per key that is kept; the status and body that are saved under it."""
        with self._turn:
            if fault == "forgets":
                self.saved.clear()
            if key in self.saved:
                return self.saved[key]
            if fault == "500_saved":
                self.saved[key] = 500, _error("api_error")
                return self.saved[key]
            refund = self._refund(form, more=int(fault == "wrong_amount"))
            answer = 200, json.dumps(refund).encode()
            self.saved[key] = (500, _error("api_error")) if fault == "500_after" else answer
            return self.saved[key]

    def _refund(self, form: Mapping[str, str], *, more: int) -> Refund:
        payment = form["payment_intent"]
        refund: Refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": int(form["amount"]) + more,
            "currency": "nok",
            "payment_intent": payment,
            "status": self.status(payment),
            "metadata": {
                name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")
            },
        }
        self.refunds.append(refund)
        return refund


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, fake: FakeStripe) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_said: object) -> None:
        """The journal is enough."""

    def do_GET(self) -> None:
        """List the refunds of a payment."""
        asked = parse_qs(urlsplit(self.path).query)
        payment = asked.get("payment_intent", [""])[0]
        fault = self.server.fake.noted("GET", "", payment=payment)
        self._befall(fault, lambda: (200, self.server.fake.listed(payment)))

    def do_POST(self) -> None:
        """Make a refund."""
        raw = self.rfile.read(int(self.headers["content-length"]))
        form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        key = self.headers.get("idempotency-key", "")
        fake = self.server.fake
        fault = fake.noted("POST", key, payment=form["payment_intent"])
        self._befall(fault, lambda: fake.made(form, key, fault=fault))

    def _befall(self, fault: Fault | None, done: Callable[[], tuple[int, bytes]]) -> None:
        if fault in ("429", "503", "409", "401"):
            self._answer(int(fault), _error(ERRORS[fault]))
        elif fault == "500_without":
            self._answer(500, _error("api_error"))
        else:
            self._after(fault, done())

    def _after(self, fault: Fault | None, answer: tuple[int, bytes]) -> None:
        status, body = answer
        if fault == "timeout_after":
            time.sleep(self.server.fake.silent_s)
            self.close_connection = True
        elif fault == "reset":
            self._reset(body)
        elif fault == "garbage":
            self._answer(200, b"<html>It works!</html>")
        else:
            if fault == "slow":
                time.sleep(self.server.fake.silent_s / 10)
            self._answer(status, body)

    def _reset(self, body: bytes) -> None:
        """Half an answer, then a reset instead of a close."""
        with suppress(OSError):
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // HALF])
            self.wfile.flush()
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def _answer(self, status: int, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def _error(code: str) -> bytes:
    return json.dumps({"error": {"type": "api_error", "code": code, "message": "…"}}).encode()


def _metadata(refund: Refund) -> Mapping[str, object]:
    found = refund["metadata"]
    return found if isinstance(found, dict) else {}
