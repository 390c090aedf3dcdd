"""Reading and writing files: a file is written completely or not at all."""

import os
import shutil
from pathlib import Path


def check_folder(path: Path) -> None:
    """Raise FileNotFoundError if the folder of a file does not exist, IsADirectoryError if the file is a folder."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; make it first, or save elsewhere.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file.")


def with_suffix(path: Path, suffix: str) -> Path:
    """Return the path with this suffix, such as "svg"; the suffix is added after any other one.

    >>> with_suffix(Path("net.v2"), "svg").name, with_suffix(Path("net.SVG"), "svg").name
    ('net.v2.svg', 'net.SVG')
    """
    return path if path.suffix.lower() == f".{suffix}" else path.with_name(f"{path.name}.{suffix}")


def with_usual_suffix(path: Path, suffix: str) -> Path:
    """Return the path, with this suffix, such as "html", if it has none. An existing file, as /dev/stdout, is kept.

    >>> with_usual_suffix(Path("pass"), "html").name, with_usual_suffix(Path("pass.htm"), "html").name
    ('pass.html', 'pass.htm')
    """
    is_there = path.exists() and not path.is_dir()
    return path if path.suffix or is_there else with_suffix(path, suffix)


def read_file(path: Path) -> bytes:
    """Return the content of a file. Raises FileNotFoundError if there is none, IsADirectoryError for a folder."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file.")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}.")
    return path.read_bytes()


def write_file(path: Path, content: bytes) -> None:
    """Write a file completely, or leave the old file as it was.

    The content goes to a temporary file first, which is then renamed. Raises OSError if the content cannot be written.
    """
    check_folder(path)
    if path.exists() and not path.is_file():
        path.write_bytes(content)  # a device or a pipe has no other content to lose
        return
    target = path.resolve()
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        if target.exists():
            shutil.copymode(target, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
