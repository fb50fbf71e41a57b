"""Calls every operation of Organizations in the sandbox once, and checks its answer against AWS's model (see model.py)."""

import botocore.exceptions
import pytest
from conftest import MANAGEMENT

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]}'


def test_an_organization_from_its_creation_to_its_deletion(sandbox):
    client = sandbox.client("organizations", "999999999999")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    unit = client.create_organizational_unit(ParentId=root, Name="Unit", Tags=[{"Key": "a", "Value": "b"}])["OrganizationalUnit"]["Id"]
    client.update_organizational_unit(OrganizationalUnitId=unit, Name="Renamed")
    assert client.describe_organizational_unit(OrganizationalUnitId=unit)["OrganizationalUnit"]["Name"] == "Renamed"
    assert client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    policy = client.create_policy(Name="P", Description="", Type="SERVICE_CONTROL_POLICY", Content=DENY)["Policy"]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=policy, TargetId=unit)
    client.update_policy(PolicyId=policy, Description="changed")
    assert client.describe_policy(PolicyId=policy)["Policy"]["Content"] == DENY
    assert client.list_targets_for_policy(PolicyId=policy)["Targets"]
    client.detach_policy(PolicyId=policy, TargetId=unit)
    client.tag_resource(ResourceId=policy, Tags=[{"Key": "a", "Value": "b"}])
    assert client.list_tags_for_resource(ResourceId=policy)["Tags"]
    client.untag_resource(ResourceId=policy, TagKeys=["a"])
    client.delete_policy(PolicyId=policy)
    client.disable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    client.delete_organizational_unit(OrganizationalUnitId=unit)
    client.delete_organization()


def test_accounts_and_delegation(sandbox):
    client = sandbox.client("organizations", MANAGEMENT)
    client.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    client.register_delegated_administrator(AccountId="333333333333", ServicePrincipal="config.amazonaws.com")
    assert sandbox.client("organizations", "333333333333").list_accounts()["Accounts"]
    client.deregister_delegated_administrator(AccountId="333333333333", ServicePrincipal="config.amazonaws.com")
    client.disable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    root = client.list_roots()["Roots"][0]["Id"]
    client.move_account(AccountId="333333333333", SourceParentId="ou-ab12-workload", DestinationParentId=root)
    client.close_account(AccountId="333333333333")
    assert client.describe_account(AccountId="333333333333")["Account"]["State"] == "CLOSED"
    client.create_account(Email="taken@example.com", AccountName="one")
    client.create_account(Email="taken@example.com", AccountName="two")
    statuses = client.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
    assert [status["FailureReason"] for status in statuses] == ["EMAIL_ALREADY_EXISTS"]


def test_invitations(sandbox):
    client, invited = sandbox.client("organizations", MANAGEMENT), sandbox.client("organizations", "999999999999")
    target = {"Id": "999999999999", "Type": "ACCOUNT"}
    first = client.invite_account_to_organization(Target=target, Notes="welcome")["Handshake"]["Id"]
    assert invited.describe_handshake(HandshakeId=first)["Handshake"]["State"] == "OPEN"
    assert invited.list_handshakes_for_account(Filter={"ActionType": "INVITE"})["Handshakes"]
    invited.decline_handshake(HandshakeId=first)
    second = client.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    client.cancel_handshake(HandshakeId=second)
    third = client.invite_account_to_organization(Target=target)["Handshake"]["Id"]
    invited.accept_handshake(HandshakeId=third)
    states = {handshake["Id"]: handshake["State"] for handshake in client.list_handshakes_for_organization()["Handshakes"]}
    assert states == {first: "DECLINED", second: "CANCELED", third: "ACCEPTED"}


def test_effective_policies(sandbox):
    client = sandbox.client("organizations", MANAGEMENT)
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="BACKUP_POLICY")
    content = '{"plans":{"daily":{"regions":{"@@assign":["us-east-1"]}}}}'
    policy = client.create_policy(Name="Daily", Description="", Type="BACKUP_POLICY", Content=content)["Policy"]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=policy, TargetId="333333333333")
    effective = client.describe_effective_policy(PolicyType="BACKUP_POLICY", TargetId="333333333333")["EffectivePolicy"]
    assert effective["PolicyContent"] == '{"plans":{"daily":{"regions":["us-east-1"]}}}'
    invalid = client.list_accounts_with_invalid_effective_policy(PolicyType="BACKUP_POLICY")
    assert [account["Id"] for account in invalid["Accounts"]] == ["333333333333"]
    errors = client.list_effective_policy_validation_errors(AccountId="333333333333", PolicyType="BACKUP_POLICY")
    assert errors["EffectivePolicyValidationErrors"]


def test_a_resource_policy(sandbox):
    client = sandbox.client("organizations", MANAGEMENT)
    content = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"organizations:ListPolicies","Resource":"*"}]}'
    put = client.put_resource_policy(Content=content, Tags=[{"Key": "a", "Value": "b"}])["ResourcePolicy"]
    assert client.describe_resource_policy()["ResourcePolicy"] == put
    assert client.list_tags_for_resource(ResourceId=put["ResourcePolicySummary"]["Id"])["Tags"]
    assert sandbox.client("organizations", "333333333333").list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    client.delete_resource_policy()
    with pytest.raises(client.exceptions.ResourcePolicyNotFoundException):
        client.describe_resource_policy()


def test_all_features(sandbox):
    founder, member = sandbox.client("organizations", "999999999999"), sandbox.client("organizations", "121212121212")
    founder.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    invitation = founder.invite_account_to_organization(Target={"Id": "121212121212", "Type": "ACCOUNT"})["Handshake"]["Id"]
    member.accept_handshake(HandshakeId=invitation)
    enabling = founder.enable_all_features()["Handshake"]
    assert (enabling["Action"], enabling["State"]) == ("ENABLE_ALL_FEATURES", "REQUESTED")
    (approval,) = member.list_handshakes_for_account(Filter={"ActionType": "APPROVE_ALL_FEATURES"})["Handshakes"]
    assert member.accept_handshake(HandshakeId=approval["Id"])["Handshake"]["State"] == "ACCEPTED"
    founder.accept_handshake(HandshakeId=enabling["Id"])
    assert founder.describe_organization()["Organization"]["FeatureSet"] == "ALL"


def test_alternate_contacts(sandbox):
    client = sandbox.client("account", "333333333333")
    contact = {"Name": "Ada", "Title": "CISO", "EmailAddress": "ada@example.com", "PhoneNumber": "+12065550100", "AlternateContactType": "SECURITY"}
    client.put_alternate_contact(**contact)
    assert client.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"] == contact
    client.delete_alternate_contact(AlternateContactType="SECURITY")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_alternate_contact(AlternateContactType="SECURITY")


@pytest.mark.parametrize(
    ("operation", "arguments", "code", "reason"),
    [
        ("describe_account", {"AccountId": "999999999999"}, "AccountNotFoundException", None),
        ("list_parents", {"ChildId": "999999999999"}, "ChildNotFoundException", None),
        ("list_children", {"ParentId": "r-zzzz", "ChildType": "ACCOUNT"}, "ParentNotFoundException", None),
        ("list_accounts", {"NextToken": "foreign"}, "InvalidInputException", "INVALID_NEXT_TOKEN"),
        ("describe_policy", {"PolicyId": "p-nosuchpolicy"}, "PolicyNotFoundException", None),
        ("attach_policy", {"PolicyId": "p-FullAWSAccess", "TargetId": "333333333333"}, "DuplicatePolicyAttachmentException", None),
        (
            "detach_policy",
            {"PolicyId": "p-FullAWSAccess", "TargetId": "333333333333"},
            "ConstraintViolationException",
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        ),
        ("delete_policy", {"PolicyId": "p-keepaccount"}, "PolicyInUseException", None),
        ("delete_organizational_unit", {"OrganizationalUnitId": "ou-ab12-workload"}, "OrganizationalUnitNotEmptyException", None),
        ("delete_organization", {}, "OrganizationNotEmptyException", None),
        ("create_organization", {}, "AlreadyInOrganizationException", None),
        ("describe_handshake", {"HandshakeId": "h-nosuchhandshake"}, "HandshakeNotFoundException", None),
        ("describe_create_account_status", {"CreateAccountRequestId": "car-nosuchrequest"}, "CreateAccountStatusNotFoundException", None),
        ("list_tags_for_resource", {"ResourceId": "999999999999"}, "TargetNotFoundException", None),
        (
            "create_policy",
            {"Name": "P", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": "{}"},
            "MalformedPolicyDocumentException",
            None,
        ),
        ("enable_aws_service_access", {"ServicePrincipal": "flights.amazonaws.com"}, "InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL"),
        ("put_resource_policy", {"Content": "{}"}, "InvalidInputException", "INVALID_RESOURCE_POLICY_JSON"),
        ("delete_resource_policy", {}, "ResourcePolicyNotFoundException", None),
        ("enable_all_features", {}, "HandshakeConstraintViolationException", "ORGANIZATION_ALREADY_HAS_ALL_FEATURES"),
        ("describe_effective_policy", {"PolicyType": "TAG_POLICY"}, "EffectivePolicyNotFoundException", None),
    ],
)
def test_an_error_of_an_operation(sandbox, operation, arguments, code, reason):
    client = sandbox.client("organizations", MANAGEMENT)
    with pytest.raises(getattr(client.exceptions, code)) as caught:
        getattr(client, operation)(**arguments)
    assert caught.value.response.get("Reason") == reason


# Possible values of each input member; ids that exist in the world are used where they fit.
PROBES = {
    "AccountId": ["333333333333", "999999999999"],
    "HandshakeId": ["h-nosuchhandshake"],
    "CreateAccountRequestId": ["car-nosuchrequest"],
    "ParentId": ["ou-ab12-workload", "r-zzzz"],
    "ChildId": ["333333333333"],
    "ChildType": ["ACCOUNT"],
    "OrganizationalUnitId": ["ou-ab12-workload", "ou-ab12-nowhere1"],
    "PolicyId": ["p-keepaccount", "p-nosuchpolicy"],
    "TargetId": ["333333333333", "999999999999"],
    "ResourceId": ["333333333333", "999999999999"],
    "Filter": ["SERVICE_CONTROL_POLICY"],
    "RootId": ["r-zzzz"],
    "PolicyType": ["SERVICE_CONTROL_POLICY"],
    "ServicePrincipal": ["guardduty.amazonaws.com", "macie.amazonaws.com"],
    "Target": [{"Id": "999999999999", "Type": "ACCOUNT"}],
    "Tags": [[{"Key": "k", "Value": "v"}]],
    "TagKeys": [["k"]],
}


def inputs(shape):
    """An empty input, and inputs with the probes' values for the required members."""
    yield {}
    members = shape.required_members if shape else []
    for index in range(2):
        values = {name: PROBES[name][index % len(PROBES[name])] for name in members if name in PROBES}
        if values:
            yield values


@pytest.mark.parametrize("account", [MANAGEMENT, "222222222222", "333333333333", "999999999999"])
def test_every_answer_is_declared_for_every_caller(sandbox, account):
    client = sandbox.client("organizations", account, validate=False)
    model, answered = client.meta.service_model, 0
    for name, operation in client.meta.method_to_api_mapping.items():
        for arguments in inputs(model.operation_model(operation).input_shape):
            try:
                getattr(client, name)(**arguments)
            except client.exceptions.ClientError as error:
                unknown = error.response["Error"]["Code"] == "UnknownOperationException"
                answered -= unknown
            answered += 1
    assert answered > 60
    with pytest.raises(botocore.exceptions.ClientError, match="The sandbox has no operation organizations:ListInboundResponsibilityTransfers"):
        client.list_inbound_responsibility_transfers(Type="BILLING")
