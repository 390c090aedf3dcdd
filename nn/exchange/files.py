"""Reading and writing files: a file is written completely or not at all."""

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from autograd.table.visible import visible


def is_device(path: Path) -> bool:
    """Say whether a path is a device or a pipe, such as /dev/stdout: it has no content to lose."""
    return path.exists() and not path.is_file() and not path.is_dir()


def check_folder(path: Path) -> None:
    """Raise FileNotFoundError if a path's folder does not exist, PermissionError if nothing can be written there."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {visible(path.parent)} does not exist; make it first, or save elsewhere.")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"you have no right to write in the folder {visible(path.parent)}; save elsewhere.")


def check_file(path: Path) -> None:
    """Raise OSError if a file cannot be written; see `check_folder`. A folder of this name is an error too."""
    if path.is_dir():
        raise IsADirectoryError(f"{visible(path)} is a folder; name a file.")
    if not is_device(path):
        check_folder(path)


def with_suffix(path: Path, suffixes: Sequence[str], what: str, writers: Mapping[str, Sequence[str]]) -> Path:
    """Return the path of a file that must have one of these suffixes; if it has none, add the first one.

    Raises ValueError for another suffix. For the message, `what` is the thing to write, and `writers` says for each
    suffix who writes it. A device is returned as it is.

    >>> with_suffix(Path("pass"), ["html", "htm"], "a page", {}).name
    'pass.html'
    >>> with_suffix(Path("pass.svg"), ["html", "htm"], "a page", {"svg": ["viz.draw"]})
    Traceback (most recent call last):
        ...
    ValueError: expected a file name for a page that ends with .html, .htm, got 'pass.svg'; viz.draw writes .svg.
    """
    suffix = path.suffix.lower().lstrip(".")
    if suffix in suffixes or is_device(path):
        return path
    if not suffix:
        return path.with_name(f"{path.name}.{suffixes[0]}")
    known = ", ".join(f".{known}" for known in suffixes)
    message = f"expected a file name for {what} that ends with {known}, got {path.name!r}"
    *others, last = writers.get(suffix, ("",))
    if last:
        message += (
            f"; {' and '.join(filter(None, [', '.join(others), last]))} {'write' if others else 'writes'} .{suffix}"
        )
    raise ValueError(f"{message}.")


def read_file(path: Path) -> bytes:
    """Return the content of a file. Raises FileNotFoundError if there is none, IsADirectoryError for a folder."""
    if path.is_dir():
        raise IsADirectoryError(f"{visible(path)} is a folder; name a file.")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {visible(path)}.")
    return path.read_bytes()


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely, or leave the old file as it was.

    The content goes to a temporary file first, which is then renamed: of several threads or processes that write one
    file, the last one wins. Raises OSError, with the file's name, if the content cannot be written.
    """
    check_file(path)
    if is_device(path):
        with named(path):
            path.write_bytes(content)
        return
    target = path.resolve()
    with unfinished_beside(target) as unfinished:
        unfinished.write_bytes(content)
        with suppress(FileNotFoundError):
            shutil.copymode(target, unfinished)
        unfinished.replace(target)


@contextmanager
def unfinished_beside(target: Path) -> Iterator[Path]:
    """Yield a path in the folder of a file or folder for what is not complete yet; afterwards nothing is left there.

    No other thread or process uses this path. What killed processes left there is removed.
    """
    ours = re.compile(rf"\.{re.escape(target.name)}\.(\d+)-[0-9a-f]{{8}}")
    for path in target.parent.iterdir():
        found = ours.fullmatch(path.name)
        if found and _is_abandoned(path, int(found[1])):
            _remove(path)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with named(target):
            yield unfinished
    finally:
        _remove(unfinished)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let errors of the system name this path: not what is unfinished beside it, nor nothing, as for a full disk."""
    try:
        yield
    except OSError as error:
        file = error.filename
        if error.errno is None or (file is not None and not Path(file).name.startswith(f".{path.name}.")):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _is_abandoned(path: Path, process: int) -> bool:
    """Say whether the process that made a path runs no more; on Windows, whether it is older than an hour."""
    with suppress(OSError):
        if os.name == "nt":  # where os.kill ends a process
            return time.time() - path.stat().st_mtime > 3600
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
    return False


def _remove(path: Path) -> None:
    with suppress(OSError):  # another process may have removed it
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
