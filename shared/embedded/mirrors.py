"""Which Maven repositories to ask: what a person has set for jgo or Maven, else Maven Central."""

from pathlib import Path
from xml.etree import ElementTree as Xml

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL

_CENTRAL = "central"


def repositories() -> dict[str, str]:
    """Name to address. jgo's own settings come first, then a mirror from Maven's settings.xml."""
    chosen = dict(GlobalSettings.load().repositories)
    chosen.setdefault(_CENTRAL, _mirror_of_this_person() or MAVEN_CENTRAL_URL)
    return chosen


def central_mirror(settings_xml: str) -> str | None:
    """The address that stands in for Maven Central in a settings.xml, if one does."""
    root = Xml.fromstring(settings_xml)  # noqa: S314 -- the person's own file, in their home
    for mirror in root.iterfind(".//{*}mirrors/{*}mirror"):
        url = (mirror.findtext("{*}url") or "").strip()
        blocked = (mirror.findtext("{*}blocked") or "").strip() == "true"
        if url and not blocked and _stands_for_central(mirror.findtext("{*}mirrorOf") or ""):
            return url.rstrip("/")
    return None


def _mirror_of_this_person() -> str | None:
    path = Path.home() / ".m2" / "settings.xml"
    try:
        return central_mirror(path.read_text(encoding="utf-8"))
    except (OSError, Xml.ParseError):
        return None  # no settings, or broken ones: Maven would say so, it is not our business


def _stands_for_central(mirror_of: str) -> bool:
    patterns = {pattern.strip() for pattern in mirror_of.split(",")}
    return f"!{_CENTRAL}" not in patterns and bool(patterns & {"*", "external:*", _CENTRAL})
