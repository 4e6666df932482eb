"""Every panel asks for what is counted, and Grafana reads what the description says."""

import json

import pytest
import yaml

from shared.metrics.catalogue import CATALOGUE
from shared.metrics.dashboards import FOLDER, HERE, Dashboard, Panel, dashboards, render
from tests.promql import rules, wrong_in

PANELS = [(each, panel) for each in dashboards() for panel in each.panels]
# `ALERTS` is Prometheus' own.
OWN = "ALERTS{"


@pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=lambda x: getattr(x, "title", ""))
def test_a_panel_asks_for_what_is_counted(dashboard: Dashboard, panel: Panel) -> None:
    """A panel would stay empty, and look like a quiet night."""
    assert panel.says.endswith("."), dashboard.title
    for query in panel.queries.values():
        assert OWN in query or list(wrong_in(query)) == []


@pytest.mark.parametrize("dashboard", dashboards(), ids=lambda d: d.uid)
def test_the_json_is_what_the_description_says(dashboard: Dashboard) -> None:
    """Grafana would show yesterday's panels: `python -m shared.metrics.dashboards`."""
    made = FOLDER / f"{dashboard.uid}.json"
    assert render(dashboard) == made.read_text(encoding="utf-8")
    places = [panel["gridPos"] for panel in json.loads(made.read_text())["panels"]]
    cells = [(p["x"] + x, p["y"] + y) for p in places for x in range(p["w"]) for y in range(p["h"])]
    assert len(cells) == len(set(cells)), "panels lie on each other"


def test_nothing_is_left_over() -> None:
    """A dashboard that nobody describes any more would still be shown."""
    assert {f"{d.uid}.json" for d in dashboards()} == {path.name for path in FOLDER.iterdir()}


def test_grafana_finds_prometheus_and_the_dashboards() -> None:
    """Every panel would say that there is no data source."""
    sources = yaml.safe_load((HERE / "provisioning/datasources/prometheus.yaml").read_text())
    (source,) = sources["datasources"]
    assert (source["uid"], source["type"]) == ("prometheus", "prometheus")
    providers = yaml.safe_load((HERE / "provisioning/dashboards/kulanse.yaml").read_text())
    (provider,) = providers["providers"]
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"


def test_every_metric_is_looked_at() -> None:
    """Something would be counted that no panel and no alert asks for: for nobody."""
    asked = " ".join(
        [query for _, panel in PANELS for query in panel.queries.values()]
        + [str(rule["expr"]) for rule in rules("alert") + rules("record")]
    )
    assert [metric.name for metric in CATALOGUE if metric.name not in asked] == []
