"""A Chromium for the tests of the page, and the reports that must never occur."""

import os
import pathlib
import shutil

import pytest

CHROMIUMS = ["chromium", "google-chrome", "chromium-browser"]
AXE = pathlib.Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def executable():
    """The browser to use; without one, the tests are skipped and say so, except in CI."""
    found = os.environ.get("ORGROSTER_BROWSER") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not found:
        reason = f"the page was not looked at: none of {', '.join(CHROMIUMS)} is installed, and ORGROSTER_BROWSER names no browser"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return found


class Viewer:
    """Opens pages, and keeps their requests and console errors."""

    def __init__(self, browser):
        self.browser = browser
        self.contexts = []
        self.requests = []
        self.complaints = []

    def open(self, path, fragment="", **settings):
        """Opens a file in its own window; `settings` are those of a browser context."""
        context = self.browser.new_context(**({"viewport": {"width": 1360, "height": 850}} | settings))
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(f"file://{path}{fragment}")
        return page

    def close(self):
        for context in self.contexts:
            context.close()


def violations(page):
    """The violations that axe-core finds on the page in its current state; some of its checks must have passed."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations', 'passes'] })")
    assert len(found["passes"]) > 10
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]
