"""Files of pictures, plots and pages: the suffix says the form, and a name that a command chooses harms no file."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeAlias

from nn.exchange.files import check_folder, with_usual_suffix, write_file

Forms: TypeAlias = Mapping[str, Callable[[], bytes]]
"""What writes a thing, by the suffix of the file. The first one is for a file whose name has no suffix."""


class Savable:
    """Base of what is saved in the form that a file's suffix names: pictures, plots and pages."""

    kind = "a picture"

    def forms(self) -> Forms:
        """Return what writes this, by the suffix of the file."""
        raise NotImplementedError

    def save(self, path: str | Path) -> Path:
        """Write this to a file in the form that the suffix names, whole or not at all, and return the path.

        A name without a suffix gets the usual one. Raises ValueError for a suffix that does not fit, and says which do;
        FileNotFoundError for a folder that is not there, OSError where the file cannot be written, and viz.LayoutError
        where a picture cannot be made.
        """
        forms = self.forms()
        usual = next(iter(forms))
        path = with_usual_suffix(Path(path), usual)
        form = forms.get(path.suffix.lower().lstrip(".") or usual)  # a device has no suffix
        if form is None:
            known = ", ".join(f".{suffix}" for suffix in forms)
            raise ValueError(f"{self.kind} is saved as {known}, but the file is {path.name!r}.")
        check_folder(path)
        write_file(path, form())
        return path


_COMMENTS = {
    **dict.fromkeys(("svg", "html"), "<!-- {} -->\n"),
    **dict.fromkeys(("tex", "pdf"), "% {}\n"),
    "md": "\n<!-- {} -->\n",
    "txt": "\n({})\n",
}
_PNG_END = 12
"""Bytes of the last chunk of a PNG, which says that it ends."""


@dataclass(frozen=True, slots=True)
class OwnName:
    """The name of a file that a command chooses, where the user names none: for an option such as "exercise --svg".

    A file of that name is replaced only if the same option wrote it without a name, and nobody changed it since: its
    last line says so. Otherwise it is kept, and the next free name is taken.
    """

    name: str
    option: str

    @property
    def suffix(self) -> str:
        """The suffix without its dot, in small letters."""
        return Path(self.name).suffix.lower().lstrip(".")

    def write(self, form: Callable[[], bytes]) -> str:
        """Write a file and return its path for a message, with what was kept where the name was taken."""
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
        """Say whether this option wrote a file as it is, without a name given."""
        try:
            found = path.read_bytes()
        except OSError:  # a folder, or what cannot be read
            return False
        length, end = len(self._mark(b"")), self._end
        return found == self._marked(found[: len(found) - length - end] + found[len(found) - end :])

    def _marked(self, content: bytes) -> bytes:
        place = len(content) - self._end
        return content[:place] + self._mark(content) + content[place:]

    @property
    def _end(self) -> int:
        """How many bytes stand after the mark."""
        return _PNG_END if self.suffix == "png" else 0

    def _mark(self, content: bytes) -> bytes:
        """Return the last line of a file with this content: who wrote it, and a sum by which a change is found."""
        option = self.option.replace("--", "for ")  # a comment of XML may hold no two hyphens
        said = f"written by gradstep {option}, {zlib.crc32(content):08x}"
        if self.suffix != "png":
            return _COMMENTS[self.suffix].format(said).encode()
        text = f"tEXtComment\0{said}".encode()
        return struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))


def write_to(target: Path | OwnName, made: Savable) -> str:
    """Write a thing to a file that the user named, or that a command names; return its path for a message."""
    if isinstance(target, Path):
        return str(made.save(target))
    return target.write(made.forms()[target.suffix])
