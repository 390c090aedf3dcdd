"""What every test shares: the choice to let nothing be skipped, for CI, which has all that tests need."""

import os

import pytest
from hypothesis import HealthCheck, settings
from memory import no_tracing

import autograd

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # how long an example takes says how busy the machine is


def pytest_report_header():
    """Say which of the two engines the run is about."""
    return f"gradstep's engine: {'compiled' if autograd.compiled else 'interpreted'}"


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
