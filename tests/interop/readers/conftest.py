"""Plans with every kind of outcome, made by the program."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"

ORGANIZATION = """
organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
"""
SANDBOX = 'provider "aws" {\n  sandbox = "organization.sandbox.hcl"\n}\n'


def member(name, account):
    return f'account "{name}" {{\n  id         = "{account}"\n  membership = "member"\n}}\n'


def detached(name, account):
    return f'account "{name}" {{\n  id         = "{account}"\n  name       = "{name}"\n  membership = "detached"\n  reason     = "Sold"\n}}\n'


class Configuration:
    """A directory with a configuration, and runs of the program there."""

    def __init__(self, path):
        self.path = path

    def run(self, *arguments, environment=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_", "CI"))}
        command = [os.environ["ORGROSTER_BIN"], *arguments]
        return subprocess.run(command, cwd=self.path, env=kept | (environment or {}), capture_output=True, text=True)

    def plan(self, *arguments, environment=None):
        """The path of the saved plan."""
        done = self.run("plan", "-out=plan.json", *arguments, environment=environment)
        assert done.returncode == 0, done.stderr
        return self.path / "plan.json"


@pytest.fixture(scope="session")
def configure(tmp_path_factory):
    """Makes a configuration from the quickstart's organization and other blocks."""

    def configure(blocks=None, edit=lambda text: text):
        path = tmp_path_factory.mktemp("configuration")
        shutil.copy(QUICKSTART / "organization.sandbox.hcl", path)
        if blocks is not None:
            (path / "main.roster.hcl").write_text(SANDBOX + ORGANIZATION + blocks)
        else:
            for file in QUICKSTART.glob("*.roster.hcl"):
                (path / file.name).write_text(edit(file.read_text()))
        return Configuration(path)

    return configure


@pytest.fixture(scope="session")
def plans(configure):
    """The path of a plan for each kind of outcome, by its name."""
    quickstart = configure()
    everything = quickstart.plan()
    plans = {"departing, blocked, unmanaged and unchanged": everything}
    plans["guardrail exceeded"] = configure(edit=lambda text: text.replace("max_detachments    = 2", "max_detachments    = 1")).plan()
    plans["nothing to do"] = configure(member("shop", "230000000001")).plan()
    plans["only blocked"] = configure(detached("security-tooling", "210000000003")).plan()
    plans["drift"] = configure(member("gone", "999999999999")).plan()
    plans["targeted"] = configure().plan("-target=account.legacy-crm")
    compared = configure()
    plans["compared with a baseline"] = compared.plan(f"-baseline={everything}")
    done = quickstart.run("apply", "-auto-approve")
    assert done.returncode == 0, done.stderr
    (quickstart.path / "plan.json").rename(quickstart.path / "before.json")
    plans["departing, blocked, unmanaged and unchanged"] = quickstart.path / "before.json"
    plans["already out"] = quickstart.plan()
    spreadsheet = ROOT / "examples" / "spreadsheet"
    copy = configure().path.parent / "spreadsheet"
    shutil.copytree(spreadsheet, copy, ignore=shutil.ignore_patterns(".orgroster"), dirs_exist_ok=True)
    plans["instances of for_each"] = Configuration(copy).plan("-var=contract=2026-117")
    plans["not the sandbox's"] = outside_the_sandbox(configure)
    return plans


def outside_the_sandbox(configure):
    """A plan made as with AWS: the endpoint comes from the environment."""
    configuration = configure(detached("acquired-shop", "260000000001"))
    main = configuration.path / "main.roster.hcl"
    main.write_text(main.read_text().replace(SANDBOX, ""))
    # The program compares its clock with that of the endpoint, which it takes for AWS.
    world = configuration.path / "organization.sandbox.hcl"
    world.write_text("\n".join(line for line in world.read_text().splitlines() if not line.startswith("  clock ")))
    command = [os.environ["ORGROSTER_BIN"], "sandbox", "serve", "-listen=127.0.0.1:0", "organization.sandbox.hcl"]
    with subprocess.Popen(command, cwd=configuration.path, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().removeprefix("Sandbox listening on ").strip()
            environment = {
                "AWS_ENDPOINT_URL": url,
                "AWS_ACCESS_KEY_ID": "111111111111",
                "AWS_SECRET_ACCESS_KEY": "any",
                "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
            return configuration.plan(environment=environment)
        finally:
            server.kill()


@pytest.fixture(scope="session")
def documents(plans):
    """The plans as JSON."""
    return {name: json.loads(path.read_text()) for name, path in plans.items()}
