"""The program from `init` to `verify` with its backend on moto's S3, and its organization in the sandbox.

`run` sets ORGROSTER_S3_ENDPOINT, a server with the bucket `records`.
"""

import os
import subprocess
import urllib.request

import boto3
import pytest

S3 = os.environ["ORGROSTER_S3_ENDPOINT"]
BIN = os.environ["ORGROSTER_BIN"]

FIXTURE = """
sandbox {
  weather {
    trail_delay_seconds = 0
    latency_ms          = 20
  }
}

organization "o-exampleorgid" {
  management_account_id = "111111111111"
  root { id = "r-ab12" }

  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }
  account "333333333333" {
    name   = "crm"
    email  = "crm@example.com"
    joined = "2024-03-01T10:00:00Z"

    payment_method     = "valid"
    phone_verified     = true
    agreement_accepted = true
    support_plan       = "basic"
  }
  account "444444444444" {
    name   = "shop"
    email  = "shop@example.com"
    joined = "2024-03-01T10:00:00Z"

    payment_method     = "valid"
    phone_verified     = true
    agreement_accepted = true
    support_plan       = "basic"
  }
}
"""

CONFIGURATION = """
orgroster {
  backend "s3" {
    bucket = "%s"
    prefix = "%s"
    region = "us-east-1"
  }
}

organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

guardrails {
  max_detachments = 2
}

account "crm" {
  id         = "333333333333"
  name       = "crm"
  membership = "detached"
  reason     = "Divested"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-01-02"
  }
}

account "shop" {
  id         = "444444444444"
  name       = "shop"
  membership = "detached"
  reason     = "Divested"

  attestation {
    of = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]
    by = "finance@example.com"
    on = "2026-01-02"
  }
}
"""

ANNOUNCEMENT = "Sandbox listening on "


class Project:
    """A configuration with a backend under its own prefix."""

    def __init__(self, folder, organization):
        self.folder = folder
        self.prefix = f"{folder.name}/"
        self.configure("records")
        kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("AWS_")}
        self.environment = kept | {
            "AWS_ENDPOINT_URL": organization,
            "AWS_ENDPOINT_URL_S3": S3,
            "AWS_ACCESS_KEY_ID": "111111111111",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def configure(self, bucket):
        (self.folder / "main.roster.hcl").write_text(CONFIGURATION % (bucket, self.prefix))

    def start(self, *words):
        return subprocess.Popen(
            [BIN, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *words):
        process = self.start(*words)
        text, _ = process.communicate()
        return process.returncode, text

    def keys(self):
        client = boto3.client("s3", endpoint_url=S3, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        listed = client.list_objects_v2(Bucket="records", Prefix=self.prefix)
        return sorted(found["Key"].removeprefix(self.prefix) for found in listed.get("Contents", []))


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / tmp_path.name
    folder.mkdir()
    (tmp_path / "world.sandbox.hcl").write_text(FIXTURE)
    command = [BIN, "sandbox", "serve", "-listen=127.0.0.1:0", "world.sandbox.hcl"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith(ANNOUNCEMENT), line
    yield Project(folder, line.removeprefix(ANNOUNCEMENT).strip())
    process.terminate()
    process.wait()


def test_from_init_to_verify(project):
    assert project.run("init")[0] == 0
    assert project.keys() == []
    code, text = project.run("apply", "-auto-approve")
    assert code == 0, text
    head = next(word for word in text.split() if word.startswith("sha256:") and f"head {word}" in text)
    keys = project.keys()
    assert [key.split("/")[0] for key in keys] == ["head"] + ["journal"] * 6 + ["records"] * 2, keys
    code, text = project.run("history")
    assert code == 0 and "account.crm" in text and head in text, text
    code, text = project.run("verify", "-head", head, "-member")
    assert code == 0 and "The chain is whole." in text and "2 proven" in text, text
    code, text = project.run("verify", "-head", "sha256:" + "0" * 64)
    assert code == 1 and "is not in this chain" in text, text
    assert project.run("plan", "-detailed-exitcode")[0] == 0


def test_a_killed_apply_blocks_until_its_lock_is_forced_by_its_id(project):
    first = project.start("apply", "-auto-approve", "-no-color", "-parallelism=1")
    assert any("Destroying..." in line for line in first.stdout)
    code, text = project.run("apply", "-auto-approve")
    assert code == 1 and "Another run holds the lock" in text, text
    first.kill()
    first.wait()
    code, text = project.run("apply", "-auto-approve", "-lock-timeout=1s")
    assert code == 1, text
    lock = text.split("orgroster force-unlock ")[1].split()[0]
    assert project.run("force-unlock", "-force", "another")[0] == 1
    assert project.run("force-unlock", "-force", lock)[0] == 0
    code, text = project.run("apply", "-auto-approve")
    assert code == 0, text
    assert len([key for key in project.keys() if key.startswith("records/")]) == 2


def test_a_bucket_that_is_not_there_is_named_before_anything_is_done(project):
    project.configure("others")
    for words in (["init"], ["apply", "-auto-approve"]):
        code, text = project.run(*words)
        assert code == 1 and 'There is no bucket "others"; check `bucket` in the backend block' in text, text
    with urllib.request.urlopen(project.environment["AWS_ENDPOINT_URL"] + "/_sandbox/requests") as answer:
        assert b"LeaveOrganization" not in answer.read()


def test_a_backend_belongs_to_one_organization_and_a_lost_journal_is_noticed(project):
    assert project.run("apply", "-auto-approve")[0] == 0
    path = project.folder / "main.roster.hcl"
    ours = path.read_text()
    path.write_text(ours.replace("o-exampleorgid", "o-secondorgid1"))
    code, text = project.run("apply", "-auto-approve")
    assert code == 1 and "belongs to organization o-exampleorgid, but the configuration declares o-secondorgid1" in text, text
    path.write_text(ours)
    client = boto3.client("s3", endpoint_url=S3, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    # Consoles create folders as empty objects.
    client.put_object(Bucket="records", Key=f"{project.prefix}records/", Body=b"")
    assert project.run("verify")[0] == 0
    for key in [key for key in project.keys() if key.startswith("journal/")]:
        client.delete_object(Bucket="records", Key=project.prefix + key)
    code, text = project.run("apply", "-auto-approve")
    assert code == 1 and "journal.jsonl: it is cut off" in text, text
    assert not any(key.startswith("journal/") for key in project.keys())
