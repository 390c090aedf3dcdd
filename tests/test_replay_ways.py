"""Ways to read something from outside: a replay follows each of them, or refuses it, and never gives an old number."""

import abc
import decimal
import importlib
import inspect
import logging
import random
import re
import sys
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pytest

import autograd
from autograd import ReplayError, Value, replay
from autograd.replays.reading import reads_of

BOX = "class Box:\n    pass\nbox = Box()\n"
NET = "class Net:\n    scale = 2.0\n    def get(self):\n        return self.scale\nnet = Net()\n"
SUB = NET + "class Sub(Net):\n    pass\nsub = Sub()\n"
SLOTTED = "class Slotted:\n    __slots__ = ('a', 'b')\ns = Slotted()\ns.a = 2.0\n"
PROPERTY = BOX + "box.raw = 2.0\nfactor = 1.0\nBox.p = property(lambda self: self.raw * factor)\n"
MODULE = (
    "import sys, types\nmade = types.ModuleType('made_by_a_test')\nmade.scale = 2.0\n"
    "sys.modules['made_by_a_test'] = made\n"
)
LIST = "items = [1.0, 2.0]\n"
DICT = "d = {'a': 1.0, 'b': 4.0}\n"
ENUM = "import enum\nclass Mode(enum.Enum):\n    LOW = 2.0\n    HIGH = 3.0\n"
DATA = "from dataclasses import *\n@dataclass\nclass Point:\n    x: float = 2.0\np = Point()\n"
CALLER = (
    "class Caller:\n    def __init__(self):\n        self.k = 2.0\n"
    "    def __call__(self):\n        return self.k\nc = Caller()\n"
)

FOLLOWED = {
    # names
    "a global": ("scale = 2.0", "scale", "scale = 3.0"),
    "a global Value": ("w = Value(2.0)", "w", "w = Value(3.0)"),
    "a Value's number": ("w = Value(2.0)", "w", "w.data = 3.0"),
    "a Value's label": ("w = Value(2.0, 'low')", "2.0 if w.label == 'low' else 3.0", "w.label = 'high'"),
    "a Value's text": ("w = Value(2.0, 'a')", "len(repr(w))", "w.label = 'abcd'"),
    "a gradient in a Value's text": ("w = Value(2.0)", "len(repr(w))", "w.grad = 1.25"),
    "a global that hides a builtin": ("", "len([1, 2])", "len = lambda items: 7.0"),
    "a global that is later there": (
        "",
        "def f(x):\n    try:\n        return x * later\n    except NameError:\n        return x",
        "later = 3.0",
    ),
    "a global that is deleted": (
        "there = 3.0",
        "def f(x):\n    try:\n        return x * there\n    except NameError:\n        return x",
        "del there",
    ),
    "a function that is called": ("def g():\n    return 2.0", "g()", "def g():\n    return 3.0"),
    "a global of a called function": ("k = 2.0\ndef g():\n    return k", "g()", "k = 3.0"),
    "a function's code": ("def g():\n    return 2.0\ndef h():\n    return 3.0", "g()", "g.__code__ = h.__code__"),
    "a function's defaults": ("def g(k=2.0):\n    return k", "g()", "g.__defaults__ = (3.0,)"),
    "a function's keyword defaults": ("def g(*, k=2.0):\n    return k", "g()", "g.__kwdefaults__ = {'k': 3.0}"),
    "an entry of keyword defaults": ("def g(*, k=2.0):\n    return k", "g()", "g.__kwdefaults__['k'] = 3.0"),
    "a list as a default": ("def g(k=[2.0]):\n    return k[0]", "g()", "g.__defaults__[0][0] = 3.0"),
    "a function's attribute": ("def g():\n    return g.k\ng.k = 2.0", "g()", "g.k = 3.0"),
    "a function's attribute that is later there": ("def g():\n    pass", "3 if hasattr(g, 'k') else 2", "g.k = 1"),
    "a function's name": ("def g():\n    pass", "len(g.__name__)", "g.__name__ = 'longer'"),
    "a lambda in a list": ("k = 2.0\ngs = [lambda: k]", "gs[0]()", "k = 3.0"),
    "a nested function": ("k = 2.0", "(lambda: (lambda: k)())()", "k = 3.0"),
    "a comprehension": ("k = 2.0", "[k for _ in range(2)][1]", "k = 3.0"),
    "a class inside": ("k = 2.0", "def f(x):\n    class C:\n        a = k\n    return x * C.a", "k = 3.0"),
    "a closure": (
        (
            "def outer():\n    k = 2.0\n    def g():\n        return k\n    def put():\n"
            "        nonlocal k\n        k = 3.0\n    return g, put\ng, put = outer()"
        ),
        "g()",
        "put()",
    ),
    "a list in a closure": (
        "def outer(items):\n    return lambda: items[0]\nown = [2.0]\ng = outer(own)",
        "g()",
        "own[0] = 3.0",
    ),
    "a decorated function": (
        (
            "import functools\nk = 2.0\ndef deco(h):\n    @functools.wraps(h)\n    def inner():\n"
            "        return h()\n    return inner\n@deco\ndef g():\n    return k"
        ),
        "g()",
        "k = 3.0",
    ),
    "a partial": ("import functools\nk = [2.0]\ng = functools.partial(lambda a: a[0], k)", "g()", "k[0] = 3.0"),
    "a keyword of a partial": (
        "import functools\nk = [2.0]\ng = functools.partial(lambda a: a[0], a=k)",
        "g()",
        "k[0] = 3.0",
    ),
    "a cached function": (
        "import functools\nk = 2.0\n@functools.lru_cache\ndef g():\n    return k",
        "g()",
        "k = 3.0; g.cache_clear()",
    ),
    "reduce": (
        "import functools\nk = 2.0\ndef g(a, b):\n    return a * k + b",
        "functools.reduce(g, [1, 2, 3])",
        "k = 3.0",
    ),
    "a context manager": (
        "import contextlib\nk = 2.0\n@contextlib.contextmanager\ndef g():\n    yield k",
        "def f(x):\n    with g() as a:\n        return x * a",
        "k = 3.0",
    ),
    "a generator function": ("k = 2.0\ndef g():\n    yield k", "sum(g())", "k = 3.0"),
    "a method of a global": (NET, "net.get()", "net.scale = 3.0"),
    "a bound method": (NET + "g = net.get", "g()", "net.scale = 3.0"),
    "a method that is assigned": (NET, "net.get()", "Net.get = lambda self: 3.0"),
    "a method that is hidden": (NET, "net.get()", "net.get = lambda: 3.0"),
    "grad of a function": (
        (
            "import autograd\nk = 2.0\n"
            "g = autograd.grad(lambda x: x * k, create_graph=True) if False else (lambda x: x * k)"
        ),
        "g(x)",
        "k = 3.0",
    ),
    "a replay inside": ("k = 2.0\ng = replay(lambda x: x * k)", "g(x)", "k = 3.0"),
    # attributes
    "an attribute": (BOX + "box.a = 2.0", "box.a", "box.a = 3.0"),
    "an attribute of an attribute": (BOX + "box.a = Box()\nbox.a.b = 2.0", "box.a.b", "box.a.b = 3.0"),
    "an attribute that is later there": (BOX, "box.a if hasattr(box, 'a') else 1.0", "box.a = 3.0"),
    "an attribute that is no longer there": (BOX + "box.a = 3.0", "getattr(box, 'a', 1.0)", "del box.a"),
    "try and except": (
        BOX,
        "def f(x):\n    try:\n        return x * box.a\n    except AttributeError:\n        return x",
        "box.a = 3.0",
    ),
    "hasattr of the class": (NET, "3.0 if hasattr(net, 'late') else 1.0", "Net.late = 1"),
    "getattr by a name": (NET, "getattr(net, 'scale')", "net.scale = 3.0"),
    "getattr by a made name": (
        BOX + "box.s1 = 2.0\nbox.s2 = 5.0",
        "def f(x):\n    for i in (1, 2):\n        x = x * getattr(box, f's{i}')\n    return x",
        "box.s1 = 3.0",
    ),
    "getattr by another name for it": (BOX + "box.a = 2.0\nlook = getattr\nn = 'a'", "look(box, n)", "box.a = 3.0"),
    "getattr of a class": (NET + "n = 'scale'", "getattr(net, n)", "Net.scale = 3.0"),
    "getattr of a property": (PROPERTY + "n = 'p'", "getattr(box, n)", "factor = 3.0"),
    "vars": (BOX + "box.a = 2.0", "vars(box)['a']", "box.a = 3.0"),
    "a special name in vars": (BOX + "box.__k__ = [2.0]", "vars(box)['__k__'][0]", "box.__k__[0] = 3.0"),
    "a special name in the vars of a class": (BOX + "Box.__k__ = [2.0]", "vars(Box)['__k__'][0]", "Box.__k__[0] = 3.0"),
    "sum of vars": (BOX + "box.a = 2.0", "sum(vars(box).values())", "box.b = 3.0"),
    "the dict of an object": (BOX + "box.a = 2.0", "box.__dict__['a']", "box.a = 3.0"),
    "another dict of an object": (BOX + "box.a = 2.0", "box.a", "box.__dict__ = {'a': 3.0}"),
    "dir": (BOX, "len(dir(box))", "box.a = 1"),
    "attrgetter": (BOX + "import operator\nbox.a = 2.0\ng = operator.attrgetter('a')", "g(box)", "box.a = 3.0"),
    "attrgetter inside": (BOX + "import operator\nbox.a = 2.0", "operator.attrgetter('a')(box)", "box.a = 3.0"),
    "methodcaller": (NET + "import operator\ng = operator.methodcaller('get')", "g(net)", "net.scale = 3.0"),
    "itemgetter": (DICT + "import operator\ng = operator.itemgetter('a')", "g(d)", "d['a'] = 3.0"),
    "a copy": (BOX + "import copy\nbox.a = 2.0", "copy.copy(box).a", "box.a = 3.0"),
    "a class attribute": (NET, "net.scale", "Net.scale = 3.0"),
    "a class attribute by the class": (NET, "Net.scale", "Net.scale = 3.0"),
    "a class attribute that is hidden": (NET, "net.scale", "net.scale = 3.0"),
    "a subclass that overrides": (SUB, "sub.scale", "Sub.scale = 3.0"),
    "a subclass that overrides a method": (SUB, "sub.get()", "Sub.get = lambda self: 3.0"),
    "an override that is deleted": (SUB + "Sub.scale = 5.0", "sub.scale", "del Sub.scale"),
    "another class of an object": (NET + "class Other:\n    scale = 3.0", "net.scale", "net.__class__ = Other"),
    "other bases": (
        SUB + "class Other:\n    scale = 3.0\n    def get(self):\n        return 1.0",
        "sub.scale",
        "Sub.__bases__ = (Other,)",
    ),
    "a class method": (NET + "Net.g = classmethod(lambda cls: cls.scale)", "net.g()", "Net.scale = 3.0"),
    "a class method of the class": (NET + "Net.g = classmethod(lambda cls: cls.scale)", "Net.g()", "Net.scale = 3.0"),
    "a static method": ("k = 2.0\n" + BOX + "Box.g = staticmethod(lambda: k)", "box.g()", "k = 3.0"),
    "a property": (PROPERTY, "box.p", "box.raw = 3.0"),
    "a global in a property": (PROPERTY, "box.p", "factor = 3.0"),
    "a property that is assigned": (PROPERTY, "box.p", "Box.p = 3.0"),
    "super": (SUB + "def get(self):\n    return super(Sub, self).get()\nSub.get = get", "sub.get()", "Net.scale = 3.0"),
    "a slot": (SLOTTED, "s.a", "s.a = 3.0"),
    "a slot that is later there": (SLOTTED, "3.0 if hasattr(s, 'b') else 1.0", "s.b = 1.0"),
    "a slot by a made name": (SLOTTED, "getattr(s, 'ab'[0])", "s.a = 3.0"),
    "a list in a slot": (SLOTTED + "s.a = [2.0]", "s.a[0]", "s.a[0] = 3.0"),
    "__getattr__": (BOX + "k = {'a': 2.0}\nBox.__getattr__ = lambda self, name: k[name]", "box.a", "k['a'] = 3.0"),
    "__getattr__ that is hidden": (BOX + "Box.__getattr__ = lambda self, name: 2.0", "box.a", "box.a = 3.0"),
    "__getattribute__": (BOX + "k = 2.0\nBox.__getattribute__ = lambda self, name: k", "box.a", "k = 3.0"),
    "__getitem__": (BOX + "Box.__getitem__ = lambda self, i: self.k\nbox.k = 2.0", "box[0]", "box.k = 3.0"),
    "__call__": (CALLER, "c()", "c.k = 3.0"),
    "__iter__": (BOX + "Box.__iter__ = lambda self: iter(self.k)\nbox.k = [2.0]", "sum(box)", "box.k.append(3.0)"),
    "__len__": (BOX + "Box.__len__ = lambda self: self.k\nbox.k = 2", "len(box)", "box.k = 3"),
    "__bool__ that is later there": (BOX, "2.0 if box else 3.0", "Box.__bool__ = lambda self: False"),
    "__len__ that is later there": (BOX, "2.0 if box else 3.0", "Box.__len__ = lambda self: 0"),
    "__contains__": (
        BOX + "Box.__contains__ = lambda self, i: self.k\nbox.k = True",
        "2.0 if 1 in box else 3.0",
        "box.k = False",
    ),
    "__float__": (BOX + "Box.__float__ = lambda self: self.k\nbox.k = 2.0", "float(box)", "box.k = 3.0"),
    "__add__": (BOX + "Box.__add__ = lambda self, other: self.k + other\nbox.k = 2.0", "box + 1", "box.k = 3.0"),
    "__rmul__": (BOX + "Box.__rmul__ = lambda self, other: other * self.k\nbox.k = 2.0", "2.0 * box", "box.k = 3.0"),
    "__eq__": (
        BOX + "Box.__eq__ = lambda self, other: self.k\nbox.k = True",
        "2.0 if box == 1 else 3.0",
        "box.k = False",
    ),
    "__enter__": (
        BOX + "Box.__enter__ = lambda self: self.k\nBox.__exit__ = lambda *a: None\nbox.k = 2.0",
        "def f(x):\n    with box as a:\n        return x * a",
        "box.k = 3.0",
    ),
    "__repr__": (BOX + "Box.__repr__ = lambda self: self.k\nbox.k = 'ab'", "len(f'{box}')", "box.k = 'abc'"),
    "__str__ by str": (BOX + "Box.__str__ = lambda self: self.k\nbox.k = 'ab'", "len(str(box))", "box.k = 'abc'"),
    "__repr__ by %": (BOX + "Box.__repr__ = lambda self: self.k\nbox.k = 'ab'", "len('%r' % (box,))", "box.k = 'abc'"),
    "__format__": (
        BOX + "Box.__format__ = lambda self, spec: self.k\nbox.k = 'ab'",
        "len('{}'.format(box))",
        "box.k = 'abc'",
    ),
    "__index__": (BOX + LIST + "Box.__index__ = lambda self: self.k\nbox.k = 0", "items[box]", "box.k = 1"),
    "__init__": ("k = 2.0\nclass C:\n    def __init__(self):\n        self.a = k", "C().a", "k = 3.0"),
    "__new__": ("k = 2.0\nclass C:\n    def __new__(cls):\n        return k", "C()", "k = 3.0"),
    "a descriptor": (
        BOX
        + ("class D:\n    def __get__(self, obj, kind):\n        return self.k\ndes = D()\ndes.k = 2.0\nBox.a = des"),
        "box.a",
        "des.k = 3.0",
    ),
    "a setter": (
        BOX + "k = [2.0]\nBox.p = property(None, lambda self, v: setattr(self, 'r', v * k[0]))",
        "def f(x):\n    b = Box()\n    b.p = 1.0\n    return x * b.r",
        "k[0] = 3.0",
    ),
    "a cached property": (
        BOX
        + ("import functools\nk = 2.0\nclass C:\n    @functools.cached_property\n    def p(self):\n        return k"),
        "C().p",
        "k = 3.0",
    ),
    "a metaclass": ("class M(type):\n    scale = 2.0\nclass C(metaclass=M):\n    pass", "C.scale", "M.scale = 3.0"),
    "a call of a metaclass": (
        ("k = 2.0\nclass M(type):\n    def __call__(cls):\n        return k\nclass C(metaclass=M):\n    pass"),
        "C()",
        "k = 3.0",
    ),
    "a metaclass by an object": (
        "class M(type):\n    scale = 2.0\nclass C(metaclass=M):\n    pass\nc = C()",
        "type(c).scale",
        "M.scale = 3.0",
    ),
    "the name of a class": (NET, "len(type(net).__name__)", "Net.__name__ = 'Other'"),
    "a registration": (
        "import abc\nclass A(abc.ABC):\n    pass\nclass D:\n    pass\nd = D()",
        "2.0 if isinstance(d, A) else 3.0",
        "A.register(D)",
    ),
    "__instancecheck__": (
        "k = True\nclass M(type):\n    __instancecheck__ = lambda cls, o: k\nclass A(metaclass=M):\n    pass",
        "2.0 if isinstance(k, A) else 3.0",
        "k = False",
    ),
    "a name in a format": (BOX + "box.a = 2.0", "float('{0.a}'.format(box))", "box.a = 3.0"),
    "object's __getattribute__": (BOX + "box.a = 2.0", "object.__getattribute__(box, 'a')", "box.a = 3.0"),
    "an object that is made to compare": (
        (
            "k = 2.0\nclass C:\n    def __init__(self):\n        self.a = k\n    def __eq__(self, other):\n"
            "        return self.__class__().a == other\nc = C()"
        ),
        "2.0 if c == 2.0 else 3.0",
        "k = 3.0",
    ),
    "__setattr__ by setattr": (
        (
            "k = 2.0\nclass C:\n    def __setattr__(self, name, value):\n        self.__dict__[name] = value * k\n"
            "def make():\n    c = C()\n    setattr(c, 'a', 1.0)\n    return c"
        ),
        "make().a",
        "k = 3.0",
    ),
    "__copy__": (BOX + "import copy\nk = 2.0\nBox.__copy__ = lambda self: k", "copy.copy(box)", "k = 3.0"),
    "__init_subclass__": (
        "k = 2.0\nclass P:\n    def __init_subclass__(cls):\n        cls.z = k",
        "def f(x):\n    class Q(P):\n        pass\n    return x * Q.z",
        "k = 3.0",
    ),
    "a call of the type of an object": (
        "k = 2.0\nclass C:\n    def __init__(self):\n        self.a = k\nc = C()",
        "type(c)().a",
        "k = 3.0",
    ),
    "a call of the class around": (
        (
            "k = 2.0\nclass C:\n    def __init__(self):\n        self.a = k\n    def make(self):\n"
            "        return __class__()\nc = C()"
        ),
        "c.make().a",
        "k = 3.0",
    ),
    "a call of a class inside isinstance": (
        (
            "k = True\nclass C:\n    def __init__(self):\n        self.kind = int if k else str\n"
            "def call(kind):\n    return kind()"
        ),
        "2.0 if isinstance(1, call(C).kind) else 3.0",
        "k = False",
    ),
    "a call of a class in a dict": (
        "k = 2.0\nclass C:\n    def __init__(self):\n        self.a = k\nd = {'c': C}",
        "d['c']().a",
        "k = 3.0",
    ),
    "a class method that makes an object": (
        (
            "k = 2.0\nclass C:\n    def __init__(self):\n        self.a = k\n    @classmethod\n    def make(cls):\n"
            "        return cls()\n"
        ),
        "C.make().a",
        "k = 3.0",
    ),
    "a module of another class": (
        MODULE + "class Other(types.ModuleType):\n    scale = property(lambda self: 3.0)",
        "made.scale",
        "made.__class__ = Other",
    ),
    "another built-in function": ("import builtins", "sum([1, 2])", "builtins.sum = lambda items: 7.0"),
    "a part of a fraction": (
        "from fractions import Fraction\nk = Fraction(1, 2)",
        "float(k)",
        "k._numerator = 3",
    ),
    "a partial that is changed": (
        "import functools\nk = functools.partial(float, 2.0)",
        "k()",
        "k.__setstate__((float, (3.0,), {}, {}))",
    ),
    "a data class that is made": (
        (
            "from dataclasses import dataclass, field\nk = [2.0]\n@dataclass\nclass P:\n"
            "    a: float = field(default_factory=lambda: k[0])\n"
        ),
        "P().a",
        "k[0] = 3.0",
    ),
    "an exception that is made": (
        "k = 2.0\nclass E(Exception):\n    def __init__(self):\n        self.k = k",
        "def f(x):\n    try:\n        raise E\n    except E as e:\n        return x * e.k",
        "k = 3.0",
    ),
    "a match by position": (
        "class P:\n    __match_args__ = ('x',)\np = P()\np.x = 2.0",
        "def f(x):\n    match p:\n        case P(v):\n            return x * v",
        "p.x = 3.0",
    ),
    "isinstance": (NET + "class Other:\n    pass", "2.0 if isinstance(net, Net) else 3.0", "net.__class__ = Other"),
    "a data class": (DATA, "p.x", "p.x = 3.0"),
    "astuple": (DATA, "astuple(p)[0]", "p.x = 3.0"),
    "fields": (DATA, "sum(getattr(p, field.name) for field in fields(p))", "p.x = 3.0"),
    "replace": (DATA, "replace(p).x", "p.x = 3.0"),
    "match of a class": (
        DATA,
        "def f(x):\n    match p:\n        case Point(x=2.0):\n            return x\n    return x * 7",
        "p.x = 3.0",
    ),
    "match of a dict": (
        DICT,
        "def f(x):\n    match d:\n        case {'a': a}:\n            return x * a",
        "d['a'] = 3.0",
    ),
    "a SimpleNamespace": ("from types import SimpleNamespace\nn = SimpleNamespace(a=2.0)", "n.a", "n.a = 3.0"),
    "a named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'a')\np = P([2.0])",
        "p.a[0]",
        "p.a[0] = 3.0",
    ),
    "a NamedTuple": (
        "from typing import NamedTuple\nclass P(NamedTuple):\n    a: list\np = P([2.0])",
        "p.a[0]",
        "p.a[0] = 3.0",
    ),
    "an enum": (ENUM + "mode = Mode.LOW", "mode.value", "mode = Mode.HIGH"),
    "an enum's member": (ENUM + "mode = Mode.LOW", "2.0 if mode is Mode.LOW else 3.0", "mode = Mode.HIGH"),
    "a fraction": ("from fractions import Fraction\nk = Fraction(1, 2)", "float(k)", "k = Fraction(1, 3)"),
    "a subclass of float": ("class F(float):\n    pass\nk = F(2.0)\nk.a = 2.0", "k.a", "k.a = 3.0"),
    "annotations of a class": (DATA, "len(Point.__annotations__)", "Point.__annotations__['y'] = 1"),
    # elements
    "an element of a list": (LIST, "items[0]", "items[0] = 3.0"),
    "an append": (LIST, "sum(items)", "items.append(3.0)"),
    "the order of a list": (LIST, "items[0]", "items.reverse()"),
    "a slice": (LIST, "items[1:][0]", "items[1] = 3.0"),
    "a list in a tuple": (LIST + "t = (1, items)", "t[1][0]", "items[0] = 3.0"),
    "the length of a list": (LIST, "len(items)", "items.pop()"),
    "a bound method of a list": (LIST + "g = items.__getitem__", "g(0)", "items[0] = 3.0"),
    "zip and enumerate": (LIST, "sum(i * a for i, (a, b) in enumerate(zip(items, items), 1))", "items[0] = 3.0"),
    "map, filter and sorted": (LIST, "sorted(map(abs, filter(None, items)))[0]", "items[0] = 3.0"),
    "a subclass of list": ("class L(list):\n    pass\nitems = L([1.0])", "items[0]", "items[0] = 3.0"),
    "an entry of a dict": (DICT, "d['a']", "d['a'] = 3.0"),
    "a new entry": (DICT, "sum(d.values())", "d['c'] = 3.0"),
    "get": (DICT, "d.get('c', 1.0)", "d['c'] = 3.0"),
    "another key": (DICT, "len(max(d))", "del d['b']; d['longer'] = 4.0"),
    "the order of a dict": (DICT, "next(iter(d.values()))", "d['a'] = d.pop('a')"),
    "a view of a dict": (DICT + "view = d.values()", "sum(view)", "d['a'] = 3.0"),
    "a mapping proxy": (DICT + "import types\nm = types.MappingProxyType(d)", "m['a']", "d['a'] = 3.0"),
    "an ordered dict": (
        "from collections import OrderedDict\nd = OrderedDict(a=1.0, b=2.0)",
        "next(iter(d.values()))",
        "d.move_to_end('a')",
    ),
    "a default dict": (
        "from collections import defaultdict\nk = 2.0\nd = defaultdict(lambda: k)\nd['a'] = 1.0",
        "d['a'] + d.get('b', 1.0)",
        "d['a'] = 3.0",
    ),
    "a counter": ("from collections import Counter\nd = Counter('aab')", "d['a']", "d.update('a')"),
    "a subclass of dict": (
        "class D(dict):\n    def __missing__(self, key):\n        return k\nk = 2.0\nd = D()",
        "d['a']",
        "k = 3.0",
    ),
    "a set": ("s = {1.0, 2.0}", "sum(s)", "s.add(4.0)"),
    "a set of other elements": ("s = {1.0, 2.0}", "sum(s)", "s.remove(1.0); s.add(4.0)"),
    "a member of a set": ("s = {1.0, 2.0}", "3.0 if 1.0 in s else 5.0", "s.remove(1.0)"),
    "a frozen set of objects": (BOX + "box.a = 2.0\ns = frozenset([box])", "sum(b.a for b in s)", "box.a = 3.0"),
    "a deque": ("from collections import deque\nq = deque([1.0, 2.0])", "sum(q)", "q.append(3.0)"),
    "a rotated deque": ("from collections import deque\nq = deque([1.0, 2.0])", "q[0]", "q.rotate(1)"),
    "an array": ("import array\nq = array.array('d', [1.0, 2.0])", "q[0]", "q[0] = 3.0"),
    "a view of memory": ("m = memoryview(bytearray(b'ab'))", "m[0]", "m[0] = 3"),
    "a bytearray": ("q = bytearray(b'ab')", "q[0]", "q[0] = 3"),
    "a NumPy array": ("q = np.array([1.0, 2.0])", "float(q[0])", "q[0] = 3.0"),
    "the sum of a NumPy array": ("q = np.array([1.0, 2.0])", "float(np.sum(q))", "q[0] = 3.0"),
    "a matrix and a function of NumPy": ("q = np.eye(2)", "float(np.exp(q @ q).sum())", "q *= 2.0"),
    "a NumPy scalar": ("q = np.float64(2.0)", "float(q)", "q = np.float64(3.0)"),
    "a UserList": ("from collections import UserList\nq = UserList([1.0])", "q[0]", "q[0] = 3.0"),
    "a UserDict": ("from collections import UserDict\nq = UserDict(a=1.0)", "q['a']", "q['a'] = 3.0"),
    "a UserString": ("from collections import UserString\nq = UserString('ab')", "len(q)", "q.data = 'abc'"),
    "a ChainMap": (DICT + "from collections import ChainMap\nq = ChainMap({}, d)", "q['a']", "d['a'] = 3.0"),
    "a new map of a ChainMap": (
        DICT + "from collections import ChainMap\nq = ChainMap({}, d)",
        "q['a']",
        "q['a'] = 3.0",
    ),
    "the environment": (
        "import os\nos.environ['OF_A_TEST'] = '2'",
        "float(os.environ['OF_A_TEST'])",
        "os.environ['OF_A_TEST'] = '3'",
    ),
    "getenv": (
        "import os\nos.environ.pop('OF_A_TEST', 0)",
        "float(os.getenv('OF_A_TEST', '2'))",
        "os.environ['OF_A_TEST'] = '3'",
    ),
    "sys.argv": ("import sys", "len(sys.argv)", "sys.argv = [*sys.argv, 'more']"),
    # modules
    "a module's global": (MODULE, "made.scale", "made.scale = 3.0"),
    "a module's function": (MODULE + "made.g = lambda: made.scale", "made.g()", "made.scale = 3.0"),
    "a module that is imported inside": (
        MODULE,
        "def f(x):\n    import made_by_a_test\n    return x * made_by_a_test.scale",
        "made.scale = 3.0",
    ),
    "a name that is imported inside": (
        MODULE,
        "def f(x):\n    from made_by_a_test import scale\n    return x * scale",
        "made.scale = 3.0",
    ),
    "another module of that name": (
        MODULE,
        "def f(x):\n    from made_by_a_test import scale\n    return x * scale",
        "other = types.ModuleType('made_by_a_test'); other.scale = 3.0; sys.modules['made_by_a_test'] = other",
    ),
    "a module under another name": (MODULE, "def f(x):\n    m = made\n    return x * m.scale", "made.scale = 3.0"),
    "a module in an object": (MODULE + BOX + "box.m = made", "box.m.scale", "made.scale = 3.0"),
    "__getattr__ of a module": (MODULE + "k = 2.0\nmade.__getattr__ = lambda name: k", "made.late", "k = 3.0"),
    "a name that hides it": (MODULE + "made.__getattr__ = lambda name: 2.0", "made.late", "made.late = 3.0"),
    "getattr of a module": (MODULE + "n = 'scale'", "getattr(made, n)", "made.scale = 3.0"),
    "math": ("import math", "math.pi", "math = __import__('types').SimpleNamespace(pi=3.0)"),
    "a builtin": ("import builtins\nbuiltins.of_a_test = 2.0", "of_a_test", "builtins.of_a_test = 3.0"),
    # kinds of Python's library, and of NumPy
    "a decorator that keeps the name of another function": (
        (
            "import functools, math\nk = [2.0]\ndef scaled(g):\n    @functools.wraps(g)\n    def h(a):\n"
            "        return k[0] * g(a)\n    return h\nsin = scaled(math.sin)"
        ),
        "sin(1.0)",
        "k[0] = 3.0",
    ),
    "a list that a cache keeps": (
        "import functools\n@functools.cache\ndef g():\n    return [2.0]\ng()",
        "g()[0]",
        "g()[0] = 3.0",
    ),
    "a dict that a cache of some size keeps": (
        "import functools\n@functools.lru_cache\ndef g(n, m):\n    return {'a': 2.0}\ng(1, 2)",
        "g(1, 2)['a']",
        "g(1, 2)['a'] = 3.0",
    ),
    "an object that a cache keeps": (
        BOX + "import functools\n@functools.cache\ndef g():\n    return box\ng()\nbox.a = 2.0\ndel box",
        "g().a",
        "g().a = 3.0",
    ),
    "an attribute of a cached function": (
        "import functools\n@functools.cache\ndef g():\n    pass\ng.k = 2.0",
        "g.k",
        "g.k = 3.0",
    ),
    "an attribute of a partial": ("import functools\ng = functools.partial(len)\ng.k = 2.0", "g.k", "g.k = 3.0"),
    "a list for a method": (
        BOX + "import operator\nk = [2.0]\nBox.g = lambda self, a: a[0]\ng = operator.methodcaller('g', k)",
        "g(box)",
        "k[0] = 3.0",
    ),
    "a function for a type": (
        "import functools\n@functools.singledispatch\ndef g(a):\n    return 2.0",
        "g(1)",
        "g.register(int, lambda a: 3.0)",
    ),
    "a global of a function for a type": (
        (
            "import functools\nk = 2.0\n@functools.singledispatch\ndef g(a):\n    return 1.0\n@g.register(int)\n"
            "def _(a):\n    return k"
        ),
        "g(1)",
        "k = 3.0",
    ),
    "a list in a slice": ("s = slice([2.0], None)", "s.start[0]", "s.start[0] = 3.0"),
    "the method of an own operation": (
        "define = autograd.operation(lambda a: 2.0, method=True)\n@define\ndef of_this_test(a):\n    return 2.0 * a",
        "x.of_this_test()",
        "@autograd.operation(lambda a: 3.0, method=True)\ndef of_this_test(a):\n    return 3.0 * a",
    ),
    "a class with a type": (
        "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass C(Generic[T]):\n    k = 2.0\nD = C[int]",
        "D.k",
        "C.k = 3.0",
    ),
    "an object of a class with a type": (
        (
            "from typing import Generic, TypeVar\nT = TypeVar('T')\nk = 2.0\nclass C(Generic[T]):\n"
            "    def __init__(self):\n        self.a = k\nD = C[int]"
        ),
        "D().a",
        "k = 3.0",
    ),
    "a class with a type of types": (
        "import types\nclass C:\n    k = 2.0\n    __class_getitem__ = classmethod(types.GenericAlias)\nD = C[int]",
        "D.k",
        "C.k = 3.0",
    ),
    "a protocol": (
        (
            "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass P(Protocol):\n    a: int\n"
            "    def g(self):\n        pass\nclass C:\n    a = 1\nc = C()"
        ),
        "2.0 if isinstance(c, P) else 3.0",
        "C.g = 1",
    ),
    "an enum's member that is missing": (
        (
            "import enum\nlow = True\nclass Mode(enum.Enum):\n    LOW = 2.0\n    HIGH = 3.0\n    @classmethod\n"
            "    def _missing_(cls, value):\n        return cls.LOW if low else cls.HIGH"
        ),
        "Mode(9).value",
        "low = False",
    ),
    "a method that the library calls": (
        "import json\nk = 2.0\nclass C(json.JSONEncoder):\n    def default(self, o):\n        return k",
        "float(json.dumps(object(), cls=C))",
        "k = 3.0",
    ),
    "keys that are named": (
        (
            "names = ['a']\nclass C:\n    def keys(self):\n        return names\n    def __getitem__(self, name):\n"
            "        return 2.0\nc = C()"
        ),
        "len(dict(**c))",
        "names = ['a', 'b']",
    ),
    "a path": ("from pathlib import Path\np = Path('a/b')", "len(p.parts)", "p = Path('a/b/c')"),
    "a number beside a path": (
        "from pathlib import Path\nd = {'folder': Path('a'), 'rate': 2.0}",
        "d['rate']",
        "d['rate'] = 3.0",
    ),
    "a date": ("import datetime\nd = datetime.date(2026, 1, 2)", "d.day", "d = datetime.date(2026, 1, 3)"),
    "arguments of a command": ("import argparse\na = argparse.Namespace(rate=2.0)", "a.rate", "a.rate = 3.0"),
    "a frozen data class": (DATA.replace("dataclass\n", "dataclass(frozen=True)\n"), "p.x", "p = Point(3.0)"),
    "a data class as a text": (DATA, "len(repr(p))", "p.x = 3.125"),
    "the factory of a default dict": (
        "from collections import defaultdict\nd = defaultdict(lambda: 2.0)",
        "d.copy()['a']",
        "d.default_factory = lambda: 3.0",
    ),
    "a global of the factory of a default dict": (
        "from collections import defaultdict\nk = 2.0\nd = defaultdict(lambda: k)",
        "d.copy()['a']",
        "k = 3.0",
    ),
    "the names in a type of NumPy": ("d = np.dtype([('a', 'f8')])", "len(d.names[0])", "d.names = ('bb',)"),
    "the names of columns": (
        "q = np.array([(1.0, 2.0)], dtype=[('a', 'f8'), ('b', 'f8')])",
        "float(q['a'][0])",
        "q.dtype.names = ('b', 'a')",
    ),
    "a method that a function of NumPy calls": (BOX + "Box.sqrt = lambda _: k\nk = 2.0", "np.sqrt(box)", "k = 3.0"),
    "__array_interface__": (
        BOX + "q = np.array([2.0])\nBox.__array_interface__ = property(lambda _: q.__array_interface__)",
        "float(np.sum(box))",
        "q = np.array([3.0])",
    ),
    "__array_ufunc__": (BOX + "k = 2.0\nBox.__array_ufunc__ = lambda *_: k", "np.exp(box)", "k = 3.0"),
    "__array_function__": (BOX + "k = 2.0\nBox.__array_function__ = lambda *_: k", "np.sum(box)", "k = 3.0"),
    "the array that an array is a part of": ("p = np.array([2.0, 4.0])\nq = p[:1]", "q.base[1]", "p[1] = 5.0"),
    "the bytes that are viewed": ("p = bytearray(b'ab')\nq = memoryview(p)[:1]", "q.obj[1]", "p[1] = 5"),
    "the digits of an array's text": ("q = np.array([1.25])", "len(str(q))", "np.set_printoptions(precision=1)"),
    "the errors of NumPy": (
        "q = np.array([0.0])",
        "def f(x):\n    try:\n        return x * np.log(q)[0]\n    except FloatingPointError:\n        return x",
        "np.seterr(all='raise')",
    ),
    "the precision of decimals": (
        "import decimal",
        "float(decimal.Decimal(1) / decimal.Decimal(3))",
        "decimal.getcontext().prec = 3",
    ),
    "the precision of a decimal from outside": (
        "from decimal import *\nd = Decimal(2)",
        "float(d.sqrt())",
        "getcontext().prec = 3",
    ),
    "warnings that are recorded": (
        "import warnings\nwarnings.simplefilter('always')",
        (
            "def f(x):\n    with warnings.catch_warnings(record=True) as caught:\n        warnings.warn('a')\n"
            "    return x * (1 + len(caught))"
        ),
        "warnings.simplefilter('ignore')",
    ),
    "warnings that become errors": (
        "import warnings\nwarnings.simplefilter('ignore')",
        (
            "def f(x):\n    try:\n        warnings.warn('a')\n    except UserWarning:\n        return x * 2\n"
            "    return x"
        ),
        "warnings.simplefilter('error')",
    ),
    "whether Values have an own operation": (
        "",
        "2.0 if hasattr(x, 'of_this_row') else 1.0",
        "@autograd.operation(lambda a: 3.0, method=True)\ndef of_this_row(a):\n    return 3.0 * a",
    ),
    "an own operation that is later there": (
        "",
        "def f(x):\n    try:\n        return x.of_that_row()\n    except AttributeError:\n        return x * 5.0",
        "@autograd.operation(lambda a: 3.0, method=True)\ndef of_that_row(a):\n    return 3.0 * a",
    ),
    "a class that says it is NumPy's": ("class C:\n    __module__ = 'numpy'\n    k = 2.0", "C.k", "C.k = 3.0"),
    "an object that says it is typing's": (
        "class C:\n    __module__ = 'typing'\n    k = 2.0\nc = C()",
        "c.k",
        "c.k = 3.0",
    ),
    "a class with the name of one of Python's": ("class Decimal:\n    k = 2.0\nc = Decimal()", "c.k", "c.k = 3.0"),
    "an entry of a function's annotations": (
        "def g(a: int):\n    pass",
        "len(g.__annotations__)",
        "g.__annotations__['b'] = int",
    ),
    "a method that print calls": (
        BOX + "k = 2.0\nBox.write = lambda self, text: setattr(self, 'k', k)",
        "def f(x):\n    print('a', file=box)\n    return x * box.k",
        "k = 3.0",
    ),
    "a number under a lock": (
        "import threading\nlock, k = threading.RLock(), 2.0",
        "def f(x):\n    with lock:\n        return x * k",
        "k = 3.0",
    ),
    "what a logger's handler does": (
        (
            "import logging\nk, box = 2.0, []\nclass Handler(logging.Handler):\n    def emit(self, record):\n"
            "        box[:] = [k]\nlogger = logging.getLogger('of_a_test')\nlogger.handlers = [Handler()]\n"
            "logger.propagate = False"
        ),
        "def f(x):\n    logger.error('a')\n    return x * box[0]",
        "k = 3.0; logger.error('a')",
    ),
    "a replay under a decorator": (
        "k = 2.0\ninner = replay(lambda x: x * k)\n@autograd.no_grad()\ndef g(x):\n    return inner(x)",
        "g(x)",
        "k = 3.0",
    ),
}

REFUSED = {
    "a ContextVar": ("import contextvars\nk = contextvars.ContextVar('k', default=2.0)", "k.get()", "k"),
    "random": ("import random", "random.random()", "random.random"),
    "random's uniform": ("import random", "random.uniform(1, 2)", "random.uniform"),
    "a name of random": ("from random import gauss", "gauss(0, 1)", "gauss"),
    "a random generator": ("import random\nrng = random.Random(1)", "rng.random()", "rng"),
    "a random generator in an object": (
        BOX + "import random\nbox.rng = random.Random(1)",
        "box.rng.random()",
        "box.rng",
    ),
    "a random generator of NumPy": ("rng = np.random.default_rng(1)", "float(rng.random())", "rng"),
    "NumPy's random": ("np.random", "float(np.random.rand())", "np.random.rand"),  # NumPy imports it at its first use
    "the clock": ("import time", "time.time()", "time.time"),
    "the day": ("import datetime", "datetime.datetime.now().year", "datetime.datetime"),
    "a file": ("file = open(__file__)", "len(file.read()) + 1", "file"),
    "open": ("", "open(__file__).close() or 1.0", "open"),
    "a path": ("from pathlib import Path\np = Path('x')", "len(p.read_text())", "p"),
    "whether a path is there": ("from pathlib import Path\nd = {'p': Path('x')}", "d['p'].exists() + 1", "d[1].exists"),
    "a path by a name": ("from pathlib import Path\np, n = Path('x'), 'exists'", "getattr(p, n)() + 1", None),
    "today by a day": ("import datetime\nd = datetime.date(2026, 1, 2)", "d.today().day", "d.today"),
    "the seconds of a date": (
        "import datetime\nd = datetime.datetime(2026, 1, 2)",  # of the time zone of this machine
        "d.timestamp()",
        "d.timestamp",
    ),
    "a date with a zone": (
        (
            "import datetime\nclass Zone(datetime.tzinfo):\n    def utcoffset(self, _):\n        return k\n"
            "k = datetime.timedelta(0)\nd = datetime.datetime(2026, 1, 2, tzinfo=Zone())"
        ),
        "d.utcoffset().seconds + 1.0",
        "d",
    ),
    "os": ("import os", "len(os.getcwd())", "os.getcwd"),
    "an iterator": ("it = iter([2.0, 3.0])", "next(it)", "it"),
    "a generator": ("it = (k for k in [2.0, 3.0])", "next(it)", "it"),
    "a count": ("import itertools\nit = itertools.count()", "next(it) + 1", "it"),
    "a bound next": ("it = iter([2.0, 3.0]).__next__", "it()", "it"),
    "zip from outside": ("it = zip([1, 2], [3, 4])", "next(it)[0]", "it"),
    "globals": ("k = 2.0", "globals()['k']", "globals"),
    "eval": ("k = 2.0", "eval('k')", "eval"),
    "exec": ("k = 2.0", "def f(x):\n    d = {}\n    exec('a = 1.0', d)\n    return x * d['a']", "exec"),
    "__globals__": ("k = 2.0\ndef g():\n    pass", "g.__globals__['k']", "__globals__"),
    "import_module": ("import importlib", "importlib.import_module('math').pi", None),
    "__import__": ("", "__import__('math').pi", "__import__"),
    "a weak reference": ("import weakref\nclass C:\n    a = 2.0\nc = C()\nr = weakref.ref(c)", "r().a", "r"),
    "a thread's local": ("import threading\nt = threading.local()\nt.a = 2.0", "t.a", "t"),
    "a StringIO": ("import io\nt = io.StringIO('ab')", "len(t.getvalue())", "t"),
    "what NumPy calls for errors": ("", "1.0 if np.geterrcall() is None else 2.0", "np.geterrcall"),
    "the size of NumPy's buffer": ("", "np.getbufsize()", "np.getbufsize"),
    "a decimal context": ("import decimal\nk = decimal.Context(3)", "float(k.divide(1, 3))", "k"),
    "an array of objects": ("q = np.array([1.0, None], dtype=object)", "q[0]", "q"),
    "a lock": ("import threading\nt = threading.Lock()", "1.0 + t.locked()", "t.locked"),
    "what a lock says": (
        "import threading\nt = threading.Lock()",
        "t.acquire(False) + (t.release() or 1.0)",
        None,
    ),
    "the level of a logger": ("import logging\nt = logging.getLogger('of_a_test')", "t.level + 1.0", "t.level"),
    "the place in a stream": ("import os\nfile = open(os.devnull, 'w')", "file.tell() + 1.0", "file.tell"),
    "a clock in a decorator": (
        (
            "import time\ndef timed(f):\n    def g(x):\n        start = time.perf_counter()\n        y = f(x)\n"
            "        print(time.perf_counter() - start)\n        return y\n    return g\ng = timed(lambda x: x)"
        ),
        "g(x)",
        "time.perf_counter",
    ),
    "__globals__ by a name": (
        "k, n = 2.0, ['__globals__']\ndef g():\n    pass",
        "getattr(g, n[0])['k']",
        "__globals__",
    ),
    "__globals__ by an attrgetter": (
        "import operator\nk, h = 2.0, operator.attrgetter('__globals__')\ndef g():\n    pass",
        "h(g)['k']",
        "__globals__",
    ),
    "a frame": ("import sys", "sys._getframe().f_globals['f'] and 1.0", None),
    "a secret": ("import secrets", "secrets.randbelow(3)", None),
    "a number from statistics": ("import statistics", "statistics.NormalDist(0, 1).samples(1)[0]", None),
    "a function of NumPy's own": ("k = 2.0\nq = np.frompyfunc(lambda v: v * k, 1, 1)", "q(1.0)", "q"),
    "a row of an array": ("q = np.zeros(2, dtype=[('x', 'f8')])\nrow = q[0]", "float(row['x'])", "row"),
    "NumPy's settings": ("", "len(np.geterr())", "np.geterr"),
    "the hits of a cache": (
        "import functools\n@functools.cache\ndef g(n):\n    return n",
        "g(1) + g.cache_info().hits",
        "cache_info",
    ),
    "an exception": ("e = ValueError(2.0)", "e.args[0]", "e"),
    "NumPy from a file": ("", "np.load('x.npy')[0]", "np.load"),
    "a queue": ("import queue\nq = queue.SimpleQueue()\nq.put(2.0)", "q.get()", "q"),
    "the subclasses of a class": ("class C:\n    pass", "len(C.__subclasses__()) + 1", "__subclasses__"),
}


def made(setup, body):
    """Return a function of x with this body, and its globals."""
    around = {"__name__": "a_test_of_replay", "__file__": __file__, "Value": Value, "replay": replay, "np": np}
    around["autograd"] = autograd
    exec(compile(setup, "<setup>", "exec"), around)  # "<string>" would be code that Python generates
    exec(body if body.startswith("def ") else f"def f(x):\n    return x * ({body})", around)
    return around["f"], around


@pytest.mark.parametrize(("setup", "body", "change"), FOLLOWED.values(), ids=FOLLOWED)
def test_what_is_read_is_followed(setup, body, change, monkeypatch):
    with np.printoptions(), np.errstate(all="ignore"), decimal.localcontext(), warnings.catch_warnings():
        follow(setup, body, change, monkeypatch)


def follow(setup, body, change, monkeypatch):
    monkeypatch.setattr("builtins.sum", sum)  # put back afterwards
    function, around = made(setup, body)
    fast = replay(function)
    before = function(Value(3.0)).data
    assert fast(3.0).data == before
    recording = fast._kept.latest
    assert fast(3.0).data == before
    assert fast._kept.latest is recording
    exec(change, around)
    after = function(Value(3.0)).data
    assert after != before
    assert fast(3.0).data == after
    assert fast(5.0).data == function(Value(5.0)).data


def refusal(function, *fixed):
    """Return what a replay says when it refuses a function, "" if it does not."""
    try:
        with suppress(OSError):  # the file is not there
            replay(function, fixed=fixed)(3.0)
    except ReplayError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("setup", "body", "name"), REFUSED.values(), ids=REFUSED)
def test_what_is_read_is_refused(setup, body, name):
    function, around = made(setup, body)
    message = refusal(function)
    assert re.match(r"f reads .* Pass what it gives as an argument[.;]", message), message
    if name is not None:
        assert re.match(rf"f reads {re.escape(name)}[ .,]", message), message
    cure = re.search(r"answer for it: replay\(\.\.\., fixed=\[(.*)\]\)\.$", message)
    if cure is not None and cure[1].partition(".")[0] in around:
        assert refusal(function, eval(cure[1], around)).partition(" at ")[0] != message.partition(" at ")[0]
    if "file" in around:
        around["file"].close()


UNREAD = {
    "a lock": (
        "import threading\nlock, a = threading.Lock(), 2.0",
        "def f(x):\n    with lock:\n        return x * a",
        "",
    ),
    "a logger": (
        "import logging\nlogger = logging.getLogger('of_a_test')",
        "def f(x):\n    logger.debug('x is %s', x)\n    logging.debug('x')\n    return x * 2.0",
        "logger.setLevel(logging.ERROR)",
    ),
    "a stream that is written": (
        "import os\nfile = open(os.devnull, 'w')",
        "def f(x):\n    print('x', file=file)\n    return x * 2.0",
        "",
    ),
    "a decimal": ("from decimal import Decimal\nd = {'rate': Decimal('0.5')}", "float(d['rate'])", ""),
    "a function that prints and calls another": (
        (
            "import functools\ndef told(g):\n    @functools.wraps(g)\n    def h(*a):\n        print(g.__name__)\n"
            "        return g(*a)\n    return h\n@told\ndef g(a):\n    return a"
        ),
        "g(x)",
        "",
    ),
    "another attribute": (BOX + "box.a = 2.0", "box.a", "box.loss = Value(1.0)"),
    "an attribute of a class": (NET, "net.get()", "Net.count = 5"),
    "a global": ("a = 2.0\nb = 1.0", "a", "b = 3.0"),
    "a generator in an object": (BOX + "import random\nbox.rng, box.a = random.Random(1), 2.0", "box.a", ""),
    "a generator in __init__": (
        (
            "import random\nclass Net:\n    def __init__(self):\n        self.a = random.random()\n"
            "    @staticmethod\n    def one():\n        return 2.0\nnet = Net()"
        ),
        "net.a * Net.one() if isinstance(net, Net) else 0",
        "",
    ),
    "super and a generator in __init__": (
        (
            "import random\nclass Base:\n    def get(self):\n        return 2.0\nclass Net(Base):\n"
            "    def __init__(self):\n        self.a = random.random()\n"
            "    def get(self):\n        return super().get() * self.a\nnet = Net()"
        ),
        "net.get()",
        "",
    ),
    "a file in __repr__": (BOX + "box.f, box.a = open, 2.0\nBox.__repr__ = lambda self: self.f('x')", "box.a", ""),
    "a clock in another method": (NET + "import time\nNet.now = lambda self: time.time()", "net.get()", ""),
    "NumPy beside its generators": ("box = [2.0]", "float(np.exp(box[0])) * float(np.array([1.0]).sum())", ""),
    "a constant name of getattr": (BOX + "box.a = 2.0", "getattr(box, 'a') * hasattr(box, 'a')", "box.loss = 1.0"),
    "what the function writes": (
        BOX + "box.a = 2.0",
        "def f(x):\n    box.last = y = x * box.a\n    return y",
        "",
    ),
    "a module's other global": (MODULE, "made.scale", "made.other = 1.0"),
    "a constant of sys": ("import sys", "sys.float_info.epsilon * sys.version_info.major", ""),
    "a clock in a method that has a name of the library": (
        (
            "import time\nfrom collections import UserDict\nclass Clock:\n    def get(self):\n"
            "        return time.time()\nd = UserDict(clock=Clock(), a=2.0)"
        ),
        "d['a']",
        "",
    ),
    "another call of a cached function": (
        "import functools\n@functools.lru_cache\ndef g(n, m):\n    return n + m\ng(1, 2)",
        "g(1, 2)",
        "g(1, 2), g(1, 3)",
    ),
}


@pytest.mark.parametrize(("setup", "body", "change"), UNREAD.values(), ids=UNREAD)
def test_what_is_not_read_does_no_harm(setup, body, change):
    function, around = made(setup, body)
    fast = replay(function)
    assert fast(3.0).data == function(Value(3.0)).data
    recording = fast._kept.latest
    exec(change, around)
    assert fast(4.0).data == function(Value(4.0)).data
    assert fast._kept.latest is recording
    if "file" in around:
        around["file"].close()


class Shop:
    def __init__(self):
        self.rng = random.Random(1)
        self.price = 2.0

    def cost(self, x):
        return x * self.price * self.rng.random()


def test_the_refusal_has_the_line_and_the_cure():
    shop = Shop()
    line = inspect.getsourcelines(Shop.cost)[1] + 1
    with pytest.raises(ReplayError) as caught:
        replay(shop.cost)(1)
    assert str(caught.value) == (
        f"cost reads self.rng (of the class random.Random), at {__file__}:{line}: "
        "`return x * self.price * self.rng.random()`. A replay cannot notice when this gives something else. Pass what "
        "it gives as an argument; or, if it never changes the result, answer for it: replay(..., fixed=[self.rng])."
    )
    with pytest.raises(ReplayError) as caught:
        replay(lambda x: x * time.time())(1)
    line = inspect.currentframe().f_lineno - 1
    assert str(caught.value) == (
        f"<lambda> reads time.time (a function of time), at {__file__}:{line}: `replay(lambda x: x * time.time())(1)`. "
        "A replay cannot notice when this gives something else. Pass what it gives as an argument; or, if it never "
        "changes the result, answer for it: replay(..., fixed=[time.time])."
    )


def test_an_attribute_that_a_logger_gets_later_is_refused():
    logger = logging.getLogger("of_a_test")
    fast = replay(lambda x: x * getattr(logger, "of_this_test", 2.0))
    assert fast(3.0).data == 6.0
    logger.of_this_test = 3.0
    with pytest.raises(ReplayError, match=r"reads logger\.of_this_test \(of the class logging\.Logger\)"):
        fast(3.0)


def test_a_file_with_the_name_of_a_module_of_the_library_is_followed(tmp_path, monkeypatch):
    (tmp_path / "statistics.py").write_text("rate = 2.0\ndef mean():\n    return rate\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "statistics", raising=False)
    statistics = importlib.import_module("statistics")
    try:
        fast = replay(lambda x: x * statistics.mean())
        assert fast(3.0).data == 6.0
        statistics.rate = 3.0
        assert fast(3.0).data == 9.0
    finally:
        del sys.modules["statistics"]


def test_the_user_answers_for_what_is_fixed():
    shop = Shop()
    expected = random.Random(1).random() * 2.0
    fast = replay(shop.cost, fixed=[shop.rng])
    assert [fast(1).data, fast(1).data] == [expected, expected]
    shop.price = 4.0
    assert fast(0).data == 0
    shop.rng = random.Random(2)  # another object, for which nobody answers
    with pytest.raises(ReplayError, match=r"cost reads self\.rng"):
        fast(1)
    outer = replay(lambda x: fast(x) * 2)
    fast.fixed.append(shop.rng)
    assert outer(0).data == 0


def test_what_is_fixed_stands_in_a_list():
    numbers = iter([2.0, 3.0])
    with pytest.raises(TypeError) as caught:
        replay(lambda x: x * next(numbers), fixed=numbers)
    assert str(caught.value) == (
        "expected a list of objects for fixed, got list_iterator. Write fixed=[it] for one object."
    )
    assert next(numbers) == 2.0


def test_verify_compares_each_call():
    calls = []

    def function(x):
        calls.append(1)
        return x * 2

    fast = replay(function, fixed=[calls], verify=True)
    assert [fast(1).data, fast(3).data] == [2, 6]
    assert len(calls) == 3
    rng = random.Random(1)
    numbers = [random.Random(1).random(), 0]
    numbers[1] = [rng.random(), rng.random()][1]
    loose = replay(lambda x: x * rng.random(), fixed=[rng], verify=True)
    rng.seed(1)
    with pytest.raises(ReplayError) as caught:
        loose(1)
    assert str(caught.value).startswith(
        f"the replay of <lambda> gives {numbers[0]!r}, but the function itself gives {numbers[1]!r}. "
    )
    growing = replay(lambda x: calls.append(1) or [x] * len(calls), fixed=[calls], verify=True)
    with pytest.raises(
        ReplayError, match="^the replay of <lambda> gives 4 results, but the function itself gives 5. It"
    ):
        growing(1)


def test_a_function_that_changes_what_it_reads_is_recorded_at_each_call():
    count = [0]

    def function(x):
        count[0] += 1
        return x * count[0]

    fast = replay(function)
    with pytest.warns(RuntimeWarning, match="recorded 9 times in a row, because element 0 of a list was replaced"):
        assert [fast(1).data for _ in range(30)] == [*range(1, 31)]


def patterns(x):
    for _ in range(6):
        x = x * 2 - 1 if x > 0.5 else x * 2
    return x


def test_many_patterns_run_without_a_replay():
    fast = replay(patterns)
    rng = random.Random(3)
    numbers = [rng.random() for _ in range(500)]
    with pytest.warns(
        RuntimeWarning, match=r"^patterns was recorded 6 times in a row, because Python .*`x = x"
    ) as said:
        assert [fast(x).data for x in numbers] == [patterns(Value(x)).data for x in numbers]
    assert [warning.filename for warning in said] == [__file__]
    x = Value(0.3)
    assert autograd.gradients(fast(x), [x]) == autograd.gradients(patterns(x), [x])
    with pytest.raises(TypeError, match="expected the arguments"):
        fast(1, 2)


def test_all_eight_patterns_of_three_questions_are_kept():
    fast = replay(lambda x, y, z: (x if x > 0 else 2 * x) + (y if y > 0 else 3 * y) + (z if z > 0 else 5 * z))
    points = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    expected = [-10, -4, -6, 0, -7, -1, -3, 3]
    for _ in range(2):
        assert [fast(*point).data for point in points] == expected
    assert fast.recordings == 8


def test_a_recording_that_serves_many_calls_is_worth_it():
    scale = 1.0
    fast = replay(lambda x: x * scale)
    for epoch in range(50):
        scale = float(epoch)
        assert [fast(1).data for _ in range(20)] == [scale] * 20
    assert not fast._stopped


def test_recordings_that_no_longer_serve_stop_even_after_many_calls():
    scale = 1.0
    fast = replay(lambda x: x * scale)

    def results(new, calls):
        nonlocal scale
        scale = new
        return [fast(1.0).data for _ in range(calls)]

    for epoch in range(20):  # 20 recordings, and the count starts again
        assert results(float(epoch), 20) == [epoch] * 20
    with pytest.warns(RuntimeWarning, match="recorded 11 times in 30 calls, because 'scale' was assigned"):
        found = [results(float(epoch), 1) for epoch in range(12)]
    assert found == [[epoch] for epoch in range(12)]


def test_the_source_is_that_of_the_latest_call():
    fast = replay(lambda x: x * 3 if x > 0 else x + 5)
    fast(1)
    first = fast.source()
    fast(-1)
    assert fast.source() != first
    fast(2)
    assert fast.source() == first


def test_second_derivatives_follow_the_derivative_of_an_own_operation():
    slope = [2.0]

    @autograd.operation(lambda _: slope[0], check=False)
    def straight(a):
        return 2.0 * a

    fast = autograd.hessian(replay(lambda x: straight(x) * x))
    assert fast(3.0) == 4.0  # twice the slope, whatever x is
    slope[0] = 5.0
    assert fast(3.0) == 10.0


def test_a_tuple_is_no_list():
    fast = replay(lambda x, factor: sum(x) * factor * (2.0 if isinstance(x, tuple) else 3.0))
    assert fast([1.0, 2.0], 1.0).data == 9.0
    assert fast((1.0, 2.0), 1.0).data == 6.0
    recording = fast._kept.latest
    assert fast((2.0, 2.0), 1.0).data == 8.0
    assert fast._kept.latest is recording
    assert fast.batch([([1.0, 2.0], 1.0), ((2.0, 2.0), 1.0), (1.0, 1.0, 2.0)]).values == [6.0, 8.0, 8.0]
    with pytest.raises(TypeError, match=r"expected the arguments \(\(2 numbers\), number\), .* got \(\(3 numbers\), n"):
        fast((1.0, 2.0, 3.0), 1.0)


def test_lists_and_tuples_by_turns_run_without_a_replay():
    fast = replay(lambda x: sum(x) * 2.0)
    calls = [[1.0, index] if index % 2 else (1.0, index) for index in range(100)]
    with pytest.warns(RuntimeWarning, match="because its arguments are lists in one call and tuples in another"):
        results = [fast(call).data for call in calls]
    assert results == [2.0 + 2.0 * index for index in range(100)]


def test_a_batch_by_several_recordings_without_other_values():
    assert replay(lambda x: x * 2 if x > 0 else x * 3).batch([1.0, -1.0, 2.0]).values == [2.0, -3.0, 4.0]


def test_the_first_batch_of_a_function_of_a_list():
    w = Value(2.0)
    for function, rows, expected in [
        (lambda x: x[0] * w, [[1.0], [2.0]], [2.0, 4.0]),
        (lambda x, scale=3.0: x[0] * x[1] * w * scale, [[1.0, 2.0], [3.0, 4.0]], [12.0, 72.0]),
        (lambda *x: x[0] * x[-1] * w, [[1.0, 2.0], [3.0, 4.0]], [4.0, 24.0]),
        (lambda x: w * sum(x), [(1.0,), (5.0,)], [2.0, 10.0]),
        (lambda x: w * x, [(1.0,), (5.0,)], [2.0, 10.0]),
        (lambda x, y: w * x[1] * y, [([1.0, 2.0], 3.0)], [12.0]),
    ]:
        assert replay(function).batch(rows).values == expected


@dataclass
class Setting:
    scale: float = 2.0


def test_the_text_of_a_dataclass_is_no_clock():
    """Its generated `__repr__` asks for the present thread, to notice a record inside of itself."""
    setting = Setting()

    def function(x):
        return x * setting.scale if f"{x}" else x

    fast = replay(function)
    assert fast(3.0).data == 6.0
    setting.scale = 5.0
    assert fast(3.0).data == 15.0


@dataclass(frozen=True)
class Limit:
    factor: float = 1.0


class Timed:
    def __init__(self):
        self.setting, self.limit, self.start = Setting(), Limit(), time.perf_counter()

    def scaled(self, x):
        return x * self.setting.scale * self.limit.factor


def test_a_comparison_of_data_classes_makes_no_objects():
    """Their generated `__eq__` reads `__class__`; the clock in `Timed()` is not read by the function."""
    timed = Timed()
    fast = replay(timed.scaled)
    assert fast(3.0).data == 6.0
    timed.setting.scale = 5.0
    assert fast(3.0).data == 15.0


class Scaling(abc.ABC):
    @abc.abstractmethod
    def scaled(self, x):
        """Return x times a number."""


class Machine(Scaling):
    def __init__(self):
        self.scale, self.log = 2.0, []

    def scaled(self, x):
        return x * self.scale


def test_an_abstract_base_class_makes_no_other_attribute_count():
    machine = Machine()
    fast = replay(machine.scaled)
    recording = (fast(3.0), fast._kept.latest)[1]
    machine.log = [1.0]
    assert (fast(3.0).data, fast._kept.latest is recording) == (6.0, True)
    machine.scale = 5.0
    assert fast(3.0).data == 15.0


def test_another_function_of_a_replay_inside_is_followed():
    inner = replay(lambda x: x * 2.0)
    outer = replay(lambda x: inner(x) + 1.0)
    assert outer(3.0).data == 7.0
    inner.function = lambda x: x * 3.0
    assert outer(3.0).data == 10.0


def test_only_a_percent_sign_or_a_format_makes_a_text():
    codes = [made("", body)[0].__code__ for body in ("'%r' % x", "f'{x}'", "x * 2 + x ** 3")]
    assert [reads_of(code).formats for code in codes] == [True, True, False]


class Key:
    """Has the hash of the text "a"; to compare it fails."""

    def __hash__(self):
        return hash("a")

    def __eq__(self, other):
        raise ZeroDivisionError


def test_a_global_that_cannot_be_looked_up_raises_its_own_error():
    function, around = made("a = 2.0", "a")
    fast = replay(function)
    assert fast(3.0).data == 6.0
    del around["a"]
    around[Key()] = 1.0
    for each in (function, fast):
        with pytest.raises(ZeroDivisionError):
            each(Value(3.0))
