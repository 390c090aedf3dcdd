"""The notebooks: `python -m tests.notebooks` runs them all and stores their outputs, or those whose paths are given.

`python -m tests.notebooks --student [FOLDER]` writes copies without outputs, for students who fill in their numbers.

Each runs in a clean kernel of this Python, in a folder of its own. What a run leaves by chance (times, versions, the
state of widgets) is not stored, so that a diff shows what changed.
"""

import argparse
import os
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

UNSTORED = "unstored"
"""The tag of a cell whose output is of the machine that it ran on, and not stored."""
ANSWER = "answer"
"""The tag of a cell whose output answers the question above it: viewers that can do so show it folded."""
FOLDER = Path(__file__).parent.parent / "notebooks"
_SECONDS = 120
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_KEPT = ("tags",)
"""What is kept of a cell's metadata."""
_PNG = "image/png"
_SIZE = ("width", "height", "unconfined")
"""What is kept of a picture's metadata: the size in which it is shown."""


def paths() -> list[Path]:
    """Return the paths of all notebooks, in the order of the lectures."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(notebook: nbformat.NotebookNode, folder: str | Path) -> nbformat.NotebookNode:
    """Return the notebook as a clean kernel leaves it that works in a folder; the one given stays as it is.

    Raises nbclient.exceptions.CellExecutionError where a cell raises.
    """
    run = deepcopy(notebook)
    client = NotebookClient(
        run,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # else it warns of the connection that it is told to use
        timeout=_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    manager = client.create_kernel_manager()
    manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[])  # none of this machine's: the one of this Python
    client.execute(env=os.environ | {"IPYTHONDIR": str(folder)})  # nothing of the user's own start-up
    return run


def normalized(notebook: nbformat.NotebookNode) -> str:
    """Return the text of the notebook's file, without what a run or an editor leaves by chance."""
    kept = deepcopy(notebook)
    kept.metadata = deepcopy(_METADATA)
    for cell in kept.cells:
        cell.metadata = {key: cell.metadata[key] for key in _KEPT if key in cell.metadata}
        if ANSWER in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"outputs_hidden": True}
        if UNSTORED in cell.metadata.get("tags", []):
            cell.outputs = []
        for output in cell.get("outputs", []):
            output.pop("transient", None)
            if "metadata" in output:
                size = output.metadata.get(_PNG, {})
                output.metadata = {_PNG: {key: size[key] for key in _SIZE if key in size}} if size else {}
    nbformat.validate(kept)
    return nbformat.writes(kept).rstrip() + "\n"


def stored(path: Path) -> nbformat.NotebookNode:
    """Return the notebook of a file."""
    return nbformat.read(path, as_version=4)


def write_student_copies(folder: Path) -> None:
    """Write the notebooks into a folder, with no cell run."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths():
        copy = stored(path)
        for cell in copy.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        (folder / path.name).write_text(normalized(copy), encoding="utf-8", newline="\n")
        print(f"{path.name} is in {folder}")


def main(given: list[str] | None = None) -> None:
    """Run notebooks, and write those that changed; or write copies for students."""
    options = _parser().parse_args(given)
    if options.student:
        write_student_copies(options.student)
        return
    for path in options.paths or paths():
        before = path.read_text(encoding="utf-8")
        with TemporaryDirectory() as folder:
            after = normalized(executed(stored(path), folder))
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
        print(f"{path.name}: {'written' if after != before else 'as it was'}, {len(after) // 1000} kB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.notebooks", description="Run the notebooks, and store outputs.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("paths", type=_notebook, nargs="*", default=[], metavar="NOTEBOOK", help="these only, not all")
    what.add_argument(
        "--student", type=Path, nargs="?", const=Path("notebooks-for-students"), metavar="FOLDER",
        help="write copies without outputs, run nothing (default FOLDER: notebooks-for-students)",
    )  # fmt: skip
    return parser


def _notebook(text: str) -> Path:
    if not text.endswith(".ipynb") or not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"expected the path of a notebook, got {text!r}")
    return Path(text)


if __name__ == "__main__":
    main()
