"""How objects show themselves in a notebook and through rich, without an import of viz in `autograd` or `nn`.

A package that draws declares its functions as entry points of the group `gradstep.displays`: viz does so in
pyproject.toml. The first time that a notebook or rich asks, they are looked up. So users need no import for a picture,
and `import autograd` loads no drawing code.

Objects have `_repr_svg_`, `_repr_png_` and `_repr_html_`, not `_repr_mimebundle_`: IPython in a terminal asks for the
bundle at every result, and would wait for each layout, although it shows only text. Each SVG has a PNG too, because
JupyterLab shows no SVG in a notebook that was not run.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from autograd.table.visible import visible_text

GROUP = "gradstep.displays"
"""The group of entry points: one function of one object for each of the forms "svg", "png", "html" and "rich"."""


def displayed(form: str, shown: object) -> Any:
    """Return an object in a form: "svg", "png", "html" or "rich".

    None if there is no display or it failed: then the notebook shows text.

    >>> displayed("sound", 3) is None
    True
    """
    try:
        display = _display(form)
        return None if display is None else display(shown)
    except Exception:  # noqa: BLE001 - a picture that fails must not make a notebook's cell fail
        return None


@cache
def _display(form: str) -> Callable[[object], Any] | None:
    from importlib.metadata import entry_points  # noqa: PLC0415 - takes 34 ms, the rest of this module 1; runs once

    for point in entry_points(group=GROUP, name=form):
        display: Callable[[object], Any] = point.load()
        return display
    return None


def on_console(shown: object, console: Any) -> Iterable[Any]:
    """Return what rich prints for an object: its display, or its text if there is none."""
    display = displayed("rich", shown)
    if display is not None:
        return [display]
    return [console.render_str(visible_text(repr(shown), console.encoding), markup=False, emoji=False)]


class Displayed:
    """Base class of objects that show themselves in a notebook and through rich, if there is a display for them."""

    def _repr_svg_(self) -> str | None:
        svg: str | None = displayed("svg", self)
        return svg

    def _repr_png_(self) -> Any:
        return displayed("png", self)

    def _repr_html_(self) -> str | None:
        html: str | None = displayed("html", self)
        return html

    def __rich_console__(self, console: Any, _: Any) -> Iterable[Any]:
        return on_console(self, console)
