"""Policy: YAML files read into a model, and a digest that names exactly what was read.

Business numbers, texts and word lists live in `deploy/policy`; `KULANSE_POLICY_DIR` points
elsewhere. The digest travels with every decision, so that it can be made again.
"""

import hashlib
import os
from pathlib import Path
from typing import TypeVar

import orjson
import yaml
from pydantic import BaseModel, ValidationError

from shared.contracts.codec import faults_of
from shared.errors import Refused

M = TypeVar("M", bound=BaseModel)
POLICY_DIR = Path(__file__).resolve().parent.parent / "deploy" / "policy"
DIGEST_HEX_CHARS = 16
DEPTH_MAX = 20  # of a policy that somebody typed; ours are half as deep
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# By model and files, what was read last and its digest: reading takes up to a second, and whoever
# asks again, while the files hold the same, may have the same frozen policy.
_read_last: dict[tuple[type[BaseModel], tuple[str, ...]], tuple[str, BaseModel]] = {}


def policy_dir() -> Path:
    """Where the policy files lie."""
    return Path(os.environ.get("KULANSE_POLICY_DIR", POLICY_DIR))


def load_policy(model: type[M], **files: str) -> tuple[M, str]:
    """Read each file under its keyword (`triage="triage.yaml"`) into one model, with its digest.

    A name with `*` reads all matching files as a mapping by stem. Raises `Refused` with the file,
    the field and what is wrong.
    """
    root = policy_dir()
    digest = hashlib.sha256()
    places = {keyword: _places(root, name) for keyword, name in files.items()}
    for path in (path for found in places.values() for path in found):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    asked, now = (model, (*files, *files.values())), digest.hexdigest()
    before, kept = _read_last.get(asked, ("", None))
    if before != now or not isinstance(kept, model):
        content: dict[str, object] = {}
        for keyword, found in places.items():
            read = {path.stem: _content(path) for path in found}
            content[keyword] = read if "*" in files[keyword] else next(iter(read.values()))
        kept = _read_as(model, content, where=", ".join(files.values()))
        if model.model_config.get("frozen"):
            _read_last[asked] = now, kept
    return kept, now[:DIGEST_HEX_CHARS]


def _places(root: Path, name: str) -> list[Path]:
    found = sorted(root.glob(name))
    if not found:
        raise Refused("policy_missing", f"{root / name} is not there.", "Restore it.")
    return found


def read_policy_content(path: Path) -> object:
    """A file anywhere, read: a policy that is being tried out. Raises `Refused`."""
    return _content(path)


def read_policy_text(text: str, *, where: str) -> object:
    """What somebody typed as a policy; raises `Refused`. One document, no anchors, no deep nests.

    A few lines of anchors that name each other unfold to more than memory holds.
    """
    depth = documents = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                message = f"{where}: line {_line(event)} begins another document."
                raise Refused("policy_several", message, "Leave one document.")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > DEPTH_MAX:
                hint = "Write it out, without anchors, and no deeper than the policies are."
                raise Refused("policy_not_plain", f"{where}: line {_line(event)}.", hint)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 -- yaml's safe loader, in C
    except (yaml.YAMLError, ValueError) as error:
        line = str(error).replace("\n", " ")
        raise Refused("policy_not_yaml", f"{where}: {line}.", "Correct the file.") from None


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark else 0


def read_policy_as(model: type[M], content: object, *, where: str) -> M:
    """What was read as a model; raises `Refused` naming the field."""
    return _read_as(model, content, where=where)


def _read_as(model: type[M], content: object, *, where: str) -> M:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = faults_of(error.errors(include_url=False))[0]
        message = f"{where}: {first.field}: {first.hint}."
        raise Refused("policy_invalid", message, "Correct the file.") from None


def _content(path: Path) -> object:
    """YAML; or JSON, for tables that no one edits and that are long."""
    return orjson.loads(path.read_bytes()) if path.suffix == ".json" else _yaml(path)


def _yaml(path: Path) -> object:
    try:
        # The loader is yaml's safe one, in C where it can be had.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        line = str(error).replace("\n", " ")
        raise Refused("policy_not_yaml", f"{path}: {line}.", "Correct the file.") from None
