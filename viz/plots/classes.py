"""`plot_class`: the marks of a class as one picture: how each line went, and the commonest slips."""

from typing import TYPE_CHECKING

from autograd.lab.classes import ClassMarks, Counts
from autograd.table.scalars import counted
from viz.core.colours import COLOURS, INK
from viz.plots.plotting import Plot, new_plot, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LINES = 24
_MOST_SLIPS = 6
_BLUE, _VERMILLION, _, _, _ORANGE, _SKY = COLOURS
_LOOKS = {"right": (_BLUE, ""), "follows": (_SKY, "//"), "wrong": (_VERMILLION, "xx"), "missing": ("#DDDDDD", "")}
"""The colour and the hatch of each verdict."""


def plot_class(marks: ClassMarks) -> Plot:
    """Return bars for each line of an exercise, how many students had it right, and for the commonest slips.

    Of more than 24 lines, those with the most wrong numbers are shown. Raises TypeError for anything but the marks of a
    class, LayoutError without matplotlib.

    >>> from autograd import check_class
    >>> from nn import READY
    >>> plot_class(check_class(READY["relu"](), {"Ann": {"x3": 5}, "Ben": {"x3": 4}}))
    <Plot 'the marks of 2 students': 1 line; save("plot.svg") writes it>
    """
    if not isinstance(marks, ClassMarks):
        raise TypeError(f"expected the marks of a class, from autograd.check_class(...), got {type(marks).__name__}.")
    with new_plot(f"the marks of {counted(len(marks.students), 'student')}") as plot:
        lines, slips = _shown(marks.lines), marks.slips[:_MOST_SLIPS]
        plot.about = counted(len(marks.lines), "line")
        if slips:
            above, below = plot.figure.subplots(2, 1, height_ratios=(len(lines) + 3, len(slips) + 2))
            _draw_slips(below, {slip.title: slip.students for slip in slips})
        else:
            above = plot.figure.subplots()
        _draw_lines(above, lines, f"The marks of {counted(len(marks.students), 'student')}")
    return plot


def _shown(lines: dict[str, Counts]) -> dict[str, Counts]:
    worst = sorted(lines, key=lambda name: -lines[name].wrong)[:_MOST_LINES]
    return {name: counts for name, counts in lines.items() if name in worst}


def _draw_lines(axes: "Axes", lines: dict[str, Counts], title: str) -> None:
    names = [short(name) for name in lines]
    places = range(len(names))
    starts = [0.0] * len(names)
    for verdict, (colour, hatch) in _LOOKS.items():
        widths = [float(getattr(counts, verdict)) for counts in lines.values()]
        axes.barh(places, widths, left=starts, color=colour, hatch=hatch, edgecolor="white", label=verdict)
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    _label(axes, names)
    axes.set_title(title, loc="left", fontsize=16)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(_LOOKS), borderaxespad=0.2, fontsize=12)


def _draw_slips(axes: "Axes", slips: dict[str, int]) -> None:
    bars = axes.barh(range(len(slips)), [*slips.values()], color=_ORANGE, edgecolor=INK)
    axes.bar_label(bars, [str(count) for count in slips.values()], padding=4, fontsize=13)
    _label(axes, list(slips))
    axes.set_title("The commonest slips", loc="left", fontsize=16)
    axes.set_xlabel("students")


def _label(axes: "Axes", names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=9 if len(names) > 14 else 12, parse_math=False)
    axes.invert_yaxis()
    axes.locator_params(axis="x", integer=True)
