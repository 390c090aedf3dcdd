"""A picture in a cell of a notebook: its size there, and the forms that every viewer shows.

A notebook that is opened but not run is not trusted. JupyterLab then shows no SVG, and takes `<svg>` out of HTML. It
keeps a PNG, and an `<img>` whose address holds the picture; so do viewers that run nothing.
"""

import base64
import html
import math
import re
from collections.abc import Callable
from io import BytesIO
from typing import TypeAlias

from viz.core.layout import LayoutError

Png: TypeAlias = tuple[bytes, dict[str, int]]
"""A PNG as `_repr_png_` returns it, with the size that a notebook shows it in; an "unconfined" one scrolls."""

_CELL = 720.0
"""The width of a notebook's cell in a common window, in points."""
_SMALLEST = 0.5
"""The scale at which texts are as small as they may be."""
_PIXEL = 0.75
"""Points of a pixel as browsers count: 96 of them are an inch."""
_INCH = 72.0
_SHARP = 2.0
"""Dots of a PNG to such a pixel, so that it is sharp on a fine screen too."""
_FEW_DOTS, _MOST_DOTS = 1_500_000, 8_000_000
"""Dots of a PNG: one that would have more than a few is less sharp, but down to one dot a pixel only up to the most."""
_COLOURS = 32
_UNSEEN = re.compile(r"<!--.*?-->\s*|<title>.*?</title>\s*", re.DOTALL)
"""What an `<img>` does not show of an SVG: comments and tooltips."""


def size_of(svg: str) -> tuple[float, float] | None:
    """Return the width and the height that an SVG says, in points; None where it says none."""
    size = re.search(r'width="([\d.]+)pt"\s+height="([\d.]+)pt"', svg)
    return None if size is None else (float(size[1]), float(size[2]))


def size_in_cell(width: float, height: float) -> tuple[float, float]:
    """Return the size in which a notebook shows a picture of a size, in points.

    A picture that is wider than a cell shrinks to its width, as long as its texts stay readable; a wider one is left as
    it is, and scrolls.

    >>> size_in_cell(1000, 100), size_in_cell(100, 100), size_in_cell(2000, 100)
    ((720.0, 72.0), (100, 100), (2000, 100))
    """
    scale = _CELL / width
    return (_CELL, height * scale) if _SMALLEST <= scale < 1.0 else (width, height)


def sized_for_cell(svg: str) -> str:
    """Return an SVG with the size that a notebook shows it in, where an SVG is as large as it says.

    >>> sized_for_cell('<svg width="1000pt" height="100pt" viewBox="0 0 1000 100">')
    '<svg width="720pt" height="72pt" viewBox="0 0 1000 100">'
    """
    size = size_of(svg)
    if size is None or size_in_cell(*size) == size:
        return svg
    width, height = size_in_cell(*size)
    return re.sub(r'width="[\d.]+pt"\s+height="[\d.]+pt"', f'width="{width:g}pt" height="{height:g}pt"', svg, count=1)


def image(svg: Callable[[], str], about: str) -> str:
    """Return an `<img>` that holds an SVG, in the size of a cell; where it cannot be made, the sentence that says why.

    `about` is what is read out to those who do not see it.
    """
    try:
        picture = svg()
    except LayoutError as error:
        return f"<div>(no picture: {html.escape(str(error))})</div>"
    inside = _UNSEEN.sub("", sized_for_cell(picture[picture.index("<svg ") :]))  # without the heading of a file
    address = f"data:image/svg+xml;base64,{base64.b64encode(inside.encode()).decode()}"
    size = size_of(inside)
    fits = size is None or size[0] <= _CELL
    style = f"max-width:{'100%' if fits else 'none'};height:auto;background:white"
    written = f'<img alt="{html.escape(about)}" src="{address}" style="{style}"/>'
    return written if fits else f'<div style="overflow-x:auto">{written}</div>'


def png_for_cell(width: float, height: float, drawn: Callable[[float], bytes]) -> Png:
    """Return the PNG of a picture of a size in points; `drawn` makes it with so many dots to an inch of the picture."""
    shown_width, shown_height = size_in_cell(width, height)
    pixels = shown_width * shown_height / _PIXEL**2
    sharpness = min(_SHARP, max(1.0, math.sqrt(_FEW_DOTS / pixels)), math.sqrt(_MOST_DOTS / pixels))
    dots = sharpness * _INCH / _PIXEL * shown_width / width
    size = {"width": round(shown_width / _PIXEL), "height": round(shown_height / _PIXEL)}
    return _smaller(drawn(dots)), size if shown_width <= _CELL else size | {"unconfined": True}


def _smaller(png: bytes) -> bytes:
    """Return a PNG with few colours, in a third of the bytes, where Pillow is installed, as the extra plots has it."""
    try:
        from PIL import Image  # noqa: PLC0415 - of two extras
    except ImportError:
        return png
    content = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(content, "PNG")
    return min(png, content.getvalue(), key=len)
