"""The layout engine: find the command that turns DOT source into a picture, and run it.

The command comes from the package graphviz-pure in this environment, so nothing needs to be installed by hand.
A user may choose another command that takes Graphviz's options, such as "dot": by the argument `layout` of the drawing
functions, or by the environment variable GRADSTEP_DOT. No other module depends on the engine.
"""

import importlib.util
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

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
    if picture_format == "pdf":
        return _pdf(source, engine, algorithm)
    options = [] if dots is None else [f"-Gdpi={dots:.2f}"]
    return _run(layout_command(engine), source, picture_format, algorithm, *options)


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


def _pdf(source: str, engine: str | None, algorithm: str) -> bytes:
    """Return a PDF: written by a real dot, or made from the SVG by svglib and reportlab."""
    command = layout_command(engine)
    dot = command if Path(command).stem != _PACKAGE else None
    if dot is None and _svg_converter_is_installed():
        return _pdf_from_svg(_run(command, source, "svg", algorithm))
    dot = dot or shutil.which("dot")
    if dot is None:
        raise LayoutError(
            "a PDF needs the extra pdf (pip install 'gradstep[pdf]') or Graphviz's dot on PATH; neither was found."
        )
    return _run(dot, source, "pdf", algorithm)


def _svg_converter_is_installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("svglib", "reportlab"))


def _pdf_from_svg(svg: bytes) -> bytes:
    from reportlab.graphics import renderPDF  # noqa: PLC0415 - an extra that only this function needs
    from svglib.svglib import svg2rlg  # noqa: PLC0415 - the same

    drawing = svg2rlg(BytesIO(svg))
    if drawing is None:
        raise LayoutError("svglib could not read the SVG. Install Graphviz, and give layout='dot'.")
    return bytes(renderPDF.drawToString(drawing))
