"""The layout engine: find the command that turns DOT source into a picture, and run it.

The command comes from the package graphviz-pure in this environment, so nothing needs to be installed by hand.
PDF and PNG are made from the SVG by typst (the extra pdf), which has letters for all characters and embeds its fonts;
without it, the command makes them.
A user may choose another command that takes Graphviz's options, such as "dot": by the argument `layout` of the drawing
functions, or by the environment variable GRADSTEP_DOT. No other module depends on the engine.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from viz.core.colours import COURIER, HELVETICA

FORMATS = ("svg", "png", "pdf")
"""The formats that the commands offer."""
IMAGES = (*FORMATS, "jpg", "jpeg")
"""The suffixes of the image files that the engine writes."""
TIME_LIMIT = 120.0
"""Seconds after which a layout is stopped."""

_PACKAGE = "graphviz-pure"
_VARIABLE = "GRADSTEP_DOT"


class LayoutError(RuntimeError):
    """A picture could not be made; the message says what to try."""

    __module__ = "viz"  # where users import it from


def layout_command(engine: str | None = None) -> str:
    """Return the path of the command that lays out pictures.

    `engine` is a path or a name on PATH. Without it, the first of these is used: GRADSTEP_DOT, graphviz-pure, a `dot`
    on PATH. Raises LayoutError if there is none.

    >>> Path(layout_command()).exists()
    True
    """
    chosen = engine or os.environ.get(_VARIABLE)
    if chosen:
        found = shutil.which(chosen)
        if not found:
            where = "" if engine else f" in {_VARIABLE}"
            raise LayoutError(
                f"the layout engine {chosen!r}{where} was not found on PATH. Leave it out to use {_PACKAGE}."
            )
        return found
    for candidate in _candidates():
        found = shutil.which(candidate)
        if found:
            return found
    raise LayoutError(
        f"no layout engine was found. Install the package {_PACKAGE}, which has wheels for most platforms. "
        f"Or install Graphviz, and give the path of its dot command in the environment variable {_VARIABLE}."
    )


def _candidates() -> Iterator[Path | str]:
    """Yield the possible paths of graphviz-pure, the best first, and then the dot of the machine."""
    from importlib import metadata  # noqa: PLC0415 - takes 33 ms; only a layout needs it

    try:
        for file in metadata.files(_PACKAGE) or ():
            if file.stem == _PACKAGE:
                yield Path(str(file.locate()))
    except metadata.PackageNotFoundError:
        pass
    for scheme in ("scripts",), ("scripts", f"{os.name}_user"):
        yield Path(sysconfig.get_path(*scheme)) / _PACKAGE
    yield _PACKAGE
    yield "dot"


def lay_out(
    source: str,
    picture_format: str,
    engine: str | None = None,
    algorithm: str = "dot",
    dots: float | None = None,
) -> bytes:
    """Return the picture of DOT source in a format that Graphviz knows, such as "svg", "png" or "pdf".

    `algorithm` is Graphviz's -K. `dots` is the number of dots per inch in a PNG, 96 if it is None. Raises LayoutError
    if the engine fails or takes longer than TIME_LIMIT.

    >>> lay_out("digraph { a -> b }", "svg")[:5]
    b'<?xml'
    """
    command = layout_command(engine)
    if picture_format in ("pdf", "png"):
        if importlib.util.find_spec("typst") is not None:
            return rendered([_run(command, source, "svg", algorithm).decode()], picture_format, dots)
        if picture_format == "pdf":
            return _run(_own_dot(command), source, "pdf", algorithm)
    options = [] if dots is None else [f"-Gdpi={dots:.2f}"]
    return _run(command, source, picture_format, algorithm, *options)


def _run(command: str, source: str, picture_format: str, algorithm: str, *options: str) -> bytes:
    arguments = [command, f"-K{algorithm}", f"-T{picture_format}", *options]
    try:
        finished = subprocess.run(
            arguments, input=source.encode(), capture_output=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise LayoutError(
            f"the layout took longer than {TIME_LIMIT:.0f} s and was stopped. Draw a smaller part of the graph."
        ) from error
    except OSError as error:
        raise LayoutError(f"the layout engine {command} could not be run: {error}.") from error
    if finished.returncode or not finished.stdout:
        said = finished.stderr.decode(errors="replace").strip() or "it wrote nothing"
        raise LayoutError(f"the layout engine failed on the format {picture_format}: {said}.")
    return finished.stdout


def _own_dot(command: str) -> str:
    """Return a command that writes PDF itself, as graphviz-pure does not. Raises LayoutError if there is none."""
    dot = command if Path(command).stem != _PACKAGE else shutil.which("dot")
    if dot is None:
        raise LayoutError(
            "a PDF needs the extra pdf (pip install 'gradstep[pdf]') or Graphviz's dot on PATH; neither was found."
        )
    return dot


_PAGES = """
#set page(width: auto, height: auto, margin: 0pt)
#for (number, picture) in json(bytes(sys.inputs.pictures)).enumerate() {
  if number > 0 { pagebreak() }
  image(bytes(picture), format: "svg")
}
"""
_DOTS = 96.0
"""Dots per inch in a PNG, if nothing else is asked for."""
_FONTS = {
    COURIER: "DejaVu Sans Mono",
    HELVETICA: "Helvetica, Arial, Liberation Sans, DejaVu Sans, DejaVu Sans Mono",
}
"""For the fonts of an SVG, those in a PDF or a PNG. DejaVu Sans Mono comes with typst, and is as wide as Courier."""


def rendered(pictures: Sequence[str], picture_format: str, dots: float | None = None) -> bytes:
    """Return SVGs as the pages of a PDF, with all fonts embedded, or one SVG as PNG; see `typeset`."""
    return typeset(_PAGES, pictures, picture_format, dots)


def typeset(source: str, pictures: Sequence[str], picture_format: str = "pdf", dots: float | None = None) -> bytes:
    """Return a document of Typst as a PDF with all fonts embedded, or as PNG; its input `pictures` has these SVGs.

    Raises LayoutError if this fails, also if the extra pdf is not installed.

    A character that the usual fonts lack is taken from another font of this machine.
    """
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise LayoutError(f"a {picture_format} needs pip install 'gradstep[pdf]'.") from error
    written = json.dumps(list(pictures))
    for ours, theirs in _FONTS.items():
        written = written.replace(rf"font-family=\"{ours}\"", rf"font-family=\"{theirs}\"")
    try:
        made = typst.compile(
            source.encode(),
            font_paths=_fonts(),
            format="pdf" if picture_format == "pdf" else "png",
            ppi=dots or _DOTS,
            sys_inputs={"pictures": written},
            timestamp=datetime.fromtimestamp(0, UTC),  # the same picture makes the same file
            pdf_tags=False,
        )
    except RuntimeError as error:
        raise LayoutError(f"this could not be written as {picture_format}: {error}.") from error
    return bytes(made)


@cache
def _fonts() -> Any:
    import typst  # noqa: PLC0415 - the same

    return typst.Fonts()
