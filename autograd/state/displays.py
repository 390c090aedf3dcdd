"""How objects show themselves in a notebook and through rich, although neither `autograd` nor `nn` imports what draws.

Whoever draws declares its functions as entry points of the group `gradstep.displays`, as viz does in pyproject.toml.
They are looked up when a notebook or rich asks for the first time, so a user imports nothing for a picture, and
`import autograd` brings nothing that draws. Objects have `_repr_svg_`, `_repr_png_` and `_repr_html_`, not
`_repr_mimebundle_`: IPython in a terminal, which shows text only, asks for a bundle at every result, and would wait for
each layout. A PNG stands beside each SVG, since JupyterLab shows no SVG of a notebook that was not run.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

GROUP = "gradstep.displays"
"""The group of entry points: one function of one object for each of the forms "svg", "png", "html" and "rich"."""


def displayed(form: str, shown: object) -> Any:
    """Return an object in a form: "svg", "png", "html" or "rich".

    None where text serves: there is no display, or it failed.

    >>> displayed("sound", 3) is None
    True
    """
    try:
        display = _display(form)
        return None if display is None else display(shown)
    except Exception:  # noqa: BLE001 - whatever a picture fails at, a notebook's cell must not fail with it
        return None


@cache
def _display(form: str) -> Callable[[object], Any] | None:
    from importlib.metadata import entry_points  # noqa: PLC0415 - takes 34 ms; this module alone takes 1, and asks once

    for point in entry_points(group=GROUP, name=form):
        display: Callable[[object], Any] = point.load()
        return display
    return None


def on_console(shown: object, console: Any) -> Iterable[Any]:
    """Return what a console of rich prints for an object: its display, or else its text."""
    display = displayed("rich", shown)
    return [console.render_str(repr(shown), markup=False, emoji=False) if display is None else display]


class Displayed:
    """Base of classes that show themselves in a notebook and through rich, where there is a display for them."""

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
