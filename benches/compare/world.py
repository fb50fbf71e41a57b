"""Organizations of any size, and the files that each tool needs to read them."""

import json
import pathlib

MANAGEMENT = 111_111_111_111
MEMBERS = 200_000_000_000
UNIT = 50


class World:
    """An organization of `accounts` members in units of 50, of which the first `departures` should leave.

    With `own_units`, each of these is in its own unit. `number` distinguishes the organizations of one sandbox.
    """

    def __init__(self, directory, accounts, departures=0, own_units=False, number=0, **weather):
        self.directory = pathlib.Path(directory)
        self.organization, self.management, self.root = f"o-comparison{number:02}", f"{MANAGEMENT + number}", f"r-ab{number:02}"
        first = MEMBERS + number * 100_000
        self.accounts = [(f"{first + index}", f"account-{index:05}") for index in range(accounts)]
        self.departures = self.accounts[:departures]
        self.unit_size = [1] * departures if own_units else []
        self.directory.mkdir(parents=True, exist_ok=True)
        self.fixture = write_fixture(self.directory, [self], **weather)

    def units(self):
        """The units, each with its id and accounts."""
        found, start = [], 0
        while start < len(self.accounts):
            size = self.unit_size[len(found)] if len(found) < len(self.unit_size) else UNIT
            found.append((f"ou-ab{self.root[-2:]}-{len(found):08}", self.accounts[start : start + size]))
            start += size
        return found

    def hcl(self):
        lines = [
            f'organization "{self.organization}" {{\n  management_account_id = "{self.management}"\n  root {{ id = "{self.root}" }}',
            f'  account "{self.management}" {{\n    name  = "management"\n    email = "management@example.com"\n  }}',
        ]
        for unit, accounts in self.units():
            lines.append(f'  organizational_unit "Unit {unit[-8:]}" {{\n    id = "{unit}"')
            for id, name in accounts:
                lines.append(
                    f'    account "{id}" {{\n      name = "{name}"\n      email = "{name}@example.com"\n      joined = "2024-03-01T10:00:00Z"\n'
                    f'      payment_method = "valid"\n      phone_verified = true\n      agreement_accepted = true\n      support_plan = "basic"\n    }}'
                )
            lines.append("  }")
        return "\n".join([*lines, "}", ""])

    def roster(self, api_share=1.0):
        """Writes the configuration for orgroster and returns its directory."""
        attested = '["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]'
        lines = [
            f'provider "aws" {{\n  api_share = {api_share}\n}}',
            f'organization {{\n  id                    = "{self.organization}"\n  management_account_id = "{self.management}"\n}}',
            "guardrails {\n  max_detachments         = 1000\n  max_detachments_percent = 100\n}",
        ]
        leaving = set(self.departures)
        for id, name in self.accounts:
            if (id, name) in leaving:
                lines.append(
                    f'account "{name}" {{\n  id         = "{id}"\n  name       = "{name}"\n  membership = "detached"\n  reason     = "Divested"\n'
                    f'  attestation {{\n    of = {attested}\n    by = "finance@example.com"\n    on = "2026-01-02"\n  }}\n}}'
                )
            else:
                lines.append(f'account "{name}" {{\n  id         = "{id}"\n  membership = "member"\n}}')
        directory = self.directory / "orgroster"
        directory.mkdir(exist_ok=True)
        (directory / "main.roster.hcl").write_text("\n".join(lines) + "\n")
        return directory

    def terraform(self, url):
        """Writes the configuration for Terraform, with a state of the organization, and returns its directory."""
        directory = self.directory / "terraform"
        directory.mkdir(exist_ok=True)
        facts = {
            name: {"id": id, "email": f"{name}@example.com", "parent": unit}
            for unit, accounts in self.units()
            for id, name in accounts
        }
        kept = {name: fact for name, fact in facts.items() if (fact["id"], name) not in set(self.departures)}
        (directory / "accounts.json").write_text(json.dumps(kept))
        (directory / "main.tf").write_text(TERRAFORM.replace("ENDPOINT", url))
        (directory / "terraform.tfstate").write_text(json.dumps(state(self, facts)))
        return directory


def write_fixture(directory, worlds, latency_ms=0, throttles=False):
    """Writes the fixture of a sandbox with these organizations and returns its path."""
    weather = f"    latency_ms = {latency_ms}\n    throttles  = {json.dumps(throttles)}"
    path = pathlib.Path(directory) / "world.sandbox.hcl"
    path.write_text("\n".join([f"sandbox {{\n  weather {{\n{weather}\n  }}\n}}", *(world.hcl() for world in worlds)]))
    return path


def state(world, facts):
    def instance(name, fact):
        id = fact["id"]
        attributes = {
            "arn": f"arn:aws:organizations::{world.management}:account/{world.organization}/{id}",
            "close_on_deletion": False,
            "create_govcloud": False,
            "email": fact["email"],
            "govcloud_id": "",
            "iam_user_access_to_billing": None,
            "id": id,
            "joined_method": "CREATED",
            "joined_timestamp": "2024-03-01T10:00:00Z",
            "name": name,
            "parent_id": fact["parent"],
            "role_name": None,
            "status": "ACTIVE",
            "tags": {},
            "tags_all": {},
            "timeouts": None,
        }
        return {"index_key": name, "schema_version": 0, "attributes": attributes, "sensitive_attributes": []}

    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "0c8e5a3e-5a0b-4f0e-9d3c-000000000001",
        "outputs": {},
        "resources": [
            {
                "mode": "managed",
                "type": "aws_organizations_account",
                "name": "member",
                "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
                "instances": [instance(name, fact) for name, fact in facts.items()],
            }
        ],
    }


TERRAFORM = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "111111111111"
  secret_key                  = "any"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    organizations = "ENDPOINT"
    sts           = "ENDPOINT"
    iam           = "ENDPOINT"
  }
}

# Terraform evaluates `for_each` again for every instance, but a local value only once.
locals {
  accounts = jsondecode(file("${path.module}/accounts.json"))
}

resource "aws_organizations_account" "member" {
  for_each  = local.accounts
  name      = each.key
  email     = each.value.email
  parent_id = each.value.parent
}
"""
