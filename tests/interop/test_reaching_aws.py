"""Reaching an organization like any AWS tool, and the messages if that fails. The binary uses `sandbox serve` as if it were AWS."""

import os
import re
import subprocess

import pytest

MANAGEMENT = "111111111111"
ROSTER = """
organization {
  id                    = "ORGANIZATION"
  management_account_id = "111111111111"
}

guardrails {
  unmanaged = "ignore"
}
"""


class Roster:
    """A configuration without `sandbox`, so that the AWS SDK's own settings determine the endpoint."""

    def __init__(self, folder, sandbox):
        self.folder = folder
        self.sandbox = sandbox
        organizations = sandbox.client("organizations", MANAGEMENT)
        self.organization = organizations.describe_organization()["Organization"]["Id"]
        self.write(self.organization)
        # The binary compares AWS's clock with the local one.
        sandbox.control("POST", "/clock", {"running": True})

    def write(self, organization):
        (self.folder / "main.roster.hcl").write_text(ROSTER.replace("ORGANIZATION", organization))

    def plan(self, account=MANAGEMENT, remove=(), **variables):
        environment = self.sandbox.environment(account) | variables
        environment = {name: value for name, value in environment.items() if name not in remove}
        command = [os.environ["ORGROSTER_BIN"], "plan", "-no-color"]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)


@pytest.fixture
def roster(tmp_path, sandbox):
    folder = tmp_path / "roster"
    folder.mkdir()
    return Roster(folder, sandbox)


def refused(run, summary, *words):
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"Error: {summary}\n"), run.stderr
    for word in words:
        assert word in run.stderr
    assert not re.search(r"SdkError|Failure\(|Some\(|\w+ \{ ?\w+:", run.stderr), "an error is told, never dumped"


def members_of(run):
    assert run.returncode == 0, run.stderr
    return int(re.search(r"(\d+) members", run.stdout)[1])


def test_credentials_of_the_environment(roster):
    run = roster.plan()
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(f"Organization {roster.organization}")


def test_a_profile_with_an_endpoint_of_its_own(roster):
    config, credentials = roster.folder / "config", roster.folder / "credentials"
    config.write_text(f"[profile admin]\nregion = eu-west-1\nendpoint_url = {roster.sandbox.url}\n")
    credentials.write_text(f"[admin]\naws_access_key_id = {MANAGEMENT}\naws_secret_access_key = any\n")
    remove = ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"]
    run = roster.plan(remove=remove, AWS_PROFILE="admin", AWS_CONFIG_FILE=str(config), AWS_SHARED_CREDENTIALS_FILE=str(credentials))
    assert run.returncode == 0, run.stderr


def test_empty_pages_with_a_token_end_no_list(roster):
    members = members_of(roster.plan())
    roster.sandbox.control("POST", "/weather", {"empty_pages": True})
    assert members_of(roster.plan()) == members > 0


def test_a_throttle_is_waited_out(roster):
    roster.sandbox.control("POST", "/faults", {"operation": "organizations:ListAccounts", "kind": "throttle", "count": 2})
    assert roster.plan().returncode == 0


def test_no_credentials(roster):
    run = roster.plan(remove=["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    refused(run, "No AWS credentials found", "AWS_ACCESS_KEY_ID is not set", "aws configure sso")


def test_expired_credentials(roster):
    fault = {"operation": "*", "kind": "error", "code": "ExpiredTokenException", "status": 403, "count": 9}
    roster.sandbox.control("POST", "/faults", fault)
    refused(roster.plan(), "AWS credentials have expired", "The access key of AWS_ACCESS_KEY_ID", "Export new credentials")


def test_no_permission(roster):
    roster.sandbox.control(
        "POST", "/faults", {"operation": "organizations:ListAccounts", "kind": "error", "code": "AccessDeniedException", "status": 400}
    )
    refused(roster.plan(), "AWS denied access", "organizations:ListAccounts", "request id")


def test_no_network(roster):
    refused(roster.plan(AWS_ENDPOINT_URL="http://127.0.0.1:9"), "AWS can't be reached", "AWS_ENDPOINT_URL")


def test_an_account_without_an_organization(roster):
    refused(roster.plan(account="999999999999"), "The account is not in an organization", "management account")


def test_another_organization(roster):
    roster.write("o-anotherorgid")
    refused(roster.plan(), "Wrong organization", roster.organization, "o-anotherorgid", "main.roster.hcl:2")


def test_a_local_clock_that_is_wrong(roster):
    roster.sandbox.control("POST", "/clock", {"now": "2020-01-01T00:00:00Z"})
    refused(roster.plan(), "The local clock is wrong", "2020-01-01T00:00:00Z")
