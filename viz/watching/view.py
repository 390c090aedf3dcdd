"""The progress of a training: a live view on a terminal, some lines in a pipe.

The view is drawn at most ten times a second, and takes at most a fifth of the time.
"""

import math
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autograd.table.scalars import format_number
from autograd.table.visible import visible, visible_text
from nn import Dataset, History, Progress
from viz.core.colours import COLOURS
from viz.core.text import broken_lines
from viz.watching.text_plots import MARKS, SECOND, WRONG, Plane, curve, decision_map, is_logarithmic, legend

_LEAST_WAIT = 0.1  # seconds between two drawings
_SHARE = 5  # drawing takes at most one part in so many of the time
_LINES = 10  # in a pipe
_SIDE_BY_SIDE = 80  # from so many columns, the curve and the map are side by side
_STACKED = 15  # from so many rows, the curve is above the map
_HIGHEST = 20  # rows of a plot
_BELOW = 4  # rows that stay free for the last messages and the prompt

Classify = Callable[[Sequence[Sequence[float]]], list[int]]


def percent(part: float) -> str:
    """Write a part of a whole as a percentage; only the whole is 100%.

    >>> percent(1.0), percent(0.875), percent(0.99999)
    ('100%', '87.5%', '99.99%')
    """
    return f"{format_number(min(round(100.0 * part, 2), 99.99 if part < 1.0 else 100.0))}%"


def result_text(result: Progress | History) -> str:
    """Write the loss, and if there are any the accuracy and both for the rows that are held out.

    >>> print(result_text(Progress(1, 1, 0.25, None, 0.1, 0.0)))
    loss 0.25
    >>> print(result_text(Progress(1, 1, 0.25, 1.0, 0.1, 0.0, test_loss=0.5, test_accuracy=0.75)))
    loss 0.25, accuracy 100%; held out: loss 0.5, accuracy 75%
    """
    held_out = "" if result.test_loss is None else f"; held out: {_numbers(result.test_loss, result.test_accuracy)}"
    return f"{_numbers(result.loss, result.accuracy)}{held_out}"


def _numbers(loss: float, accuracy: float | None) -> str:
    text = f"loss {format_number(loss, 4)}"
    return text if accuracy is None else f"{text}, accuracy {percent(accuracy)}"


class Lines:
    """Some lines of progress for a pipe; if the reader closes it, the training goes on."""

    def __init__(self, title: str) -> None:
        self._title = title

    def __enter__(self) -> Self:
        """Begin; nothing to prepare."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End; nothing to clean up."""

    def __call__(self, progress: Progress) -> None:
        """Write the title at the first iteration, and a line at each tenth of the iterations."""
        number, total = progress.iteration, progress.iterations
        if number == 1:
            say(visible(self._title, sys.stdout.encoding))
        if number * _LINES // total > (number - 1) * _LINES // total:
            say(f"iteration {number:>{len(str(total))}} of {total}: {result_text(progress)}")


def say(text: str) -> None:
    """Print a line, wrapped between words on a terminal. If the reader closed the pipe, print nothing from now on."""
    text = visible_text(text)
    if sys.stdout.isatty():
        text = "\n".join(broken_lines([text], shutil.get_terminal_size().columns, whole_words=True))
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def uninterrupted() -> Iterator[list[int]]:
    """Hold back Ctrl-C inside the block, so that files and views are complete; yield the list of its signals.

    >>> with uninterrupted() as pressed:
    ...     signal.raise_signal(signal.SIGINT)
    >>> len(pressed)
    1
    """
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # Ctrl-C comes to the main thread only
        yield pressed
        return
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


class LiveView:
    """The live view on its own screen of a terminal: progress, the curve of the loss, and the plane.

    `classify` returns the classes of points. Without it, or if the data are not points in the plane, the plane is left
    out.
    """

    def __init__(self, console: Console, title: str, dataset: Dataset, classify: Classify | None) -> None:
        self._console, self._dataset = console, dataset
        self._title = visible(title, console.encoding)
        self._names = [visible(name, console.encoding) for name in dataset.class_names]
        flat = len(dataset.feature_names) == 2 and len(dataset.class_names) <= len(MARKS)
        self._classify = classify if flat else None
        self._unicode = not console.options.ascii_only
        self._losses: list[float] = []
        self._held_out: list[float] = []
        self._latest: Progress | None = None
        self._next = 0.0
        self._live = Live(console=console, auto_refresh=False, screen=True)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the view, and print its last state."""
        with uninterrupted():
            self._live.stop()
            if self._latest is not None:
                self._console.print(self._frame(self._latest))

    def __call__(self, progress: Progress) -> None:
        """Store the progress, and draw if it is time."""
        self._losses.append(progress.loss)
        if progress.test_loss is not None and math.isfinite(progress.test_loss):
            self._held_out.append(progress.test_loss)
        self._latest = progress
        began = perf_counter()
        if began >= self._next:
            with uninterrupted() as pressed:
                self._live.update(self._frame(progress), refresh=True)
            if pressed:
                raise KeyboardInterrupt
            now = perf_counter()
            self._next = now + max(_LEAST_WAIT, (_SHARE - 1) * (now - began))

    def _frame(self, progress: Progress) -> Group:
        width, height = self._console.size
        head = [
            self._cut(Text(self._title, style="bold"), width),
            self._bar(progress),
            Text(f"{result_text(progress)}, rate {format_number(progress.lr, 3)}"),
        ]
        plots = self._plots(width, min(height - len(head) - _BELOW, 2 * _HIGHEST), progress.iterations)
        return Group(*head, *plots)

    def _cut(self, text: Text, width: int) -> Text:
        """Return a text that fits on one line; if it is cut, it ends with an ellipsis."""
        if text.cell_len > width:
            text.truncate(max(width - 3, 1))
            text.append("..." if width > 3 else "")
        text.no_wrap = True
        return text

    def _bar(self, progress: Progress) -> RenderableType:
        number, total = progress.iteration, progress.iterations
        a_second = number / max(progress.seconds, 1e-9)
        left = timedelta(seconds=round((total - number) / a_second))
        end = f"{left} left" if number < total else f"{progress.seconds:.1f} s"
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(no_wrap=True)
        row.add_column(ratio=1)
        row.add_column(no_wrap=True)
        row.add_row(
            f"{number:>{len(str(total))}} of {total}",
            ProgressBar(total=total, completed=number),
            f"{format_number(a_second, 3)}/s, {end}",
        )
        return row

    def _plots(self, width: int, height: int, total: int) -> list[RenderableType]:
        """Return the curve and the plane, as far as there is room."""
        if self._classify is None:
            return self._curve(width, min(height, _HIGHEST), total)
        if width >= _SIDE_BY_SIDE:
            row = Table.grid(padding=(0, 2))
            rows = min(height, _HIGHEST)
            row.add_row(Group(*self._curve(width // 2 - 4, rows, total)), Group(*self._plane(width // 2, rows)))
            return [row]
        rows = height // 3 if height >= _STACKED else 0
        return [*self._curve(width, rows, total), *self._plane(width, height - rows)]

    def _curve(self, width: int, height: int, total: int) -> list[RenderableType]:
        if height < 3:
            return []
        second = self._held_out
        scale = ", on a logarithmic scale" if is_logarithmic([*self._losses, *second]) else ""
        head = Text(
            f"loss ({SECOND} held out){scale.replace('arithmic', '')}" if second else f"loss{scale}", style="bold"
        )
        lines = [
            Text(line, no_wrap=True) for line in curve(self._losses, total, width, height - 1, self._unicode, second)
        ]
        for line in lines:
            line.highlight_regex(SECOND, f"bold {COLOURS[1]}")
        return [head, *lines]

    def _plane(self, width: int, height: int) -> list[RenderableType]:
        if height < 3 or self._classify is None:
            return []
        inputs = self._dataset.inputs
        plane = Plane.around(inputs, width, height - 1)
        grid = plane.grid()
        chosen = self._classify([*grid, *inputs])
        marks: dict[tuple[int, int], str] = {}
        for point, label, choice in zip(inputs, self._dataset.targets, chosen[len(grid) :], strict=True):
            cell = plane.cell(point)
            if choice != label or marks.get(cell) != WRONG:
                marks[cell] = WRONG if choice != label else MARKS[int(label)]
        names = self._cut(legend(self._names, self._unicode), width)
        return [names, *decision_map(plane, chosen[: len(grid)], len(self._names), marks, self._unicode)]
