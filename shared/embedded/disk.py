"""Room on a disk, and files that several processes may want at once."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.embedded.errors import EmbeddedError


def require_space(folder: Path, megabytes: int) -> None:
    """Refuse early what would otherwise fail half-way."""
    free = free_mb(folder)
    if free < megabytes:
        raise full(folder, f"{free} MB free, {megabytes} MB needed")


def free_mb(folder: Path) -> int:
    """What is left on the disk of a folder, in megabytes."""
    return shutil.disk_usage(folder).free // 1_000_000


def full(folder: Path, detail: str = "no space left") -> EmbeddedError:
    """The one way to say that a disk is full."""
    return EmbeddedError(
        "disk_full",
        f"The disk of {folder} is full ({detail}).",
        "Free some space, or choose another disk (--data-dir, XDG_CACHE_HOME).",
    )


@contextmanager
def speaking_plainly(folder: Path) -> Iterator[None]:
    """Turn what the system says about a folder into one clear line."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise full(folder) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise EmbeddedError(
                "not_writable",
                f"{folder} cannot be written: {os.strerror(error.errno)}.",
                "Choose a folder of your own (--data-dir, XDG_CACHE_HOME).",
            ) from error
        raise


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock file; others wait. The system lets go of it if we die."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def remove_leftovers(folder: Path, prefix: str) -> None:
    """What starts that were killed left there; call it with their lock held."""
    for leftover in folder.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
