"""Does triage still read as well as it did, on texts that its writer has not seen?"""

from tests.quality.floors import TARGETS, dropped, figures, kept, raised, short

ANEW = "mend it; where it is worth it, python -m tests.quality.floors --set, in a commit of its own"


def test_no_figure_drops() -> None:
    """A mended sentence would break ten others, and nobody would see it."""
    assert dropped(figures()) == [], ANEW


def test_every_figure_has_its_floor() -> None:
    """A new signal or file would be judged and never held."""
    assert kept().keys() == figures().keys()


def test_a_drop_is_seen() -> None:
    """The gate would stand open: a floor that no figure can fall below."""
    nothing = dict.fromkeys(kept(), (0.0, 1000))
    held = [name for name, floor in kept().items() if "alarms" not in name and floor > 0.01]
    assert [line.rpartition(": ")[0] for line in dropped(nothing)] == held


def test_a_floor_is_never_lowered_by_setting_it() -> None:
    """A figure that fell would become the floor, and nobody would mend it."""
    worst = {name: (float("alarms" in name), 1000) for name in kept()}
    assert raised(worst) == kept()


def test_what_falls_short_is_named() -> None:
    """A figure below what was asked for would look as if it were reached."""
    assert short(dict.fromkeys(TARGETS, (0.0, 1000))) == [
        f"{name}: 0.0% of {target:.0%}" for name, target in TARGETS.items()
    ]
