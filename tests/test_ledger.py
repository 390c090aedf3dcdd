"""`explain` and `record_backward`: every contribution to a node, and what is said about its gradient."""

import gc
import json
import math
import threading

import pytest

import autograd
from autograd import BackwardRecord, Value, constant, explain, parameter, record_backward, replay
from autograd.passes.names import find
from nn import SGD, relu_exercise, second_exercise


@pytest.fixture
def exercise():
    """The lecture's worked exercise, recorded, with no gradients yet, as its loss and the nodes by label."""
    solution = relu_exercise().solve()
    for node in solution.values.values():
        node.grad = None
    return solution.graph, solution.values


def test_R10_the_posting_to_a_weight(exercise):
    loss, nodes = exercise
    loss.backward()
    ledger = explain(nodes["w35"], loss)
    assert ledger.entries == ((1, "v10 = y3*w35", 10.0, 5.0, 50.0, 50.0),)
    assert (ledger.node, ledger.kind, ledger.gradient, ledger.total) == ("w35", "parameter", 50.0, 50.0)
    assert ledger.sentences == ["w35 received one contribution: 10 * 5 = 50."]


def test_R10_an_input_is_posted_once_for_each_hidden_unit(exercise):
    loss, nodes = exercise
    loss.backward()
    ledger = explain(nodes["x2"], loss)
    assert {entry.through.partition(" = ")[2] for entry in ledger.entries} == {"x2*w23", "x2*w24"}
    assert sorted(entry.amount for entry in ledger.entries) == [-60.0, 0.0]
    assert ledger.entries[-1].total == ledger.gradient == -60.0
    assert ledger.sentences[0].startswith("x2 received two contributions: ")


def test_R11_every_ledger_sums_to_the_gradient_of_the_lecture():
    solution = second_exercise().solve()
    weights = [-0.1728, -0.072, 0.0576, 0.024, -0.3168, -0.1584]
    expected = {f"w{number}": gradient for number, gradient in enumerate(weights, start=1)}
    for name, gradient in expected.items():
        ledger = explain(solution.values[name], solution.graph)
        assert math.isclose(ledger.total, gradient, rel_tol=1e-12)
        assert ledger.total == ledger.gradient
        for entry in ledger.entries:
            assert entry.upstream * entry.local == entry.amount


def test_the_text_of_a_ledger(exercise):
    loss, nodes = exercise
    loss.backward()
    text = """\
Why x1.grad is 40:
  call  through       upstream  local  amount  total
  1     v12 = x1*w14         0      1       0      0
  1     v3 = x1*w13         20      2      40     40
x1 received two contributions: 0 + 40 = 40.
The gradient stops at relu node y4 = 0: its input x4 = -3 is below 0, so its local derivative is 0."""
    ledger = explain(nodes["x1"], loss)
    assert str(ledger) == repr(ledger) == text


def test_without_backward_the_ledger_says_so(exercise):
    loss, nodes = exercise
    ledger = explain(nodes["w35"], loss)
    assert (ledger.gradient, ledger.total) == (None, 50.0)
    assert ledger.sentences[-1] == "w35 has no gradient: backward() was not called, or the gradient was reset."
    assert str(ledger).startswith("Why w35.grad is -:\n")


def test_a_forgotten_zero_grad_is_named_with_its_amount(exercise):
    loss, nodes = exercise
    loss.backward()
    loss.backward()
    assert explain(nodes["w13"], loss).sentences[-1] == (
        "w13.grad is 40, not 20: 20 was there before, or other calls added it. Was zero_grad() forgotten?"
    )
    (sentence,) = explain(nodes["w13"], loss, loss).sentences
    terms = "20 from call 1 (loss.backward()) + 20 from call 2 (loss.backward())"
    assert sentence == f"The gradient 40 = {terms}: it was not reset in between."


def test_a_gradient_that_was_changed_since_differs_by_a_number():
    w = Value(2, "w")
    loss = w * 3
    loss.backward()
    w.grad = 1.0
    assert explain(w, loss).sentences[-1] == "w.grad is 1, not 3: it was changed by -2, or other calls made it."
    with record_backward():
        loss.backward()
    w.grad = 1.5
    assert explain(w).sentences[-1].startswith("w.grad is 1.5, not 4: it was changed by -2.5 after call 1 (test_ledger")


def test_rounding_is_called_rounding():
    w = Value(1.0, "w")
    losses = [w * number for number in (0.1, 0.2, 0.3)]
    for loss in losses:
        loss.backward()
    assert w.grad == 0.1 + 0.2 + 0.3
    assert "by rounding" in explain(w, *reversed(losses)).sentences[-1]
    assert len(explain(w, *losses).sentences) == 1


def test_recorded_calls_add_up_and_name_their_lines(exercise):
    loss, nodes = exercise
    with record_backward():
        loss.backward()
        loss.backward(2.0)
    ledger = explain(nodes["w35"])
    assert [(call.number, call.seed, call.before, call.amount, call.result) for call in ledger.calls] == [
        (1, 1.0, None, 50.0, 50.0),
        (2, 2.0, 50.0, 100.0, 150.0),
    ]
    first, second = (int(call.line.rpartition(":")[2]) for call in ledger.calls)
    assert second == first + 1
    assert all(call.line.rpartition(":")[0] == __file__ for call in ledger.calls)
    terms = f"50 from call 1 (test_ledger.py:{first}) + 100 from call 2 (test_ledger.py:{second})"
    assert ledger.sentences == [f"The gradient 150 = {terms}: it was not reset in between."]
    assert ledger.total == nodes["w35"].grad


def test_a_reset_between_calls_forgets_what_was_before(exercise):
    loss, nodes = exercise
    w = nodes["w35"]
    optimizer = SGD([w], lr=0.1)
    with record_backward():
        loss.backward()
        optimizer.zero_grad()
        loss.backward()
    ledger = explain(w)
    assert [call.number for call in ledger.counting] == [2]
    assert ledger.total == w.grad == 50.0
    assert ledger.sentences[0].startswith("Not counted: call 1 (test_ledger.py:")
    assert ledger.sentences[0].endswith("because the gradient was reset afterwards.")
    assert ledger.sentences[1:] == ["w35 received one contribution: 10 * 5 = 50."]


def test_a_number_assigned_between_calls_is_where_the_sum_starts(exercise):
    loss, nodes = exercise
    w = nodes["w35"]
    with record_backward():
        loss.backward()
        w.grad = 1
        loss.backward()
    first, second = explain(w).sentences
    assert first.endswith("because the gradient was changed from 50 to 1 afterwards.")
    assert second.startswith("The gradient 51 = 1 + 50 from call 2 ")
    assert explain(w).total == w.grad == 51.0


def test_a_gradient_from_before_the_record_is_named(exercise):
    loss, nodes = exercise
    loss.backward()
    with record_backward():
        loss.backward()
    assert (
        explain(nodes["w35"]).sentences[0].startswith("The gradient 100 = 50 that was there before + 50 from call 1 ")
    )
    assert explain(nodes["w35"]).sentences[0].endswith("Was zero_grad() forgotten?")


def test_node_and_root_swapped():
    x = Value(2.5, "x")
    loss = x * 5
    assert str(explain(loss, x)).splitlines() == [
        "Why v2.grad is -:",
        "v2 received no contribution: none of the given losses was computed from it.",
        "v2 was computed from x. Swap the arguments: x first, then v2.",
    ]
    with record_backward() as record:
        x.backward()
    assert record.explain(loss).sentences == ["v2 received no contribution: no recorded call of backward() reached it."]


def test_a_reset_after_the_last_call(exercise):
    loss, nodes = exercise
    with record_backward():
        loss.backward()
    nodes["w35"].grad = None
    assert explain(nodes["w35"]).sentences[-1].startswith("w35 has no gradient: the gradient was reset after call 1 (")


def test_a_computed_node_keeps_the_latest_call_only(exercise):
    loss, nodes = exercise
    with record_backward():
        loss.backward()
        loss.backward(3.0)
    ledger = explain(nodes["y3"])
    assert ledger.total == nodes["y3"].grad == 60.0
    assert [call.number for call in ledger.counting] == [2]
    assert ledger.sentences[0].endswith("because a computed node keeps the gradient of the latest call.")


def test_the_loss_itself_has_the_seed(exercise):
    loss, _ = exercise
    with record_backward():
        loss.backward(4)
    ledger = explain(loss)
    assert ledger.entries == ((1, "the seed", 4.0, 1.0, 4.0, 4.0),)
    assert ledger.sentences == ["The backward pass starts at loss, with 4."]


def test_totals_are_the_gradients_bit_for_bit():
    weights = [parameter(0.1 * (index + 1), f"w{index}") for index in range(6)]
    with record_backward():
        for row in range(5):
            total = sum((w * (row + 0.3)).tanh() * w for w in weights)
            (total * weights[row] / 3).backward(0.7)
            if row == 2:
                weights[1].grad = None
    for w in weights:
        ledger = explain(w)
        assert ledger.total == w.grad
        sums = dict.fromkeys((entry.call for entry in ledger.entries), -0.0)
        for entry in ledger.entries:
            sums[entry.call] += entry.amount
            assert sums[entry.call] == entry.total
        assert [call.amount for call in ledger.calls] == list(sums.values())


def test_only_calls_that_reached_the_node_are_listed():
    a, b = Value(2, "a"), Value(3, "b")
    with record_backward() as record:
        (a * 2).backward()
        (b * 2).backward()
    assert [call.number for call in explain(b).calls] == [2]
    assert (len(record), repr(record)) == (2, "BackwardRecord(2 calls)")
    c = Value(1, "c")
    assert explain(c).sentences == ["c received no contribution: no recorded call of backward() reached it."]
    c.grad = 2
    assert explain(c).sentences[0].endswith("reached it, so its gradient 2 has another origin.")
    assert explain(c, a * 1).sentences == [
        (
            "c received no contribution: none of the given losses was computed from it, "
            "so its gradient 2 has another origin."
        )
    ]
    assert explain(constant(2, "t"), a * 1).sentences == ["t is a constant: no gradient flows to it."]


def test_records_nest_and_the_latest_is_read():
    w = Value(2, "w")
    with record_backward() as outer:
        (w * 2).backward()
        with record_backward() as inner:
            (w * 3).backward()
        assert [call.amount for call in explain(w).calls] == [3.0]
    assert [call.amount for call in outer.explain(w).calls] == [2.0, 3.0]
    assert [call.amount for call in inner.explain(w).calls] == [3.0]
    assert isinstance(inner, BackwardRecord)


def test_a_call_that_raises_posts_nothing_and_is_not_recorded():
    x = Value(0.0, "x")
    loss = x.sqrt()
    with record_backward() as record, autograd.detect_anomaly(), pytest.raises(autograd.AnomalyError):
        loss.backward()
    assert len(record) == 0
    with record_backward() as record, pytest.raises(ValueError, match="reaches no Value"):
        constant(1).backward()
    assert len(record) == 0


def test_a_replay_is_explained_too():
    w = Value(3.0, "w")

    @replay
    def loss(x):
        return w * w * x

    with record_backward():
        loss(2.0).backward()
        loss(5.0).backward()
    ledger = explain(w)
    assert [call.amount for call in ledger.calls] == [12.0, 30.0]
    assert ledger.total == w.grad == 42.0


def test_each_thread_has_its_own_record():
    w = Value(2, "w")
    with record_backward() as record:
        thread = threading.Thread(target=lambda: (w * 2).backward())
        thread.start()
        thread.join()
    assert len(record) == 0


def test_the_next_record_lets_go_of_the_graphs_of_the_one_before():
    def held():
        gc.collect()
        return sum(type(found) is BackwardRecord for found in gc.get_objects())

    with record_backward():
        (Value(2) * 3).backward()
    before = held()
    with record_backward():
        pass
    assert held() == before


def test_without_a_loss_or_a_record_it_says_what_to_do():
    caught = []

    def run():
        with pytest.raises(ValueError, match="and there are none") as raised:
            explain(Value(2, "w"))
        caught.append(str(raised.value))

    thread = threading.Thread(target=run)  # in which nothing was recorded
    thread.start()
    thread.join()
    (message,) = caught
    assert "Give the loss: explain(w, loss)." in message
    assert message.startswith("explain() of w needs a loss or recorded calls of backward()")
    assert message.endswith("Or write `with autograd.record_backward():` around the calls of backward().")


def test_what_is_no_value_is_refused():
    with pytest.raises(TypeError, match=r"^expected a node, as a Value or by its name, got int\.$"):
        explain(3)
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got float"):
        explain(Value(1), 2.0)


def test_a_ledger_is_data(exercise):
    loss, nodes = exercise
    loss.backward()
    assert explain(nodes["w35"], loss) == explain(nodes["w35"], loss)
    assert explain(nodes["w35"], loss) != explain(nodes["w45"], loss)
    found = json.loads(json.dumps(explain(nodes["w35"], loss).as_json()))
    assert found["entries"] == [
        {"call": 1, "through": "v10 = y3*w35", "upstream": 10.0, "local": 5.0, "amount": 50.0, "total": 50.0}
    ]
    assert found["calls"][0]["result"] == found["total"] == found["gradient"] == 50.0
    x = Value(0.0, "x")
    infinite = explain(x, x.log()).as_json()
    assert infinite["total"] == "inf"


def test_many_postings_and_calls_are_shortened_in_sentences_only():
    w = Value(1, "w")
    loss = sum(w * factor for factor in range(1, 101))
    ledger = explain(w, loss)
    assert len(ledger.entries) == 100
    assert ledger.total == 5050.0
    assert ledger.sentences[0].startswith("w received 100 contributions: ")
    assert len(ledger.sentences[0]) < 90
    calls = explain(w, *[w * 1] * 50)
    assert calls.total == 50.0
    assert "... 44 more ..." in calls.sentences[0]


def test_negative_amounts_stand_in_parentheses():
    w = Value(1, "w")
    assert explain(w, 2 * w - 5 * w).sentences[0] == "w received two contributions: (-5) + 2 = -3."
    assert explain(w, -2 * w).sentences[0] == "w received one contribution: 1 * (-2) = -2."
    assert "(-3) from call 1 (v2.backward()) + (-1) from call 2" in explain(w, w * -3, -w).sentences[0]


def test_find_takes_a_name_or_a_place():
    names = ["x", "w[v1]", "v2", "2", "w[v4]", "the loss"]
    assert find(names, "the loss") == 5
    assert find(names, "v2") == 2
    assert find(names, "v4") == find(names, "w[v4]") == 4
    assert find(names, "the loss[v5]") == 5
    assert find(["v1", "a"], "v1") == 0  # a label comes before a place


def test_find_lists_labels_without_constants_and_leaves_out_no_single_one():
    six = ["a", "b", "c", "d", "e", "f"]
    with pytest.raises(ValueError, match=r"'q'\. There are a, b, c, d, e and f\. Any node .* 'v0' to 'v10'\.$"):
        find(["2", "-0.5", "nan", *six, "v9", "1e+20"], "q")
    with pytest.raises(ValueError, match=r"'q'\. There are a, b, c, d, e and 2 more\. "):
        find([*six, "g", "v7"], "q")
    with pytest.raises(ValueError, match=r"'q'\. Any node"):
        find(["v0", "2", "v2"], "q")


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ("w", ValueError, "2 nodes are called 'w': w[v1] and w[v4]. Ask for one of them, such as 'w[v1]'."),
        ("loos", ValueError, "Did you mean loss?"),
        ("q", ValueError, "There are x, w[v1], w[v4] and loss."),
        ("v9", ValueError, "no node has the place 'v9': the places of this graph are v0 to v5."),
        (3, TypeError, "expected a node's name, a str, got int."),
    ],
)
def test_find_says_what_there_is(asked, error, message):
    with pytest.raises(error) as raised:
        find(["x", "w[v1]", "v2", "v3", "w[v4]", "loss"], asked)
    assert message in str(raised.value)


def test_the_text_shows_the_largest_of_many_contributions():
    x = Value(1, "x")
    loss = autograd.sum(x * (i * (-1) ** i) for i in range(1, 1201))
    ledger = explain(x, loss)
    heading, columns, *rows, rest, sentence, missing = str(ledger).splitlines()
    assert [line.split()[5] for line in rows] == [str(i * (-1) ** i) for i in range(1200, 1180, -1)]
    assert rest == "  ... and 1,180 more; most=None shows all"
    assert len(ledger.entries) == len(ledger.as_json()["entries"]) == 1200
    assert (heading, columns.split()[-1], sentence[:35]) == (
        "Why x.grad is -:",
        "total",
        "x received 1200 contributions: 1200",
    )
    assert missing.startswith("x has no gradient")
    assert len(str(explain(x, loss, most=None)).splitlines()) == 1200 + 4
    assert str(explain(x, loss, most=0)).splitlines()[1] == "  call  through  upstream  local  amount  total"
    with record_backward() as record:
        loss.backward()
    assert str(explain(x, most=2)).splitlines()[2:5] == str(record.explain(x, most=2)).splitlines()[2:5]
    with pytest.raises(ValueError, match="from 0 up for the most contributions to show, got -1"):
        explain(x, loss, most=-1)


def test_a_nan_is_among_the_largest_contributions():
    x = Value(0, "x")
    loss = x * 3 + (x * math.inf) * 0 + x * 4
    assert [line.split()[1] for line in str(explain(x, loss, most=1)).splitlines()[2:3]] == ["v4"]
