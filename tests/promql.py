"""What a PromQL query asks for, held against the catalogue: names, and labels of each name."""

import re
from collections.abc import Iterator

import yaml

from shared.metrics.catalogue import CATALOGUE
from tests.tidy.source import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
# What Prometheus adds, and what the client library tells of the process.
_ADDED = {"job", "instance", "service", "le"}
_OTHERS = {"up", "process_start_time_seconds", "process_resident_memory_bytes"}
_NAME = re.compile(
    r"(?<![\w:\"])(kulanse_\w+|[a-z_]+:[a-z_]+:\w+|up|process_\w+)\b(?:\{([^}]*)\})?"
)


def rules(kind: str) -> list[dict[str, object]]:
    """Every alert or recording rule ("alert", "record")."""
    files = sorted((PROMETHEUS / "rules").glob("*.yaml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def _known() -> dict[str, set[str]]:
    found = {name: set(_ADDED) for name in _OTHERS}
    for metric in CATALOGUE:
        names = [metric.name]
        if metric.kind == "histogram":
            names = [metric.name + end for end in ("_bucket", "_count", "_sum")]
        found |= {name: {*metric.labels, *_ADDED} for name in names}
    for rule in rules("record"):
        # "stage_kind_state:…" has the labels that its first part names.
        level = str(rule["record"]).partition(":")[0]
        found[str(rule["record"])] = {*level.split("_"), *_ADDED}
    return found


def wrong_in(query: str) -> Iterator[str]:
    """Names that nobody counts, labels that a name does not have; nothing when it is right."""
    known, asked = _known(), list(_NAME.finditer(query))
    if not asked:
        yield f"asks for no metric: {query}"
    for found in asked:
        name, labels = found[1], found[2] or ""
        if name not in known:
            yield f"{name} is in no catalogue"
            continue
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels):
            if label not in known[name]:
                yield f"{name} has no label {label}"
