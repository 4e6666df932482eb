"""`docs/reference/metrics.md`, made from the catalogue: `python -m shared.metrics.reference`."""

from pathlib import Path

from shared.metrics.catalogue import CATALOGUE, LABELS, Metric

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "metrics.md"
HEAD = """\
# Metrics

Made by `python -m shared.metrics.reference` from `shared/metrics/catalogue.py`; a test holds the
two together. Each process serves them at `/metrics` on `KULANSE_HTTP_PORT` (0: not at all, and
nothing is counted), beside `/health` and `/ready`; a door's own port never shows them. Prometheus
adds `job` and `instance`.

Nothing personal is a label: no id, no name, no address, no words. Every label takes few values, all
of them ours; should a bug make more than 500 rows of one metric, the rest is counted as `other`.

*Across workers* says how the workers of one stage add up: `sum` of what each counted itself, `max`
where all of them look at the same ledger. Beside these stand what `prometheus_client` tells of the
process (`process_start_time_seconds`, `process_resident_memory_bytes`, `python_gc_…`) and
`stamina_retries_total`, the database asked again.
"""


def render() -> str:
    """The whole page."""
    rows = "\n".join(_row(metric) for metric in CATALOGUE)
    labels = "\n".join(f"| `{name}` | {values} |" for name, values in LABELS.items())
    head = "| metric | kind | labels | unit | across workers | meaning |\n|---|---|---|---|---|---|"
    return f"{HEAD}\n{head}\n{rows}\n\n## Labels\n\n| label | values |\n|---|---|\n{labels}\n"


def _row(metric: Metric) -> str:
    labels = ", ".join(metric.labels)
    unit = metric.unit or "count"
    across = "sum" if metric.kind != "gauge" else metric.across
    name, kind = metric.name, metric.kind
    return f"| `{name}` | {kind} | {labels} | {unit} | {across} | {metric.help} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
