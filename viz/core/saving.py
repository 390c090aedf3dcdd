"""Saving pictures, plots and pages: the suffix selects the format; a command never overwrites a file by accident."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeAlias

from autograd.table.visible import visible
from nn.exchange.files import check_file, with_suffix, write_file

Forms: TypeAlias = Mapping[str, Callable[[], bytes]]
"""Functions that write an object, by the suffix of the file. The first one is used if the name has no suffix."""


PAGES = ("html", "htm")
"""The suffixes of pages."""
_WRITERS = {
    "svg": ("viz.draw(loss)",),
    **dict.fromkeys(PAGES, ("viz.player(loss)",)),
    "json": ("nn.save(mlp, path)",),
    "txt": ('viz.derivation(loss, "text")',),
    "md": ('viz.derivation(loss, "markdown")',),
}
"""For suffixes of files: who writes them."""


class Savable:
    """Base class of pictures, plots and pages: `save` writes the format that the suffix of the file names."""

    kind = "a picture"

    def forms(self) -> Forms:
        """Return the functions that write this, by the suffix of the file."""
        raise NotImplementedError

    def save(self, path: str | Path) -> Path:
        """Write this to a file in the format that the suffix names, and return the path.

        A name without a suffix gets the usual one. If writing fails, no partial file is left. Raises ValueError for an
        unknown suffix, and lists the known ones; FileNotFoundError if the folder does not exist, OSError if the file
        cannot be written, and viz.LayoutError if a picture cannot be made.
        """
        forms = self.forms()
        usual, *_ = suffixes = list(forms)
        path = with_suffix(Path(path), suffixes, self.kind, _WRITERS)
        check_file(path)
        form = forms.get(path.suffix.lower().lstrip("."), forms[usual])  # a device, such as /dev/stdout, has no suffix
        write_file(path, form())
        return path


_COMMENTS = {
    **dict.fromkeys(("svg", "html"), "<!-- {} -->\n"),
    **dict.fromkeys(("tex", "pdf"), "% {}\n"),
    "md": "\n<!-- {} -->\n",
    "txt": "\n({})\n",
}
_PNG_END = 12
"""Bytes of the last chunk of a PNG, which marks its end."""


@dataclass(frozen=True, slots=True)
class OwnName:
    """The name of a file that a command chooses if the user gives none, for an option such as "exercise --svg".

    A file with that name is replaced only if the same option chose the name before, and nobody has changed the file
    since; the last line of the file shows this. Otherwise the file is kept, and the next free name is used.
    """

    name: str
    option: str

    @property
    def suffix(self) -> str:
        """The suffix without its dot, in small letters."""
        return Path(self.name).suffix.lower().lstrip(".")

    def write(self, form: Callable[[], bytes]) -> str:
        """Write a file and return its path for a message; if the name was taken, also which file was kept."""
        path = next(path for path in self._paths() if not path.exists() or self._wrote(path))
        content = form().rstrip(b"\n") + b"\n" if self.suffix != "png" else form()
        write_file(path, self._marked(content))
        if path == Path(self.name):
            return str(path)
        return f"{path} ({self.name} is another file and was kept; {self.option.split()[-1]} FILE names one)"

    def _paths(self) -> Iterator[Path]:
        first = Path(self.name)
        yield first
        for number in count(2):
            yield first.with_stem(f"{first.stem}-{number}")

    def _wrote(self, path: Path) -> bool:
        """Say whether this option chose the name and wrote the file, and nobody has changed it since."""
        try:
            found = path.read_bytes()
        except OSError:  # a folder, or a file that cannot be read
            return False
        length, end = len(self._mark(b"")), self._end
        return found == self._marked(found[: len(found) - length - end] + found[len(found) - end :])

    def _marked(self, content: bytes) -> bytes:
        place = len(content) - self._end
        return content[:place] + self._mark(content) + content[place:]

    @property
    def _end(self) -> int:
        """How many bytes come after the mark."""
        return _PNG_END if self.suffix == "png" else 0

    def _mark(self, content: bytes) -> bytes:
        """Return the last line of a file with this content: the option that wrote it, and a checksum."""
        option = self.option.replace("--", "for ")  # two hyphens are not allowed in a comment of XML
        said = f"written by gradstep {option}, {zlib.crc32(content):08x}"
        if self.suffix != "png":
            return _COMMENTS[self.suffix].format(said).encode()
        text = f"tEXtComment\0{said}".encode()
        return struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))


def write_to(target: Path | OwnName, made: Savable) -> str:
    """Write an object to a file that the user or the command named; return its path for a message."""
    if isinstance(target, Path):
        return visible(made.save(target))
    return target.write(made.forms()[target.suffix])
