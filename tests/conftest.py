"""What every test shares: the choice to let nothing be skipped, for CI, which has all that tests need."""

import os

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("GRADSTEP_SKIPS") == "fail":
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {item.nodeid}: {report.longrepr}"
