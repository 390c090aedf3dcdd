"""Small faults in the source, and whether the tests notice: `python -m tests.mutants [FILES] [--count N] [--seed N]`.

A fault is another operator or constant, a condition turned round, or a statement left out. Each is tried in a copy of
the project, on the interpreted engine, with the test files that name most of what the module has.
"""

import argparse
import ast
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
GENERATED = {"autograd/table/kernels.py", "autograd/table/operators.py"}
TEST_FILES = 6
SLOW = {"test_player.py", "test_notebooks.py", "test_benchmarks.py", "test_fuzz.py"}
OPERATORS = {
    getattr(ast, kind): (old, new)
    for kind, old, new in [
        *[("Add", "+", "-"), ("Sub", "-", "+"), ("Mult", "*", "/"), ("Div", "/", "*"), ("Mod", "%", "*")],
        *[("FloorDiv", "//", "*"), ("Pow", "**", "*"), ("BitOr", "|", "&"), ("BitAnd", "&", "|")],
        *[("Lt", "<", "<="), ("LtE", "<=", "<"), ("Gt", ">", ">="), ("GtE", ">=", ">"), ("Eq", "==", "!=")],
        *[("NotEq", "!=", "=="), ("Is", "is", "is not"), ("IsNot", "is not", "is"), ("In", "in", "not in")],
        *[("NotIn", "not in", "in"), ("And", "and", "or"), ("Or", "or", "and")],
    ]
}


class Mutant(NamedTuple):
    """A module's source before and after one change."""

    file: str
    before: str
    after: str

    def diff(self):
        lines = [text.splitlines(keepends=True) for text in (self.before, self.after)]
        return "".join(difflib.unified_diff(*lines, self.file, self.file, n=1))


def source_of(file):
    return (ROOT / file).read_text(encoding="utf-8")


class Source:
    """A source as bytes, with the places of its nodes."""

    def __init__(self, text):
        self.content, self.tree, self._starts = text.encode(), ast.parse(text), [0]
        for line in self.content.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node):
        begin = self._starts[node.lineno - 1] + node.col_offset
        return slice(begin, self._starts[node.end_lineno - 1] + node.end_col_offset)

    def change(self, node):
        """Return the part of the source to change in a node, and the new text; None if there is nothing to change."""
        match node:
            case ast.BinOp(left, operator, right):
                return self._operator(left, operator, right)
            case ast.BoolOp(operator, [left, right, *_]) | ast.Compare(left, [operator], [right]):
                return self._operator(left, operator, right)
            case ast.Constant(int() | float() as value):
                return self.span(node), repr(not value if isinstance(value, bool) else value + 1)
            case ast.If(test) | ast.IfExp(test) | ast.While(test):
                return self.span(test), f"not ({self.content[self.span(test)].decode()})"
            case ast.Expr(ast.Constant()):
                return None  # a docstring
            case ast.Assign() | ast.AugAssign() | ast.Expr() | ast.Raise() | ast.Return():
                return self.span(node), "pass"

    def _operator(self, left, operator, right):
        if type(operator) not in OPERATORS:
            return None
        old, new = OPERATORS[type(operator)]
        between = slice(self.span(left).stop, self.span(right).start)
        return between, self.content[between].decode().replace(old, new, 1)

    def changed(self, span, new):
        return (self.content[: span.start] + new.encode() + self.content[span.stop :]).decode()


def modules():
    """Return the names of all files of the three packages."""
    files = [path for name in ("autograd", "nn", "viz") for path in sorted((ROOT / name).rglob("*.py"))]
    return [file.relative_to(ROOT).as_posix() for file in files]


def mutants(file):
    """Return every mutant of a file that is Python."""
    text = source_of(file)
    source, found = Source(text), []
    for change in filter(None, map(source.change, ast.walk(source.tree))):
        after = source.changed(*change)
        try:
            ast.parse(after)
        except SyntaxError:
            continue
        if after != text:
            found.append(Mutant(file, text, after))
    return found


def tests_of(file):
    """Return the test files that name most of what a module has, those with the most names first.

    For a module that no test names, those of the modules that import it.
    """
    body = ast.parse(source_of(file)).body
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    names |= {target.id for target in targets if isinstance(target, ast.Name)}
    module = ".".join(Path(file).with_suffix("").parts)
    counts = Counter()
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        words = Counter(re.findall(r"\w+", text))
        counts[f"tests/{path.name}"] = 50 * text.count(module) + sum(words[name] for name in names)
    chosen = [name for name, count in counts.most_common() if count and Path(name).name not in SLOW]
    if not chosen:
        users = [name for name in modules() if re.search(rf"^from {module} import", source_of(name), re.MULTILINE)]
        chosen = [name for user in users for name in tests_of(user)]
    return chosen[:TEST_FILES]


class Copy:
    """A copy of the project's files in which mutants are tried."""

    def __init__(self, folder):
        self.root, self._changes = Path(folder), 0
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.root / name)

    def write(self, file, source):
        self._changes += 1
        (self.root / file).write_text(source, encoding="utf-8")
        os.utime(self.root / file, (self._changes, self._changes))  # Python compares times with those of its bytecode

    def passes(self, tests, limit):
        """Say whether the tests pass within some seconds."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *tests]
        environment = {**os.environ, "PYTHONPATH": str(self.root), "GRADSTEP_INTERPRETED": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        try:
            done = subprocess.run(
                command, cwd=self.root, env=environment, capture_output=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            self.said = [f"not ready after {limit:.0f} s"]
            return False
        self.said = done.stdout.decode(errors="replace").strip().splitlines()[-3:]
        return done.returncode == 0


def run(files, count, seed, write=print):
    """Try some mutants of each file; return those that the tests did not notice."""
    survivors, tried = [], 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(folder)
        for file in files:
            tests, start = tests_of(file), time.monotonic()
            if not tests or not copy.passes(tests, 600):
                why = " ".join(["its tests fail without a change:", *copy.said]) if tests else "no test names it"
                write(f"{file}: left out, {why}")
                continue
            limit = 30 + 3 * (time.monotonic() - start)
            found = mutants(file)
            chosen = random.Random(seed).sample(found, min(count, len(found)))
            lived = []
            for mutant in chosen:
                copy.write(file, mutant.after)
                if copy.passes(tests, limit):
                    lived.append(mutant)
                    write(mutant.diff())
            copy.write(file, source_of(file))
            write(f"{file}: {len(chosen) - len(lived)} of {len(chosen)} killed by {', '.join(tests)}")
            survivors += lived
            tried += len(chosen)
    write(f"{tried - len(survivors)} of {tried} killed")
    return survivors


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", help="modules such as nn/optim.py (default: all)")
    parser.add_argument("--count", type=int, default=10, help="mutants of each file (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    options = parser.parse_args(arguments)
    names = [Path(file).resolve().relative_to(ROOT).as_posix() for file in options.files] or modules()
    run([name for name in names if name not in GENERATED], options.count, options.seed)


if __name__ == "__main__":
    main()
