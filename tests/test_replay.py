"""replay: the same numbers as the function itself, in every bit, and never a stale one."""

import copy
import functools
import gc
import itertools
import math
import pickle
import random
import re
import subprocess
import sys
import threading
import types
import warnings
import weakref
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import BEYOND_ANY_STACK, Label

import autograd
import nn
from autograd import (
    ReplayError,
    Value,
    constant,
    hessian,
    jacobian,
    jvp,
    no_grad,
    parameter,
    replay,
)
from autograd.replays.program import WEIGHTED_SUM
from autograd.table.op import TABLE

POINTS = (0.7, -1.3, 2.0, 0.0, -0.0, 1.0, -1.0, 1000.0, -1000.0, math.inf, -math.inf, math.nan)


def same(x, y):
    return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1, x) == math.copysign(1, y))


def gradients(function, leaves, *arguments, seed=1.0):
    for leaf in leaves:
        leaf.grad = None
    result = function(*arguments)
    result.backward(seed)
    return result.data, [leaf.grad for leaf in leaves]


def assert_same(function, fast, leaves, *arguments, seed=1.0):
    value, slopes = gradients(function, leaves, *arguments, seed=seed)
    replayed, replayed_slopes = gradients(fast, leaves, *arguments, seed=seed)
    assert same(replayed, value)
    assert [slope is None for slope in replayed_slopes] == [slope is None for slope in slopes]
    assert all(same(x, y) for x, y in zip(replayed_slopes, slopes, strict=True) if x is not None), (
        replayed_slopes,
        slopes,
    )


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_every_operation_replays_its_bits(op):
    leaves = [Value(0.7), Value(1.3)][: op.arity]
    fast = replay(lambda: op(*leaves))
    fast()
    for x in POINTS:
        for y in POINTS if op.arity == 2 else (0.0,):
            for leaf, number in zip(leaves, (x, y), strict=False):
                leaf.data = number
            assert_same(fast.function, fast, leaves)
    if op.arity == 2:
        for varying in leaves:
            one_constant = replay(lambda varying=varying: op(*[v if v is varying else 0.6 for v in leaves]))
            assert_same(one_constant.function, one_constant, [varying])


@settings(max_examples=200)
@given(st.integers(0, 10**9))
def test_random_graphs_replay_their_bits(seed):
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    plan = [(rng.choice(TABLE), rng.random(), rng.random()) for _ in range(rng.randint(1, 40))]
    chains = rng.random() < 0.5  # sums of products, which replay fuses

    def function(x, y):
        nodes = [*leaves, x, y, constant(1.5)]
        for op, first, second in plan:
            left, right = nodes[int(first * len(nodes))], nodes[int(second * len(nodes))]
            if chains:
                nodes.append(nodes[-1] + left * right if first < 0.6 else left * right + right)
            else:
                nodes.append(op(left, right) if op.arity == 2 else op(left))
        return nodes[-1] + leaves[0]

    fast = replay(function)
    for _ in range(3):
        for leaf in leaves:
            leaf.data = rng.uniform(-2, 2)
        inputs = [Value(rng.uniform(-2, 2)), rng.uniform(-2, 2)]
        assert_same(function, fast, [*leaves, inputs[0]], *inputs, seed=rng.choice((1.0, -2.5)))


def demo(seed=1, samples=6):
    rng = random.Random(seed)
    model = nn.MLP(2, [5, 4, 1], activation="relu", seed=seed)
    rows = [([rng.uniform(-1, 1), rng.uniform(-1, 1)], rng.choice((-1, 1))) for _ in range(samples)]

    def loss():
        margins = [(1 - y * model(x)).relu() for x, y in rows]
        return sum(margins) / len(margins) + 1e-4 * sum(p * p for p in model.parameters())

    return model, loss


def train(model, loss, steps=20):
    optimizer = nn.Adam(model.parameters(), 0.05)
    losses = []
    for _ in range(steps):
        model.zero_grad()
        total = loss()
        total.backward()
        optimizer.step()
        losses.append(total.data)
    return losses, [p.data for p in model.parameters()]


def test_an_ordinary_training_loop_gives_the_same_bits():
    model, loss = demo()
    plain = train(model, loss)
    model, loss = demo()
    assert train(model, replay(loss)) == plain


def test_softmax_and_cross_entropy_need_one_recording():
    weights = [[Value(0.1 * i - 0.2 * j) for i in range(2)] for j in range(3)]

    def loss(x):
        return nn.cross_entropy([w[0] * x[0] + w[1] * x[1] for w in weights], 1)

    fast = replay(loss)
    rng = random.Random(0)
    leaves = [weight for row in weights for weight in row]
    for _ in range(10):
        assert_same(loss, fast, leaves, [rng.uniform(-3, 3), rng.uniform(-3, 3)])
    assert fast.recordings == 1


def test_both_ways_of_an_if_are_recorded_once():
    w = Value(2)

    def piecewise(x):
        return w * x if x > 0 else (w / x if x < -1 else w + x)

    fast = replay(piecewise)
    fast(1)
    assert repr(fast) == "<replay of piecewise, 1 recording kept>"
    for x in (1, -2, -0.5, 3, -4, -0.25, 0, math.nan, 5):
        assert_same(piecewise, fast, [w], x)
    assert fast.recordings == 3
    assert repr(fast) == "<replay of piecewise, 3 recordings kept>"


@pytest.mark.filterwarnings("ignore::autograd.DetachedWarning")
@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: max(x, y) * 3,
        lambda x, y: sorted([x, y, x * y])[1] + 1,
        lambda x, y: x * float(y),
        lambda x, y: x * int(y) + y,
        lambda x, y: x * round(y, 1),
        lambda x, y: x * y.data,
        lambda x, y: x if y else x * 2,
        lambda x, y: x if y == 0 else x * y,
        lambda x, y: x * (y != Fraction(1, 4)) + y * (np.float64(2) == x),
        lambda x, y: x * len(f"{y:.3f}"),
        lambda x, y: x + math.floor(float(y)),
        lambda x, y: x * (x >= y) + y * (x <= y),
    ],
)
def test_what_python_looks_at_is_noticed(function):
    fast = replay(function)
    rng = random.Random(4)
    for _ in range(12):
        x, y = Value(rng.choice((-1.5, 0.0, 0.25, 2.0))), Value(rng.choice((-1.5, -0.0, 0.0, 0.25, 2.0, 12.0)))
        assert_same(function, fast, [x, y], x, y)


def test_a_live_leaf_that_is_looked_at_is_noticed():
    w = Value(1)
    fast = replay(lambda x: x * w if w > 0 else x - w)
    for number in (1, 2, -3, 4, -5):
        w.data = number
        assert_same(fast.function, fast, [w], 2)
    assert fast.recordings == 2


def test_no_grad_and_detach_inside_are_computed_again_and_stop_gradients():
    w = Value(2)

    def function(x):
        with no_grad():
            factor = w * x
        return factor * w + (w * w).detach() * x + w

    fast = replay(function)
    for number in (2, 3, -1):
        w.data = number
        assert_same(function, fast, [w], number + 0.5)
    assert fast.recordings == 1


def test_constants_outside_are_read_live():
    target = constant(3)
    w = Value(1)
    fast = replay(lambda: (w - target) ** 2)
    fast()
    target.data = 5
    assert fast().data == 16
    assert not target.has_grad


def test_arguments_that_are_values_get_gradients():
    w, x = Value(2), Value(3)
    fast = replay(lambda x, y: x * w + y * y)
    hidden = x * 4
    y = fast(hidden, 1.0)
    (y * 10).backward()
    assert (x.grad, hidden.grad, w.grad) == (80.0, 20.0, 120.0)
    assert_same(fast.function, fast, [x, w], x, x)


def test_results_are_values_in_a_graph():
    w = Value(3)

    @replay
    def square(x):
        y = w * x * x
        y.label = "square"
        return y

    a, b = square(2), square(5)
    total = a * 2 + b + w
    total.backward()
    assert w.grad == 2 * 4 + 25 + 1
    assert (a.grad, b.grad) == (2.0, 1.0)
    assert (a.kind, a.operands, a.op, a.label) == ("replayed", (), None, "square")
    nested = replay(lambda: square(2) * square(3))
    assert_same(nested.function, nested, [w])


def test_gradients_of_an_earlier_result_are_those_of_its_own_numbers():
    w = Value(3)
    square = replay(lambda x: w * w * x)
    early = square(2)
    late = square(5)
    w.data = 100
    early.backward()
    assert w.grad == 2 * 3 * 2
    late.backward()
    assert w.grad == 12 + 2 * 3 * 5
    late.backward()
    assert w.grad == 12 + 30 + 30


def test_gradients_and_grad_of_a_replay():
    w = Value(3)
    cube = replay(lambda x: w * x**3)
    x = Value(2)
    assert autograd.gradients(cube(x), [x, w]) == [36.0, 8.0]
    assert autograd.grad(cube)(2) == 36.0
    with pytest.raises(TypeError, match=r"differentiated once, not with create_graph=True. Call the function itself"):
        autograd.gradients(cube(x), x, create_graph=True)


def test_a_derivative_inside_is_recorded_where_it_is_a_graph():
    w = Value(2)

    def penalty(x):
        x = x * 1
        slope = autograd.gradients((w * x).tanh(), x, create_graph=True)
        return slope * slope

    fast = replay(penalty)
    for number in (0.3, -1.2):
        assert_same(penalty, fast, [w], Value(number))


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (lambda x: (x * x).backward(), r"backward\(\) runs"),
        (lambda x: x * (x.grad or 1), "a gradient is read"),
        (lambda x: setattr(x, "grad", None), "a gradient is assigned"),
        (lambda x: setattr(x, "data", 2), "the data of a Value is assigned"),
        (lambda x: (x * x).partials, "local derivatives are read"),
        (lambda x: autograd.gradients(x * x, x), r"gradients\(\) without create_graph=True returns plain numbers"),
        (lambda x: autograd.Tape.of(x), "a tape is read"),
    ],
)
def test_what_cannot_be_remembered_is_refused_and_the_line_named(function, what):
    with pytest.raises(ReplayError, match=rf"{what} inside a function .* at .*test_replay.py:\d+: `\(lambda x: "):
        replay(function)(2)


def test_a_function_that_returns_no_value():
    with pytest.raises(
        ReplayError, match=r"expected a Value, or several in lists, .* that replay\(\) records, got float: 4.0"
    ):
        replay(lambda x: 4.0)(1)
    with pytest.raises(TypeError, match=r"expected a function of Values for replay\(\), got int. Give the function"):
        replay(3)


def test_other_arguments_are_refused_by_both_names():
    fast = replay(lambda x, y: x[0] * x[1] + y)
    fast([1, 2], 3)
    with pytest.raises(
        TypeError, match=r"expected the arguments \(\[2 numbers\], number\), .* got \(\[2 numbers\]\)\."
    ):
        fast([1, 2])
    with pytest.raises(TypeError, match=r"got \(\[3 numbers\], number\)\. Use another replay\(\)"):
        fast([1, 2, 3], 4)
    with pytest.raises(TypeError, match=r"got \(2 numbers\)\."):
        fast(1, 2)
    with pytest.raises(TypeError, match=r"expected a real number for an argument of a replay, got str: '2'"):
        fast([1, "2"], 3)
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        fast([1, 2], y=3)
    assert fast([1, 2], 3).data == 5


def test_wrong_first_arguments_leave_nothing_behind():
    fast = replay(lambda x: x[0] * 2)
    with pytest.raises(TypeError):
        fast(3)
    assert fast([3]).data == 6


def test_backward_of_what_does_not_vary():
    with pytest.raises(ValueError, match="reaches no Value that varies"):
        replay(lambda x: x * 2)(3).backward()


def test_under_no_grad_the_result_is_a_constant():
    w = Value(2)
    fast = replay(lambda x: w * x)
    with no_grad():
        assert (fast(3).kind, fast(3).data) == ("constant", 6.0)
    assert fast(3).kind == "replayed"


def test_detect_anomaly_watches_the_function_itself():
    p = Value(1, "p")
    fast = replay(lambda: p.log())
    fast()
    p.data = 0
    with autograd.detect_anomaly(), pytest.raises(autograd.AnomalyError, match=r"log\(p\) made -inf"):
        fast()


SCALE = 2.0


def test_a_global_and_a_closure_that_are_assigned_are_noticed(monkeypatch):
    w, factor = Value(3), 1.0

    def function():
        return w * SCALE * factor

    fast = replay(function)
    assert fast().data == 6
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert fast().data == 15
    factor = 10.0
    assert fast().data == 150
    w = Value(1)
    assert fast().data == 50
    assert fast.recordings == 1


def test_a_parameter_that_is_replaced_is_noticed():
    model, loss = demo()
    fast = replay(loss)
    assert fast().data == loss().data
    model.layers[1].neurons[2].weights[0] = parameter(5.0)
    assert fast().data == loss().data
    model.layers[0].neurons[1].bias = parameter(0.5)
    assert fast().data == loss().data
    model.layers[2].neurons[0].activation = nn.MLP(1, [1], seed=1, activation="tanh").layers[0].neurons[0].activation
    assert fast().data == loss().data


class Holder:
    """Keeps what it computes with in many ways."""

    __slots__ = ("parts", "rate")
    factor = 2.0

    def __init__(self):
        self.parts = {"w": [Value(1), Value(2)]}
        self.rate = 0.5

    @property
    def doubled(self):
        return self.rate * 2

    @staticmethod
    def shifted(x):
        return x + OFFSET

    def loss(self, x):
        return sum(self.parts["w"]) * self.factor * self.doubled * self.shifted(x)


OFFSET = 1.0


def test_attributes_methods_slots_and_dicts_are_noticed(monkeypatch):
    holder = Holder()
    fast = replay(functools.partial(Holder.loss, holder))
    method = replay(holder.loss)

    def check():
        assert fast(3).data == method(3).data == holder.loss(Value(3)).data

    check()
    holder.rate = 4.0
    check()
    holder.parts["w"][1] = Value(7)
    check()
    holder.parts["w"].append(Value(9))
    check()
    holder.parts = {"w": [Value(1)]}
    check()
    monkeypatch.setattr(Holder, "factor", 3.0)
    check()
    monkeypatch.setitem(globals(), "OFFSET", 8.0)
    check()
    assert fast.recordings == 1


class Hidden:
    """Has an attribute of its class, and an operator that reads an attribute."""

    weight = Value(2)

    def __matmul__(self, x):
        return self.weight * x

    @replay
    def applied(self, x):
        return self.weight * x


def test_what_hides_a_class_attribute_and_what_operators_read_is_noticed():
    hidden, settings = Hidden(), types.SimpleNamespace(weight=Value(2))
    by_name, by_operator = replay(lambda x: hidden.weight * x), replay(lambda x: hidden @ x)
    by_namespace = replay(lambda x: settings.weight * x)
    assert [fast(1).data for fast in (by_name, by_operator, by_namespace)] == [2, 2, 2]
    hidden.weight = settings.weight = Value(5)
    assert [fast(1).data for fast in (by_name, by_operator, by_namespace)] == [5, 5, 5]


def test_a_method_is_replayed_for_each_object():
    one, other = Hidden(), Hidden()
    other.weight = Value(7)
    assert (one.applied(2).data, other.applied(2).data, one.applied(3).data) == (4, 14, 6)
    assert one.applied is one.applied
    assert isinstance(Hidden.applied, autograd.Replay)


class Doubled(Hidden):
    def applied(self, x):
        return super().applied(x) * 2


class DoubledAndReplayed(Hidden):
    @replay
    def applied(self, x):
        return super().applied(x) * 2


def test_an_object_that_cannot_keep_a_replay_gets_a_sentence():
    class Slotted:
        __slots__ = ("weight",)

        @replay
        def scaled(self, x):
            return self.weight * x

    with pytest.raises(
        TypeError, match=r'^expected an object that can keep the replay of scaled, got a Slotted, .*"__dict__"'
    ):
        Slotted().scaled(3.0)

    class Open(Slotted):
        __slots__ = ("__dict__",)

    thing = Open()
    thing.weight = Value(2.0)
    assert thing.scaled(3.0).data == 6.0


@pytest.mark.parametrize("kind", [Doubled, DoubledAndReplayed])
def test_a_method_that_calls_the_replayed_one_of_its_base_stays(kind):
    hidden = kind()
    hidden.weight = Value(5)
    assert [hidden.applied(2).data for _ in range(3)] == [20, 20, 20]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda hidden: pickle.loads(pickle.dumps(hidden))])
def test_a_replayed_method_of_a_copy_reads_the_copy(copied):
    hidden = Hidden()
    assert hidden.applied(2).data == 4
    other = copied(hidden)
    other.weight = Value(7)
    assert (other.applied(2).data, hidden.applied(2).data) == (14, 4)


def test_a_module_of_the_user_is_noticed(monkeypatch):
    module = types.ModuleType("settings_of_a_user")
    module.weight = Value(2)
    fast = replay(lambda x: module.weight * x)
    assert fast(1).data == 2
    module.weight = Value(5)
    assert fast(1).data == 5


def test_what_else_is_refused_inside():
    w = Value(2)
    inner = replay(lambda x: w * x)
    with pytest.raises(ReplayError, match="a batch is replayed"):
        replay(lambda x: x * sum(inner.batch([1, 2]).values))(1)
    with pytest.raises(ReplayError, match="a parameter is made"):
        replay(lambda x: parameter(2) * x)(1)
    with pytest.raises(TypeError, match="integer") as caught:
        replay(lambda n: sum(w for _ in range(n)))(3)
    assert caught.value.__notes__ == [
        "replay() was recording the function: during this, the function gets Values in place of numbers."
    ]


def test_what_another_thread_records_meanwhile_is_kept_with_what_it_has_read():
    around, waiting, found = {"rate": 2.0}, [], []

    def function(x):
        rate = around["rate"]
        if waiting:
            waiting.pop()()
        return x * rate

    fast = replay(function, fixed=[waiting])

    def other():
        around["rate"] = 5.0
        found.append(fast(1.0).data)

    def run_other():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    waiting.append(run_other)
    found.append(fast(1.0).data)
    assert found == [5.0, 2.0]
    assert fast(1.0).data == 5.0


WITHOUT_MEMORY = """
import _testcapi
from autograd import Value, replay

failed = 0
for place in range(30):
    w = Value(2.0)
    y = replay(lambda x: (w * x).tanh() + w * x)(0.0)
    _testcapi.set_nomemory(place, place + 1)
    try:
        y.backward()
    except MemoryError:
        failed += 1
    finally:
        _testcapi.remove_mem_hooks()
    w.grad = None
    y = y + 3 * w
    y.backward()
    assert w.grad == 3.0, (place, w.grad)
print(failed)
"""


@pytest.mark.skipif(not autograd.compiled, reason="of memory in C, which the interpreted engine does not use")
def test_a_backward_pass_that_had_no_memory_can_run_again(tmp_path):
    pytest.importorskip("_testcapi")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MEMORY], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 5


def test_an_interrupt_while_sources_get_their_places_changes_no_later_gradient():
    weights = [Value(number) for number in (1.0, 2.0, 3.0, 4.0)]
    fast = replay(lambda x: sum((w * x for w in weights), 0))
    traced = sys.gettrace()
    for stop in range(30):  # lines of Python; compiled, there are none
        lines = itertools.count()

        def trace(frame, event, _):
            if frame.f_code.co_name == "_place_sources" and event == "line" and next(lines) == stop:  # noqa: B023 - called in this turn
                raise KeyboardInterrupt
            return trace

        loss = fast(2.0) + 1
        sys.settrace(trace)
        try:
            loss.backward()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(traced)
        for w in weights:
            w.grad = None
        sum((w * 5 for w in weights), fast(2.0)).backward()
        assert [w.grad for w in weights] == [7.0] * 4, stop


def test_the_text_of_a_value_is_looked_at_too():
    w = Value(2)
    fast = replay(lambda x: x * (10 if "Value(2," in repr(w) else 1))
    assert fast(1).data == 10
    w.data = 7
    assert fast(1).data == 1


def test_a_result_cannot_be_assigned_copied_or_pickled_but_a_replay_can():
    w = Value(2)
    fast = replay(lambda x: w * x)
    y = fast(3)
    with pytest.raises(AttributeError, match="cannot be assigned, because a replay computed it"):
        y.data = 100
    for attempt in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="a graph with the result of a replay cannot be copied or pickled"):
            attempt(y * 2)
    assert copy.deepcopy(fast)(3).data == 6


def test_at_most_eight_recordings_are_kept():
    w = Value(1)
    fast = replay(lambda x: w * int(x))
    for number in range(12):
        assert [fast(number).data for _ in range(20)] == [number] * 20
    assert fast.recordings == 8


def test_a_function_that_is_recorded_at_each_call_is_named():
    w = Value(1)
    fast = replay(lambda x: w * int(x))
    with pytest.warns(RuntimeWarning, match=r"recorded 6 times in a row.*test_replay.py:\d+.*`fast = replay"):
        [fast(number) for number in range(30)]


def test_the_warning_of_many_recordings_says_the_count_and_the_reason():
    w, others = Value(1), [1.0]

    def growing(x):
        return w * x * len(others)

    fast = replay(growing)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for number in range(8):
            others.append(1.0)
            fast(number)
        assert caught == []
        others.append(1.0)
        assert fast(8).data == 8 * 10
        [fast(number) for number in range(30)]
    [warning] = caught
    assert str(warning.message) == (
        "growing was recorded 9 times in a row, because a list of 9 elements now has 10. It runs without replay from "
        "now on: a replay is faster only if one recording serves many calls. To change that, compute with Values."
    )


def test_a_replay_has_the_name_and_the_docstring_of_its_function():
    def loss(x):
        """Return the loss."""
        return x * 2

    fast = replay(loss)
    assert (fast.__name__, fast.__doc__, fast.__wrapped__) == ("loss", "Return the loss.", loss)
    assert repr(fast) == "<replay of loss, 0 recordings kept>"


def test_threads_replay_one_at_a_time():
    w = Value(2)
    fast = replay(lambda x: (w * x).tanh() * x)
    wrong = []

    def work(start):
        for number in range(start, start + 300):
            x = Value(number / 100)
            y = fast(x)
            if not same(y.data, math.tanh(2 * (number / 100)) * (number / 100)):
                wrong.append(number)
            (slope,) = autograd.gradients(y, [x])
            z = (w * x).tanh() * x
            if not same(slope, autograd.gradients(z, [x])[0]):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(100 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_deep_chain_is_recorded_replayed_and_freed(untraced):
    x = Value(0.5)

    def chain():
        y = x
        for _ in range(BEYOND_ANY_STACK // 2):  # two nodes each
            y = y * 0.999999 + 1e-7
        return y

    fast = replay(chain)
    first = fast()
    first.backward()
    slope = x.grad
    x.grad = None
    again = fast()
    again.backward()
    assert (again.data, x.grad) == (first.data, slope)
    assert slope == pytest.approx(math.exp(BEYOND_ANY_STACK // 2 * math.log(0.999999)))
    del fast, first, again


def test_a_recording_is_freed_with_its_function_without_the_cycle_collector():
    gc.disable()
    try:
        label = Label("w")
        w = Value(2, label)
        gone = weakref.ref(label)
        fast = replay(lambda x, w=w: w * x if x > 0 else w)
        fast(1).backward()
        fast(-1)
        del label, w
        assert gone() is not None
        del fast
        assert gone() is None
    finally:
        gc.enable()


# --- Several results -------------------------------------------------------------------------------------------------


def several(x, y):
    scale = OUTSIDE * x
    return [x * y + scale, (x.sin() * y, [scale**2, 3.0])]


OUTSIDE = Value(1.5, "scale")


def test_several_results_keep_their_structure_and_their_gradients():
    fast = replay(several)
    for x, y in ((0.3, -1.2), (2.0, 0.7)):
        a, b = Value(x), Value(y)
        found, expected = fast(a, b), several(a, b)
        assert (type(found), type(found[1]), type(found[1][1])) == (list, tuple, list)
        replayed, plain = [found[0], found[1][0], found[1][1][0]], [expected[0], expected[1][0], expected[1][1][0]]
        for got, known in zip(replayed, plain, strict=True):
            assert got.data == known.data
            assert autograd.gradients(got, [a, b, OUTSIDE]) == autograd.gradients(known, [a, b, OUTSIDE])
        assert found[1][1][1].data == 3.0
    assert fast.recordings == 1


def test_a_result_sends_no_gradient_through_another_one():
    """The slope of the logarithm at 0 is infinite: even 0 times it would be nan."""
    fast = replay(lambda x, w: [x * 2, (x - 3).log() * w])
    fast(Value(2.0), Value(1.0))
    x, w = Value(3.0), Value(1.0)
    smooth, _ = fast(x, w)
    smooth.backward()
    assert (x.grad, w.has_grad) == (2.0, False)
    assert smooth.sources == [x]


def test_results_of_one_call_can_be_joined():
    fast = replay(several)
    a, b = Value(0.3), Value(-1.2)
    found, expected = fast(a, b), several(a, b)
    known = autograd.gradients(expected[0] * expected[1][0], [a, b])
    assert autograd.gradients(found[0] * found[1][0], [a, b]) == pytest.approx(known, rel=1e-15)


def curve(x):
    return x[0] ** 2 * x[1] + (x[0] * x[1]).exp() + x[1].tanh()


def test_jacobian_hessian_and_jvp_run_on_the_recording():
    pair, fast = replay(several), replay(curve)
    assert jacobian(pair)(0.3, -1.2) == jacobian(several)(0.3, -1.2)
    of_fast, of_plain = hessian(fast), hessian(curve)
    for point in ([0.5, 1.5], [-0.2, 0.4], [1.0, -1.0]):
        for got, known in zip(of_fast(point), of_plain(point), strict=True):
            assert got == pytest.approx(known, rel=1e-14, abs=1e-15)
        got, known = jvp(fast, (point,), ([0.3, -2.0],)), jvp(curve, (point,), ([0.3, -2.0],))
        assert got == pytest.approx(known, rel=1e-14)
    assert (pair.recordings, fast.recordings, fast.of_gradient.recordings) == (1, 1, 1)


def test_a_jacobian_runs_on_the_recording_as_long_as_it_is_valid():
    calls, around = [], {"w": 2.0}

    def function(x, pair):
        calls.append(0)
        a, b = pair
        return [x * a if x > 0.0 else x * b, (b * 3.0, around["w"] * x * x), constant(5.0)]

    fast = replay(function, fixed=[calls])
    of_replay = jacobian(fast)

    def derivatives(x, a, b):  # by hand
        first = (a, [x, 0.0]) if x > 0.0 else (b, [0.0, x])
        return [first, ((0.0, [0.0, 3.0]), (2 * around["w"] * x, [0.0, 0.0])), (0.0, [0.0, 0.0])]

    for x, recorded in ((2.0, 1), (4.0, 1), (-3.0, 2), (1.0, 2)):
        assert of_replay(x, [5, 7.0]) == derivatives(x, 5.0, 7.0)
        assert len(calls) == recorded
    around["w"] = 10.0
    assert of_replay(2.0, [5.0, 7.0]) == derivatives(2.0, 5.0, 7.0)
    assert len(calls) == 3
    with pytest.raises(TypeError, match="expected a real number for an argument of function, got str"):
        of_replay(2.0, [5.0, "x"])
    with no_grad():
        assert fast.recorded_jacobian((3.0, [5.0, 7.0])) is None
        assert of_replay(3.0, [5.0, 7.0]) == derivatives(3.0, 5.0, 7.0)
    assert fast.recorded_jacobian((3.0, [5, 7.0])) == derivatives(3.0, 5.0, 7.0)


def test_a_jacobian_on_a_recording_uses_live_values_and_changes_no_gradient():
    w = Value(3.0)
    fast = replay(lambda x: w * x * x)
    of_replay = jacobian(fast)
    assert [of_replay(2.0), of_replay(1.0)] == [12.0, 6.0]
    w.data = 5.0
    assert of_replay(2.0) == 20.0
    before = fast(3.0)
    assert of_replay(2.0) == 20.0
    before.backward()
    assert w.grad == 9.0


def test_a_jacobian_on_a_recording_compares_with_verify_and_warns_of_independence():
    numbers = iter([2.0, 2.0, 3.0])
    checked = jacobian(replay(lambda x: [x * next(numbers)], fixed=[numbers], verify=True))
    assert checked(1.0) == [2.0]
    with pytest.raises(ReplayError, match=r"gives 2.0, but the function itself gives 3.0"):
        checked(1.0)
    w = Value(3.0)
    independent = jacobian(replay(lambda x: [w * 2.0]))
    for _ in range(3):
        with pytest.warns(autograd.DetachedWarning, match="does not depend on its arguments"):
            assert independent(1.0) == [0.0]


def test_forward_mode_runs_the_function_itself_where_values_from_outside_take_part():
    got, known = jvp(replay(several), (0.3, -1.2), (1.0, 0.5)), jvp(several, (0.3, -1.2), (1.0, 0.5))
    for got_slope, slope in ((got[1][0], known[1][0]), (got[1][1][0], known[1][1][0])):
        assert getattr(got_slope, "data", got_slope) == getattr(slope, "data", slope)


def test_forward_mode_runs_the_function_itself_where_it_is_no_longer_replayed():
    w = Value(2)
    fast = replay(lambda x: w * x * int(x.data) if x > 0 else x * int(x.data))
    with pytest.warns(RuntimeWarning, match="runs without replay"):
        [fast(-number) for number in range(1, 12)]
    y, slope = jvp(fast, 3.0, 1.0)
    assert (y.data, slope.data) == (18.0, 6.0)
    slope.backward()
    assert w.grad == 3.0


def test_a_source_has_one_result():
    fast = replay(lambda x: [x, x * 2])
    fast(1)
    message = "source() needs a function with one result, but <lambda> returns 2. Replay a function that returns one of"
    with pytest.raises(ReplayError, match=re.escape(message)):
        fast.source()


def test_each_unit_of_a_network_is_one_sum():
    model = nn.MLP(2, [3, 2, 1], activation="relu", seed=1)
    loss = replay(lambda x: model([x, 0.5]))
    loss(1.0)
    codes = list(loss._kept.latest.program.codes)
    assert codes.count(WEIGHTED_SUM) == 3 + 2 + 1
    assert len(codes) == 2 * (3 + 2 + 1) - 1  # the last unit is linear


@pytest.mark.parametrize("between", [lambda x: x.sin(), lambda x: x * x, lambda x: x * 0.5 + x.exp()])
def test_a_sum_that_is_continued_later_keeps_the_order_of_contributions(between):
    """Contributions to x of very different sizes: their sum tells in which order they were added."""
    x, a = Value(0.7), Value(3.0)

    def function(b):
        chain = x * 1e16 + a * b
        other = between(x)
        chain = chain + other * 3.0
        chain = chain + x * -1e16
        return chain + between(a).tanh()

    assert_same(function, replay(function), [x, a], 1.25)
