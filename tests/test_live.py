"""The live page: what it tells of the session, whom it answers, and what a browser shows of it."""

import gc
import http.client
import itertools
import json
import math
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from browsing import LONGEST, chromium  # noqa: F401 - a fixture

import autograd
import viz
from autograd import Tape, Value, parameter
from autograd.state.observation import WATCHERS
from autograd.table.scalars import format_number
from nn import MLP, SGD, fit, mean_squared_error, moons, relu_exercise, sigmoid_exercise
from viz.core import layout as layout_module
from viz.core import picture as picture_module
from viz.graphs.draw import drawing_of, picture_of
from viz.graphs.reshaping import in_rows
from viz.watching import live as live_module
from viz.watching.slots import texts
from viz.watching.snapshots import Pictures
from viz.watching.subjects import followed

EVIL = "</script><script>document.title='hacked'</script>"


@pytest.fixture
def view():
    with viz.LivePage() as page:
        yield page
    assert page not in WATCHERS


def answer(view, path="", method="GET", headers=()):
    """Send one request as it is, and return the answer with its body."""
    parts = urlsplit(view.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.putrequest(method, path if path.startswith("/") else parts.path + path, skip_host=True)
    for name, text in headers or [("Host", parts.netloc)]:
        connection.putheader(name, text)
    connection.endheaders()
    found = connection.getresponse()
    found.body = found.read()
    connection.close()
    return found


def state(view, after=0, pictures=0):
    return json.loads(answer(view, f"state?after={after}&pictures={pictures}").body)


def numbers(found):
    return {name: (data, gradient) for name, data, gradient in found["numbers"]}


def product():
    x, w = Value(3, "x"), parameter(2, "w")
    y = (x * w).relu()
    y.label = "y"
    return x, w, y


# What it tells


def test_a_value_is_shown_and_each_backward_of_it(view):
    _, w, y = product()
    view.show(y)
    before = state(view)
    assert before["title"] == "y = 6"
    assert numbers(before) == {"x": ("3", "-"), "w": ("2", "-"), "y": ("6", "-")}
    assert [line for _, line in before["lines"]] == list(map(str, autograd.lines(y)))
    y.backward()
    y.backward()
    after = state(view)
    assert numbers(after) == {"x": ("3", "4"), "w": ("2", "6"), "y": ("6", "1")}
    assert (after["status"], after["curve"]) == ("backward() 2", [[1, 6.0, None], [2, 6.0, None]])
    assert after["version"] > before["version"]
    assert after["notes"] == []
    w.data = 5
    view.show(y)
    assert state(view)["notes"] == [
        "leaves were assigned after the results were computed; compute again"
    ]  # and no lines: they would be false
    assert state(view)["lines"] == []


def test_the_loss_of_the_next_iteration_takes_the_place_of_the_last_one(view):
    w = parameter(1, "w")
    optimizer = SGD([w], lr=0.1)
    losses, pictures = [], set()
    for k in range(4):
        loss = (w * (k + 1) - 3) ** 2
        loss.label = "loss"
        if k == 0:
            view.show(loss)
            pictures.add(state(view)["pictures"])
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.data)
        found = state(view)
        assert found["title"] == f"loss = {format_number(loss.data, 6)}"
        assert numbers(found)["w"] == (format_number(w.data, 6), format_number(w.grad, 6))
        assert [line for _, line in found["lines"]] == list(map(str, autograd.lines(loss)))
        assert [loss for _, loss, _ in found["curve"]] == losses
        assert found["notes"] == []
        pictures.add(found["pictures"])
        optimizer.step()
    assert len(pictures) == 1  # the constants differ, the picture does not


def test_what_is_not_about_the_shown_value_is_not_told(view):
    _, _, y = product()
    view.show(y)
    version = state(view)["version"]
    (Value(2, "a") * 3).backward()
    viz.Stepper(y).next()
    fit(MLP(2, [1]), moons(10), iterations=2)
    assert view._version == version


def test_a_node_inside_a_larger_graph_stays_shown(view):
    _, w, y = product()
    view.show(y)
    ((y - 1) ** 2).backward()
    assert state(view)["title"] == "y = 6"
    assert numbers(state(view))["w"] == ("2", "30")
    assert w.grad == 30.0


def test_a_small_new_loss_is_read_even_if_nobody_looks(view):
    w = parameter(1, "w")
    view.show((w * 2).exp())
    for k in range(3):
        last = (w * k).exp()
        last.backward()
    found = state(view)
    assert found["notes"] == []
    assert [line for _, line in found["lines"]] == list(map(str, autograd.lines(last)))
    place = len(Tape.of(last).lines) - 1
    texts_of = {(name, at): text for name, at, text in found["texts"]}
    assert texts_of[f"e{place}_0", -1] == f"∂={format_number(math.exp(2), 6)}"


def test_an_unseen_large_loss_is_announced_and_shown_with_the_next_one(view):
    w = parameter(1, "w")

    def loss():
        found = w * 1
        for _ in range(80):
            found = found + w
        return found

    view.show(loss())
    for _ in range(3):
        loss().backward()
    found = state(view)
    assert found["notes"] == ["3 newer changes will be seen with the next one"]
    assert found["title"] == "the result = 81"
    assert len(found["curve"]) == 3
    loss().backward()
    assert state(view)["notes"] == []
    assert numbers(state(view))["w"] == ("1", "324")


def test_nothing_is_made_for_a_page_that_is_not_there(view, monkeypatch):
    monkeypatch.setattr(Pictures, "state", lambda *_: pytest.fail("a state was made"))
    _, _, y = product()
    view.show(y)
    for _ in range(10):
        y.backward()
    view.show(viz.Stepper(relu_exercise()).run())


def test_a_stepper_shows_its_present_moment(view):
    stepper = viz.Stepper(relu_exercise())
    view.show(stepper)
    first = state(view)
    assert first["title"] == relu_exercise().title
    assert first["lines"] == []
    assert first["svgs"]["network"].startswith("<svg")
    stepper.goto(8)
    found = state(view, first["version"], first["pictures"])
    assert "svgs" not in found
    assert [line for _, line in found["lines"]] == [str(step.line) for step in stepper.steps[:8]]
    assert found["step"][0] == ["title", "line 8 of 16, backward"]
    assert numbers(found)["x5"] == ("10", "10")
    texts_of = {(name, at): text for name, at, text in found["texts"]}
    place = stepper.find("w35")
    assert texts_of[f"v{place}", -3] == "2"
    assert texts_of[f"v{place}", -1] == "-"
    assert f"v{stepper.find('x5')}" in found["marks"]["lit"]
    assert not found["marks"]["coming"]  # all data are known in the backward pass
    assert stepper.back(8).position == 0
    assert f"v{place}" not in state(view)["marks"]["coming"]  # a leaf
    assert f"v{stepper.find('x5')}" in state(view)["marks"]["coming"]


def test_a_stepper_by_contribution_marks_where_a_contribution_comes_from(view):
    _, _, y = product()
    stepper = viz.Stepper(y).goto("w")
    view.show(stepper)
    found = state(view)
    places = {name: f"v{stepper.find(name)}" for name in ("w", "v2")}
    assert found["marks"]["from"] == [places["v2"]]
    assert places["w"] in found["marks"]["lit"]
    stepper.set("w", 7)
    assert numbers(state(view))["w"][0] == "7"
    assert dict(map(tuple, state(view)["step"]))["note"].startswith("w = 7 in place of 2")


def test_an_exercise_shows_its_whole_pass(view):
    view.show(sigmoid_exercise())
    lines = [line for _, line in state(view)["lines"]]
    assert lines == list(map(str, autograd.lines(sigmoid_exercise())))


def test_fit_shows_network_loss_and_accuracy(view):
    model = MLP(2, [3, 1], seed=1)
    view.show(model)
    before = state(view)
    shown = []
    history = fit(model, moons(20), iterations=7, callback=lambda progress: shown.append(view._latest.status))
    found = state(view, before["version"], before["pictures"])
    assert shown[-1] == found["status"]
    assert found["status"].startswith("iteration 7 of 7: loss ")
    assert [point[1:] for point in found["curve"]] == [[p.loss, p.accuracy] for p in history.progress]
    assert found["total"] == 7
    weights = [data for _, data, _ in found["numbers"]]
    assert weights == [format_number(p.data, 6) for p in model.parameters()]
    assert weights != [data for _, data, _ in before["numbers"]]
    signs = sorted(sign for _, _, sign in found["network"]["lines"])
    layers = model.layers
    every = [w.data for layer in layers for neuron in layer.neurons for w in neuron.weights]
    assert signs == sorted((w > 0) - (w < 0) for w in every)


@pytest.mark.parametrize("engine", ["blocks", "graph"])
def test_a_loss_is_followed_through_fit_but_not_through_its_inner_passes(view, engine):
    model = MLP(2, [2, 1], seed=1)
    loss = mean_squared_error(model([1.0, 2.0]), 1)
    view.show(loss)
    history = fit(model, moons(6), iterations=3, engine=engine)
    found = state(view)
    assert [point[1] for point in found["curve"]] == history.losses
    loss.backward()
    assert state(view)["status"] == "backward() 1"


def test_a_fit_that_fails_leaves_the_last_good_weights_and_goes_on_following(view):
    model = MLP(2, [1], seed=1)
    view.show(model)
    before = numbers(state(view))
    with pytest.raises(ZeroDivisionError):
        fit(model, moons(6), iterations=3, callback=lambda _: 1 / 0)
    assert numbers(state(view)) != before
    mean_squared_error(model([1.0, 2.0]), 1).backward()
    assert state(view)["status"] == "backward() 1"


def test_a_loss_of_a_network_shows_the_network_beside_the_graph(view):
    model = MLP(2, [3, 1], "tanh", seed=1)
    view.show(mean_squared_error(model([1.0, 2.0]), 1))
    found = state(view)
    assert {found["svgs"][name][:4] for name in ("graph", "network")} == {"<svg"}
    texts_in = {before + number for _, _, before, number in found["network"]["texts"]}
    weight = model.layers[0].neurons[0].weights[0]
    assert f"{weight.label}={format_number(weight.data, 6)}" in texts_in


def test_a_large_curve_keeps_its_ends(view):
    _, _, y = product()
    view.show(y)
    for _ in range(2_000):
        y.backward()
    curve = state(view)["curve"]
    assert (curve[0][0], curve[-1][0]) == (1, 2_000)
    assert 200 < len(curve) <= 601
    assert len({after - before for before, after in itertools.pairwise(number for number, *_ in curve[:-1])}) == 1


def loss_of(weight):
    model = MLP(2, [4, 4, 1], "tanh", seed=1)
    for place, each in enumerate(model.parameters()):
        each.data = weight / (place + 1)
    loss = mean_squared_error(model([weight, -1.0]), weight / 4)
    loss.backward()
    return loss


def chain_of(weight):
    x = Value(weight, "x")
    y = x
    for _ in range(12):
        y = (y * x - 1).tanh()
    y.backward()
    return y


@pytest.mark.parametrize("make", [loss_of, chain_of])
@pytest.mark.parametrize("settings", [{}, {"fold": True}, {"depth": 0}, {"fit": "16:9"}, {"rows": 2}])
def test_new_numbers_in_an_old_picture_are_those_of_a_new_picture(make, settings):
    rows = settings.get("rows", 1)
    chosen = {name: setting for name, setting in settings.items() if name != "rows"}

    def drawn(root):
        drawing = drawing_of(Tape.of(root), **chosen)
        return in_rows(drawing, rows) if rows > 1 else drawing

    old, new = make(0.5), make(0.75)
    drawing, lines = drawn(old), Tape.of(new).lines
    picture, expected = (written_in(picture_of(each).svg()) for each in (drawing, drawn(new)))
    assert picture != expected
    for name, at, text in texts(drawing, lines, [line.data for line in lines], [line.grad for line in lines]):
        if picture[name]:
            picture[name][at] = text
    assert picture == expected


def written_in(svg):
    """The texts of each element of a picture."""
    svg = re.sub(r"<tspan[^>]*>|</tspan>", "", svg)
    groups = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    found = {
        group.get("id"): [text.text for text in group.iter("{http://www.w3.org/2000/svg}text")]
        for group in groups
        if group.get("class") in ("node", "edge")
    }
    return {name: [text.strip() for text in words] for name, words in found.items()}


# Waiting


def test_a_request_waits_for_news_and_several_pages_get_them(view):
    _, _, y = product()
    view.show(y)
    version = state(view)["version"]
    found = []
    pages = [threading.Thread(target=lambda: found.append(state(view, version))) for _ in range(3)]
    for page in pages:
        page.start()
    time.sleep(0.3)
    assert found == []
    y.backward()
    for page in pages:
        page.join(20)
    assert [each["status"] for each in found] == ["backward() 1"] * 3


def test_a_request_without_news_is_answered_with_nothing(view, monkeypatch):
    monkeypatch.setattr(live_module, "_POLL", 0.1)
    assert state(view, state(view)["version"]) == {}


def test_states_are_whole_while_the_graph_changes_and_pages_read(view):
    w = parameter(1.0, "w")
    found, ends = [], threading.Event()

    def read():
        version = 0
        while not ends.is_set():
            got = state(view, version)
            version = got.get("version", version)
            found.append(got)

    loss = w * 2
    loss.label = "loss"
    view.show(loss)
    pages = [threading.Thread(target=read) for _ in range(3)]
    for page in pages:
        page.start()
    end = time.monotonic() + 2
    while time.monotonic() < end:
        w.data = w.data % 1000 + 1
        loss = w * 2
        loss.label = "loss"
        w.grad = None
        loss.backward()
    ends.set()
    loss.backward()
    for page in pages:
        page.join(20)
    states = [each for each in found if each]
    assert len(states) > 10
    for each in states:
        rows = numbers(each)
        assert float(rows["loss"][0]) == 2 * float(rows["w"][0])
        assert each["title"] == f"loss = {rows['loss'][0]}"


def test_close_ends_waiting_requests_and_the_server():
    view = viz.LivePage()
    version = state(view)["version"]
    found = []
    page = threading.Thread(target=lambda: found.append(state(view, version)))
    page.start()
    time.sleep(0.2)
    with view:
        pass
    page.join(20)
    assert found == [{"closed": True}]
    assert repr(view) == "<LivePage, closed>"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", urlsplit(view.url).port), timeout=5)
    view.close()
    assert view not in WATCHERS


def test_it_ends_with_python(tmp_path):
    code = "import viz; view = viz.LivePage(); print(view.url, flush=True); input()"
    session = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    url = urlsplit(session.stdout.readline().strip())
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    connection.request("GET", f"{url.path}state?after=1")
    time.sleep(0.2)
    session.communicate("\n", timeout=60)
    assert session.returncode == 0
    assert json.loads(connection.getresponse().read()) == {"closed": True}
    connection.close()
    session.stdout.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only Unix forks")
def test_a_forked_process_computes_and_ends_alone(tmp_path):
    code = (
        "import os, viz\nfrom autograd import Value\nx = Value(2, 'x')\n"
        "y = x * x; view = viz.LivePage(); view.show(y)\n"
        "with view._changed:\n child = os.fork()\nif not child:\n y.backward(); print(x.grad)\n"
        "else:\n print(os.waitpid(child, 0)[1], view._version)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True)
    assert done.stdout.split() == ["4.0", "0", "2"]


def test_a_closed_view_says_so():
    with viz.LivePage() as view:
        pass
    with pytest.raises(ValueError, match=r"^this live page is closed; viz\.live\(\) opens a new one$"):
        view.show(Value(1))
    assert view._repr_html_() == "the live page, closed"
    assert repr(view) == "<LivePage, closed>"
    view.close()


def test_a_closed_view_keeps_nothing_alive():
    before = len(WATCHERS)
    with viz.LivePage() as view:
        view.show(product()[2])
    del view
    gc.collect()
    assert len(WATCHERS) == before


# Whom it answers


def own(view):
    return urlsplit(view.url).netloc


def test_the_page_is_served_with_a_strict_policy_and_loads_nothing(view):
    found = answer(view)
    assert (found.status, found.getheader("Content-Type")) == (200, "text/html; charset=utf-8")
    policy = found.getheader("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src 'self'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert found.getheader("Referrer-Policy") == "no-referrer"
    assert found.getheader("Access-Control-Allow-Origin") is None
    assert not re.search(rb"""(?:src|href)=["']|url\(|@import""", found.body)
    assert len(re.findall(r"[\w-]", urlsplit(view.url).path)) >= 32


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/wrong/", "/wrong/state", "/%C3%A9", "/*"])
def test_without_the_token_nothing_is_there(view, path):
    for beginning in ("", urlsplit(view.url).path[:-2]):
        found = answer(view, beginning + path)
        assert (found.status, found.body) == (404, b"nothing is here")


FILES = ("../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", r"..\..\x", "live.js", "./", "/", "state/", "STATE")


@pytest.mark.parametrize("path", FILES)
def test_it_serves_no_files(view, path):
    assert answer(view, urlsplit(view.url).path + path).status == 404


NAMES = ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.evil.example", "127.1")
NO_NAMES = (
    "127.0.0.1@evil.example",
    "evil.example#127.0.0.1",
    "[::ffff:7f00:1]:{port}",
    "0.0.0.0:{port}",
    "",
    "[",
    "a b",
)


@pytest.mark.parametrize("host", [*NAMES, *NO_NAMES])
def test_another_name_for_this_machine_is_refused(view, host):
    port = urlsplit(view.url).port
    found = answer(view, headers=[("Host", host.format(port=port))])
    assert found.status in (400, 403)
    assert b"html" not in found.body


def test_a_request_with_no_host_or_two_is_refused(view):
    assert answer(view, headers=[("Accept", "*/*")]).status == 403
    assert answer(view, headers=[("Host", own(view)), ("Host", "evil.example")]).status == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "LOCALHOST:1"])
def test_the_other_end_of_a_tunnel_may_ask(view, host):
    assert answer(view, headers=[("Host", host)]).status == 200
    assert answer(view, "state", headers=[("Host", host), ("Origin", f"http://{host}")]).status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://{own}", "http://127.0.0.1", "http://{own}.e"]
)
def test_a_foreign_origin_is_refused(view, origin):
    found = answer(view, "state", headers=[("Host", own(view)), ("Origin", origin.format(own=own(view)))])
    assert (found.status, found.body) == (403, b"this origin is not served")


def test_another_site_may_link_to_the_page_but_not_ask_for_its_state(view):
    headers = [("Host", own(view)), ("Sec-Fetch-Site", "cross-site")]
    assert answer(view, headers=headers).status == 200
    assert answer(view, "state", headers=headers).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_only_get_is_answered(view, method):
    for path in ("", "state"):
        found = answer(view, path, method)
        assert (found.status, found.getheader("Allow"), found.body) == (405, "GET", b"only GET is answered here")
    assert answer(view, "", "HEAD").status == 405
    assert answer(view, "", "BREW").status == 501


def test_what_is_too_long_is_refused(view):
    assert answer(view, "state?after=" + "1" * 300).status == 414
    assert answer(view, "x" * 100_000).status == 414
    assert answer(view, headers=[("Host", own(view)), ("X", "y" * 20_000)]).status == 431
    assert answer(view, headers=[("Host", own(view)), ("X", "y" * 100_000)]).status == 431
    assert answer(view, headers=[("Host", own(view)), *[(f"X{k}", "y") for k in range(200)]]).status == 431
    assert answer(view, headers=[("Host", own(view)), ("Content-Length", "5")]).status == 400
    assert answer(view).status == 200


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1e9", "after=" + "9" * 60, "", "after=%00", "a=1&a=2"])
def test_a_malformed_query_is_no_error(view, query):
    view.show(product()[2])
    assert json.loads(answer(view, f"state?{query}").body)["title"] == "y = 6"


def test_rubbish_and_silence_harm_nobody(view, capfd):
    port = urlsplit(view.url).port
    known = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    known.request("GET", view.url)
    known.getresponse().read()
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for rubbish in (
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 9,
    ):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(rubbish)
    with socket.create_connection(("127.0.0.1", port)) as connection:  # gone in the middle of an answer
        connection.sendall(f"GET {urlsplit(view.url).path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer(view).status == 200
    mine = known.sock
    known.request("GET", view.url)
    assert known.getresponse().read() == answer(view).body
    assert known.sock is mine  # it was not closed to make room
    known.close()
    for connection in silent:
        connection.close()
    assert capfd.readouterr() == ("", "")


def test_labels_are_data(view):
    x = Value(2, EVIL)
    y = x * Value(3, "\ud800 & <b>")
    y.label = 'a"b</svg>'
    y.backward()
    view.show(y)
    found = answer(view, "state")
    assert found.getheader("Content-Type") == "application/json"
    got = json.loads(found.body)
    assert got["title"] == 'a"b</svg> = 6'
    assert EVIL in [name for name, _, _ in got["numbers"]]
    picture = ElementTree.fromstring(got["svgs"]["graph"])
    assert not [each.tag for each in picture.iter() if each.tag.endswith(("script", "foreignObject"))]
    assert not [name for each in picture.iter() for name in each.keys() if name.startswith("on")]  # noqa: SIM118
    assert EVIL.encode() not in answer(view).body
    for name in ("document.title", "\\ud800"):
        assert name in "".join(picture.itertext())


def test_a_notebook_shows_a_link(view):
    assert view._repr_html_() == f'<a href="{view.url}" target="_blank" rel="noopener">the live page</a>'


# How it begins


def test_the_address_is_printed_where_there_is_no_screen(monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    with viz.live() as view:
        assert opened == [view.url]
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    with viz.live() as view:
        port = urlsplit(view.url).port
        assert capsys.readouterr().out == (
            f"The live page is at {view.url}\n"
            f"From another machine, first: ssh -N -L {port}:127.0.0.1:{port} USER@HOST\n"
        )
    monkeypatch.delenv("SSH_CONNECTION")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with viz.live(), viz.live(open=False):
        assert capsys.readouterr().out.count("The live page is at ") == 2
    assert len(opened) == 1


def test_a_port_can_be_chosen():
    with viz.LivePage() as view:
        port = urlsplit(view.url).port
        with pytest.raises(OSError, match=r"in use|10048"):
            viz.LivePage(port=port)
    with viz.LivePage(port=port) as again:
        assert urlsplit(again.url).port == port
        assert again.url != view.url
    with pytest.raises(ValueError, match="the port"):
        viz.live(port=70_000, open=False)


def test_what_cannot_be_shown_is_said(view):
    with pytest.raises(TypeError) as caught:
        view.show(3.0)
    assert str(caught.value) == (
        "expected a Value, an Exercise, a Solution, a Stepper or an MLP, got float. A plain number has no graph."
    )
    assert state(view)["title"] == "gradstep"


# In a browser


@contextmanager
def opened(chromium, view, **settings):  # noqa: F811 - the fixture
    """Open the page of a view, and fail where it raises an error or writes to the console."""
    context = chromium.new_context(**settings)
    context.set_default_timeout(LONGEST)
    page = context.new_page()
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(view.url) else troubles.append(request.url))
    page.goto(view.url)
    yield page
    context.close()
    assert troubles == []


def box(page, name):
    """The texts in the box of a node."""
    return page.locator(f"#graph #{name} text").all_text_contents()


def test_pages_follow_a_session(chromium):  # noqa: F811
    with viz.LivePage() as view, opened(chromium, view) as page, opened(chromium, view) as other:
        page.get_by_text("view.show(x) shows x").wait_for()
        x, w = Value(3, EVIL), parameter(2, "w")
        y = (x * w).tanh()
        y.label = "y"
        view.show(y)
        page.locator("#graph svg").wait_for()
        place = next(f"v{k}" for k, line in enumerate(Tape.of(y).lines) if line.label == "w")
        assert box(page, place)[-4:] == ["data ", "2", "grad ", "-"]
        for count in range(1, 4):
            y.backward()
            for each in (page, other):
                each.locator("#status", has_text=f"backward() {count}").wait_for()
                assert box(each, place)[-1] == format_number(w.grad, 6)
        assert page.title() == "y = 0.999988 · gradstep"
        assert EVIL in page.locator("#numbers").inner_text()
        page.keyboard.press(" ")
        y.backward()
        other.locator("#status", has_text="backward() 4").wait_for()
        page.wait_for_timeout(300)
        assert page.locator("#status").inner_text() == "backward() 3"
        page.keyboard.press(" ")
        page.locator("#status", has_text="backward() 4").wait_for()
        page.keyboard.press("d")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        view.show(viz.Stepper(relu_exercise()).goto(3))
        page.get_by_text("line 3 of 16, forward").wait_for()
        assert page.locator("#lines [aria-current]").inner_text() == "x4 = x1*w14 + x2*w24 = 1*1 + (-1)*4 = -3"
        assert page.locator("#network svg").first.is_visible()
        view.close()
        page.get_by_text("The view was closed, or Python has ended.").wait_for()


def test_words_from_right_to_left_leave_a_formula_in_its_order(chromium):  # noqa: F811
    with viz.LivePage() as view, opened(chromium, view) as page:
        x, w = Value(3, "\u05d0\u05d1 \u05d2"), parameter(2, "w")
        y = x * w + 1
        y.label = "\u05d3"
        view.show(y)
        line = page.locator("#lines p").first
        line.wait_for()
        assert line.inner_text() == "\u05d3 = (\u05d0\u05d1 \u05d2)*w + 1 = 3*2 + 1 = 7"
        assert line.locator("bdi").all_inner_texts() == ["\u05d3", "\u05d0\u05d1 \u05d2"]
        lefts = line.evaluate(
            """line => [...line.childNodes].map((part) => {
                const range = document.createRange();
                range.selectNodeContents(part);
                return range.getBoundingClientRect().left;
            })"""
        )
        assert lefts == sorted(lefts)


def letters(page, name):
    """The height of the smallest letters of a picture, in pixels of the screen."""
    return page.evaluate(
        """name => Math.min(...[...document.querySelectorAll(`#${name} svg text`)].map(
            (text) => text.getAttribute("font-size") * text.getScreenCTM().a))""",
        name,
    )


def test_pictures_fill_their_room_with_letters_that_can_be_read(chromium):  # noqa: F811
    screen = {"width": 1280, "height": 720}
    with viz.LivePage() as view, opened(chromium, view, viewport=screen) as page:
        view.show(viz.Stepper(relu_exercise()).run())
        page.get_by_text("line 16 of 16").wait_for()
        assert letters(page, "graph") > 9
        assert letters(page, "network") > 9
        assert page.evaluate("document.querySelector('#lines').scrollTop") > 0
        loss = MLP(2, [3, 1], seed=1)([Value(0.5, "x1"), Value(-1, "x2")]) ** 2
        loss.backward()
        view.show(loss)
        page.locator("#graph", has_text="fit 16:9").wait_for()
        assert letters(page, "graph") > 9
        assert page.evaluate("document.querySelector('#lines').scrollTop") == 0
        view.show(MLP(2, [8, 8, 1]))
        page.locator("#title", has_text="MLP").wait_for()
        room, picture = page.locator("#pictures").bounding_box(), page.locator("#network").bounding_box()
        assert picture["height"] == pytest.approx(room["height"], abs=2)


def test_a_page_on_a_phone_follows_a_training(chromium):  # noqa: F811
    with viz.LivePage() as view, opened(chromium, view, viewport={"width": 400, "height": 800}) as page:
        model = MLP(2, [8, 8, 1], seed=1)
        view.show(model)
        page.locator("#network svg").first.wait_for()
        fit(model, moons(20), iterations=30)
        page.locator("#status", has_text="iteration 30 of 30").wait_for()
        assert page.locator("#curve polyline").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") == 400
        assert letters(page, "network") > 9


def in_frame(page, name, which):
    """Whether the middle of a node is inside the frame of its picture."""
    node, frame = page.locator(f"#{name} {which}").bounding_box(), page.locator(f"#{name}-frame").bounding_box()
    x, y = node["x"] + node["width"] / 2, node["y"] + node["height"] / 2
    return 0 < x - frame["x"] < frame["width"] and 0 < y - frame["y"] < frame["height"]


def hint(page, name):
    return page.evaluate("name => getComputedStyle(document.getElementById(`${name}-frame`), '::after').content", name)


def test_a_picture_that_is_too_large_to_read_shows_a_part_until_the_viewer_wants_it_whole(chromium):  # noqa: F811
    with viz.LivePage() as view, opened(chromium, view, viewport={"width": 400, "height": 800}) as page:
        end = Value(0.5, "x")
        for _ in range(9):
            end = end.tanh()
        view.show(end)
        page.locator("#graph svg").wait_for()
        assert letters(page, "graph") > 9
        assert in_frame(page, "graph", "#v0")
        assert not in_frame(page, "graph", "#v9")
        assert "drag" in hint(page, "graph")
        page.get_by_role("button", name="Fit").click()
        assert letters(page, "graph") < 9
        assert in_frame(page, "graph", "#v0")
        assert in_frame(page, "graph", "#v9")
        assert hint(page, "graph") == "none"
        page.set_viewport_size({"width": 390, "height": 800})
        page.locator("#graph-frame.cut").wait_for()
        assert "drag" in hint(page, "graph")
        frame = page.locator("#graph-frame").bounding_box()
        x, y = frame["x"] + 300, frame["y"] + 20
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 250, y - 10, steps=4)
        page.mouse.up()
        assert hint(page, "graph") == "none"
        assert letters(page, "graph") > 9
        assert not in_frame(page, "graph", "#v0")


@pytest.mark.parametrize("size", [(1280, 720), (400, 800)])
def test_a_followed_step_is_in_view_after_many_fast_moves(size, chromium):  # noqa: F811
    screen = dict(zip(("width", "height"), size, strict=True))
    with viz.LivePage() as view, opened(chromium, view, viewport=screen) as page:
        stepper = viz.Stepper(relu_exercise())
        view.show(stepper)
        page.locator("#graph svg").wait_for()
        for _ in range(10):
            stepper.run()
            stepper.restart().next(9)
        page.get_by_text("line 9 of 16").wait_for()
        assert page.locator("#graph .lit.node").count() > 0
        assert in_frame(page, "graph", ".lit.node >> nth=0")
        assert letters(page, "graph") > 9


def test_the_first_picture_of_a_large_graph_takes_few_layouts(monkeypatch):
    end = Value(0.5, "x")
    for number in range(60):
        with autograd.scope(f"part {number // 20}"):
            end = (end * Value(number / 60)).tanh() + end
    calls = []
    monkeypatch.setattr(picture_module, "lay_out", lambda *given: calls.append(given) or laid_out(*given))
    laid_out = layout_module.lay_out
    found = Pictures().state(followed(end).snapshot())
    assert len(calls) <= 20
    assert found["texts"]


def test_a_page_says_when_python_does_not_answer_and_goes_on_when_it_does(chromium, monkeypatch):  # noqa: F811
    monkeypatch.setattr(live_module, "_POLL", 0.2)
    with viz.LivePage() as view:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(view.url)
        page.get_by_text("view.show(x) shows x").wait_for()
        context.set_offline(True)
        page.get_by_text("Python does not answer").wait_for()
        view.show(product()[2])
        context.set_offline(False)
        page.locator("#title", has_text="y = 6").wait_for()
        assert page.locator("#connection").inner_text() == ""
        context.close()
