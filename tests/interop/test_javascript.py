"""The JavaScript SDK v3: LeaveOrganizationCommand, its typed exceptions, and a paginator."""

import json
import subprocess

import pytest
from cases import CASES
from conftest import HERE, MANAGEMENT


def node(sandbox, script, account):
    done = subprocess.run(
        ["node", HERE / script, sandbox.url, account], env=sandbox.environment(account), capture_output=True, text=True, cwd=HERE
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_member_leaves(sandbox):
    outcome = node(sandbox, "leave.mjs", "333333333333")
    assert (outcome["name"], outcome["status"]) == (None, 200)
    assert outcome["requestId"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_error_is_its_typed_exception(sandbox, case):
    sandbox.schedule(case)
    outcome = node(sandbox, "leave.mjs", case.account)
    assert (outcome["name"], outcome["typed"]) == (case.code, True)
    assert (outcome["reason"], outcome["status"]) == (case.reason, case.status)
    assert outcome["message"]


def test_the_paginator_follows_every_token(sandbox):
    sandbox.control("POST", "/weather", {"empty_pages": True})
    assert len(node(sandbox, "list.mjs", MANAGEMENT)) == 8
