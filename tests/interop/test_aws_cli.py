"""The AWS CLI: exit codes and error text as AWS documents them."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest
from cases import CASES
from conftest import MANAGEMENT

VERSION_1 = pathlib.Path(sys.executable).with_name("aws")


def version_2():
    """The AWS CLI on the path, if it is version 2."""
    found = shutil.which("aws")
    if found and "aws-cli/2" in subprocess.run([found, "--version"], capture_output=True, text=True).stdout:
        return found
    return None


# The command, and its exit code for an error of the service.
CLIENTS = [pytest.param((str(VERSION_1), 255), id="v1")]
if version_2():
    CLIENTS.append(pytest.param((version_2(), 254), id="v2"))


def run(sandbox, client, account, *arguments):
    environment = sandbox.environment(account) | {"AWS_MAX_ATTEMPTS": "1"}
    return subprocess.run([client[0], *arguments], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("client", CLIENTS)
def test_list_accounts(sandbox, client):
    done = run(sandbox, client, MANAGEMENT, "organizations", "list-accounts")
    assert done.returncode == 0, done.stderr
    accounts = {account["Id"]: account for account in json.loads(done.stdout)["Accounts"]}
    assert len(accounts) == 8
    assert accounts["333333333333"]["State"] == "ACTIVE"
    assert accounts["333333333333"]["Paths"][0].endswith("/ou-ab12-workload/333333333333/")


@pytest.mark.parametrize("client", CLIENTS)
def test_describe_organization(sandbox, client):
    done = run(sandbox, client, "333333333333", "organizations", "describe-organization")
    assert done.returncode == 0, done.stderr
    organization = json.loads(done.stdout)["Organization"]
    assert (organization["Id"], organization["MasterAccountId"]) == ("o-exampleorgid", MANAGEMENT)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_member_leaves_in_silence(sandbox, client):
    done = run(sandbox, client, "333333333333", "organizations", "leave-organization")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    again = run(sandbox, client, "333333333333", "organizations", "leave-organization")
    assert again.returncode == client[1]
    assert "An error occurred (AWSOrganizationsNotInUseException) when calling the LeaveOrganization operation: " in again.stderr


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_refusal(sandbox, client, case):
    sandbox.schedule(case)
    done = run(sandbox, client, case.account, "organizations", "leave-organization")
    assert (done.returncode, done.stdout) == (client[1], "")
    assert f"An error occurred ({case.code}) when calling the LeaveOrganization operation" in done.stderr
    # Version 1 never prints the reason.
    if case.reason and client[1] == 254:
        assert case.reason in done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_a_fresh_account_has_no_organization(sandbox, client):
    for command in ["list-accounts", "describe-organization", "leave-organization"]:
        done = run(sandbox, client, "123412341234", "organizations", command)
        assert done.returncode == client[1]
        assert "(AWSOrganizationsNotInUseException)" in done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_assume_role_and_identity(sandbox, client):
    role = "arn:aws:iam::333333333333:role/OrganizationAccountAccessRole"
    done = run(sandbox, client, MANAGEMENT, "sts", "assume-role", "--role-arn", role, "--role-session-name", "rehearsal")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["AssumedRoleUser"]["Arn"].endswith("assumed-role/OrganizationAccountAccessRole/rehearsal")
    done = run(sandbox, client, "333333333333", "sts", "get-caller-identity")
    assert json.loads(done.stdout)["Account"] == "333333333333"
    refused = run(sandbox, client, "444444444444", "sts", "assume-role", "--role-arn", role, "--role-session-name", "x1")
    assert refused.returncode == client[1]
    assert "(AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::444444444444:" in refused.stderr
