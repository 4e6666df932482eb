"""Grafana's dashboards, made from `deploy/grafana/dashboards.yaml` by running this module."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

HERE = Path(__file__).resolve().parents[2] / "deploy" / "grafana"
FOLDER = HERE / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
SCHEMA = 39  # Grafana 11's
COLUMNS = 24
STAT, GRAPH = (6, 4), (12, 8)  # columns and rows of a panel


class Panel(BaseModel):
    """One picture; `queries` by legend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    says: str
    unit: str
    queries: dict[str, str]
    kind: str = "timeseries"


class Dashboard(BaseModel):
    """One page of panels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: str
    title: str
    says: str
    panels: tuple[Panel, ...]


def dashboards() -> tuple[Dashboard, ...]:
    """All of them, as described."""
    text = (HERE / "dashboards.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[Dashboard, ...]).validate_python(yaml.safe_load(text))


def render(dashboard: Dashboard) -> str:
    """The JSON that Grafana reads."""
    places = _places(dashboard.panels)
    panels = [
        _panel(number, panel, place=next(places))
        for number, panel in enumerate(dashboard.panels, start=1)
    ]
    whole = {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.says,
        "tags": ["kulanse"],
        "schemaVersion": SCHEMA,
        "timezone": "browser",
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "panels": panels,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _panel(number: int, panel: Panel, *, place: dict[str, int]) -> dict[str, object]:
    letters = map(chr, range(ord("A"), ord("Z")))
    targets = [
        {"refId": next(letters), "expr": expr, "legendFormat": legend, "datasource": SOURCE}
        for legend, expr in islice(panel.queries.items(), 25)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": targets,
    }


def _places(panels: tuple[Panel, ...]) -> Iterator[dict[str, int]]:
    """From left to right, then down; what does not fit begins a row."""
    x = y = row = 0
    for panel in panels:
        width, height = STAT if panel.kind == "stat" else GRAPH
        if x + width > COLUMNS or height != (row or height):
            x, y, row = 0, y + row, 0
        yield {"x": x, "y": y, "w": width, "h": height}
        x, row = x + width, height


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for made in dashboards():
        (FOLDER / f"{made.uid}.json").write_text(render(made), encoding="utf-8")
