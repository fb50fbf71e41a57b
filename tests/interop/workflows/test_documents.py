"""Checks of workflows and of the image's recipe that don't run them."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import boto3
import pytest
import yaml
from botocore import xform_name
from conftest import BINARY, EXAMPLES, HERE
from moto import mock_aws

PROJECT = EXAMPLES.parent
WORKFLOWS = sorted((EXAMPLES / "github-actions/.github/workflows").glob("*.yml"))
OWN = sorted((PROJECT / ".github/workflows").glob("*.yml"))
TOOLS = pathlib.Path(sys.executable).parent


def test_there_are_workflows():
    assert [path.stem for path in WORKFLOWS] == ["apply", "drift", "fork", "nightly", "pending", "plan"]
    assert [path.stem for path in OWN] == ["ci", "release"]


@pytest.mark.parametrize(("schema", "files"), [("vendor.github-workflows", WORKFLOWS + OWN), ("vendor.github-actions", [PROJECT / ".github/actions/setup/action.yml"]), ("vendor.gitlab-ci", [EXAMPLES / "gitlab-ci/.gitlab-ci.yml", EXAMPLES / "gitlab-ci/drift.gitlab-ci.yml"])])
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
    # The image's Alpine release already determines the versions of apk's packages.
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


def test_roles_in_members_trust_the_roles_that_run_and_no_account():
    for system in ("github-actions", "gitlab-ci", "atlantis"):
        for name in ("member", "member-read"):
            [statement] = json.loads((EXAMPLES / system / f"iam/{name}.trust.json").read_text())["Statement"]
            trusted = statement["Principal"]["AWS"]
            for arn in [trusted] if isinstance(trusted, str) else trusted:
                assert arn.startswith("arn:aws:iam::111111111111:role/Orgroster"), (system, name, arn)
                assert name == "member-read" or not arn.endswith("Plan"), "what plans never enters by the role that can leave"


SETUP = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("system", ["github-actions", "gitlab-ci"])
def test_the_commands_that_set_up_aws_make_the_roles(system):
    """The AWS commands of the README, in an empty account; there is no forge here."""
    readme = (EXAMPLES / system / "README.md").read_text()
    lines = [line for block in SETUP.findall(readme) for line in block.replace("\\\n", " ").splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("aws ")]
    with mock_aws():
        iam = boto3.client("iam", region_name="us-east-1", aws_access_key_id="any", aws_secret_access_key="any")
        # moto rejects the resource of sts:AssumeRoot, which IAM's own example policy has.
        known = lambda path: path.read_text().replace("arn:*:iam::*:root", "*")  # noqa: E731
        for _, service, operation, *words in commands:
            assert service == "iam"
            shape = iam.meta.service_model.operation_model(iam.meta.method_to_api_mapping[operation.replace("-", "_")]).input_shape
            members = {xform_name(member, "-"): (member, form) for member, form in shape.members.items()}
            given = {}
            for option, value in zip(words[::2], words[1::2], strict=True):
                member, form = members[option.removeprefix("--")]
                value = known(EXAMPLES / system / value.removeprefix("file://")) if value.startswith("file://") else value
                given[member] = [value] if form.type_name == "list" else value
            getattr(iam, operation.replace("-", "_"))(**given)
        [provider] = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        made = {role["RoleName"]: role["AssumeRolePolicyDocument"] for role in iam.list_roles()["Roles"]}
        assert set(made) == {"OrgrosterPlan", "OrgrosterApply", "OrgrosterLeave", "OrgrosterRead"}
        for role, name in [("OrgrosterPlan", "plan"), ("OrgrosterApply", "apply"), ("OrgrosterLeave", "member"), ("OrgrosterRead", "member-read")]:
            assert made[role] == json.loads((EXAMPLES / system / f"iam/{name}.trust.json").read_text())
            policy = iam.get_role_policy(RoleName=role, PolicyName="orgroster")["PolicyDocument"]
            assert policy == json.loads(known(EXAMPLES / system / f"iam/{name}.json"))
        federated = made["OrgrosterApply"]["Statement"][0]["Principal"]["Federated"]
        assert provider["Arn"].split(":", 5)[5] == federated.split(":", 5)[5], "the provider that the roles trust"


def test_every_file_that_could_weaken_a_review_has_owners():
    for system, place in [("github-actions", ".github/CODEOWNERS"), ("gitlab-ci", "CODEOWNERS"), ("atlantis", "CODEOWNERS")]:
        owned = [line.split()[0] for line in (EXAMPLES / system / place).read_text().splitlines() if line.startswith("/")]
        assert {"/roster/", "/settings.hcl", "/iam/"} < set(owned), system


def pre_commit(repository, hook, *files):
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"PATH": f"{repository.parent}/tools:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(repository.parent / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}
    command = [TOOLS / "pre-commit", "run", "--config", repository.parent / "pre-commit.yaml", hook, "--files", *files]
    return subprocess.run(command, cwd=repository, env=environment, text=True, capture_output=True)


def test_the_hooks_for_pre_commit_format_and_validate(tmp_path):
    """The published hooks, without the clone of this repository that pre-commit would make."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/orgroster").symlink_to(BINARY)
    hooks = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    (tmp_path / "pre-commit.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
    repository = tmp_path / "repository"
    repository.mkdir()
    subprocess.run(["git", "init", "--quiet"], cwd=repository, check=True)
    head = 'organization {\n  id                    = "o-exampleorgid"\n  management_account_id = "111111111111"\n}\n'
    roster = repository / "main.roster.hcl"
    roster.write_text(head.replace("id                    =", "id ="))
    subprocess.run(["git", "add", "."], cwd=repository, check=True)

    formatted = pre_commit(repository, "orgroster-fmt", "main.roster.hcl")
    assert formatted.returncode == 1 and "files were modified by this hook" in formatted.stdout, formatted.stdout + formatted.stderr
    assert roster.read_text() == head
    assert pre_commit(repository, "orgroster-validate", "main.roster.hcl").returncode == 0
    assert "no files to check" in pre_commit(repository, "orgroster-fmt", "other.hcl").stdout
    roster.write_text(head + "account {}\n")
    refused = pre_commit(repository, "orgroster-validate", "main.roster.hcl")
    assert refused.returncode == 1 and "main.roster.hcl:5" in refused.stdout, refused.stdout


def test_the_hooks_are_what_pre_commit_takes(tmp_path):
    done = subprocess.run([TOOLS / "pre-commit", "validate-manifest", PROJECT / ".pre-commit-hooks.yaml"], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
