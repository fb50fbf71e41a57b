"""The GitHub workflows, run step by step in a real repository against the sandbox."""

import pathlib
import subprocess
import sys

import actions
import pytest
from conftest import EXAMPLES

TOOLS = pathlib.Path(sys.executable).parent

github = pytest.mark.parametrize("forge", ["github-actions"], indirect=True)


def pull_request(forge, branch, number=1, repository="example/aws-roster"):
    """Opens a pull request, or pushes to it: the forge makes the merge that its workflows see."""
    forge.branch("merged", "main")
    forge.git("merge", "--quiet", "--no-ff", "--no-edit", branch, at=forge.work)
    forge.push(f"merged:refs/pull/{number}/merge")
    sha = forge.git("rev-parse", "merged", at=forge.work)
    event = {"pull_request": {"number": number, "head": {"repo": {"full_name": repository}}}}
    return actions.Run(forge, "plan", "pull_request", sha=sha, payload=event, base_ref="main")


def departing(forge, branch="departure", name="legacy-crm", account="444444444444"):
    """A branch that detaches an account."""
    forge.branch(branch)
    forge.detach(name, account)
    forge.commit(f"{name} leaves")


@github
def test_a_pull_request_gets_one_comment_and_changes_nothing(forge):
    departing(forge)
    before = forge.members()
    pull_request(forge, "departure").all()
    [comment] = forge.posted()["comments"]
    assert comment["issue"] == 1 and "legacy-crm" in comment["body"] and "sha256:" in comment["body"]
    assert "legacy-crm@example.com" not in comment["body"]

    forge.git("checkout", "--quiet", "departure", at=forge.work)
    accounts = forge.work / "roster/legacy-crm.roster.hcl"
    accounts.write_text(accounts.read_text().replace("Divested", "Sold to its founders"))
    forge.commit("Another reason")
    pull_request(forge, "departure").all()
    [again] = forge.posted()["comments"]
    assert again["id"] == comment["id"] and again["body"] != comment["body"] and "Sold to its founders" in again["body"]
    assert forge.members() == before


@github
def test_a_pull_request_whose_plan_fails_says_so_where_the_plan_stood(forge):
    departing(forge)
    pull_request(forge, "departure").all()
    forge.git("checkout", "--quiet", "departure", at=forge.work)
    with (forge.work / "roster/accounts.roster.hcl").open("a") as file:
        file.write('guardrails {\n  max_detachments = 50\n}\n')
    forge.commit("And a guardrail")
    with pytest.raises(actions.Failed, match="untrusted-setting") as failed:
        pull_request(forge, "departure").all()
    assert "\n::error file=roster/accounts.roster.hcl,line=" in str(failed.value), "at its line in the pull request"
    [comment] = forge.posted()["comments"]
    assert "The plan failed" in comment["body"] and "untrusted-setting" in comment["body"]
    assert "::error" not in comment["body"]


@github
def test_settings_that_a_pull_request_changes_do_not_count_for_its_own_plan(forge):
    forge.branch("greedy")
    settings = forge.work / "settings.hcl"
    settings.write_text(settings.read_text().replace("max_detachments    = 1", "max_detachments    = 50"))
    forge.detach("legacy-crm", "444444444444")
    forge.detach("data-lake", "333333333333")
    forge.commit("Both at once")
    printed = pull_request(forge, "greedy").all()
    assert "2 departures are more than max_detachments = 1" in printed


@github
def test_a_merge_is_planned_and_after_the_approval_carried_out(forge):
    departing(forge)
    pull_request(forge, "departure").all()
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    [comment] = forge.posted()["comments"]
    assert run.context["needs"]["plan"]["outputs"]["digest"] in comment["body"], "what was reviewed is what is approved"
    assert "legacy-crm" in forge.members(), "nothing happens before the approval"
    printed = run.job("apply")
    assert "Apply complete! Resources: 0 added, 0 changed, 1 destroyed." in printed
    assert forge.members() == {"management", "log-archive", "data-lake", "new-lab"}
    stored = forge.client("s3", forge.s3).list_objects_v2(Bucket="example-orgroster")["Contents"]
    assert any("orgroster/records/444444444444" in item["Key"] for item in stored)


@github
def test_what_a_later_merge_takes_back_is_not_carried_out(forge):
    departing(forge)
    merged = forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    forge.git("revert", "--no-edit", "--mainline=1", merged, at=forge.work)
    forge.push("main")
    with pytest.raises(actions.Failed, match="digest-mismatch"):
        run.job("apply")
    assert "legacy-crm" in forge.members()


@github
def test_what_a_later_merge_adds_is_not_carried_out_with_the_older_approval(forge):
    departing(forge)
    departing(forge, "another", "data-lake", "333333333333")
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    forge.merge("another")
    with pytest.raises(actions.Failed):
        run.job("apply")
    assert {"legacy-crm", "data-lake"} <= forge.members()


@github
def test_a_plan_whose_facts_changed_is_stale(forge):
    departing(forge)
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    organizations = forge.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.list_parents(ChildId="444444444444")["Parents"][0]["Id"]
    organizations.move_account(AccountId="444444444444", SourceParentId=unit, DestinationParentId=root)
    with pytest.raises(actions.Failed, match="digest-mismatch"):
        run.job("apply")
    assert "legacy-crm" in forge.members()


@github
def test_what_had_to_wait_gets_an_issue_once_it_is_eligible_and_leaves_with_its_digest(forge):
    departing(forge, name="new-lab", account="555555555555")
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    assert not run.runs("apply"), "a delegated administrator can't leave"
    look = lambda: actions.Run(forge, "nightly", "schedule").all()  # noqa: E731
    look()
    assert forge.posted()["issues"] == []

    forge.client("organizations").deregister_delegated_administrator(AccountId="555555555555", ServicePrincipal="config.amazonaws.com")
    look()
    look()
    [issue] = forge.posted()["issues"]
    assert issue["state"] == "open" and issue["labels"] == ["orgroster"] and "new-lab" in issue["body"]
    digest = issue["body"].split("digest=")[1].split()[0]

    pending = lambda digest: actions.Run(forge, "pending", "workflow_dispatch", inputs={"digest": digest}).all()  # noqa: E731
    with pytest.raises(actions.Failed, match="digest-mismatch"):
        pending("sha256:" + "0" * 64)
    with pytest.raises(actions.Failed, match="digest-mismatch"):
        pending("$(touch injected)'\"; touch injected")
    assert not list(forge.path.rglob("injected")) and "new-lab" in forge.members()
    pending(digest)
    assert "new-lab" not in forge.members()
    look()
    assert [issue["state"] for issue in forge.posted()["issues"]] == ["closed"]


@github
def test_a_missing_member_gets_an_issue_too(forge):
    forge.client("organizations").remove_account_from_organization(AccountId="444444444444")
    actions.Run(forge, "nightly", "schedule").all()
    [issue] = forge.posted()["issues"]
    assert "legacy-crm" in issue["body"]


@github
def test_a_pull_request_from_a_fork_is_planned_without_credentials(forge):
    departing(forge)
    assert not pull_request(forge, "departure", 7, "mallory/aws-roster").runs("plan"), "no credentials by itself"
    run = actions.Run(forge, "fork", "workflow_dispatch", inputs={"number": 7})
    run.job("snapshot")
    schema = EXAMPLES.parent / "schema/snapshot.schema.json"
    checked = subprocess.run([TOOLS / "check-jsonschema", "--schemafile", schema, run.artifacts / "facts"], text=True, capture_output=True)
    assert checked.returncode == 0, checked.stdout
    plan = actions.Job(run, run.workflow["jobs"]["plan"])
    plan.run()
    assert plan.credentials == {}
    run.context["needs"]["plan"] = {}
    run.job("comment")
    [comment] = forge.posted()["comments"]
    assert comment["issue"] == 7 and "legacy-crm" in comment["body"] and "snapshot" in comment["body"]
    assert "legacy-crm" in forge.members()
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    assert run.context["needs"]["plan"]["outputs"]["digest"] in comment["body"], "a plan from a snapshot has the same digest"


@github
def test_a_hostile_fork_gets_nothing(forge):
    forge.branch("hostile")
    roster = forge.work / "roster/accounts.roster.hcl"
    original = roster.read_text()
    for attack, expected in [
        ('locals {\n  x = file("../.git/config")\n}\n', "function-failed"),
        ('provider "aws" {\n  region = "eu-west-1"\n}\n', "untrusted-setting"),
        ('orgroster {\n  backend "s3" {\n    bucket = "mallory"\n  }\n}\n', "untrusted-setting"),
    ]:
        roster.write_text(original + attack)
        forge.commit("Nothing to see here")
        pull_request(forge, "hostile", 8, "mallory/aws-roster")
        forge.git("checkout", "--quiet", "hostile", at=forge.work)
        with pytest.raises(actions.Failed, match=expected):
            actions.Run(forge, "fork", "workflow_dispatch", inputs={"number": 8}).all()
    assert forge.posted()["comments"] == []
