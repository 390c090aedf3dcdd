"""`Plot`: a matplotlib figure for notebooks and files, and the style of all plots.

matplotlib is the extra `plots`; it is imported with the first plot. pyplot is not used: it keeps every figure and may
open windows. Lines differ by their dashes and marks by their shapes, so plots can be read without colour.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.table.scalars import as_float, format_number
from autograd.table.visible import visible
from viz.core.cells import Png, png_for_cell
from viz.core.colours import BLUE, DARK_BLUE, INK, VERMILLION
from viz.core.layout import IMAGES, LayoutError
from viz.core.saving import Forms, Savable
from viz.core.text import broken_lines, cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY = "#6B6B6B"
SOLID: Mapping[str, Any] = {"color": BLUE, "linestyle": "-", "linewidth": 3.0}
DASHED: Mapping[str, Any] = {"color": VERMILLION, "linestyle": (0, (3.5, 1.5)), "linewidth": 3.0}
DOTTED: Mapping[str, Any] = {"color": DARK_BLUE, "linestyle": (0, (1, 1)), "linewidth": 3.0}

SMALL_TITLE = 10.5
"""The size of formulas above a cell of the gallery, in points: the longest does not reach the next cell's."""

_SIZE = (12.8, 7.2)  # inches: with _DOTS 1600 by 900 points, a slide
_DOTS = 125
_INCH = 72.0  # points
_MARGIN = 0.09  # inches
_LONGEST = 40
_LARGEST = 1e200
_COLUMN = 34  # letters in a line of the notes beside a plot
_ENTRY = 30  # letters in a line of a legend
_STYLE: dict[str, Any] = {
    "font.size": 15,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 18,
    "axes.labelsize": 16,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "grid.color": "#DDDDDD",
    "axes.formatter.useoffset": False,
    "svg.hashsalt": "gradstep",  # else names in the SVG are random
}
_FONT = "DejaVu Sans"
"""It comes with matplotlib, so that a plot is the same on every machine."""
_FONTS_OF_ASIA = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Source Han Sans SC", "Microsoft YaHei", "Yu Gothic",
    "Malgun Gothic", "PingFang SC", "Hiragino Sans", "Arial Unicode MS", "WenQuanYi Zen Hei", "Droid Sans Fallback",
)  # fmt: skip
"""For letters that it lacks: of these, the fonts that the machine has."""
_WITHOUT_DATE: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


class Plot(Savable):
    """A matplotlib figure that a notebook displays; change it through `figure`.

    `about` has the main numbers. `save` writes SVG, PNG (1600 by 900 pixels), PDF or JPEG. A notebook shows a PNG: it
    is smaller than the SVG, and it is shown also in a notebook that was not run.

    >>> import viz
    >>> plot = viz.plot_loss([8, 4, 2, 1])
    >>> plot
    <Plot 'loss over 4 iterations': from 8 to 1; save("plot.svg") writes it>
    >>> plot.svg().count("<svg")
    1
    """

    kind = "a plot"

    def __init__(self, figure: "Figure", title: str) -> None:
        self.figure = figure
        self.title = title
        self.about = ""

    def pipe(self, format: str = "svg") -> bytes:
        """Return the plot as a file's bytes, in the format svg, png (1600 by 900 pixels), pdf or jpg."""
        return self._written(format)

    def svg(self) -> str:
        """Return the plot as SVG text."""
        return self.pipe("svg").decode()

    def forms(self) -> Forms:
        """Return the functions that write the plot, by the suffix of the file."""
        return {suffix: partial(self.pipe, suffix) for suffix in IMAGES}

    def _written(self, format: str, dots: float | None = None) -> bytes:
        content = BytesIO()
        with _style(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from")  # a label may have letters that the font lacks
            metadata = _WITHOUT_DATE.get(format)
            self.figure.savefig(content, format=format, metadata=metadata, dpi=dots or "figure")
        return content.getvalue()

    def _repr_png_(self) -> Png:
        width, height = self.figure.get_size_inches()
        return png_for_cell(width * _INCH, height * _INCH, partial(self._written, "png"))

    def __repr__(self) -> str:
        about = f"{self.about}; " if self.about else ""
        return f'<Plot {self.title!r}: {about}save("plot.svg") writes it>'


@contextmanager
def new_plot(title: str) -> Iterator[Plot]:
    """Yield an empty plot in the style of all plots; draw on it inside the context.

    Raises LayoutError if matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, that only plots need
        from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415 - the same
    except ImportError as error:
        raise LayoutError("a plot needs matplotlib, the extra plots: pip install 'gradstep[plots]'.") from error
    with _style():
        layout = ConstrainedLayoutEngine(w_pad=_MARGIN, h_pad=_MARGIN)
        yield Plot(Figure(figsize=_SIZE, dpi=_DOTS, layout=layout), title)


@contextmanager
def _style() -> Iterator[None]:
    """Use the style of all plots, not the user's."""
    from matplotlib import font_manager, style  # noqa: PLC0415 - an extra, that only plots need

    there = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [_FONT, *(font for font in _FONTS_OF_ASIA if font in there)]
    with style.context({**_STYLE, "font.family": fonts}, after_reset=True):
        yield


def short(text: str) -> str:
    r"""Return a user's text as one line of at most 40 columns.

    >>> short("a\nb"), len(short("x" * 200))
    ('a b', 40)
    """
    return cut(visible(text.replace("\n", " ")), _LONGEST)


def beside(plot: Plot, notes: Sequence[str]) -> "Axes":
    """Return the axes of a plot, with the notes on their right if there are any."""
    if not notes:
        return plot.figure.subplots()
    axes: Axes
    axes, column = plot.figure.subplots(1, 2, width_ratios=(2, 1))
    column.axis("off")
    column.text(0, 1, "\n".join(notes), va="top", linespacing=1.3, parse_math=False, in_layout=False)
    return axes


def note(heading: str, *texts: str) -> list[str]:
    """Return the lines of a note beside a plot: a heading, and texts broken into lines."""
    return [heading, *(line for text in texts for line in broken_lines([text], _COLUMN)), ""]


def label_axes(axes: "Axes", x: str, y: str) -> None:
    """Label the axes with a user's texts; a dollar sign in them is plain text."""
    axes.set_xlabel(short(x), parse_math=False)
    axes.set_ylabel(short(y), parse_math=False)
    axes.grid(True)


def label_lines(axes: "Axes", marks: Mapping[str, Any]) -> None:
    """Explain marks in a legend above the axes."""
    marks = {short(name): mark for name, mark in marks.items()}
    legend(axes, marks, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2, ncols=len(marks))


def legend(axes: "Axes", marks: Mapping[str, Any], **place: Any) -> None:
    """Explain marks in a legend; a dollar sign in its texts is plain text."""
    texts = axes.legend(list(marks.values()), ["x"] * len(marks), **place).get_texts()
    for text, name in zip(texts, marks, strict=True):
        text.set_parse_math(False)
        text.set_text("\n".join(broken_lines([name], _ENTRY)))


def say(axes: "Axes", sentences: Sequence[str]) -> None:
    """Write sentences below the axes."""
    if sentences:
        axes.figure.supxlabel("\n".join(sentences), fontsize=14, color=INK, parse_math=False)


def number_of(number: Any, asked: str) -> float:
    """Return the number of a Value, or a plain number, as a float; the TypeError for anything else names `asked`."""
    return number.data if isinstance(number, Value) else as_float(number, asked)


def rounded(number: float) -> str:
    """Return a number with four significant digits, as on the axes of a plot.

    >>> rounded(13.0779), rounded(0.1 + 0.2)
    ('13.08', '0.3')
    """
    return format_number(number, 4)


def is_drawable(number: float) -> bool:
    """Say whether a number can be drawn; matplotlib overflows with numbers near the largest float.

    >>> is_drawable(-1e200), is_drawable(1e201), is_drawable(math.nan)
    (True, False, False)
    """
    return abs(number) <= _LARGEST


def drawable(numbers: Sequence[float]) -> list[float]:
    """Return the numbers; those that cannot be drawn become nan, which breaks a line.

    >>> drawable([1.0, math.inf])
    [1.0, nan]
    """
    return [number if is_drawable(number) else math.nan for number in numbers]
