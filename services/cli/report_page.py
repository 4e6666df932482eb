"""The scorecard as one HTML page: tables with plots drawn as SVG in it, nothing fetched, no script.

Whoever gets it by mail can open it years later. A group's name comes from events: all is escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from shared.scorecard.following_up import Followed, covered
from shared.scorecard.measures import Measure
from shared.scorecard.plots import MARGIN, WIDTH, Plot, bar, plot

Cause = tuple[str, str, int]
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Scorecard</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; width: 100%; margin-bottom: 2em }
th, td { text-align: left; padding: .3em .6em; border-bottom: 1px solid #8884; vertical-align: top }
td.n { text-align: right }
small { opacity: .7 }
svg { display: block }
svg line { stroke: currentColor } svg circle, svg rect { fill: currentColor }
</style></head>
<body>
<h1>Scorecard</h1>
<p>{{ complaints }} complaints. Each figure stands with how many it is of and its 95 % interval;
below 20 it is "too few". There is no total.</p>
{% for criterion, rows in criteria %}<h2>{{ criterion }}</h2>
<table>
<tr><th>what</th><th>value</th><th>95 %</th><th>n</th><th>plot</th></tr>
{% for row in rows %}<tr><td>{{ row.name }}<br><small>{{ row.events }}</small></td>
<td>{{ row.value }}</td><td>{{ row.interval }}</td><td class="n">{{ row.n }}</td>
<td>{% if row.plot %}<svg width="{{ width }}" height="24" role="img" aria-label="{{ row.said }}">
<line x1="{{ margin }}" y1="20" x2="{{ width - margin }}" y2="20" stroke-opacity=".3"/>
<line x1="{{ row.plot.low }}" y1="10" x2="{{ row.plot.high }}" y2="10" stroke-width="3"/>
<circle cx="{{ row.plot.value }}" cy="10" r="5"/></svg>
<small>0 to {{ figure(row.plot.end, row.unit) }}</small>{% endif %}</td></tr>
{% endfor %}</table>
{% endfor %}{% if causes %}<h2>What people complain of</h2>
<table>
<tr><th>phase</th><th>about</th><th>how many</th><th>plot</th></tr>
{% for cause in causes %}<tr><td>{{ cause.phase }}</td><td>{{ cause.category }}</td>
<td class="n">{{ cause.count }}</td>
<td><svg width="{{ width }}" height="16" role="img" aria-label="{{ cause.count }}">
<rect x="0" y="3" width="{{ cause.width }}" height="10"/></svg></td></tr>
{% endfor %}</table>
<p>Causes with a measure: {{ covered }} of {{ causes | length }}.</p>
{% endif %}{% if followed %}<h2>What was done about it</h2>
<p>The cause's share of all complaints before the measure held, and since. Whether it was the
measure that moved it, the figures cannot say.</p>
<table>
<tr><th>about</th><th>measure</th><th>before</th><th>since</th><th>how it moved</th></tr>
{% for each in followed %}<tr><td>{{ each.phase }}: {{ each.cause }}</td>
<td>{{ each.what }}<br><small>{{ each.owner }}, from {{ each.holds_from.date() }}</small></td>
<td>{{ told(each.before) }}</td><td>{{ told(each.after) }}</td><td>{{ each.verdict }}</td></tr>
{% endfor %}</table>
{% endif %}<h2>What colleagues met</h2>
<p>Hostile: {{ exposure.hostile }}. Threats: {{ exposure.threat }}. Never by name.</p>
</body>
</html>
"""
_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)


@dataclass(frozen=True, slots=True)
class Row:
    """One measure, as it is shown."""

    name: str
    events: str
    value: str
    interval: str
    n: int
    plot: Plot | None
    unit: str = ""

    @property
    def said(self) -> str:
        """The plot in words, for who does not see it."""
        return f"{self.name}: {self.value}, {self.interval}"


def page_of(
    measures: Sequence[Measure],
    *,
    complaints: int,
    causes: Sequence[Cause],
    exposure: Mapping[str, int],
    followed: Sequence[Followed] = (),
) -> str:
    """The whole page."""
    names = dict.fromkeys(measure.criterion for measure in measures)
    criteria = [
        (name, [_row(each, measures) for each in measures if each.criterion == name])
        for name in names
    ]
    most = max((count for _, _, count in causes), default=1)
    bars = [
        {"phase": phase, "category": about, "count": count, "width": bar(count, most)}
        for phase, about, count in causes
    ]
    return _TEMPLATE.render(
        complaints=complaints,
        criteria=criteria,
        causes=bars,
        exposure=exposure,
        followed=followed,
        covered=covered(causes, followed),
        told=told,
        figure=figure,
        width=WIDTH,
        margin=MARGIN,
    )


def figure(value: float, unit: str) -> str:
    """A value with its unit, as people read it."""
    return f"{value:.0%}" if unit == "share" else f"{value:.1f} {unit}"


def told(measure: Measure) -> str:
    """A share with its interval and of how many, in one line."""
    if measure.value is None or measure.low is None or measure.high is None:
        return f"too few (n {measure.n})"
    value, low, high = (
        figure(each, measure.unit) for each in (measure.value, measure.low, measure.high)
    )
    return f"{value} ({low} to {high}, n {measure.n})"


def _row(measure: Measure, among: Sequence[Measure]) -> Row:
    name = f"{measure.name} ({measure.group})" if measure.group else measure.name
    if measure.value is None or measure.low is None or measure.high is None:
        return Row(name, measure.events, "too few", "", measure.n, None)
    low, value, high = (
        figure(each, measure.unit) for each in (measure.low, measure.value, measure.high)
    )
    return Row(
        name,
        measure.events,
        value,
        f"{low} to {high}",
        measure.n,
        plot(measure, among),
        measure.unit,
    )
