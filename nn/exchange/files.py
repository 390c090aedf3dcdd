"""Files written whole or not at all."""

import os
import shutil
from pathlib import Path


def check_folder(path: Path) -> None:
    """Raise FileNotFoundError where the folder of a file is not there, IsADirectoryError where the file is a folder."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; make it first, or save elsewhere.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file.")


def with_suffix(path: Path, suffix: str) -> Path:
    """Return the path of a file in a format, such as "svg": where it has another suffix, this one is added.

    >>> with_suffix(Path("net.v2"), "svg").name, with_suffix(Path("net.SVG"), "svg").name
    ('net.v2.svg', 'net.SVG')
    """
    return path if path.suffix.lower() == f".{suffix}" else path.with_name(f"{path.name}.{suffix}")


def with_usual_suffix(path: Path, suffix: str) -> Path:
    """Return the path of a file, with a suffix such as "html" where it has none; /dev/stdout and its like stay.

    >>> with_usual_suffix(Path("pass"), "html").name, with_usual_suffix(Path("pass.htm"), "html").name
    ('pass.html', 'pass.htm')
    """
    is_there = path.exists() and not path.is_dir()
    return path if path.suffix or is_there else with_suffix(path, suffix)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, or leave what was there: the content gets the file's name when all of it has been written.

    Raises OSError where the content cannot be written, as for a folder that is not there.
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
