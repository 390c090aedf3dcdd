"""A replay against the function itself, while what the function reads changes between the calls.

A replay may refuse a function with a ReplayError. It may never give another number than the function.
"""

import linecache
import sys
import types
import warnings
from math import isclose
from typing import NamedTuple

from hypothesis import strategies as st

import nn
from autograd import ReplayError, Value, replay
from tests.fuzz.programs import NUMBERS, differ, same

EACH_ROUND = 60


class Way(NamedTuple):
    """A way to read a number: statements before, the expression in the function, and the statement that changes it."""

    before: str
    read: str
    change: str


TWO = "class O:\n    scale = 2.0\no = O()\no.a1, o.a2 = 2.0, 3.0"
WAYS = [
    Way("g = 2.0", "g", "g = {n}"),
    Way("v = Value(2.0)", "v", "v.data = {n}"),
    Way("v = Value(2.0)", "v", "v = Value({n})"),
    Way("v = Value(2.0)", "(1.0 if v > 0.75 else v.data)", "v.data = {n}"),
    Way("c = [2.0, 3.0]", "c[0]", "c[0] = {n}"),
    Way("c = [2.0, 3.0]", "sum(c)", "c.append({n})"),
    Way("c = [2.0, 3.0]", "len(c)", "c.append({n})"),
    Way("c = [2.0, 3.0]", "sum(a * b for a, b in zip(c, c[1:]))", "c.insert(1, {n})"),
    Way("c = {'a': 2.0, 'b': 3.0}", "c['a']", "c['a'] = {n}"),
    Way("c = {'a': 2.0}", "c.get('b', 1.5)", "c['b'] = {n}"),
    Way("c = {'a': 2.0, 'b': 3.0}", "list(c.values())[0]", "c['a'] = c.pop('a')"),
    Way("c = {2.0, 3.0}", "sum(c)", "c.add({n})"),
    Way("c = {2.0, 3.0}", "(2.0 if 0.5 in c else 3.0)", "c.add({n})"),
    Way("from collections import deque\nc = deque([2.0, 3.0])", "sum(c)", "c.append({n})"),
    Way("from collections import UserList\nc = UserList([2.0])", "sum(c)", "c.append({n})"),
    Way("from collections import ChainMap\nc = ChainMap({}, {'a': 2.0})", "c['a']", "c['a'] = {n}"),
    Way("from collections import defaultdict\nc = defaultdict(float)", "c['a']", "c['a'] = {n}"),
    Way("from collections import Counter\nc = Counter('aab')", "c['a']", "c['a'] += 1"),
    Way("from array import array\nc = array('d', [2.0])", "c[0]", "c[0] = {n}"),
    Way("c = bytearray(b'a')", "c[0] / 50", "c[0] += 1"),
    Way("c = bytearray(b'ab')\nm = memoryview(c)", "m[0] / 50", "c[0] += 1"),
    Way("import numpy as np\nc = np.array([2.0, 3.0])", "c[0]", "c[0] = {n}"),
    Way("import numpy as np\nc = np.array([2.0, 3.0])", "float(c.sum())", "c[0] = {n}"),
    Way(TWO, "o.a1", "o.a1 = {n}"),
    Way(TWO, "o.scale", "O.scale = {n}"),
    Way(TWO, "o.scale", "o.scale = {n}"),
    Way(TWO, "sum(getattr(o, f'a{i}') for i in (1, 2))", "o.a2 = {n}"),
    Way(TWO, "sum(vars(o).values())", "o.a2 = {n}"),
    Way(TWO, "o.__dict__['a2']", "o.a2 = {n}"),
    Way(TWO, "(o.late if hasattr(o, 'late') else 1.5)", "o.late = {n}"),
    Way(TWO, "getattr(o, 'late', 1.5)", "o.late = {n}"),
    Way(TWO + "\nfrom operator import attrgetter\nget = attrgetter('a1')", "get(o)", "o.a1 = {n}"),
    Way(TWO + "\nclass P(O):\n    pass\np = P()", "p.scale", "P.scale = {n}"),
    Way("class O:\n    __slots__ = ('a',)\no = O()\no.a = 2.0", "o.a", "o.a = {n}"),
    Way("class O:\n    @property\n    def a(self):\n        return self.b\no = O()\no.b = 2.0", "o.a", "o.b = {n}"),
    Way("class O:\n    def __getattr__(self, name):\n        return s\ns = 2.0\no = O()", "o.any", "s = {n}"),
    Way("class O:\n    def __getitem__(self, i):\n        return self.b\no = O()\no.b = 2.0", "o[3]", "o.b = {n}"),
    Way("class O:\n    def __call__(self):\n        return self.b\no = O()\no.b = 2.0", "o()", "o.b = {n}"),
    Way("class O:\n    def __len__(self):\n        return n\nn = 2\no = O()", "len(o)", "n += 1"),
    Way("class O:\n    def __iter__(self):\n        yield from c\nc = [2.0]\no = O()", "sum(o)", "c.append({n})"),
    Way("class O:\n    def __bool__(self):\n        return b > 1\nb = 2.0\no = O()", "(2.0 if o else 3.0)", "b = {n}"),
    Way("def h():\n    return h.a\nh.a = 2.0", "h()", "h.a = {n}"),
    Way("def h(a=2.0):\n    return a", "h()", "h.__defaults__ = ({n},)"),
    Way("def h(*, a=2.0):\n    return a", "h()", "h.__kwdefaults__['a'] = {n}"),
    Way("def h():\n    return 2.0", "h()", "h.__code__ = (lambda: {n}).__code__"),
    Way("def h():\n    return 2.0", "h()", "h = lambda: {n}"),
    Way(
        "def make(a):\n    def h():\n        return a\n    return h\nh = make(2.0)",
        "h()",
        "h.__closure__[0].cell_contents = {n}",
    ),
    Way("from functools import partial\nc = [2.0]\nh = partial(max, 0.25)", "h(*c)", "c[0] = {n}"),
    Way("from functools import partial\nh = partial(max, 2.0)", "h(0.25)", "h = partial(max, {n})"),
    Way("from functools import lru_cache\ng = 2.0\nh = lru_cache(lambda: g)", "h()", "g = {n}; h.cache_clear()"),
    Way("import os\nos.environ['FUZZED'] = '2'", "float(os.environ['FUZZED'])", "os.environ['FUZZED'] = '{n}'"),
    Way("import os\nos.environ['FUZZED'] = '2'", "float(os.getenv('FUZZED'))", "os.environ['FUZZED'] = '{n}'"),
    Way("from contextvars import ContextVar\nc = ContextVar('c', default=2.0)", "c.get()", "c.set({n})"),
    Way("import types\nm = types.ModuleType('m')\nm.a = 2.0", "m.a", "m.a = {n}"),
    Way("import threading\nt = threading.local()\nt.a = 2.0", "t.a", "t.a = {n}"),
    Way("import types\ns = types.SimpleNamespace(a=2.0)", "s.a", "s.a = {n}"),
    Way("import types\nd = {'a': 2.0}\ns = types.MappingProxyType(d)", "s['a']", "d['a'] = {n}"),
    Way("from dataclasses import dataclass\n@dataclass\nclass D:\n    a: float\no = D(2.0)", "o.a", "o.a = {n}"),
    Way("from enum import Enum\nclass E(Enum):\n    A = 2.0\ne = E.A", "e.value", "e._value_ = {n}"),
    Way("from itertools import count\nc = count(2)", "next(c)", "pass"),
    Way("c = iter([2.0] * 99)", "next(c)", "pass"),
    Way("import random\nr = random.Random(1)", "r.random()", "r.seed({n})"),
    Way("import weakref\n" + TWO + "\nw = weakref.ref(o)", "w().a1", "o.a1 = {n}"),
    Way("c = [[2.0], [3.0]]", "sum(x for row in c for x in row)", "c[1].append({n})"),
    Way("t = ([2.0],)", "t[0][0]", "t[0][0] = {n}"),
    Way("c = [2.0, 3.0]", "max(c, key=lambda a: -a)", "c[1] = {n}"),
    Way("s = '2.0'", "float(s)", "s = '{n}'"),
    Way("g = 2.0", "globals()['g']", "g = {n}"),
    Way("g = 2.0", "eval('g')", "g = {n}"),
    Way("import sys", "len(sys.argv)", "sys.argv = ['more'] * int(4 + {n})"),
    Way("import io\nb = io.BytesIO(b'22')", "len(b.getvalue())", "b.write(b'4444')"),
    Way("c = {'a': 2.0}\nview = c.values()", "sum(view)", "c['b'] = {n}"),
    Way("c = [2.0]", "(lambda: c[-1])()", "c.append({n})"),
    Way("from decimal import Decimal\nc = Decimal(2)", "float(c.sqrt())", "c = Decimal({n}) ** 2"),
    Way(
        "import threading\nlock = threading.Lock()\ng = 2.0\ndef h():\n    with lock:\n        return g",
        "h()",
        "g = {n}",
    ),
    Way("import logging\ng = 2.0\ndef h():\n    logging.debug('h')\n    return g", "h()", "g = {n}"),
    Way("import time\ndef h():\n    start = time.time()\n    return 2.0", "h()", "pass"),
    Way("def h(a: int):\n    pass", "len(h.__annotations__)", "h.__annotations__['b{n}'] = int"),
    Way("import numpy as np\nc = np.array([2.0, 3.0])\nv = c[:1]", "float(v.base[1])", "c[1] = {n}"),
    Way("import numpy as np\nc = np.array([2.0, 3.0])", "len(str(c))", "c[1] = {n} / 3"),
    Way("class C:\n    __module__ = 'math'\n    a = 2.0", "C.a", "C.a = {n}"),
    Way("net = nn.MLP(1, [1], seed=1)", "net([2.0])", "net.layers[0].neurons[0].bias.data = {n}"),
    Way("net = nn.MLP(1, [1], seed=1)", "net([2.0])", "net.layers[0].activation = nn.activation('tanh')"),
]
JOINED = ["y * {}", "y + {}", "(y if y > {} else y * 3)", "y * float({})"]
CHANGES = st.sampled_from([0.5, -1.5, 4.0, 2.5])
CALLS = st.lists(st.tuples(st.integers(0, 2), CHANGES, NUMBERS), min_size=1, max_size=6)
CASES = st.tuples(
    st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(JOINED)), min_size=1, max_size=2), NUMBERS, CALLS
)
"""Ways with how each is joined to the result; the first argument; then, for each call, a change and the argument.

A change is the place of the way that changes (none changes where there is no such way), and the new number.
"""


class World:
    """The function, in a module, with all that it reads; the second way to read stands in another module."""

    def __init__(self, reads, name):
        self.texts = [f"{way.before}\n" for way, _ in reads]
        terms = [joined.format(way.read if place == 0 else "read()") for place, (way, joined) in enumerate(reads)]
        self.texts[1:] = [f"{text}def read():\n    return {reads[1][0].read}\n" for text in self.texts[1:]]
        self.texts[0] += "\n".join(["def f(x):", "    y = x", *(f"    y = {term}" for term in terms), "    return y\n"])
        self.reads, self.modules = reads, [types.ModuleType(f"{name}{place}") for place in range(len(reads))]

    def __enter__(self):
        for module, text in zip(reversed(self.modules), reversed(self.texts), strict=True):
            sys.modules[module.__name__] = module
            module.__dict__.update(Value=Value, nn=nn)
            file = f"<{module.__name__}>"
            linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
            exec(compile(text, file, "exec"), module.__dict__)
        if len(self.modules) > 1:
            self.modules[0].read = self.modules[1].read
        self.function = self.modules[0].f
        return self

    def __exit__(self, *_):
        for module in self.modules:
            del sys.modules[module.__name__], linecache.cache[f"<{module.__name__}>"]

    def change(self, place, number):
        if place < len(self.reads):
            exec(self.reads[place][0].change.replace("{n}", repr(number)), self.modules[place].__dict__)


def outcome(function, number):
    """Return the value and the gradient of a call, or the class of what it raises."""
    x = Value(number)
    try:
        y = function(x)
        y.backward()
    except ReplayError:
        raise
    except Exception as error:  # noqa: BLE001 - the function and its replay raise the same, whatever it is
        return type(error), str(error)
    return y.data, x.grad


def shown(case):
    reads, first, calls = case
    texts = World(reads, "shown").texts
    rows = [f"fast = replay(f); fast({first})"]
    for place, number, argument in calls:
        change = reads[place][0].change.replace("{n}", repr(number)) + "; " if place < len(reads) else ""
        rows.append(f"{change}fast({argument})")
    others = [f"# read() stands in another module:\n{text}" for text in texts[1:]]
    return "\n".join([*others, texts[0], *rows])


def check(case):
    reads, first, calls = case
    with World(reads, "plainly") as plain, World(reads, "replayed") as replayed, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fast = replay(replayed.function)
            for place, number, argument in [(len(reads), 0.0, first), *calls]:
                plain.change(place, number)
                replayed.change(place, number)
                expected, found = outcome(plain.function, argument), outcome(fast, argument)
                if not agree(expected, found):
                    differ(f"function and replay at {argument}", expected, found)
        except ReplayError:
            return


def agree(expected, found):
    if isinstance(expected[0], type) or isinstance(found[0], type):
        return expected[0] is found[0]
    return same(expected[0], found[0]) and isclose(expected[1], found[1], rel_tol=1e-12, abs_tol=1e-12)
