"""Writes what is installed beside this Python as a CycloneDX 1.5 document on standard output.

Sorted, and without a date or a drawn number: the same lock gives the same bytes.
"""

import json
import sys
from importlib.metadata import Distribution, distributions


def component(found: Distribution) -> dict[str, object]:
    """One library: name, version, package URL, and its licence as it names it."""
    name, version = found.metadata["Name"], found.version
    licence = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    said = [{"license": {"name": " ".join(licence.split())[:100]}}] if licence else []
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
        "licenses": said,
    }


def document() -> dict[str, object]:
    """The whole document."""
    found = sorted(map(component, distributions()), key=lambda each: str(each["purl"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "kulanse"}},
        "components": found,
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1)
