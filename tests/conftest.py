"""What every test shares: the choice to let nothing be skipped, for CI, which has all that tests need."""

import os
from functools import cache

import pytest
from memory import no_tracing

import autograd

pytest_plugins = ["browsing"]
"""The modules whose fixtures all tests can use."""


def pytest_report_header():
    """Say which of the two engines the run is about."""
    return f"gradstep's engine: {'compiled' if autograd.compiled else 'interpreted'}"


def pytest_collectstart():
    """Prepare what the files of tests need that are now imported, in a process that runs tests."""
    let_random_cases_take_their_time()


@cache
def let_random_cases_take_their_time():
    """Give a random case no deadline: how long one takes says how busy the machine is."""
    from hypothesis import HealthCheck, settings  # noqa: PLC0415 - takes half a second, which xdist's first process saves

    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Keep the choices of the user's environment out of the tests."""
    for variable in ("FORCE_COLOR", "NO_COLOR", "GRADSTEP_DOT"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def untraced():
    """Measure no coverage in a test."""
    with no_tracing():
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("GRADSTEP_SKIPS") == "fail":
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {item.nodeid}: {report.longrepr}"
