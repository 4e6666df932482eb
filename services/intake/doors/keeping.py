"""The files of a message, kept aside before its record leaves: a reference never leads nowhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from services.intake.files import File, judged
from services.intake.policy import KeptFiles
from shared.contracts.submitted import Attachment
from shared.errors import Transient
from shared.vault.files import Files, reference_of, sha256_of

Told = tuple[tuple[Attachment, ...], tuple[bytes, ...]]


@dataclass
class Aside:
    """Where files are kept; connects when there is a first one."""

    open: Callable[[], Files]
    _files: Files | None = None
    _opening: Lock = field(default_factory=Lock)

    def put(self, record_key: str, contents: Sequence[bytes]) -> None:
        """Keep these; raises `Transient` when the vault does not answer."""
        try:
            self._opened().put(record_key, contents)
        except SQLAlchemyError as error:
            raise Transient(type(error).__name__) from None

    def _opened(self) -> Files:
        with self._opening:
            if self._files is None:
                self._files = self.open()
            return self._files


def told(found: Sequence[File], record_key: str, *, rules: KeptFiles) -> Told:
    """What the event says of each file, and the bytes of those that are to be kept. Pure."""
    said, kept = [], []
    for each in judged(found, rules):
        attachment = each.attachment
        if each.kept is not None:
            digest = sha256_of(each.kept)
            reference = reference_of(record_key, digest)
            attachment = attachment.model_copy(update={"sha256": digest, "reference": reference})
            kept.append(each.kept)
        said.append(attachment)
    return tuple(said), tuple(kept)
