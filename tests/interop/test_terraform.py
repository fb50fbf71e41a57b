"""Terraform's AWS provider creates an organization, finds nothing to change, and destroys it.

Needs `terraform` and a provider that `terraform init` finds without the network: in its own plugin directories, or in
TERRAFORM_PLUGIN_DIR.
"""

import os
import shutil
import subprocess

import pytest
from conftest import HERE


def terraform(directory, sandbox, *arguments):
    environment = sandbox.environment("999999999999")
    # The endpoints are in the configuration, where Terraform users put them.
    del environment["AWS_ENDPOINT_URL"]
    environment["TF_VAR_endpoint"] = sandbox.url
    return subprocess.run(["terraform", *arguments], cwd=directory, env=environment, capture_output=True, text=True)


@pytest.fixture
def directory(tmp_path, sandbox):
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    shutil.copy(HERE / "terraform" / "main.tf", tmp_path)
    plugins = os.environ.get("TERRAFORM_PLUGIN_DIR")
    done = terraform(tmp_path, sandbox, "init", "-input=false", "-no-color", *([f"-plugin-dir={plugins}"] if plugins else []))
    if done.returncode:
        pytest.skip(f"terraform finds no AWS provider; TERRAFORM_PLUGIN_DIR can name the directory that holds it: {done.stderr}")
    return tmp_path


def test_create_plan_empty_and_destroy(sandbox, directory):
    applied = terraform(directory, sandbox, "apply", "-auto-approve", "-input=false", "-no-color")
    assert applied.returncode == 0, applied.stderr
    planned = terraform(directory, sandbox, "plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    organizations = sandbox.client("organizations", "999999999999")
    (account,) = [account for account in organizations.list_accounts()["Accounts"] if account["Id"] != "999999999999"]
    # Terraform removes the account from the organization, which AWS allows once it is old enough and signed up.
    sandbox.control("POST", "/clock", {"advance_seconds": 4 * 86_400})
    signed_up = {"payment_method": "valid", "phone_verified": True, "agreement_accepted": True}
    sandbox.control("POST", f"/accounts/{account['Id']}", signed_up)
    destroyed = terraform(directory, sandbox, "destroy", "-auto-approve", "-input=false", "-no-color")
    assert destroyed.returncode == 0, destroyed.stderr
    assert "Destroy complete!" in destroyed.stdout
    with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
        organizations.describe_organization()
