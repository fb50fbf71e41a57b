"""The GitHub workflows, run step by step in a real repository against the sandbox."""

import json
import pathlib
import subprocess
import sys

import actions
import pytest
from conftest import EXAMPLES

TOOLS = pathlib.Path(sys.executable).parent

github = pytest.mark.parametrize("forge", ["github-actions"], indirect=True)


def pull_request(forge, branch, number=1, repository="example/aws-roster"):
    """Opens a pull request, or pushes to it: the forge makes the merge commit that its workflows use."""
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


def applied(run):
    """Approves a run and runs its job."""
    run.job("reviewers")
    run.approve("grace")
    return run.job("apply")


def ready(forge):
    """A merged departure that is planned and waits for its approval."""
    departing(forge)
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    return run


def edited(forge, path, old, new, message="Edited"):
    """Edits a file on the current branch."""
    file = forge.work / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    forge.commit(message)


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
def test_every_roster_of_a_repository_has_a_comment_of_its_own(forge):
    state = forge.posted()
    others = [
        {"id": 1, "issue": 1, "user": {"login": "github-actions[bot]"}, "body": "<!-- orgroster:plan:o-anotherorgid -->\nTheirs"},
        {"id": 2, "issue": 1, "user": {"login": "mallory"}, "body": "<!-- orgroster:plan:o-exampleorgid -->\nForged"},
    ]
    forge.github.write_text(json.dumps(state | {"comments": others}))
    departing(forge)
    for _ in range(2):
        pull_request(forge, "departure").all()
    *kept, own = forge.posted()["comments"]
    assert kept == others
    assert own["body"].startswith("<!-- orgroster:plan:o-exampleorgid -->\n") and "legacy-crm" in own["body"]

    forge.git("checkout", "--quiet", "departure", at=forge.work)
    edited(forge, "roster/legacy-crm.roster.hcl", '"detached"', '"gone"')
    with pytest.raises(actions.Failed):
        pull_request(forge, "departure").all()
    *kept, own = forge.posted()["comments"]
    assert kept == others and "The plan failed" in own["body"], "a failure stands where the plan stood"

    fork = actions.Run(forge, "fork", "workflow_dispatch", inputs={"number": 1})
    (fork.artifacts / "comment").write_text("<!-- orgroster:plan:o-exampleorgid -->\nOf a fork\n")
    fork.context["needs"]["plan"] = {}
    fork.job("comment")
    *kept, own = forge.posted()["comments"]
    assert kept == others and "Of a fork" in own["body"]
    (fork.artifacts / "comment").write_text("@everyone\n")
    with pytest.raises(actions.Failed):
        fork.job("comment")


@github
def test_the_page_of_a_plan_is_an_artifact(forge):
    departing(forge)
    request = pull_request(forge, "departure")
    request.all()
    forge.merge("departure")
    merged = actions.Run(forge, "apply", "push")
    merged.job("plan")
    for run in (request, merged):
        page = (run.artifacts / "page").read_text()
        assert page.startswith("<!doctype html>") and "legacy-crm" in page and "legacy-crm@example.com" not in page


@github
def test_the_check_reports_where_the_roster_stays_as_it_is(forge):
    departing(forge)
    assert pull_request(forge, "departure").workflow[True] == {"pull_request": None}, "a workflow that paths keep from running reports nothing"
    pull_request(forge, "departure").all()
    forge.git("checkout", "--quiet", "departure", at=forge.work)
    forge.git("checkout", "--quiet", "main", "--", "roster", at=forge.work)
    (forge.work / "NOTES.md").write_text("Nothing about accounts\n")
    forge.commit("Something else")
    run = pull_request(forge, "departure")
    job = actions.Job(run, run.workflow["jobs"]["plan"])
    job.run()
    assert job.credentials == {}, "nothing to plan takes no credentials"
    [comment] = forge.posted()["comments"]
    assert "leaves the roster as it is" in comment["body"], "what stood there before is no longer true"

    forge.branch("notes", "departure")
    pull_request(forge, "notes", number=2).all()
    assert [comment["issue"] for comment in forge.posted()["comments"]] == [1], "nobody is told what does not concern them"


@github
def test_a_broken_main_does_not_fail_the_request_that_resolves_it(forge):
    edited(forge, "roster/accounts.roster.hcl", '"222222222222"', "222222222222", "Broken")
    forge.push("main")
    forge.branch("resolved")
    edited(forge, "roster/accounts.roster.hcl", "222222222222", '"222222222222"')
    forge.detach("legacy-crm", "444444444444")
    forge.commit("Resolved")
    printed = pull_request(forge, "resolved").all()
    assert "unquoted-account-id" in printed and "::error" not in printed, "the findings of main stand at no line of the request"
    [comment] = forge.posted()["comments"]
    assert "legacy-crm" in comment["body"] and "The target branch could not be planned" in comment["body"]

    forge.branch("still-broken")
    edited(forge, "roster/accounts.roster.hcl", "log-archive", "log-archives")
    with pytest.raises(actions.Failed, match="unquoted-account-id"):
        pull_request(forge, "still-broken", number=2).all()


@github
def test_broken_settings_of_main_do_not_fail_the_request_that_resolves_them(forge):
    edited(forge, "settings.hcl", "max_detachments    = 1", "max_detachments    = ", "Broken")
    forge.push("main")
    forge.branch("resolved")
    edited(forge, "settings.hcl", "max_detachments    = ", "max_detachments    = 1")
    run = pull_request(forge, "resolved")
    job = actions.Job(run, run.workflow["jobs"]["plan"])
    job.run()
    assert job.credentials == {}, "no settings are trusted that could say what credentials are for"
    [comment] = forge.posted()["comments"]
    assert comment["body"].startswith("<!-- orgroster:plan:o-exampleorgid -->\n") and "nothing was planned" in comment["body"]

    forge.branch("still-broken")
    edited(forge, "settings.hcl", "max_detachments    = ", "max_detachments    = no")
    with pytest.raises(actions.Failed, match="settings.hcl"):
        pull_request(forge, "still-broken", number=2).all()


@github
@pytest.mark.parametrize("rules", [None, [], [{"type": "wait_timer"}], [{"type": "required_reviewers", "reviewers": []}]])
@pytest.mark.parametrize("workflow", ["apply", "pending"])
def test_nothing_is_applied_where_the_environment_has_no_required_reviewers(forge, workflow, rules):
    run = ready(forge)
    if workflow == "pending":
        run = actions.Run(forge, "pending", "workflow_dispatch", inputs={"digest": run.context["needs"]["plan"]["outputs"]["digest"]})
    state = forge.posted()
    state["environments"] = {} if rules is None else {"production": {"protection_rules": rules}}
    forge.github.write_text(json.dumps(state))
    with pytest.raises(actions.Failed, match="has no required reviewers.*GitHub Enterprise"):
        run.job("reviewers")
    assert "has no required reviewers" in run.summary.read_text()
    assert not run.runs("apply") and "legacy-crm" in forge.members()
    assert forge.posted()["environments"] == state["environments"], "looking makes none"


@github
def test_nothing_is_applied_without_an_approval_in_the_same_attempt(forge):
    run = ready(forge)
    run.job("reviewers")
    run.approve("grace", "another-environment")
    state = forge.posted()
    state["approvals"][run.id][0] |= {"state": "rejected"}
    # An administrator removes the reviewers after the workflow has checked for them.
    state["environments"]["production"]["protection_rules"] = []
    forge.github.write_text(json.dumps(state))
    with pytest.raises(actions.Failed, match="Nobody approved this run"):
        run.job("apply")
    run.approve("grace")
    run.attempt = 2
    with pytest.raises(actions.Failed, match="earlier attempt"):
        run.job("apply")
    assert "legacy-crm" in forge.members() and "earlier attempt" in run.summary.read_text()


@github
def test_the_summary_of_a_run_says_what_became_of_it_and_what_cloudtrail_says(forge):
    run = ready(forge)
    applied(run)
    summary = run.summary.read_text()
    assert "\n    Apply complete! Resources: 0 added, 0 changed, 1 destroyed." in summary
    assert "\n## orgroster verify\n\n    " in summary and "\n    CloudTrail: 0 proven, 1 pending, 0 contradicted." in summary

    forge.git("checkout", "--quiet", "main", at=forge.work)
    departing(forge, "another", "data-lake", "333333333333")
    merged = forge.merge("another")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    forge.git("revert", "--no-edit", "--mainline=1", merged, at=forge.work)
    forge.push("main")
    with pytest.raises(actions.Failed):
        applied(run)
    summary = run.summary.read_text()
    assert "(digest-mismatch)" in summary and "::error" not in summary, "a failure is in the summary too"


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
    run.job("reviewers")
    assert run.job("apply") == "" and "legacy-crm" in forge.members(), "nothing happens before the approval"
    run.approve("grace")
    printed = run.job("apply")
    assert "Apply complete! Resources: 0 added, 0 changed, 1 destroyed." in printed
    assert forge.members() == {"management", "log-archive", "data-lake", "new-lab"}
    bucket = forge.client("s3", forge.s3)
    [record] = bucket.list_objects_v2(Bucket="example-orgroster", Prefix="orgroster/records/444444444444")["Contents"]
    record = json.loads(bucket.get_object(Bucket="example-orgroster", Key=record["Key"])["Body"].read())
    assert record["approved_by"] == [{"name": "grace", "source": "argument"}], "the reviewer, and not the actor"


@github
def test_what_a_later_merge_takes_back_is_not_carried_out(forge):
    departing(forge)
    merged = forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    forge.git("revert", "--no-edit", "--mainline=1", merged, at=forge.work)
    forge.push("main")
    with pytest.raises(actions.Failed, match="digest-mismatch"):
        applied(run)
    assert "legacy-crm" in forge.members()


@github
def test_what_a_later_merge_adds_is_not_carried_out_with_the_older_approval(forge):
    departing(forge)
    departing(forge, "another", "data-lake", "333333333333")
    forge.merge("departure")
    run = actions.Run(forge, "apply", "push")
    run.job("plan")
    forge.merge("another")
    with pytest.raises(actions.Failed, match="guardrail-exceeded"):
        applied(run)
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
        applied(run)
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

    pending = lambda digest: applied(actions.Run(forge, "pending", "workflow_dispatch", inputs={"digest": digest}))  # noqa: E731
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
    theirs = {"number": 1, "state": "open", "labels": ["orgroster"], "body": "<!-- orgroster:plan:o-anotherorgid -->\nTheirs"}
    empty = {"number": 2, "state": "open", "labels": ["orgroster"], "body": None}
    forge.github.write_text(json.dumps(forge.posted() | {"issues": [theirs, empty]}))
    forge.client("organizations").remove_account_from_organization(AccountId="444444444444")
    for _ in range(2):
        actions.Run(forge, "nightly", "schedule").all()
    *others, issue = forge.posted()["issues"]
    assert others == [theirs, empty], "another organization's issue stays as it is"
    assert issue["number"] == 3 and "legacy-crm" in issue["body"]


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
