"""A careful script: reads the organization, and for each account that should leave the facts that decide whether it may."""

import sys

import boto3

MANAGEMENT, DEPARTURES = sys.argv[1], sys.argv[2:]
client = boto3.client("organizations")


def pages(operation, key, **arguments):
    return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page[key]]


organization = client.describe_organization()["Organization"]
root = client.list_roots()["Roots"][0]["Id"]
accounts = {account["Id"]: account for account in pages("list_accounts", "Accounts")}
administrators = {found["Id"] for found in pages("list_delegated_administrators", "DelegatedAdministrators")}
texts, attached, names = {}, {}, {}


def policies_at(target):
    if target not in attached:
        attached[target] = [
            policy["Id"] for policy in pages("list_policies_for_target", "Policies", TargetId=target, Filter="SERVICE_CONTROL_POLICY")
        ]
    for policy in attached[target]:
        if policy not in texts:
            texts[policy] = client.describe_policy(PolicyId=policy)["Policy"]["Content"]


if DEPARTURES:
    pages("list_aws_service_access_for_organization", "EnabledServicePrincipals")
for account in DEPARTURES:
    child = account
    while child != root:
        policies_at(child)
        child = client.list_parents(ChildId=child)["Parents"][0]["Id"]
        if child.startswith("ou-") and child not in names:
            names[child] = client.describe_organizational_unit(OrganizationalUnitId=child)["OrganizationalUnit"]["Name"]
    policies_at(root)
    pages("list_tags_for_resource", "Tags", ResourceId=account)
print(len(accounts), "accounts", len(texts), "policies", len(administrators), "administrators")
