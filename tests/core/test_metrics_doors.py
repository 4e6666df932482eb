"""A door counts what it answers; /metrics shows it, on another port."""

import urllib.request
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from shared.door import Counted
from shared.http import serve_status
from shared.ledger.engine import sqlite_engine
from shared.metrics.board import Board
from shared.stage.gauges import look


def _door() -> FastAPI:
    app = FastAPI()

    @app.get("/v1/cases/{case_id}")
    async def show(case_id: str) -> str:
        if case_id == "boom":
            raise RuntimeError
        return case_id

    return app


async def test_a_request_is_counted_by_its_route() -> None:
    """A path holds ids, and whatever a stranger types: each would be a row for ever."""
    board = Board()
    transport = httpx.ASGITransport(app=Counted(_door(), board, door="desk"))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.com") as client:
        for path in ("ingrid@example.com", "another"):
            await client.get(f"/v1/cases/{path}")
        await client.request("BREW", "/coffee/ingrid@example.com")
        with pytest.raises(RuntimeError):
            await client.get("/v1/cases/boom")
    assert board.rows("kulanse_door_requests_total") == {
        ("desk", "GET", "/v1/cases/{case_id}", "200"): 2,
        ("desk", "GET", "/v1/cases/{case_id}", "500"): 1,
        ("desk", "other", "none", "404"): 1,
    }
    assert board.count_of("kulanse_door_seconds", ("desk", "/v1/cases/{case_id}")) == 3


def test_metrics_are_served() -> None:
    """Prometheus would find nothing, or not the process."""
    board = Board()
    board.add("kulanse_batches_total", {("triage",): 3})
    try:
        port = serve_status("127.0.0.1", 0, why_not_ready=str, board=board)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    finally:
        REGISTRY.unregister(board)
    assert 'kulanse_batches_total{stage="triage"} 3.0' in text
    assert "process_start_time_seconds" in text


def test_a_ledger_that_does_not_answer_is_a_number_too(tmp_path: Path) -> None:
    """A database that is away would end the asking, and look like a quiet night."""
    board = Board()
    look("triage", sqlite_engine(str(tmp_path / "no-tables.db")), board=board, own=lambda _: {})
    assert board.rows("kulanse_ledger_up") == {("triage",): 0.0}
