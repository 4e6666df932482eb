"""The files of one person, as an export tells of them, and as it puts them into a folder."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from services.cli.sealed import has_vault
from services.cli.surroundings import settings
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import Personal
from shared.vault.files import Files
from shared.vault.opening import open_files


def files_of(record_keys: Iterable[str], found: Iterable[Event[Contract]]) -> list[JsonValue]:
    """All that is kept of these keys, with the names that the events give."""
    files, names = _files(), _names(found)
    if files is None:
        return []
    kept: list[JsonValue] = []
    for key in record_keys:
        for reference in files.of(key):
            name = names.get(reference, "")
            kept.append({"record_key": key, "reference": reference, "name": name})
    files.close()
    return kept


def put_into(folder: Path, rows: JsonValue) -> int:
    """Each of these files, under its reference and its name; how many there were."""
    files, count = _files(), 0
    for row in rows if files is not None and isinstance(rows, list) else ():
        if files is None or not isinstance(row, dict):
            continue
        reference = str(row["reference"])
        content = files.get(str(row["record_key"]), reference)
        if content is not None:
            folder.mkdir(parents=True, exist_ok=True)
            # A name never leads out of the folder.
            name = str(row["name"]).replace("/", "_").replace("\\", "_")
            (folder / f"{reference}-{name}").write_bytes(content)
            count += 1
    return count


def _files() -> Files | None:
    """None: no vault's secret lies here, and nothing can be opened."""
    ours = settings()
    return open_files(ours) if has_vault(ours) else None


def _names(found: Iterable[Event[Contract]]) -> dict[str, str]:
    names = {}
    for event in found:
        personal = getattr(event.data, "personal", None)
        for each in personal.attachments if isinstance(personal, Personal) else ():
            if each.reference is not None:
                names[each.reference] = each.name
    return names
