"""Organizations of any size, and what each tool needs to read them."""

import json
import pathlib

ORGANIZATION = "o-comparison1"
MANAGEMENT = "111111111111"
ROOT = "r-ab12"
UNIT = 50


class World:
    """An organization of `accounts` members in units of 50, of which the first `departures` are to leave."""

    def __init__(self, directory, accounts, departures, latency_ms=0, throttles=False):
        self.directory = pathlib.Path(directory)
        self.accounts = [(f"{200_000_000_000 + index}", f"account-{index:05}") for index in range(accounts)]
        self.departures = self.accounts[:departures]
        self.weather = {"latency_ms": latency_ms, "throttles": throttles}
        self.directory.mkdir(parents=True, exist_ok=True)
        self.fixture = self.directory / "world.sandbox.hcl"
        self.fixture.write_text(self.hcl())

    def unit_of(self, index):
        return f"ou-ab12-{index // UNIT:08}"

    def hcl(self):
        weather = "\n".join(f"    {name} = {json.dumps(value)}" for name, value in self.weather.items())
        lines = [
            f"sandbox {{\n  weather {{\n{weather}\n  }}\n}}",
            f'organization "{ORGANIZATION}" {{\n  management_account_id = "{MANAGEMENT}"\n  root {{ id = "{ROOT}" }}',
            f'  account "{MANAGEMENT}" {{\n    name  = "management"\n    email = "management@example.com"\n  }}',
        ]
        for start in range(0, len(self.accounts), UNIT):
            lines.append(f'  organizational_unit "Unit {start // UNIT}" {{\n    id = "{self.unit_of(start)}"')
            for id, name in self.accounts[start : start + UNIT]:
                lines.append(
                    f'    account "{id}" {{\n      name = "{name}"\n      email = "{name}@example.com"\n      joined = "2024-03-01T10:00:00Z"\n'
                    f'      payment_method = "valid"\n      phone_verified = true\n      agreement_accepted = true\n      support_plan = "basic"\n    }}'
                )
            lines.append("  }")
        return "\n".join([*lines, "}", ""])

    def roster(self, api_share=1.0):
        """The configuration for orgroster; its directory."""
        attested = '["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access"]'
        lines = [
            f'provider "aws" {{\n  api_share = {api_share}\n}}',
            f'organization {{\n  id                    = "{ORGANIZATION}"\n  management_account_id = "{MANAGEMENT}"\n}}',
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
        """The configuration for Terraform, with the state of an organization that it knows; its directory."""
        directory = self.directory / "terraform"
        directory.mkdir(exist_ok=True)
        facts = {
            name: {"id": id, "email": f"{name}@example.com", "parent": self.unit_of(index)}
            for index, (id, name) in enumerate(self.accounts)
        }
        kept = {name: fact for name, fact in facts.items() if (fact["id"], name) not in set(self.departures)}
        (directory / "accounts.json").write_text(json.dumps(kept))
        (directory / "main.tf").write_text(TERRAFORM.replace("ENDPOINT", url))
        (directory / "terraform.tfstate").write_text(json.dumps(state(facts)))
        return directory


def state(facts):
    def instance(name, fact):
        id = fact["id"]
        attributes = {
            "arn": f"arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION}/{id}",
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

# Terraform evaluates `for_each` anew for every instance, but a local value only once.
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
