"""`save_frames`: a pass as pictures with the same layout: a file for each step, a PDF, or an SVG that moves.

Captions are below the graph; they have the same height in all files.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from autograd.passes.known import Reading
from autograd.passes.subject import OptimizerLike, Root
from autograd.table.scalars import as_finite
from autograd.table.visible import visible
from nn import MLP
from nn.exchange.files import check_file, check_folder, unfinished_beside, write_file
from viz.core.colours import COURIER_WIDTH, HELVETICA, INK, MONOSPACE
from viz.core.layout import rendered
from viz.core.text import broken_lines
from viz.graphs.figures import recorded
from viz.networks.network import ROOM
from viz.networks.network import network as _network
from viz.stepping.animation import animated
from viz.stepping.frames import SVG, Frames, NetworkFrames, with_sums_folded
from viz.stepping.step_view import view
from viz.stepping.stepper import Stepper

_MOST = 500
_SHORTEST = 0.01
_ONE_FILE: Mapping[str, Callable[[Sequence[str], float], bytes]] = {
    ".pdf": lambda pictures, _: rendered(pictures, "pdf"),
    ".svg": lambda pictures, seconds: animated(pictures, seconds).encode(),
}
"""By suffix, how all pictures are written into one file, each shown for some seconds."""
_OTHER_FILES = {".gif", ".png", ".apng", ".jpg", ".jpeg", ".webp", ".mp4", ".webm", ".html", ".tex"}
"""Suffixes of files that are no name for a folder: somebody expects such a file."""
_NAME = re.compile(r"step-\d+\.svg")
_PARTS = ("title", "formula")
"""The lines of the view that a caption shows."""
_NARROWEST = 480.0
"""The least width of a picture with a caption, in points, so that captions have few lines."""
_GAP = 24.0
"""The distance of a network from its graph, in points."""
_COLUMNS = 80
_SMALLEST, _LARGEST = 12.0, 28.0
"""The least and the largest font size of captions, in points; in between, a line has _COLUMNS."""
_LEADING = 1.35
_TITLE = {"font-family": HELVETICA, "font-weight": "bold"}
_EQUATION = {"font-family": MONOSPACE}


def save_frames(
    root: Root,
    folder: str | Path,
    *,
    by: Reading = "contribution",
    optimizer: OptimizerLike | None = None,
    captions: bool = True,
    fold: bool = False,
    network: bool | MLP = False,
    seconds: float = 1.0,
    layout: str | None = None,
) -> list[Path]:
    """Write a pass as step-000.svg, step-001.svg, ... into a folder, and return the paths.

    A path that ends with .pdf or .svg is one file: a PDF with a page for each picture (it needs the extra pdf), or an
    SVG for a web page that shows the pictures again and again, each for some `seconds`.

    `root` is a Value, or an exercise or its solution, which has its own update. In the first picture nothing is
    computed; each later picture shows one step more: one contribution, or one line with `by="line"`. All have the same
    size and layout. With `captions` the text below the graph says what the step does, and its equation. With an
    `optimizer` the last steps are its updates. With `fold` each sum is one box. With `network` the diagram of the
    network stands beside the graph, with the same numbers; give the MLP itself if it is not found, see `viz.network`.
    `layout` names a layout command, as in `draw`.

    The folder is made if it does not exist; its parent must exist. Pictures of an earlier call are replaced. A folder
    with any other file raises FileExistsError. All pictures are made before the first is moved into the folder, so a
    failure changes nothing. Raises ValueError for a pass of more than 500 steps, for the name of another file, such as
    "pass.gif", and for less than 0.01 `seconds`, viz.LayoutError if the graph cannot be laid out, and the errors of
    `Stepper`.

    >>> from autograd import Value
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in save_frames(Value(3, "x") * 2, f"{folder}/frames")]
    ['step-000.svg', 'step-001.svg', 'step-002.svg', 'step-003.svg']
    """
    target = Path(folder)
    old = check_target(target)
    form = _ONE_FILE.get(target.suffix.lower())
    seconds = as_finite(seconds, "the seconds of a picture", from_zero=True)
    if seconds < _SHORTEST:
        raise ValueError(f"expected at least {_SHORTEST} seconds for a picture, got {seconds:g}.")
    stepper = Stepper(root, by=by, optimizer=optimizer)
    if len(stepper.steps) > _MOST:
        raise ValueError(
            f"the pass has {len(stepper.steps):,} steps; the limit is {_MOST} pictures. Take a smaller loss, such as "
            "that of one sample, or use svg() of a Stepper at the steps that matter."
        )
    frames = Frames(stepper.tape, stepper.contributions, layout, with_sums_folded if fold else recorded)
    mlp = network if isinstance(network, MLP) else None
    beside = NetworkFrames(_network(root, mlp=mlp, gradients=True, room=ROOM)) if network else None
    pictures = _pictures(
        stepper, lambda: _joined(frames.svg(stepper), beside.svg(stepper) if beside else None), captions
    )
    if form is not None:
        write_file(target, form([*pictures], seconds))
        return [target]
    with unfinished_beside(target.resolve()) as unfinished:
        unfinished.mkdir()
        names = _write_all(pictures, len(stepper.steps), unfinished)
        _put_in_place(unfinished, target, old)
    return [target / name for name in names]


def check_target(target: Path) -> list[Path]:
    """Return the pictures of an earlier call in a folder; none for one file.

    Raises OSError if it cannot be written, ValueError for the name of a file of another kind.
    """
    if target.suffix.lower() in _OTHER_FILES and not target.is_dir():
        raise ValueError(f"expected a folder, a .pdf or a moving .svg for the pictures, got {visible(target)}.")
    if target.suffix.lower() in _ONE_FILE:
        check_file(target)
        return []
    return old_frames(target)


def old_frames(folder: Path) -> list[Path]:
    """Return the pictures of an earlier call in the folder; FileExistsError if there is any other file."""
    check_folder(folder)
    shown = visible(folder)
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"expected a folder for the pictures, got a file: {shown}. Choose another name.")
    content = sorted(folder.iterdir()) if folder.exists() else []
    other = [path.name for path in content if not (_NAME.fullmatch(path.name) and path.is_file())]
    if other:
        raise FileExistsError(
            f"the folder {shown} holds {other[0]!r}, which is not a picture of a step. Use a new or empty folder."
        )
    return content


def _write_all(pictures: Iterable[str], last: int, folder: Path) -> list[str]:
    """Write the pictures of all steps into a new folder and return the names of the files."""
    digits = max(3, len(str(last)))
    names = []
    for position, picture in enumerate(pictures):
        names.append(f"step-{position:0{digits}}.svg")
        (folder / names[-1]).write_text(picture, encoding="utf-8")
    return names


def _pictures(stepper: Stepper, drawn: Callable[[], str], captions: bool) -> Iterator[str]:
    """Yield the picture of each step, which `drawn` returns for the present one."""
    positions = range(len(stepper.steps) + 1)
    texts = [_caption(stepper.goto(position)) for position in positions]
    below = _Captions.of(drawn(), texts) if captions else None
    for position in positions:
        stepper.goto(position)
        yield below.added(drawn(), texts[position]) if below else drawn()


def _joined(graph: str, network: str | None) -> str:
    """Return one picture of a graph and a network: below it, or if the graph is higher than wide on its right."""
    if network is None:
        return graph
    parts = [ElementTree.fromstring(graph), ElementTree.fromstring(network)]
    sizes = [_size(part) for part in parts]
    along = 1 if sizes[0][0] > sizes[0][1] else 0
    whole = [max(sizes[0][side], sizes[1][side]) for side in (0, 1)]
    whole[along] = sizes[0][along] + _GAP + sizes[1][along]
    box = dict(zip(("width", "height"), (f"{length:.2f}pt" for length in whole), strict=True))
    joined = ElementTree.Element(f"{{{SVG}}}svg", {**box, "viewBox": f"0.00 0.00 {whole[0]:.2f} {whole[1]:.2f}"})
    ElementTree.SubElement(joined, f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": "white"})
    for number, (part, size) in enumerate(zip(parts, sizes, strict=True)):
        places = [(length - own) / 2 for length, own in zip(whole, size, strict=True)]
        places[along] = number * (whole[along] - size[along])
        for name, length in zip(("x", "y", "width", "height"), (*places, *size), strict=True):
            part.set(name, f"{length:.2f}")
        joined.append(part)
    return ElementTree.tostring(joined, encoding="unicode")


def _caption(stepper: Stepper) -> list[str]:
    return [visible(line.text) for line in view(stepper) if line.part in _PARTS]


def _put_in_place(made: Path, folder: Path, old: list[Path]) -> None:
    """Move the pictures into their folder, and remove those of an earlier call."""
    if not folder.exists():
        made.rename(folder.resolve())
        return
    paths = sorted(made.iterdir())
    for path in paths:
        path.replace(folder / path.name)
    for path in {*old} - {folder / path.name for path in paths}:
        path.unlink()


class _Captions(NamedTuple):
    """The space below a graph, the same in all pictures: sizes in points, `columns` in characters.

    `left` is the left border of the picture; a graph that is narrower than its caption is centred by it.
    """

    left: float
    width: float
    height: float
    size: float
    columns: int
    lines: int

    @classmethod
    def of(cls, svg: str, texts: list[list[str]]) -> "_Captions":
        """Return the space that the longest caption needs below a picture."""
        own_width, height = _size(ElementTree.fromstring(svg))
        width = max(own_width, _NARROWEST)
        size = min(max(width / (_COLUMNS * COURIER_WIDTH), _SMALLEST), _LARGEST)
        columns = int(width / (COURIER_WIDTH * size)) - 2
        lines = max(len(_caption_rows(caption, columns)) for caption in texts)
        return cls((own_width - width) / 2, width, height, size, columns, lines)

    def added(self, svg: str, caption: list[str]) -> str:
        """Return the picture with a caption below it."""
        picture = ElementTree.fromstring(svg)
        total = self.height + (self.lines + 0.7) * self.size * _LEADING
        box = {"width": f"{self.width:.2f}", "height": f"{total:.2f}"}
        picture.set("viewBox", f"{self.left:.2f} 0.00 {box['width']} {box['height']}")
        for side, length in box.items():
            picture.set(side, f"{length}pt")
        paper = {"x": f"{self.left:.2f}", "y": "0.00", "fill": "white"}
        picture.insert(0, ElementTree.Element(f"{{{SVG}}}rect", paper | box))
        group = ElementTree.SubElement(picture, f"{{{SVG}}}g", {"class": "caption", "fill": INK})
        for number, (style, row) in enumerate(_caption_rows(caption, self.columns), start=1):
            place = {
                "x": f"{self.left + self.size * COURIER_WIDTH:.2f}",
                "y": f"{self.height + number * self.size * _LEADING:.2f}",
                "font-size": f"{self.size:.2f}",
            }
            ElementTree.SubElement(group, f"{{{SVG}}}text", place | style).text = row
        return ElementTree.tostring(picture, encoding="unicode")


def _size(picture: ElementTree.Element) -> tuple[float, float]:
    """Return the width and the height of a picture in points."""
    _, _, width, height = map(float, picture.attrib["viewBox"].split())
    return width, height


def _caption_rows(caption: list[str], columns: int) -> list[tuple[dict[str, str], str]]:
    """Return the lines of a caption, each with its style: the title in words, and below it the equation in Courier.

    The title has fewer characters in a line, because the reader's bold font may be wide.
    """
    title, *equations = caption
    rows = [(_TITLE, row) for row in broken_lines([title], columns * 3 // 4)]
    return rows + [(_EQUATION, row) for text in equations for row in broken_lines([text], columns)]
