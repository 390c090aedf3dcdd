"""steps: the events of a pass, against the engine's own gradients, the lecture's numbers, and exact text."""

import json
import math
import random

import pytest

from autograd import ReplayError, Tape, Value, constant, replay, steps
from autograd.passes.steps import Computed, Posting, Seed, Updated, as_json
from autograd.passes.wording import describe
from autograd.table.op import TABLE
from nn import MLP, relu_exercise
from nn.optim import SGD, Adam


def random_graph(seed):
    """A graph of thirty operations, and its leaves."""
    generator = random.Random(seed)
    leaves = [Value(generator.uniform(0.5, 2.0), f"x{i}") for i in range(4)]
    nodes = [*leaves, constant(1.5)]
    for _ in range(30):
        op = generator.choice([row for row in TABLE if row.name not in ("asin", "acos", "atanh")])
        operands = [generator.choice(nodes) for _ in range(op.arity)]
        result = op(*operands)
        if math.isfinite(result.data) and abs(result.data) < 1e3:
            nodes.append(result)
    total = nodes[-1] + leaves[0]
    return total, leaves


@pytest.mark.parametrize("seed", range(40))
def test_running_totals_end_in_the_gradients_of_backward_to_the_bit(seed):
    total, _ = random_graph(seed)
    events = steps(total, seed=0.7)
    total.backward(0.7)
    reached = {step.node: step.result for step in events if isinstance(step, (Seed, Posting))}
    stack, seen = [total], set()
    gradients = []
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += node.operands
            gradients += [node.grad] if node.has_grad else []
    assert sorted(repr(result) for result in reached.values()) == sorted(map(repr, gradients))


@pytest.mark.parametrize("seed", range(10))
def test_each_posting_is_upstream_times_local_added_to_what_was_there(seed):
    total, _ = random_graph(seed)
    running = {}
    for step in steps(total):
        if isinstance(step, Posting):
            assert step.before == running.get(step.node, 0.0)
            assert step.amount == step.upstream * step.local
            assert step.result == step.before + step.amount
            running[step.node] = step.result


def test_the_worked_exercise_in_steps():
    exercise = relu_exercise()
    solution = exercise.solve()
    weights = [solution.values[name] for name in solution.before]
    events = steps(solution.graph, optimizer=SGD(weights, lr=0.1))
    computed = {step.name: step.result for step in events if isinstance(step, Computed)}
    assert [computed[name] for name in ("x3", "y3", "x4", "y4", "x5", "y5", "loss")] == [5, 5, -3, 0, 10, 10, 50]
    totals = {step.name: step.result for step in events if isinstance(step, Posting)}
    assert (totals["x5"], totals["x3"], totals["x4"]) == (10, 20, 0)
    updated = {step.name: step.result for step in events if isinstance(step, Updated)}
    assert updated == {"w13": 0, "w23": -1, "w14": 1, "w24": 4, "w35": -3, "w45": -1}
    kinds = [type(step) for step in events]
    assert kinds == sorted(kinds, key=[Computed, Seed, Posting, Updated].index)
    assert [type(step) for step in events].count(Seed) == 1


def test_nothing_is_changed_by_asking():
    w = Value(2, "w")
    loss = w * w
    optimizer = Adam([w], lr=0.1)
    first = steps(loss, optimizer=optimizer)
    assert (w.data, w.has_grad, loss.has_grad) == (2.0, False, False)
    assert steps(loss, optimizer=optimizer) == first
    assert first[-1]._replace(parts=()) == Updated(0, "w", "v1", 2.0, 4.0, 0.1, first[-1].result)
    loss.backward()
    optimizer.step()
    assert w.data == first[-1].result


def test_an_optimizer_adjusts_only_what_is_in_the_graph():
    w, other = Value(2, "w"), Value(3, "other")
    assert [step.name for step in steps(w * 2, optimizer=SGD([other, w], lr=0.1)) if isinstance(step, Updated)] == ["w"]


def test_steps_of_a_replay_post_to_all_its_sources():
    w, x = Value(2, "w"), Value(3, "x")
    fast = replay(lambda y: w * y * y)
    result = fast(x) * 2
    events = steps(result)
    postings = {step.name: step.amount for step in events if isinstance(step, Posting) and step.source.op == "replay"}
    assert postings == {"w": 18.0, "x": 24.0}
    assert describe(events[0]).parts == ("replay(w, x)", "18")


def test_a_replay_that_reads_a_value_twice_posts_to_it_twice_with_the_bits_of_backward():
    w = Value(0.1, "w")
    fast = replay(lambda y, z: y * w + z / w)
    result = fast(w, w) * 0.3
    postings = [step for step in steps(result) if isinstance(step, Posting) and step.name == "w"]
    result.backward()
    assert len(postings) == 3
    assert [step.before for step in postings] == [0.0, *[step.result for step in postings[:-1]]]
    assert postings[-1].result == w.grad
    line = Tape.of(result).lines[1]
    assert (line.kind, line.op, line.operands, line.varies) == ("replayed", None, (0, 0, 0), True)
    assert list(line.partials) == [step.local for step in postings]
    assert line.partials[0] == pytest.approx(0.1 - 0.1 / 0.1**2)  # of the w that the function reads: y - z/w**2


def test_what_each_step_says():
    x, w = Value(3, "x"), Value(-2, "w")
    loss = ((x * w).tanh() - x) ** 2
    loss.label = "L"
    assert [describe(step).line for step in steps(loss)] == [
        "v2 = x*w = 3*(-2) = -6",
        "v3 = tanh(v2) = tanh(-6) = -0.999988",
        "v4 = v3 - x = -0.999988 - 3 = -3.99999",
        "L = v4**2 = (-3.99999)**2 = 15.9999",
        "dL/dL = 1",
        "dL/dv4 += dL/dL * dL/dv4 = dL/dL * (2*v4) = 1 * (-7.99998) = -7.99998",
        "dL/dv3 += dL/dv4 * dv4/dv3 = dL/dv4 * 1 = -7.99998 * 1 = -7.99998",
        "dL/dx += dL/dv4 * dv4/dx = dL/dv4 * (-1) = -7.99998 * (-1) = 7.99998",
        "dL/dv2 += dL/dv3 * dv3/dv2 = dL/dv3 * (1 - v3*v3) = -7.99998 * 2.45765e-05 = -0.000196612",
        "dL/dx += dL/dv2 * dv2/dx = dL/dv2 * w = -0.000196612 * (-2) = 0.000393224",
        "dL/dw += dL/dv2 * dv2/dw = dL/dv2 * x = -0.000196612 * 3 = -0.000589835",
    ]


def test_steps_become_json():
    w = Value(2, "w")
    loss = 1 / (w - 2)
    decoded = json.loads(
        json.dumps([as_json(step) for step in steps(loss, optimizer=SGD([w], lr=0.5))], allow_nan=False)
    )
    assert [step["kind"] for step in decoded] == ["computed", "computed", "seed", "posting", "posting", "updated"]
    assert decoded[1]["result"] == "inf"
    assert decoded[3]["source"]["operand_names"] == ["1", "v3"]
    assert decoded[3]["name"] == "v3"


def test_only_a_value_that_varies_has_steps():
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got float"):
        steps(2.0)
    with pytest.raises(ValueError, match="not computed from any Value that varies"):
        steps(constant(2) * 3)
    with pytest.raises(ReplayError, match="steps of a graph are read"):
        replay(lambda x: Value(steps(x * 2)[-1].result) * x)(1.0)


def test_steps_of_a_network_hold_every_edge():
    mlp = MLP(2, [3, 1], seed=1)
    loss = mlp([1.0, -2.0]) ** 2
    events = steps(loss)
    computed = [step for step in events if isinstance(step, Computed)]
    edges = sum(local is not None for step in computed for local in step.partials)
    assert sum(isinstance(step, Posting) for step in events) == edges


def test_a_label_that_reads_as_a_number_is_a_name():
    x = Value(3, "1e5")
    assert [describe(step).line for step in steps(x * 2)] == [
        "v2 = 1e5*2 = 3*2 = 6",
        "dv2/dv2 = 1",
        "dv2/d1e5 += dv2/dv2 * dv2/d1e5 = dv2/dv2 * 2 = 1 * 2 = 2",
    ]


def test_a_graph_whose_leaves_were_assigned_is_refused():
    x, w = Value(3, "x"), Value(2, "w")
    loss = x * w
    w.data = -1
    with pytest.raises(ValueError, match=r"v2 is 6, but mul of its operands now gives -3: a leaf was changed"):
        steps(loss)
    w.data = 2.0
    assert steps(loss)[0].result == 6.0


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match=r"^expected an optimizer, with parameters and step\(\), got int\.$"):
        steps(Value(2) * 3, optimizer=3)


def test_a_logarithm_of_a_constant_stays_one():
    x = Value(3, "x")
    assert describe(steps(2**x)[-1]).parts[1] == "dv2/dv2 * (v2*log(2))"
