"""checkov runs a custom check on every account that stays, and fails for inactive ones."""

import json
import os
import subprocess
import sys

from conftest import HERE


def checkov(path):
    command = [sys.executable, "-m", "checkov.main", "--framework", "terraform_plan", "--file", str(path), "--output", "json"]
    command += ["--external-checks-dir", str(HERE / "checks"), "--check", "CKV_ORGROSTER_1", "--skip-download", "--quiet"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, env=os.environ | {"LOG_LEVEL": "ERROR"})
    return json.loads(done.stdout), done


def test_a_custom_check_sees_every_account_that_stays(plans, documents):
    for name in ("departing, blocked, unmanaged and unchanged", "only blocked", "instances of for_each", "compared with a baseline"):
        report, done = checkov(plans[name])
        staying = documents[name]["planned_values"]["root_module"]["resources"]
        assert staying, name
        summary = report["summary"]
        idle = sum(account["values"]["state"] != "ACTIVE" for account in staying)
        assert (summary["passed"], summary["failed"], summary["parsing_errors"]) == (len(staying) - idle, idle, 0), f"{name}: {done.stderr}"
        assert done.returncode == (1 if idle else 0), name


def test_a_failed_check_names_the_account(plans):
    report, _ = checkov(plans["departing, blocked, unmanaged and unchanged"])
    failed = [check["resource"] for check in report["results"]["failed_checks"]]
    assert failed == ["orgroster_account.suspended-lab"]


def test_a_plan_in_which_no_account_stays_is_read_without_an_error(plans):
    report, done = checkov(plans["not the sandbox's"])
    assert done.returncode == 0 and report.get("parsing_errors", 0) == 0, done.stderr
