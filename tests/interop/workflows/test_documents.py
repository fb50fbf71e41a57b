"""What can be checked of workflows and of the image's recipe without running them."""

import json
import pathlib
import subprocess
import sys

import pytest
import yaml
from conftest import EXAMPLES, HERE

PROJECT = EXAMPLES.parent
WORKFLOWS = sorted((EXAMPLES / "github-actions/.github/workflows").glob("*.yml"))
OWN = sorted((PROJECT / ".github/workflows").glob("*.yml"))
TOOLS = pathlib.Path(sys.executable).parent


def test_there_are_workflows():
    assert [path.stem for path in WORKFLOWS] == ["apply", "fork", "nightly", "pending", "plan"]
    assert [path.stem for path in OWN] == ["ci", "release"]


@pytest.mark.parametrize(("schema", "files"), [("vendor.github-workflows", WORKFLOWS + OWN), ("vendor.github-actions", [PROJECT / ".github/actions/setup/action.yml"]), ("vendor.gitlab-ci", [EXAMPLES / "gitlab-ci/.gitlab-ci.yml"])])
def test_the_published_schema_accepts_it(schema, files):
    command = [TOOLS / "check-jsonschema", "--builtin-schema", schema]
    command += ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    done = subprocess.run([*command, *files], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing():
    files = [*WORKFLOWS, *OWN, PROJECT / ".github/actions/setup/action.yml"]
    done = subprocess.run([TOOLS / "zizmor", "--offline", "--no-progress", "--config", HERE / "zizmor.yml", *files], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_images():
    files = [PROJECT / "Dockerfile", EXAMPLES / "gitlab-ci/Dockerfile", EXAMPLES / "atlantis/Dockerfile"]
    # apk's packages are those of the image's Alpine release, which their versions would only repeat.
    done = subprocess.run([TOOLS / "hadolint", "--ignore", "DL3018", *files], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_of_an_event_is_pasted_into_a_script(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {} and "pull_request_target" not in workflow[True]
    for job in workflow["jobs"].values():
        assert job["permissions"] and job["timeout-minutes"]
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), step


def test_only_main_and_only_the_approved_environment_may_apply():
    def conditions(system, role):
        trust = json.loads((EXAMPLES / system / f"iam/{role}.trust.json").read_text())
        return trust["Statement"][0]["Condition"]

    subject = "token.actions.githubusercontent.com:sub"
    assert conditions("github-actions", "apply")["StringEquals"][subject] == "repo:example/aws-roster:environment:production"
    assert "*" not in json.dumps(conditions("github-actions", "plan"))
    gitlab = conditions("gitlab-ci", "apply")
    assert gitlab["StringEquals"]["gitlab.example.com:sub"] == "project_path:example/aws-roster:ref_type:branch:ref:main"
    assert "StringLike" not in gitlab


def test_every_file_that_could_weaken_a_review_has_owners():
    for system, place in [("github-actions", ".github/CODEOWNERS"), ("gitlab-ci", "CODEOWNERS"), ("atlantis", "CODEOWNERS")]:
        owned = [line.split()[0] for line in (EXAMPLES / system / place).read_text().splitlines() if line.startswith("/")]
        assert {"/roster/", "/settings.hcl", "/iam/"} < set(owned), system
