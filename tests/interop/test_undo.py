"""The commands that `history show` prints invite a departed account back and restore its place, through the AWS CLI."""

import json
import os
import pathlib
import shlex
import subprocess
import sys

import pytest
from conftest import ANNOUNCEMENT, MANAGEMENT, Sandbox

CLI = str(pathlib.Path(sys.executable).with_name("aws"))
ACCOUNT = "333333333333"
TAGS = {"team": "ours: a/b", "cost center": "4711"}

WORLD = """
sandbox {
  weather {
    trail_delay_seconds = 0
    rejoin_wait_minutes = 0
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  enabled_policy_types  = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"]
  root { id = "r-ab12" }

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }

  organizational_unit "Divested" {
    id = "ou-ab12-divested"

    account "333333333333" {
      name               = "crm"
      email              = "crm@example.com"
      joined             = "2024-03-01T10:00:00Z"
      payment_method     = "valid"
      phone_verified     = true
      agreement_accepted = true
      support_plan       = "basic"
      tags               = { team = "ours: a/b", "cost center" = "4711" }
    }
  }

  policy "p-denybuckets" {
    name    = "DenyBuckets"
    targets = ["333333333333"]
    content = <<-JSON
      {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:CreateBucket", "Resource": "*"}}
    JSON
  }

  policy "p-tagrules01" {
    name    = "TagRules"
    type    = "TAG_POLICY"
    targets = ["333333333333"]
    content = <<-JSON
      {"tags": {"team": {"tag_key": {"@@assign": "team"}}}}
    JSON
  }
}
"""

CONFIGURATION = """
organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  allow_remove            = true
  max_detachments_percent = 100
}

gate "contact_information" {
  enforcement = "advisory"
}

account "crm" {
  id         = "333333333333"
  name       = "crm"
  membership = "detached"
  reason     = "Divested"
  via        = "%s"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-01-02"
  }
}
"""


@pytest.fixture
def world(tmp_path):
    (tmp_path / "world.sandbox.hcl").write_text(WORLD)
    command = [os.environ["ORGROSTER_BIN"], "sandbox", "serve", "-listen", "127.0.0.1:0", "world.sandbox.hcl"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, text=True)
    line = process.stdout.readline()
    assert line.startswith(ANNOUNCEMENT), line
    yield Sandbox(line.removeprefix(ANNOUNCEMENT).strip())
    process.kill()
    process.wait()


def place(world):
    """The organization's data about the account."""
    client = world.client("organizations", MANAGEMENT)
    kinds = ["SERVICE_CONTROL_POLICY", "TAG_POLICY"]
    policies = [client.list_policies_for_target(TargetId=ACCOUNT, Filter=kind)["Policies"] for kind in kinds]
    return {
        "parent": client.list_parents(ChildId=ACCOUNT)["Parents"][0]["Id"],
        "tags": {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceId=ACCOUNT)["Tags"]},
        "policies": sorted(policy["Id"] for found in policies for policy in found),
    }


@pytest.mark.parametrize("via", ["leave", "remove"])
def test_the_commands_bring_the_account_back_to_where_it_was(world, tmp_path, via):
    before = place(world)
    assert before["tags"] == TAGS and before["parent"] == "ou-ab12-divested" and len(before["policies"]) == 3
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.roster.hcl").write_text(CONFIGURATION % via)

    def run(*words):
        environment = world.environment(MANAGEMENT)
        done = subprocess.run([os.environ["ORGROSTER_BIN"], *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    applied = run("apply", "-auto-approve")
    assert "Apply complete! Resources: 0 added, 0 changed, 1 destroyed." in applied, applied
    shown = run("history", "show", "crm")
    for part in ["Root/Divested", "team = ours: a/b", "p-denybuckets (SERVICE_CONTROL_POLICY)", "p-tagrules01 (TAG_POLICY)"]:
        assert part in shown, shown

    caller, handshake = MANAGEMENT, None
    for step in json.loads(run("history", "show", "crm", "-json"))["undo"]:
        if step.startswith("# from "):
            caller = ACCOUNT if step.startswith(f"# from account {ACCOUNT}") else MANAGEMENT
        if step.startswith("#"):
            continue
        words = shlex.split(step.replace("h-...", handshake or ""))
        done = subprocess.run([CLI, *words[1:]], env=world.environment(caller), capture_output=True, text=True)
        assert done.returncode == 0, f"{step}: {done.stderr}"
        if "invite-account-to-organization" in step:
            handshake = json.loads(done.stdout)["Handshake"]["Id"]
    assert place(world) == before
