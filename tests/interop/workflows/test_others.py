"""GitLab's jobs and Atlantis' steps, run in a real repository against the sandbox."""

import json
import re
import subprocess

import pytest
import yaml

gitlab = pytest.mark.parametrize("forge", ["gitlab-ci"], indirect=True)
atlantis = pytest.mark.parametrize("forge", ["atlantis"], indirect=True)


class Failed(Exception):
    """A failed script; the text is its output."""


def shell(script, folder, environment):
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failed(done.stdout)
    return done.stdout


def checkout(forge, ref):
    folder = forge.path / f"build-{len(list(forge.path.iterdir()))}"
    forge.git("clone", "--quiet", str(forge.origin), str(folder))
    forge.git("checkout", "--quiet", "--detach", ref, at=folder)
    return folder


def job(forge, name, folder, role, **variables):
    """Runs a job of .gitlab-ci.yml. The role's credentials replace the exchange of the token."""
    document = yaml.safe_load((forge.example / ".gitlab-ci.yml").read_text())
    found = document[name]
    script = (document[found["extends"]]["before_script"] if "extends" in found else []) + found["script"]
    given = {
        "AWS_ID_TOKEN": "token",
        "CI_COMMIT_REF_NAME": "main",
        "CI_COMMIT_REF_PROTECTED": "true",
        # GitLab sets this in a job that was started manually.
        "CI_JOB_MANUAL": "true" if found["rules"][0].get("when") == "manual" else "",
        "GITLAB_USER_LOGIN": "grace",
        "CI_JOB_ID": "1",
        "CI_DEFAULT_BRANCH": "main",
        "ORGROSTER_PLAN_ROLE": "arn:aws:iam::111111111111:role/OrgrosterPlan",
        "ORGROSTER_APPLY_ROLE": "arn:aws:iam::111111111111:role/OrgrosterApply",
    }
    environment = forge.environment | document["variables"] | given | forge.role(role) | variables
    return shell("\n".join(script), folder, environment)


def departing(forge):
    forge.branch("departure")
    forge.detach("legacy-crm", "444444444444")
    forge.commit("legacy-crm leaves")
    forge.push("departure")


def recorded(forge):
    """The approvers in the only record in the bucket."""
    client = forge.client("s3", forge.s3)
    [record] = client.list_objects_v2(Bucket="example-orgroster", Prefix="orgroster/records/")["Contents"]
    return json.loads(client.get_object(Bucket="example-orgroster", Key=record["Key"])["Body"].read()).get("approved_by", [])


def digest_of(folder):
    name, digest = (folder / "plan.env").read_text().strip().split("=")
    assert name == "ORGROSTER_DIGEST"
    return digest


@gitlab
def test_a_merge_request_is_planned_and_reported(forge):
    departing(forge)
    folder = checkout(forge, "origin/departure")
    job(forge, "plan", folder, "OrgrosterPlan", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    report = json.loads((folder / "terraform-report.json").read_text())
    assert report == {"create": 0, "update": 0, "delete": 1}
    assert isinstance(json.loads((folder / "code-quality.json").read_text()), list)
    plan = (folder / "plan.md").read_text()
    assert "legacy-crm" in plan and "legacy-crm@example.com" not in plan
    page = (folder / "plan.html").read_text()
    assert page.startswith("<!doctype html>") and "legacy-crm" in page and "legacy-crm@example.com" not in page
    assert {"plan.md", "plan.html"} <= set(jobs(forge)["plan"]["artifacts"]["paths"])
    assert "legacy-crm" in forge.members()


def jobs(forge):
    return yaml.safe_load((forge.example / ".gitlab-ci.yml").read_text())


def broken(forge, path, old, new):
    """Breaks a file on main, and fixes it on a branch that also detaches an account."""
    file = forge.work / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    forge.commit("Broken")
    forge.push("main")
    forge.branch("departure")
    file.write_text(file.read_text().replace(new, old))
    forge.detach("legacy-crm", "444444444444")
    forge.commit("Resolved")
    forge.push("departure")
    return checkout(forge, "origin/departure")


@gitlab
def test_a_broken_main_does_not_fail_the_request_that_resolves_it(forge):
    folder = broken(forge, "roster/accounts.roster.hcl", '"222222222222"', "222222222222")
    job(forge, "plan", folder, "OrgrosterPlan", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    plan = (folder / "plan.md").read_text()
    assert "legacy-crm" in plan and "The target branch could not be planned" in plan
    (folder / "roster/accounts.roster.hcl").write_text("account {}\n")
    with pytest.raises(Failed, match="wrong-labels"):
        job(forge, "plan", folder, "OrgrosterPlan", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")


@gitlab
def test_broken_settings_of_main_do_not_fail_the_request_that_resolves_them(forge):
    folder = broken(forge, "settings.hcl", "max_detachments    = 1", "max_detachments    = ")
    job(forge, "plan", folder, "OrgrosterPlan", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert "nothing was planned" in (folder / "plan.md").read_text()
    (folder / "settings.hcl").write_text("guardrails {\n")
    with pytest.raises(Failed, match="settings.hcl"):
        job(forge, "plan", folder, "OrgrosterPlan", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")


@gitlab
def test_every_merge_request_has_a_pipeline_with_one_of_the_two_jobs(forge):
    [planned] = jobs(forge)["plan"]["rules"]
    without, rest = jobs(forge)["unchanged"]["rules"]
    assert without == planned | {"when": "never"}, "not both"
    assert rest == {"if": planned["if"]}, "and not none"
    assert "id_tokens" not in jobs(forge)["unchanged"] and "extends" not in jobs(forge)["unchanged"]


@gitlab
def test_nothing_is_applied_on_a_branch_that_is_not_protected(forge):
    departing(forge)
    forge.merge("departure")
    folder = checkout(forge, "origin/main")
    job(forge, "plan-merged", folder, "OrgrosterPlan")
    with pytest.raises(Failed, match="is not protected.*GitLab Premium"):
        job(forge, "apply", checkout(forge, "origin/main"), "OrgrosterApply", ORGROSTER_DIGEST=digest_of(folder), CI_COMMIT_REF_PROTECTED="false")
    assert "legacy-crm" in forge.members()


@gitlab
def test_a_merge_is_carried_out_by_hand(forge):
    departing(forge)
    forge.merge("departure")
    folder = checkout(forge, "origin/main")
    job(forge, "plan-merged", folder, "OrgrosterPlan")
    assert "<!doctype html>" in (folder / "plan.html").read_text()
    runner = checkout(forge, "origin/main")
    printed = job(forge, "apply", runner, "OrgrosterApply", ORGROSTER_DIGEST=digest_of(folder))
    assert "1 destroyed" in printed and "legacy-crm" not in forge.members()
    assert "1 destroyed" in (runner / "apply.txt").read_text()
    assert "CloudTrail: 0 proven, 1 pending, 0 contradicted." in (runner / "verify.txt").read_text()
    assert recorded(forge) == [{"name": "grace", "source": "gitlab_manual_job"}], "who started the job"
    assert jobs(forge)["apply"]["artifacts"] == {"when": "always", "paths": ["apply.txt", "verify.txt"], "expire_in": "1 year"}


@gitlab
def test_a_pipeline_that_a_later_merge_overtook_is_refused(forge):
    departing(forge)
    merged = forge.merge("departure")
    folder = checkout(forge, merged)
    job(forge, "plan-merged", folder, "OrgrosterPlan")
    forge.git("revert", "--no-edit", "--mainline=1", merged, at=forge.work)
    forge.push("main")
    with pytest.raises(Failed, match="digest-mismatch"):
        job(forge, "apply", checkout(forge, merged), "OrgrosterApply", ORGROSTER_DIGEST=digest_of(folder))
    assert "legacy-crm" in forge.members()


@gitlab
def test_the_role_that_plans_can_not_apply(forge):
    departing(forge)
    forge.merge("departure")
    folder = checkout(forge, "origin/main")
    job(forge, "plan-merged", folder, "OrgrosterPlan")
    with pytest.raises(Failed):
        job(forge, "apply", checkout(forge, "origin/main"), "OrgrosterPlan", ORGROSTER_DIGEST=digest_of(folder))
    assert "legacy-crm" in forge.members()


def steps(forge, phase, folder):
    """Runs the Atlantis server's steps for the project, with `sh -c` in its directory."""
    project = yaml.safe_load((forge.example / "atlantis.yaml").read_text())["projects"][0]
    workflow = yaml.safe_load((forge.example / "repos.yaml").read_text())["workflows"][project["workflow"]]
    settings = forge.path / "settings.hcl"
    settings.write_text((forge.example / "settings.hcl").read_text())
    # Atlantis has one role with both policies; here it is one role for each phase.
    role = {"plan": "OrgrosterPlan", "apply": "OrgrosterApply"}[phase]
    variables = {"PLANFILE": str(folder / "default.tfplan"), "TF_IN_AUTOMATION": "true", "ORGROSTER_SETTINGS": str(settings)}
    printed = ""
    for step in workflow[phase]["steps"]:
        done = subprocess.run(["sh", "-c", step["run"]], cwd=folder / project["dir"], env=forge.environment | forge.role(role) | variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        printed += done.stdout
        if done.returncode != 0:
            raise Failed(printed)
    return printed


@atlantis
def test_atlantis_plans_and_applies(forge):
    departing(forge)
    folder = checkout(forge, "origin/departure")
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in steps(forge, "plan", folder)
    assert "legacy-crm" in forge.members()
    printed = steps(forge, "apply", folder)
    assert "1 destroyed" in printed and "CloudTrail: 0 proven, 1 pending, 0 contradicted." in printed
    assert "legacy-crm" not in forge.members()


@atlantis
def test_atlantis_sees_that_there_is_nothing_to_apply(forge):
    # Atlantis' own expression; if it finds nothing, the check `atlantis/apply` stays pending.
    nothing = r"No changes. (Infrastructure is up-to-date|Your infrastructure matches the configuration)."
    assert re.search(nothing, steps(forge, "plan", checkout(forge, "origin/main")))
    departing(forge)
    assert not re.search(nothing, steps(forge, "plan", checkout(forge, "origin/departure")))


@atlantis
def test_a_plan_that_the_branch_or_the_facts_left_behind_is_refused(forge):
    departing(forge)
    folder = checkout(forge, "origin/departure")
    steps(forge, "plan", folder)
    roster = folder / "roster/legacy-crm.roster.hcl"
    roster.write_text(roster.read_text().replace("Divested", "Sold"))
    with pytest.raises(Failed, match="stale-plan"):
        steps(forge, "apply", folder)
    roster.write_text(roster.read_text().replace("Sold", "Divested"))
    forge.client("organizations").register_delegated_administrator(AccountId="444444444444", ServicePrincipal="config.amazonaws.com")
    with pytest.raises(Failed, match="held back"):
        steps(forge, "apply", folder)
    assert "legacy-crm" in forge.members()


@atlantis
def test_the_settings_are_the_servers(forge):
    departing(forge)
    folder = checkout(forge, "origin/departure")
    (folder / "roster/more.roster.hcl").write_text("guardrails {\n  max_detachments = 50\n}\n")
    with pytest.raises(Failed, match="untrusted-setting"):
        steps(forge, "plan", folder)
