"""The contexts `no_grad`, `enable_grad`, `scope`, `detect_anomaly`, `record_lines`, `name_locals`."""

import contextlib
import inspect
import math
import signal
import sys
import threading

import pytest
from interrupts import USES, is_clean, left_on, stopped_at

from autograd import (
    AnomalyError,
    Value,
    constant,
    detect_anomaly,
    enable_grad,
    find_anomaly,
    grad,
    name_locals,
    no_grad,
    record_lines,
    replay,
    scope,
)
from autograd.state.mode import OPEN_CONTEXTS, code_at


def test_no_grad_records_nothing():
    w = Value(2)
    with no_grad():
        y = w * 3
        with enable_grad():
            z = w * 3
    assert (y.data, y.kind, y.operands) == (6.0, "constant", ())
    assert z.kind == (w * 3).kind == "computed"


def test_contexts_are_decorators_too():
    @no_grad()
    def evaluate(w):
        return w * 2

    assert [evaluate(Value(2)).kind for _ in range(2)] == ["constant", "constant"]


def test_a_context_ends_when_an_error_leaves_it():
    with pytest.raises(RuntimeError), no_grad(), scope("s"):
        raise RuntimeError
    assert (Value(2) * 3).scope == ()
    assert OPEN_CONTEXTS == []


def test_scopes_nest_and_are_recorded_on_leaves_and_results():
    with scope("layer 1"):
        leaf = Value(2)
        with scope("neuron 2"):
            result = leaf * 3
    assert leaf.scope == ("layer 1",)
    assert result.scope == ("layer 1", "neuron 2")
    assert result.operands[1].scope == ("layer 1", "neuron 2")


@pytest.mark.parametrize(("name", "error"), [(3, TypeError), ("", ValueError)])
def test_a_scope_needs_a_name(name, error):
    with pytest.raises(error, match="for a scope's name"), scope(name):
        pass


def test_lines_are_recorded_on_request():
    assert Value(2).line == ""
    with record_lines(), scope("s"):
        here = inspect.currentframe().f_lineno + 1
        value = Value(2) * 3
    assert value.line == f"{__file__}:{here}"
    assert value.scope == ("s",)
    assert code_at(value.line) == "value = Value(2) * 3"


def test_anomaly_in_the_forward_pass_names_operation_operands_and_line():
    p = Value(0, "p")
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        here = inspect.currentframe().f_lineno + 1
        p.log() + 1
    assert str(caught.value) == f"v1 = log(p) made -inf from p = 0 at {__file__}:{here}: p.log() + 1."


def test_anomaly_of_two_operands_without_labels():
    with pytest.raises(AnomalyError, match=r"^v2 = v0/v1 made nan from v0 = 0, v1 = 0 at "), detect_anomaly():
        Value(0) / Value(0)
    with pytest.raises(AnomalyError, match=r"^v4 = v2\*\*2 made inf from v2 = 1\.4e\+154 at "), detect_anomaly():
        (Value(1.4e153) * 10) ** 2 * 3
    with pytest.raises(AnomalyError, match=r"^v2 = 1e\+200\*1e\+200 made inf at "), detect_anomaly():
        constant(1e200) * 1e200
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        here = inspect.currentframe().f_lineno + 1
        (Value(0) ** 0.5).backward()
    assert str(caught.value) == (
        "backward through v2 = v0**0.5 made inf: the upstream gradient 1 times the local derivative inf for v0 = 0 at "
        f"{__file__}:{here}: (Value(0) ** 0.5).backward()."
    )
    assert find_anomaly((Value(1.4e153) * 10) ** 2 * 3) == "v4 = v2**2 made inf from v2 = 1.4e+154."


def test_operands_are_told_apart_by_their_own_labels_and_numbers():
    assert find_anomaly(Value(1) / Value(0, "x")) == "v2 = v0/x made inf from v0 = 1, x = 0."
    assert find_anomaly(Value(1, "w") / Value(0, "w")) == "v2 = w[v0]/w[v1] made inf from w[v0] = 1, w[v1] = 0."
    assert find_anomaly(Value(1, "a + b") / Value(0, "c[0]")) == "v2 = (a + b)/c[0] made inf from a + b = 1, c[0] = 0."


def test_nan_made_of_infinities_is_an_anomaly_too():
    assert find_anomaly(Value(math.inf, "a") * 0 + 1).startswith("a is inf from the start")
    with pytest.raises(AnomalyError, match=r"a - b made nan from a = inf, b = inf"), detect_anomaly():
        Value(math.inf, "a") - Value(math.inf, "b")


def test_an_infinity_made_by_adding_postings():
    y = Value(1.0, "y")
    with pytest.raises(AnomalyError, match=r"the contributions to y sum to inf"), detect_anomaly():
        ((y - 1) * 1.5e308 + (y - 1) * 1.5e308).backward()
    with pytest.raises(AnomalyError, match=r"the local derivative inf for x = 0"), detect_anomaly():
        grad(lambda x: (x * 2).sqrt() + x.sqrt())(0)


def test_an_infinity_that_a_replay_or_the_seed_brings():
    w = Value(0.0, "w")
    y = replay(lambda: w * 1.5e308)() * 10
    with pytest.raises(AnomalyError, match=r"^the contributions to w sum to inf\.$"), detect_anomaly():
        y.backward()
    with pytest.raises(AnomalyError, match=r"^backward starts at w with nan\.$"), detect_anomaly():
        w.backward(math.nan)
    assert not w.has_grad
    w.backward(math.inf)
    assert find_anomaly(w) == "backward starts at w with inf."


def test_find_anomaly_looks_through_the_gradients_too():
    x = Value(0, "x")
    y = (x * x).sqrt()
    assert find_anomaly(y) == ""
    y.backward()
    assert math.isnan(x.grad)
    assert find_anomaly(y).startswith(
        "backward through v2 = sqrt(v1) made inf: the upstream gradient 1 times the local"
    )
    w = Value(1.0, "w")
    for _ in range(2):
        loss = w * 1e308
        loss.backward()
    assert find_anomaly(loss) == "several calls of backward() added up to the gradient of w (inf)."
    with pytest.raises(
        TypeError, match=r"^expected a Value, an Exercise or a Solution, got float\. A plain number has no graph\.$"
    ):
        find_anomaly(3.0)


def test_anomaly_in_the_backward_pass_names_the_operation():
    x = Value(0, "x")
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        y = x.sqrt()
        y.label = "y"
        (y * 2).backward()
    assert (
        "backward through y = sqrt(x) made inf: the upstream gradient 2 times the local derivative inf for x = 0 at"
        in str(caught.value)
    )
    assert not x.has_grad


def test_an_anomaly_that_came_in_is_not_blamed_on_the_operation():
    with detect_anomaly():
        assert math.isnan((Value(math.nan) * 2).data)


def test_find_anomaly_after_the_fact():
    x = Value(-4, "x")
    assert find_anomaly(x * 2) == ""
    with record_lines():
        here = inspect.currentframe().f_lineno + 1
        y = (x.sqrt() * 3).exp()
    assert find_anomaly(y) == f"v1 = sqrt(x) made nan from x = -4 at {__file__}:{here}: y = (x.sqrt() * 3).exp()."
    assert find_anomaly(Value(math.inf, "big") + 1) == "big is inf from the start."


def test_name_locals_labels_what_has_no_label():
    with name_locals():
        a, kept = Value(1), Value(2, "own")
        w = [Value(3), (Value(4),), Value(5)]
        again = a
    assert (a.label, kept.label, again.label) == ("a", "own", "a")
    with name_locals():
        _hidden = Value(6)
    assert _hidden.label is None
    assert [w[0].label, w[1][0].label, w[2].label] == ["w[0]", None, "w[2]"]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the last step of an entry is another instruction there")
@pytest.mark.parametrize("what", USES)
def test_an_interrupt_at_any_step_leaves_nothing_on(what):
    number = 1
    while stopped_at(USES[what], number):
        assert is_clean(), number
        number += 1
    assert number > 3
    assert is_clean()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
@pytest.mark.parametrize("what", USES)
def test_an_interrupt_at_any_time_leaves_nothing_on(what):
    assert left_on(USES[what], 200) == 0


def test_a_context_works_in_an_exit_stack_and_more_than_once_but_not_inside_of_itself():
    context = no_grad()
    for _ in range(2):
        with contextlib.ExitStack() as stack:
            stack.enter_context(context)
            assert (Value(2) * 3).kind == "constant"
        assert (Value(2) * 3).kind == "computed"
    with context, pytest.raises(RuntimeError, match="this context is active already"), context:
        pass
    assert (Value(2) * 3).kind == "computed"


def test_a_context_that_ends_before_one_inside_of_it_leaves_that_one_on():
    outer, inner = scope("outer"), no_grad()
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert (Value(2) * 3).kind == "constant"
    inner.__exit__(None, None, None)
    assert ((Value(2) * 3).kind, (Value(2) * 3).scope, OPEN_CONTEXTS) == ("computed", (), [])


def test_a_context_of_one_thread_is_none_of_another():
    kinds = []
    with no_grad():
        thread = threading.Thread(target=lambda: kinds.append((Value(2) * 3).kind))
        thread.start()
        thread.join()
        assert len(OPEN_CONTEXTS) == 1
    assert kinds == ["computed"]
