"""Pages in a real browser: Chromium without a window, driven by Playwright; and the fixtures for them."""

import json
import re
import shutil
from contextlib import contextmanager

import pytest

import viz
from nn import relu_exercise

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LONGEST = 300_000
"""Milliseconds that a page may take for anything: half a minute is too short on a machine with much else to do."""


@contextmanager
def browser():
    """Start Chromium; skip the test where it, or Playwright, is not there."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium to open pages with")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, timeout=LONGEST)
        yield started
        started.close()


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def lecture(tmp_path_factory):
    """The page of the lecture's exercise."""
    return played(tmp_path_factory.mktemp("pages"), relu_exercise())


def played(folder, root, **settings):
    """Write the page that plays a pass into a folder, and return its path."""
    viz.player(root, **settings).save(folder / "page.html")
    return folder / "page.html"


def program_of(html):
    """Return the data in a page, with its pieces at their places."""
    pieces, text = (
        re.search(f'<script type="application/json" id="{name}">(.*?)</script>', html, re.DOTALL)[1]
        for name in ("pieces", "program")
    )
    pieces = json.loads(pieces)
    while not text.isascii():
        text = re.sub("[^\0-\x7f]", lambda found: pieces[ord(found[0]) - 0x100], text)
    return json.loads(text)


@contextmanager
def opened(chromium, path, fragment="", **settings):
    """Open a file, and fail where it raises an error, writes to the console, opens a dialog or requests anything."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, **settings)
    context.set_default_timeout(LONGEST)
    page = context.new_page()
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith("file:") else troubles.append(request.url))
    page.goto(path.as_uri() + fragment)
    yield page
    context.close()
    assert troubles == []


def ask_next(page):
    """Tick Predict and go on, so that the page asks for the result of its next line."""
    page.get_by_label("Predict").check()
    page.locator("h1").click()  # so that the key goes to the page, not to a box
    page.keyboard.press("ArrowRight")
