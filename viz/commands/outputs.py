"""The options of a command that name what it writes: checked together, before the command prints or writes anything."""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.passes.subject import either
from nn.exchange.files import check_file, check_folder, is_device, with_suffix
from viz.core.saving import OwnName

FRAMES = "write one picture per step into a folder, or all into a .pdf or a moving .svg"
"""What the option --frames does."""


def pictures_said(paths: Sequence[Path]) -> str:
    """Return the beginning of the message for the pictures of a pass, which are in one file or in many."""
    return "The pictures" if len(paths) == 1 else f"The {len(paths)} pictures"


class Outputs:
    """The options of a command for its files, each with the suffixes that it writes; a parser keeps it as `outputs`."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parser, self._suffixes = parser, dict[str, Sequence[str]]()
        self._serving: list[tuple[str, str, Sequence[str]]] = []
        parser.set_defaults(outputs=self)

    def add_file(self, group: Any, name: str, suffixes: Sequence[str], text: str, own: OwnName | None = None) -> None:
        """Add an option for a file; a path without a suffix gets the first one. Without a path, `own` is the name."""
        self._suffixes[name] = suffixes
        many = "?" if own else None
        group.add_argument(f"--{name}", type=_path, nargs=many, const=own, metavar="FILE", help=text)

    def add_folder(self, group: Any, name: str, text: str) -> None:
        """Add an option for a folder."""
        self._suffixes[name] = ()
        group.add_argument(f"--{name}", type=_path, metavar="FOLDER", help=text)

    def serve(self, option: str, what: str, names: Sequence[str]) -> None:
        """Note that an option is for `what` alone, which the outputs of these names are."""
        self._serving.append((option, what, names))

    def refuse_unused(self, options: argparse.Namespace) -> None:
        """Raise ValueError for an option that serves none of the outputs that the options name."""
        for option, what, names in self._serving:
            dest = option.removeprefix("no-").replace("-", "_")
            given = getattr(options, dest) != self._parser.get_default(dest)
            if given and all(getattr(options, name) is None for name in names):
                raise ValueError(f"--{option} is for {what}; use it with {either([f'--{name}' for name in names])}.")

    def are_named(self, options: argparse.Namespace) -> bool:
        """Say whether the options name something to write."""
        return any(getattr(options, name) is not None for name in self._suffixes)

    def check(self, options: argparse.Namespace, **read: Path | None) -> None:
        """Complete the paths that the options name; `read` are files that the command reads, by the argument's name.

        Raises ValueError for a wrong suffix, or if two of all these files are the same; OSError if one cannot be
        written. Raises ValueError for an option that serves no output that is named.
        """
        self.refuse_unused(options)
        writers: defaultdict[str, list[str]] = defaultdict(list)
        for name, suffixes in self._suffixes.items():
            for suffix in suffixes:
                writers[suffix].append(f"--{name}")
        taken = {path.resolve(): name for name, path in read.items() if path is not None}
        for name, suffixes in self._suffixes.items():
            target: Path | OwnName | None = getattr(options, name)
            if isinstance(target, Path) and suffixes:
                target = with_suffix(target, suffixes, f"--{name}", writers)
                setattr(options, name, target)
            if target is not None:
                path = _checked(target, is_file=bool(suffixes))
                taker = taken.setdefault(path.resolve(), f"--{name}")
                if taker != f"--{name}" and not is_device(path):
                    raise ValueError(f"{taker} and --{name} are the same file, {path}. Give each its own.")


def _path(text: str) -> Path:
    if Path(text).name in ("", ".."):
        raise argparse.ArgumentTypeError(f"expected the name of a file, got {text!r}")
    return Path(text)


def _checked(target: Path | OwnName, is_file: bool) -> Path:
    """Return the path of a target; raise OSError if it cannot be written."""
    if isinstance(target, OwnName):
        check_folder(Path(target.name))
        return Path(target.name)
    if is_file:
        check_file(target)
    else:
        from viz.stepping.frame_files import check_target  # noqa: PLC0415 - it draws; not every command does

        check_target(target)
    return target
