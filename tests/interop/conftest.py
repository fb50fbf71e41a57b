"""Starts the sandbox for each test, on its own port, and a browser for tests of a page."""

import contextlib
import json
import os
import pathlib
import subprocess
import urllib.request

import boto3
import botocore.config
import browser
import model
import pytest
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).parent
SOURCES = HERE.parent.parent / "src"
MANAGEMENT = "111111111111"
ANNOUNCEMENT = "Sandbox listening on "


class Sandbox:
    """A running sandbox."""

    def __init__(self, url):
        self.url = url

    @property
    def address(self):
        host, port = self.url.removeprefix("http://").split(":")
        return host, int(port)

    def control(self, method, path, body=None):
        """Calls the control endpoint."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def schedule(self, case):
        """Schedules the fault of a case, if it has one."""
        if case.fault:
            self.control("POST", "/faults", case.fault)

    def client(self, service, account, token=None, validate=True):
        """A boto3 client that never retries, so that every answer is checked against the service's model."""
        client = boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=account,
            aws_secret_access_key="any",
            aws_session_token=token,
            config=botocore.config.Config(retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=validate),
        )
        client.meta.events.register(f"before-parse.{client.meta.service_model.service_id.hyphenize()}", model.check_answer)
        return client

    def environment(self, account):
        """The environment of an AWS client whose credentials belong to an account, on a machine with a persistent disk: if `CI` is set, `apply` refuses
        a local backend."""
        kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("AWS_")}
        return kept | {
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }


@contextlib.contextmanager
def serving(tmp_path, world):
    """A sandbox for a fixture, until the test has ended."""
    binary = os.environ["ORGROSTER_BIN"]
    fixture = tmp_path / "world.sandbox.hcl"
    fixture.write_text(world)
    command = [binary, "sandbox", "serve", "-listen", "127.0.0.1:0", str(fixture)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith(ANNOUNCEMENT), f"{command} announced {line!r}"
        yield Sandbox(line.removeprefix(ANNOUNCEMENT).strip())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def sandbox(tmp_path):
    with serving(tmp_path, (HERE / "world.sandbox.hcl").read_text()) as sandbox:
        yield sandbox


@pytest.fixture
def organizations(tmp_path):
    """Two organizations, and standalone accounts."""
    with serving(tmp_path, (SOURCES / "sandbox" / "tests" / "organizations.sandbox.hcl").read_text()) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def chromium():
    path = browser.executable()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path)
        yield running
        running.close()


@pytest.fixture
def viewer(chromium):
    """A viewer whose pages must load nothing else and report no errors."""
    viewer = browser.Viewer(chromium)
    yield viewer
    viewer.close()
    assert [url for url in viewer.requests if not url.startswith("file://") or ".html" not in url] == []
    assert viewer.complaints == []
