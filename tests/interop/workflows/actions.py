"""Runs the jobs of a GitHub workflow, with the part of the language that the examples use. Anything unknown fails."""

import json
import pathlib
import re
import shutil
import subprocess

import yaml

# The installed program is already on the path; test_setup.py runs the action itself.
SETUP = "example/orgroster/.github/actions/setup"


class Failed(Exception):
    """A failed job; the text is its output."""


class Run:
    """One run of a workflow for one event."""

    def __init__(self, forge, name, event, sha=None, inputs=None, payload=None, **github):
        text = (forge.example / f".github/workflows/{name}.yml").read_text()
        self.forge, self.workflow = forge, yaml.safe_load(text)
        self.event = event
        sha = sha or forge.git("--git-dir", str(forge.origin), "rev-parse", "main")
        payload = {"repository": {"default_branch": "main"}} | (payload or {})
        self.context = {
            "github": {"repository": "example/aws-roster", "ref_name": "main", "sha": sha, "token": "token", "event": payload} | github,
            "inputs": inputs or {},
            "vars": {f"ORGROSTER_{role}_ROLE": f"arn:aws:iam::111111111111:role/Orgroster{role.title()}" for role in ("PLAN", "APPLY")},
            "needs": {},
        }
        self.artifacts = forge.path / f"artifacts-{len(list(forge.path.iterdir()))}"
        self.artifacts.mkdir()
        self.id, self.attempt = self.artifacts.name.removeprefix("artifacts-"), 1
        self.summary = forge.path / f"summary-{self.id}"
        self.summary.touch()

    def all(self):
        """Runs every job whose condition is true."""
        return "".join(self.job(name) for name in self.workflow["jobs"])

    def approve(self, login, environment="production"):
        """A reviewer of the environment approves the run."""
        state = self.forge.posted()
        review = {"state": "approved", "user": {"login": login}, "environments": [{"name": environment}], "comment": ""}
        state["approvals"].setdefault(self.id, []).append(review)
        self.forge.github.write_text(json.dumps(state))

    def runs(self, name):
        job = self.workflow["jobs"][name]
        needs = job.get("needs", [])
        needs = [needs] if isinstance(needs, str) else needs
        return all(need in self.context["needs"] for need in needs) and self.condition(job.get("if"), {})

    def enter(self, environment):
        """Whether a job of this environment may begin. An environment that doesn't exist is created without rules."""
        state = self.forge.posted()
        rules = state["environments"].setdefault(environment, {"protection_rules": []})["protection_rules"]
        self.forge.github.write_text(json.dumps(state))
        asked = any(rule["type"] == "required_reviewers" for rule in rules)
        reviews = state["approvals"].get(self.id, [])
        return not asked or any(review["state"] == "approved" and {"name": environment} in review["environments"] for review in reviews)

    def job(self, name):
        """Runs a job on its own machine, and returns its output."""
        if not self.runs(name):
            return ""
        if "environment" in self.workflow["jobs"][name] and not self.enter(self.workflow["jobs"][name]["environment"]):
            return ""
        job = Job(self, self.workflow["jobs"][name])
        printed = job.run()
        outputs = {key: self.filled(value, job.context) for key, value in self.workflow["jobs"][name].get("outputs", {}).items()}
        self.context["needs"][name] = {"outputs": outputs}
        return printed

    def lookup(self, path, context):
        value = self.context | context
        for part in path.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return value

    def filled(self, text, context):
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: str(self.lookup(found[1], context)), str(text))

    def condition(self, text, context, failed=False):
        if text is None:
            return not failed
        if text in ("failure()", "always()"):
            return failed or text == "always()"
        left, right = re.fullmatch(r"([\w.-]+) == ('[^']*'|[\w.-]+)", text).groups()
        right = right[1:-1] if right.startswith("'") else self.lookup(right, context)
        return not failed and self.lookup(left, context) == right


class Job:
    """One job."""

    def __init__(self, run, job):
        self.workflow_run, self.forge, self.job = run, run.forge, job
        self.root = run.forge.path / f"machine-{len(list(run.forge.path.iterdir()))}"
        self.workspace, self.temp = self.root / "workspace", self.root / "temp"
        self.workspace.mkdir(parents=True)
        self.temp.mkdir()
        self.context = {"steps": {}, "runner": {"temp": str(self.temp)}, "env": run.workflow["env"]}
        self.credentials = {}

    def run(self):
        printed, failed = "", False
        for step in self.job["steps"]:
            if not self.workflow_run.condition(step.get("if"), self.context, failed):
                continue
            try:
                printed += self.uses(step) if "uses" in step else self.shell(step)
            except Failed as error:
                printed, failed = printed + str(error), True
        if failed:
            raise Failed(printed)
        return printed

    def fill(self, text):
        return self.workflow_run.filled(text, self.context)

    def uses(self, step):
        action = step["uses"].split("@")[0]
        options = {name: self.fill(value) for name, value in step.get("with", {}).items()}
        if action == "actions/checkout":
            assert options["persist-credentials"] == "False"
            assert self.job["permissions"]["contents"] == "read"
            self.checkout(self.workspace / options.get("path", "."), options.get("ref", self.workflow_run.context["github"]["sha"]))
        elif action == "aws-actions/configure-aws-credentials":
            self.assume(options["role-to-assume"].rsplit("/", 1)[1])
        elif action == "actions/upload-artifact":
            shutil.copy(options["path"], self.workflow_run.artifacts / options["name"])
        elif action == "actions/download-artifact":
            found = self.workflow_run.artifacts / options["name"]
            folder = pathlib.Path(options["path"])
            folder.mkdir()
            shutil.copy(found, folder / ("facts.json" if options["name"] == "facts" else f"{options['name']}.md"))
        elif action == SETUP:
            assert options == {"version": self.workflow_run.workflow["env"]["ORGROSTER_VERSION"]}
        else:
            raise AssertionError(f"unknown action {action}")
        return ""

    def checkout(self, folder, ref):
        self.forge.git("init", "--quiet", str(folder))
        self.forge.git("fetch", "--quiet", "--depth=1", str(self.forge.origin), ref, at=folder)
        self.forge.git("checkout", "--quiet", "--detach", "FETCH_HEAD", at=folder)

    def assume(self, role):
        """Evaluates the role's trust policy with GitHub's claims for this job, as AWS would."""
        assert self.job["permissions"]["id-token"] == "write"
        environment = self.job.get("environment")
        what = "pull_request" if self.workflow_run.event == "pull_request" else "ref:refs/heads/main"
        subject = "repo:example/aws-roster:" + (f"environment:{environment}" if environment else what)
        trust = json.loads((self.forge.example / f"iam/{role.removeprefix('Orgroster').lower()}.trust.json").read_text())
        allowed = trust["Statement"][0]["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
        assert subject in ([allowed] if isinstance(allowed, str) else allowed), f"{role} does not trust {subject}"
        self.credentials = self.forge.role(role)

    def shell(self, step):
        output = self.root / "output"
        output.write_text("")
        environment = self.forge.environment | self.credentials
        for variables in (self.workflow_run.workflow["env"], self.job.get("env", {}), step.get("env", {})):
            environment |= {name: self.fill(value) for name, value in variables.items()}
        permissions = [f"{name}:{value}" for name, value in self.job["permissions"].items()]
        environment |= {
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.workflow_run.summary),
            "GITHUB_RUN_ID": self.workflow_run.id,
            "GITHUB_RUN_ATTEMPT": str(self.workflow_run.attempt),
            "GITHUB_REPOSITORY": "example/aws-roster",
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.temp),
            "FAKE_PERMISSIONS": " ".join(permissions),
        }
        assert self.workflow_run.workflow["defaults"]["run"]["shell"] == "bash"
        folder = self.workspace / step.get("working-directory", ".")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if "id" in step:
            pairs = [line.split("=", 1) for line in output.read_text().splitlines()]
            self.context["steps"][step["id"]] = {"outputs": dict(pairs)}
        if done.returncode != 0:
            raise Failed(f"{step['name']} exits with {done.returncode}:\n{done.stdout}")
        return done.stdout
