"""`gradstep exercise`: solves an exercise line by line, draws its graph, and writes other files on request."""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import viz
from autograd.table.visible import visible
from nn import Exercise, Solution
from nn.exchange.files import write_file
from viz.commands.arguments import number_from_zero, whole_number
from viz.commands.graphs import GRAPHS, add_texts, add_view, write_graph
from viz.commands.outputs import FRAMES, Outputs, pictures_said
from viz.commands.subjects import EXERCISE_HELP, file_in, load_exercise
from viz.core.layout import FORMATS, IMAGES
from viz.core.report import solutions_json
from viz.core.saving import PAGES, OwnName, write_to
from viz.questions.sheets import PAPERS, SHEETS
from viz.texts.derivations import FORMS

_MOST_ITERATIONS = 10_000
_NETWORK = "exercise-network.svg"
_PAGE = "exercise.html"
NETWORKS = (*IMAGES, "dot", "gv", "mmd", "tex", "tikz")
"""The suffixes of the diagram of a network."""


def add_exercise(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep exercise` to its parser."""
    parser.description = (
        "Solve an exercise line by line, and draw its computation graph. The default is the lecture's worked ReLU "
        "exercise."
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "file",
        nargs="?",
        metavar="EXERCISE",
        help=EXERCISE_HELP,
    )
    chosen.add_argument("--second", action="store_true", help="a second exercise: 2-2-1 with biases")
    chosen.add_argument("--sigmoid", action="store_true", help="the 4-5-1 network: sigmoid units, cross-entropy")
    parser.add_argument(
        "--eta", "--lr", "--rate", type=number_from_zero, metavar="X",
        help="use this learning rate instead of the exercise's",
    )  # fmt: skip
    parser.add_argument(
        "--iterations", type=whole_number(1, _MOST_ITERATIONS), default=1, metavar="N",
        help="the number of iterations (default: 1)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument(
        "--ask", action="store_true",
        help="ask for each number in place of showing it, with hints, and name the slip of a wrong one",
    )  # fmt: skip
    parser.add_argument(
        "--exact", action="store_true", help="compute in fractions, as far as the functions of the exercise allow"
    )
    parser.add_argument(
        "--matrices", action="store_true", help="write the solution in matrix form, if the units form full layers"
    )
    _add_files(parser)
    parser.set_defaults(run=_exercise)


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Add the options that name files to write."""
    outputs = Outputs(parser)
    for suffix in FORMATS:
        note = " (default: exercise.svg)" if suffix == "svg" else f" (default FILE: exercise.{suffix})"
        what = f"write the graph as {suffix.upper()}{note}"
        outputs.add_file(parser, suffix, [suffix], what, _own(f"exercise.{suffix}", suffix))
    add_texts(parser, outputs)
    add_view(parser)
    parser.add_argument("--legend", action="store_true", help="explain the shapes in the picture")
    network = (
        "write the network diagram with all numbers, as .svg, .png, .pdf, .mmd (Mermaid), .tex or .dot "
        f"(default FILE: {_NETWORK})"
    )
    outputs.add_file(parser, "network", NETWORKS, network, _own(_NETWORK, "network"))
    page = f"write a page that plays the solution step by step (default FILE: {_PAGE})"
    outputs.add_file(parser, "html", PAGES, page, _own(_PAGE, "html"))
    outputs.add_folder(parser, "frames", FRAMES)
    for name, form in FORMS.items():
        file = f"exercise{form.ending}"
        text = f"write every line as {form.what} (default FILE: {file})"
        outputs.add_file(parser, name, form.suffixes, text, _own(file, name))
    add_sheets(parser, outputs, "exercise")
    parser.add_argument(
        "--at-once", action="store_true",
        help="with --beamer: all lines of a slide appear at once (default: line after line)",
    )  # fmt: skip
    parser.add_argument("--layout", metavar="COMMAND", help="the layout command to use, such as dot")
    outputs.serve("at-once", "slides", ("beamer",))
    for option in ("depth", "all", "limit"):
        outputs.serve(option, "the graph", GRAPHS)
    outputs.serve("legend", "pictures of the graph", FORMATS)
    outputs.serve("layout", "pictures", (*FORMATS, "tikz", "network", "html", "frames"))


def add_sheets(parser: argparse.ArgumentParser, outputs: Outputs, command: str) -> None:
    """Add the options for an exercise on paper, and its solution."""
    for name, what in (
        ("sheet", "write the exercise on paper, with room to write"),
        ("key", "write the sheet with its solution"),
    ):
        own = OwnName(f"{command}-{name}.pdf", f"{command} --{name}")
        kinds = "as .pdf, .tex, .html, .md or .txt"
        outputs.add_file(parser, name, SHEETS, f"{what}, {kinds} (default FILE: {own.name})", own)
    parser.add_argument(
        "--paper", choices=PAPERS, help="the paper of --sheet and --key (default: a4)"
    )  # fmt: skip
    outputs.serve("paper", "sheets", ("sheet", "key"))


def _own(name: str, option: str) -> OwnName:
    return OwnName(name, f"exercise --{option}")


def _exercise(options: argparse.Namespace) -> int:
    if not options.json and not options.ask and not options.outputs.are_named(options):
        options.svg = _own("exercise.svg", "svg")
    options.outputs.check(options, FILE=file_in(options.file))
    if options.matrices and options.json and not any(getattr(options, name) for name in FORMS):
        raise ValueError("--matrices is for lines, and JSON has none in matrix form; use it without --json.")
    if options.ask and (options.json or options.matrices or options.iterations > 1):
        raise ValueError(
            "--ask asks for the numbers of one iteration; use it without --json, --matrices, --iterations."
        )
    exercise = _exercise_of(options)
    solutions = exercise.iterate(options.iterations)
    if options.json:
        print(solutions_json(solutions))
    elif options.ask:
        _ask(solutions[0])
    else:
        _print(exercise, solutions, options.matrices)
    _write_files(options, solutions)
    sys.stdout.flush()
    return 0


def _print(exercise: Exercise, solutions: Sequence[Solution], matrices: bool) -> None:
    if matrices:
        print(viz.derivation(solutions, "text", matrices=True))
        return
    from viz.terminal.exercises import make_console, print_exercise  # noqa: PLC0415 - rich takes 32 ms; not for JSON

    console = make_console()
    print_exercise(console, exercise, solutions)
    console.print()


def _ask(solution: Solution) -> None:
    from autograd.lab.worksheet import Worksheet  # noqa: PLC0415 - the lab takes 20 ms; for this option only
    from viz.questions.asking import Questions  # noqa: PLC0415 - the same
    from viz.questions.prompt import Prompt  # noqa: PLC0415 - rich takes 32 ms; not for JSON
    from viz.terminal.exercises import exercise_head, make_console  # noqa: PLC0415 - the same

    console, questions = make_console(), Questions(Worksheet(solution))
    for part in exercise_head(console, solution):
        console.print(part)
    console.print()
    prompt = Prompt(questions, console)
    prompt.run()
    console.print()
    prompt.say(questions.summary, "bold")


def _exercise_of(options: argparse.Namespace) -> Exercise:
    name = "second" if options.second else "sigmoid" if options.sigmoid else options.file or "relu"
    exercise = load_exercise(name)
    if options.eta is not None:
        exercise = dataclasses.replace(exercise, eta=options.eta)
    return dataclasses.replace(exercise, exact=True) if options.exact else exercise


def _write_files(options: argparse.Namespace, solutions: Sequence[Solution]) -> None:
    """Write all files that were asked for, and print their paths. Pictures show the last iteration."""
    last = solutions[-1]
    of_which = f" of iteration {len(solutions)}" if len(solutions) > 1 else ""
    played = f"iteration {len(solutions)}" if len(solutions) > 1 else "it"

    def say(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout)

    write_graph(options, last.graph, lambda path: say(f"The computation graph{of_which} is in {path}"))
    if options.network is not None:
        say(f"The network{of_which} is in {write_to(options.network, viz.network(last, layout=options.layout))}")
    if options.html is not None:
        say(f"The page that plays {played} is {write_to(options.html, viz.player(last, layout=options.layout))}")
    if options.frames is not None:
        paths = viz.save_frames(last, options.frames, layout=options.layout)
        say(f"{pictures_said(paths)}{of_which} are in {visible(options.frames)}")
    of_all = f" of {len(solutions)} iterations" if len(solutions) > 1 else ""
    for name in FORMS:
        target: Path | OwnName | None = getattr(options, name)
        if target is not None:
            at_once = options.at_once and name == "beamer"
            text = viz.derivation(solutions, name, matrices=options.matrices, at_once=at_once)
            say(f"The derivation{of_all} is in {_write_text(target, text)}")
    for name, what in (("sheet", "sheet"), ("key", "solution")):
        target = getattr(options, name)
        if target is not None:
            exercise, count = solutions[0].exercise, len(solutions)
            made = viz.sheet(exercise, key=name == "key", iterations=count, paper=options.paper or PAPERS[0])
            say(f"The {what} is in {write_to(target, made)}")


def _write_text(target: Path | OwnName, text: str) -> str:
    """Write a text to a file and return its path."""
    if isinstance(target, OwnName):
        return target.write(text.encode)
    write_file(target, text.encode())
    return visible(target)
