"""A picture in a cell of a notebook: its size there, and the formats that every viewer shows.

A notebook that was opened but not run is not trusted. JupyterLab then shows no SVG, and removes `<svg>` from HTML. It
still shows a PNG, and an `<img>` whose address holds the picture. So do viewers that run no code.
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
"""A PNG as `_repr_png_` returns it, with its size in a notebook; if it is "unconfined", the cell scrolls."""

_CELL = 720.0
"""The width of a notebook's cell in a common window, in points."""
_NARROW = 540.0
"""A picture up to this width, in points, is not cut by a cell in a window of 1000 pixels."""
_ALONE = "<style>svg:root{max-width:none!important}</style>"
"""The style of an SVG in an `<img>`: where it is no part of a page, it fills the `<img>`."""
_SMALLEST = 0.5
"""The smallest scale at which texts are still readable."""
_PIXEL = 0.75
"""Points in a pixel of a browser, which has 96 pixels to an inch."""
_INCH = 72.0
_SHARP = 2.0
"""Dots of a PNG for each such pixel, so that it is sharp on a fine screen too."""
_FEW_DOTS, _MOST_DOTS = 1_500_000, 8_000_000
"""A PNG with more dots than the first is made less sharp, down to one dot a pixel; the second is never exceeded."""
_COLOURS = 32
_UNSEEN = re.compile(r"<!--.*?-->\s*|<title>.*?</title>\s*", re.DOTALL)
"""Comments and tooltips, which an `<img>` does not show."""


def size_of(svg: str) -> tuple[float, float] | None:
    """Return the width and the height of an SVG in points; None if it does not give them."""
    size = re.search(r'width="([\d.]+)pt"\s+height="([\d.]+)pt"', svg)
    return None if size is None else (float(size[1]), float(size[2]))


def size_in_cell(width: float, height: float) -> tuple[float, float]:
    """Return the size, in points, in which a notebook shows a picture of this size.

    A picture that is wider than a cell shrinks to the width of the cell if its texts stay readable. Otherwise it keeps
    its size, and the cell scrolls.

    >>> size_in_cell(1000, 100), size_in_cell(100, 100), size_in_cell(2000, 100)
    ((720.0, 72.0), (100, 100), (2000, 100))
    """
    scale = _CELL / width
    return (_CELL, height * scale) if _SMALLEST <= scale < 1.0 else (width, height)


def sized_for_cell(svg: str) -> str:
    """Return the SVG with its width and height changed to the size in a notebook's cell.

    In a narrower cell a picture that fits shrinks as a whole: where only its width shrinks, half of the cell is blank.

    >>> sized_for_cell('<svg width="1000pt" height="100pt" viewBox="0 0 1000 100">')
    '<svg style="max-width:100%;height:auto" width="720pt" height="72pt" viewBox="0 0 1000 100">'
    """
    size = size_of(svg)
    if size is None:
        return svg
    width, height = size_in_cell(*size)
    written = f'style="{_style(width)}" width="{width:g}pt" height="{height:g}pt"'
    return re.sub(r'width="[\d.]+pt"\s+height="[\d.]+pt"', written, svg, count=1)


def filling_cell(svg: str) -> str:
    """Return the SVG for a notebook, which may put it into its page or, as JupyterLab does, into an `<img>`.

    JupyterLab cuts an `<img>` that is wider than the cell; one without a width fills the cell. So a wide picture has no
    width, and the size for a cell is only its largest size in a page.

    >>> filling_cell('<svg width="1000pt" height="100pt" viewBox="0 0 1000 100"></svg>')[:60]
    '<svg style="max-width:720pt;height:auto" width="100%" viewBo'
    """
    sized = sized_for_cell(svg)
    width, _ = size_of(sized) or (0.0, 0.0)
    if not _NARROW < width <= _CELL:
        return sized
    written = f'style="max-width:{width:g}pt;height:auto" width="100%"'
    filling = re.sub(r'style="[^"]*" width="[\d.]+pt" height="[\d.]+pt"', written, sized, count=1)
    return re.sub(r"(<svg [^>]*>)", rf"\1{_ALONE}", filling, count=1)


def _style(width: float) -> str:
    """Return the style of a picture that is this wide in a cell; one that does not fit scrolls."""
    return f"max-width:{'100%' if width <= _CELL else 'none'};height:auto"


def image(svg: Callable[[], str], about: str) -> str:
    """Return an `<img>` that holds an SVG, in the size of a cell; if the SVG cannot be made, a sentence that says why.

    `about` is the text that a screen reader reads aloud.
    """
    try:
        picture = svg()
    except LayoutError as error:
        return f"<div>(no picture: {html.escape(str(error))})</div>"
    inside = _UNSEEN.sub("", sized_for_cell(picture[picture.index("<svg ") :]))  # without the heading of a file
    address = f"data:image/svg+xml;base64,{base64.b64encode(inside.encode()).decode()}"
    size = size_of(inside)
    width = 0.0 if size is None else size[0]
    written = f'<img alt="{html.escape(about)}" src="{address}" style="{_style(width)};background:white"/>'
    return written if width <= _CELL else f'<div style="overflow-x:auto">{written}</div>'


def framed(page: str, height: int, beginning: str) -> str:
    """Return HTML that shows a page in a frame of this height, or its `beginning` where there are no frames.

    Both are in one place, the frame above, also on slides of reveal.js, which make frames smaller. A notebook that is
    not trusted removes the frame.
    """
    place = "grid-area:1/1;min-width:0"
    return (
        f'<div style="display:grid"><div style="{place};max-height:{height}px;overflow:hidden">{beginning}</div>'
        f'<iframe srcdoc="{html.escape(page)}" style="{place};position:relative;width:100%;height:{height}px;'
        'max-width:none;max-height:none;box-sizing:border-box;border:1px solid #c9ced6;background:white">'
        "</iframe></div>"
    )


def png_for_cell(width: float, height: float, drawn: Callable[[float], bytes]) -> Png:
    """Return the PNG of a picture whose size is in points; `drawn` makes the PNG from a number of dots per inch."""
    shown_width, shown_height = size_in_cell(width, height)
    pixels = shown_width * shown_height / _PIXEL**2
    sharpness = min(_SHARP, max(1.0, math.sqrt(_FEW_DOTS / pixels)), math.sqrt(_MOST_DOTS / pixels))
    dots = sharpness * _INCH / _PIXEL * shown_width / width
    size = {"width": round(shown_width / _PIXEL), "height": round(shown_height / _PIXEL)}
    return _smaller(drawn(dots)), size if shown_width <= _CELL else size | {"unconfined": True}


def _smaller(png: bytes) -> bytes:
    """Return the PNG with few colours, in a third of the bytes, if Pillow is installed (the extra plots has it)."""
    try:
        from PIL import Image  # noqa: PLC0415 - only two extras install it
    except ImportError:
        return png
    content = BytesIO()
    with Image.open(BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(content, "PNG")
    return min(png, content.getvalue(), key=len)
