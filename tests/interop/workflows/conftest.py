"""A minimal forge: a repository, the organization on loopback, and S3 from moto."""

import json
import logging
import os
import pathlib
import shutil
import subprocess

import boto3
import pytest
from moto.server import ThreadedMotoServer

HERE = pathlib.Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples"
BINARY = pathlib.Path(os.environ["ORGROSTER_BIN"]).resolve()

DETACHED = """account "{name}" {{
  id         = "{id}"
  name       = "{name}"
  membership = "detached"
  reason     = "Divested"

  attestation {{
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-01-02"
  }}
}}
"""


@pytest.fixture(scope="session")
def s3():
    """moto's S3."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Forge:
    """A copy of one example in a bare repository, its organization, and its bucket."""

    def __init__(self, example, path, sandbox, s3):
        self.example, self.path, self.sandbox, self.s3 = EXAMPLES / example, path, sandbox, s3
        tools = path / "tools"
        tools.mkdir()
        (tools / "orgroster").symlink_to(BINARY)
        shutil.copy(HERE / "gh", tools / "gh")
        self.github = path / "github.json"
        rule = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "User", "reviewer": {"login": "grace"}}]}
        environments = {"production": {"protection_rules": [rule, {"type": "branch_policy"}]}}
        self.github.write_text(json.dumps({"comments": [], "issues": [], "environments": environments, "approvals": {}}))
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": sandbox,
            "AWS_ENDPOINT_URL_S3": s3,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "FAKE_GITHUB": str(self.github),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "CI": "true",
        }
        client = self.client("s3", s3)
        for found in client.list_buckets()["Buckets"]:
            for item in client.list_objects_v2(Bucket=found["Name"]).get("Contents", []):
                client.delete_object(Bucket=found["Name"], Key=item["Key"])
            client.delete_bucket(Bucket=found["Name"])
        client.create_bucket(Bucket="example-orgroster")
        self.origin = path / "origin.git"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        # Forges allow fetching a commit by its hash.
        self.git("--git-dir", str(self.origin), "config", "uploadpack.allowAnySHA1InWant", "true")
        self.work = path / "work"
        shutil.copytree(self.example, self.work)
        self.git("init", "--quiet", "--initial-branch=main", ".", at=self.work)
        self.git("remote", "add", "origin", str(self.origin), at=self.work)
        self.commit("The roster")
        self.push("main")

    def client(self, service, endpoint=None, account="111111111111"):
        return boto3.client(
            service,
            endpoint_url=endpoint or self.sandbox,
            region_name="us-east-1",
            aws_access_key_id=account,
            aws_secret_access_key="any",
        )

    def git(self, *words, at=None):
        identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "advice.detachedHead=false"]
        done = subprocess.run(["git", *identity, *words], cwd=at or self.path, text=True, capture_output=True)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def branch(self, name, start="main"):
        self.git("checkout", "--quiet", "-B", name, start, at=self.work)

    def commit(self, message):
        self.git("add", "--all", at=self.work)
        self.git("commit", "--quiet", "--message", message, at=self.work)
        return self.git("rev-parse", "HEAD", at=self.work)

    def push(self, *refs):
        self.git("push", "--quiet", "--force", "origin", *refs, at=self.work)

    def merge(self, branch):
        """Merges a branch into main like the forge."""
        self.git("checkout", "--quiet", "main", at=self.work)
        self.git("merge", "--quiet", "--no-ff", "--no-edit", branch, at=self.work)
        self.push("main")
        return self.git("rev-parse", "HEAD", at=self.work)

    def detach(self, name, account):
        """Declares an account as detached in the working tree."""
        member = f'account "{name}" {{\n  id         = "{account}"\n  membership = "member"\n}}\n'
        [file] = [file for file in (self.work / "roster").glob("*.roster.hcl") if member in file.read_text()]
        file.write_text(file.read_text().replace(member, DETACHED.format(name=name, id=account)))

    def role(self, name):
        """Credentials of a role in the management account, as environment variables."""
        arn = f"arn:aws:iam::111111111111:role/{name}"
        made = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="workflow")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
            "AWS_SESSION_TOKEN": made["SessionToken"],
            "AWS_REGION": "us-east-1",
        }

    def members(self):
        pages = self.client("organizations").get_paginator("list_accounts").paginate()
        return {account["Name"] for page in pages for account in page["Accounts"]}

    def posted(self):
        return json.loads(self.github.read_text())


def world(iam):
    """The fixture, whose roles have exactly the example's policies."""
    policy = {name: json.dumps(json.loads((iam / f"{name}.json").read_text())) for name in ("plan", "apply", "member", "member-read")}

    def trusts(name):
        """The principals that the example's role trusts; Atlantis' one role is two here."""
        trusted = json.loads((iam / f"{name}.trust.json").read_text())["Statement"][0]["Principal"]["AWS"]
        trusted = [trusted] if isinstance(trusted, str) else trusted
        own = [f"arn:aws:iam::111111111111:role/Orgroster{role}" for role in ("Plan", "Apply")]
        return json.dumps([arn for found in trusted for arn in (own if found.endswith("/OrgrosterAtlantis") else [found])])

    role = '      role "{}" {{\n        trusts = {}\n        policy = <<-JSON\n          {}\n        JSON\n      }}\n'
    roles = role.format("OrgrosterLeave", trusts("member"), policy["member"])
    roles += role.format("OrgrosterRead", trusts("member-read"), policy["member-read"])
    text = (HERE / "world.sandbox.hcl").read_text()
    return text.replace("@plan@", policy["plan"]).replace("@apply@", policy["apply"]).replace("@roles@\n", roles)


@pytest.fixture
def forge(request, tmp_path, s3):
    example = request.param
    fixture = tmp_path / "world.sandbox.hcl"
    fixture.write_text(world(EXAMPLES / example / "iam"))
    command = [BINARY, "sandbox", "serve", "-listen", "127.0.0.1:0", str(fixture)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, text=True)
    try:
        line = process.stdout.readline()
        announcement = "Sandbox listening on "
        assert line.startswith(announcement), line
        yield Forge(example, tmp_path, line.removeprefix(announcement).strip(), s3)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
