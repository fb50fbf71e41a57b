"""The nightly comparison of GitHub and GitLab: changes by boto3 are in one issue with their authors; the issue is edited, and closed."""

import http.server
import json
import subprocess
import sys
import threading
import urllib.parse

import actions
import pytest
import yaml
from conftest import EXAMPLES, HERE

MARKER = "<!-- orgroster:drift:o-exampleorgid -->"
ADMINISTRATOR = "arn:aws:iam::111111111111:user/administrator"


def with_aws(forge):
    """The forge with a substitute for the AWS CLI, and with CloudTrail events that appear at once."""
    tool = forge.path / "tools/aws"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "aws"}" "$@"\n')
    tool.chmod(0o755)
    done = subprocess.run(["curl", "--fail", "--silent", "-X", "POST", "-d", '{"trail_delay_seconds": 0}', f"{forge.sandbox}/_sandbox/weather"])
    assert done.returncode == 0
    return forge


class GitHub:
    example = "github-actions"

    def __init__(self, forge):
        self.forge = forge

    def night(self):
        return actions.Run(self.forge, "drift", "schedule").all()

    def issues(self):
        return self.forge.posted()["issues"]

    def close(self):
        posted = self.forge.posted()
        posted["issues"][-1]["state"] = "closed"
        self.forge.github.write_text(json.dumps(posted))

    def end(self):
        pass


class GitLab:
    """Runs the job, and provides the part of GitLab's API that it uses."""

    example = "gitlab-ci"

    def __init__(self, forge):
        self.forge, self.kept, kept = forge, [], []
        self.kept = kept

        class Answers(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def fields(self):
                assert self.headers["private-token"] == "issue-token"
                text = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                return dict(urllib.parse.parse_qsl(text, strict_parsing=bool(text)))

            def do_GET(self):
                url = urllib.parse.urlparse(self.path)
                assert url.path == "/api/v4/projects/7/issues" and self.fields() == {}
                query = dict(urllib.parse.parse_qsl(url.query))
                state = {"opened": "open"}[query["state"]]
                self.answer([issue for issue in kept if issue["state"] == state and query["labels"] in issue["labels"]])

            def do_POST(self):
                assert self.path == "/api/v4/projects/7/issues"
                fields = self.fields()
                labels = fields["labels"].split(",")
                kept.append({"iid": len(kept) + 1, "state": "open", "title": fields["title"], "labels": labels, "description": fields["description"]})
                self.answer(kept[-1])

            def do_PUT(self):
                issue = kept[int(self.path.removeprefix("/api/v4/projects/7/issues/")) - 1]
                fields = self.fields()
                if fields.pop("state_event", None):
                    issue["state"] = "closed"
                issue.update(fields)
                self.answer(issue)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def night(self):
        forge = self.forge
        main = yaml.safe_load((forge.example / ".gitlab-ci.yml").read_text())
        [included] = main["include"]
        job = yaml.safe_load((forge.example / included["local"]).read_text())["drift"]
        folder = forge.path / f"build-{len(list(forge.path.iterdir()))}"
        forge.git("clone", "--quiet", str(forge.origin), str(folder))
        given = {
            "AWS_ID_TOKEN": "token",
            "CI_JOB_ID": "1",
            "CI_API_V4_URL": f"http://127.0.0.1:{self.server.server_port}/api/v4",
            "CI_PROJECT_ID": "7",
            "ORGROSTER_ISSUE_TOKEN": "issue-token",
            "ORGROSTER_PLAN_ROLE": "arn:aws:iam::111111111111:role/OrgrosterPlan",
        }
        environment = forge.environment | main["variables"] | job["variables"] | given | forge.role("OrgrosterPlan")
        script = "\n".join(main[job["extends"]]["before_script"] + job["script"])
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise actions.Failed(done.stdout)
        return done.stdout

    def issues(self):
        return [issue | {"body": issue["description"]} for issue in self.kept]

    def close(self):
        self.kept[-1]["state"] = "closed"

    def end(self):
        self.server.shutdown()
        self.server.server_close()


both = pytest.mark.parametrize(("forge", "kind"), [(kind.example, kind) for kind in (GitHub, GitLab)], indirect=["forge"], ids=["github", "gitlab"])


@pytest.fixture
def nightly(forge, kind):
    found = kind(with_aws(forge))
    yield found
    found.end()


@both
def test_one_issue_is_opened_edited_and_closed(nightly):
    forge = nightly.forge
    organizations = forge.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.list_parents(ChildId="333333333333")["Parents"][0]["Id"]
    nightly.night()
    nightly.night()
    assert nightly.issues() == [], "there was nothing to compare with, and then nothing to say"

    organizations.move_account(AccountId="333333333333", SourceParentId=unit, DestinationParentId=root)
    nightly.night()
    [issue] = nightly.issues()
    assert issue["state"] == "open" and issue["labels"] == ["orgroster-drift"]
    assert issue["body"].startswith(MARKER) and "## 1 change" in issue["body"]
    assert "| moved | `333333333333` | `data-lake` |" in issue["body"] and ADMINISTRATOR in issue["body"] and "MoveAccount" in issue["body"]

    # All changes since the issue was opened are in the same issue.
    organizations.tag_resource(ResourceId="222222222222", Tags=[{"Key": "owner", "Value": "jane@example.com"}])
    nightly.night()
    [issue] = nightly.issues()
    assert "## 2 changes" in issue["body"] and "moved" in issue["body"] and "tag added" in issue["body"]
    assert "jane@example.com" not in issue["body"], "whoever may see the project sees the issue"

    # The change is undone.
    organizations.move_account(AccountId="333333333333", SourceParentId=root, DestinationParentId=unit)
    organizations.untag_resource(ResourceId="222222222222", TagKeys=["owner"])
    nightly.night()
    nightly.night()
    assert [issue["state"] for issue in nightly.issues()] == ["closed"]


@both
def test_closing_the_issue_confirms_its_changes_and_failures_are_retried(nightly):
    forge = nightly.forge
    organizations = forge.client("organizations")
    nightly.night()
    organizations.deregister_delegated_administrator(AccountId="555555555555", ServicePrincipal="config.amazonaws.com")
    nightly.night()
    nightly.close()
    nightly.night()
    assert [issue["state"] for issue in nightly.issues()] == ["closed"]
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    account = forge.client("account")
    account.put_account_name(AccountId="444444444444", AccountName="crm")
    account.start_primary_email_update(AccountId="333333333333", PrimaryEmail="lake@example.com")
    account.accept_primary_email_update(AccountId="333333333333", PrimaryEmail="lake@example.com", Otp="123456")
    s3 = forge.client("s3", forge.s3)
    s3.put_object(Bucket="example-orgroster", Key="drift/latest.json.kept", Body=s3.get_object(Bucket="example-orgroster", Key="drift/latest.json")["Body"].read())
    s3.put_object(Bucket="example-orgroster", Key="drift/latest.json", Body=b'{"observed": {"organization": {"id": "o-exampleorgid"}}}')
    with pytest.raises(actions.Failed, match="invalid-snapshot"):
        nightly.night()
    assert len(nightly.issues()) == 1
    s3.put_object(Bucket="example-orgroster", Key="drift/latest.json", Body=s3.get_object(Bucket="example-orgroster", Key="drift/latest.json.kept")["Body"].read())
    nightly.night()
    first, second = nightly.issues()
    assert first["state"] == "closed" and second["state"] == "open"
    body = second["body"]
    assert "## 3 changes" in body and "delegation" not in body
    for expected in ["renamed", "PutAccountName", "address changed", "AcceptPrimaryEmailUpdate", "trusted access enabled", "EnableAWSServiceAccess"]:
        assert expected in body, expected
    assert body.count(ADMINISTRATOR) == 3 and "not known" not in body, body


@both
def test_a_bucket_that_may_not_be_listed_is_an_error_and_no_new_beginning(nightly):
    forge = nightly.forge
    nightly.night()
    latest = lambda: forge.client("s3", forge.s3).get_object(Bucket="example-orgroster", Key="drift/latest.json")["Body"].read()  # noqa: E731
    before = latest()
    forge.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    forge.environment["FAKE_AWS_DENIES"] = "ls"
    with pytest.raises(actions.Failed):
        nightly.night()
    assert latest() == before and nightly.issues() == []


def test_the_role_may_keep_the_snapshots_and_nothing_else_of_the_bucket():
    for example in ("github-actions", "gitlab-ci"):
        [statement] = json.loads((EXAMPLES / example / "iam/drift.json").read_text())["Statement"]
        assert statement["Action"] == ["s3:GetObject", "s3:PutObject"]
        assert statement["Resource"] == "arn:aws:s3:::example-orgroster/drift/*"
        text = "\n".join(path.read_text() for path in (EXAMPLES / example).rglob("drift*.yml"))
        assert "SNAPSHOTS: s3://example-orgroster/drift\n" in text
        printed = json.loads((EXAMPLES / example / "iam/plan.json").read_text())["Statement"]
        listed = [found for found in printed if "s3:ListBucket" in found["Action"]]
        assert [found["Resource"] for found in listed] == ["arn:*:s3:::example-orgroster"], "aws s3 ls asks for it"
