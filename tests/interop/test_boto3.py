"""boto3: its own parsing of answers and errors, its typed exceptions, paginators and waits."""

import datetime
import json

import botocore.exceptions
import pytest
from cases import CASES
from conftest import MANAGEMENT

LEAVER = "333333333333"
ROLE = f"arn:aws:iam::{LEAVER}:role/OrganizationAccountAccessRole"


def test_a_member_leaves(sandbox):
    answer = sandbox.client("organizations", LEAVER).leave_organization()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["RequestId"]
    with pytest.raises(botocore.exceptions.ClientError, match="AWSOrganizationsNotInUse"):
        sandbox.client("organizations", LEAVER).describe_organization()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_error_is_its_typed_exception(sandbox, case):
    client = sandbox.client("organizations", case.account)
    sandbox.schedule(case)
    with pytest.raises(getattr(client.exceptions, case.code)) as caught:
        client.leave_organization()
    response = caught.value.response
    assert response["Error"]["Code"] == case.code
    assert response["Error"]["Message"]
    assert response.get("Reason") == case.reason
    assert response["ResponseMetadata"]["HTTPStatusCode"] == case.status


def test_the_denial_names_the_policy(sandbox):
    client = sandbox.client("organizations", "666666666666")
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        client.leave_organization()
    arn = "arn:aws:organizations::111111111111:policy/o-exampleorgid/service_control_policy/p-keepaccount"
    assert caught.value.response["Error"]["Message"].endswith(f"explicit deny in a service control policy: {arn}")


def test_the_management_account_removes_a_member(sandbox):
    client = sandbox.client("organizations", MANAGEMENT)
    client.remove_account_from_organization(AccountId="666666666666")
    with pytest.raises(client.exceptions.AccountNotFoundException):
        client.describe_account(AccountId="666666666666")


def test_paginators_follow_every_token(sandbox):
    sandbox.control("POST", "/weather", {"empty_pages": True})
    client = sandbox.client("organizations", MANAGEMENT)
    pages = list(client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Accounts"]) for page in pages] == [0, 3, 3, 2]
    account = pages[1]["Accounts"][0]
    assert isinstance(account["JoinedTimestamp"], datetime.datetime)
    for operation, result, arguments in [
        ("list_roots", "Roots", {}),
        ("list_parents", "Parents", {"ChildId": LEAVER}),
        ("list_children", "Children", {"ParentId": "ou-ab12-workload", "ChildType": "ACCOUNT"}),
        ("list_accounts_for_parent", "Accounts", {"ParentId": "ou-ab12-workload"}),
        ("list_delegated_administrators", "DelegatedAdministrators", {}),
        ("list_delegated_services_for_account", "DelegatedServices", {"AccountId": "222222222222"}),
        ("list_policies", "Policies", {"Filter": "SERVICE_CONTROL_POLICY"}),
        ("list_policies_for_target", "Policies", {"TargetId": LEAVER, "Filter": "SERVICE_CONTROL_POLICY"}),
        ("list_targets_for_policy", "Targets", {"PolicyId": "p-FullAWSAccess"}),
        ("list_aws_service_access_for_organization", "EnabledServicePrincipals", {}),
    ]:
        found = [item for page in client.get_paginator(operation).paginate(**arguments) for item in page[result]]
        assert found, operation


def test_a_session_is_narrowed_and_leaves(sandbox):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "organizations:LeaveOrganization", "Resource": "*"}]}
    assumed = sandbox.client("sts", MANAGEMENT).assume_role(
        RoleArn=ROLE, RoleSessionName="rehearsal", DurationSeconds=900, SourceIdentity="change-77", Policy=json.dumps(policy)
    )
    assert assumed["SourceIdentity"] == "change-77"
    credentials = assumed["Credentials"]
    assert credentials["Expiration"] == datetime.datetime(2026, 11, 22, 9, 15, tzinfo=datetime.timezone.utc)
    key, token = credentials["AccessKeyId"], credentials["SessionToken"]
    identity = sandbox.client("sts", key, token).get_caller_identity()
    assert identity["Account"] == LEAVER
    member = sandbox.client("organizations", key, token)
    with pytest.raises(member.exceptions.AccessDeniedException, match="no session policy allows"):
        member.describe_organization()
    member.leave_organization()


def test_errors_of_the_query_protocol(sandbox):
    sts = sandbox.client("sts", "222222222222")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        sts.assume_role(RoleArn=ROLE, RoleSessionName="x1")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    iam = sandbox.client("iam", LEAVER)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="Nobody")


def test_iam(sandbox):
    iam = sandbox.client("iam", LEAVER)
    role = iam.get_role(RoleName="OrganizationAccountAccessRole")["Role"]
    assert role["Arn"] == ROLE
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"] == [f"arn:aws:iam::{MANAGEMENT}:root"]
    denied = sandbox.client("iam", "666666666666").simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::666666666666:role/OrganizationAccountAccessRole", ActionNames=["organizations:LeaveOrganization"]
    )["EvaluationResults"][0]
    assert denied["EvalDecision"] == "explicitDeny"
    assert denied["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}


def test_account_management_and_support(sandbox):
    account = sandbox.client("account", LEAVER)
    assert account.get_contact_information()["ContactInformation"]["FullName"] == "legacy-crm"
    assert isinstance(account.get_account_information()["AccountCreatedDate"], datetime.datetime)
    with pytest.raises(account.exceptions.AccessDeniedException):
        account.get_primary_email(AccountId=LEAVER)
    support = sandbox.client("support", LEAVER)
    with pytest.raises(botocore.exceptions.ClientError, match="SubscriptionRequiredException"):
        support.describe_severity_levels()


def test_cloudtrail_shows_the_departure(sandbox):
    sandbox.client("organizations", LEAVER).leave_organization()
    trail = sandbox.client("cloudtrail", MANAGEMENT)
    attributes = [{"AttributeKey": "EventName", "AttributeValue": "AccountDepartedOrganization"}]
    pages = trail.get_paginator("lookup_events").paginate(LookupAttributes=attributes)
    events = [event for page in pages for event in page["Events"]]
    assert [event["EventName"] for event in events] == ["AccountDepartedOrganization"]
    details = json.loads(events[0]["CloudTrailEvent"])["serviceEventDetails"]["accountDepartedOrganization"]
    assert (details["accountId"], details["departureMethod"]) == (LEAVER, "LEFT")


def test_an_account_is_created_and_invited_back(sandbox):
    client = sandbox.client("organizations", MANAGEMENT)
    status = client.create_account(Email="new@example.com", AccountName="new")["CreateAccountStatus"]
    assert status["State"] == "IN_PROGRESS"
    status = client.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    sandbox.client("organizations", LEAVER).leave_organization()
    handshake = client.invite_account_to_organization(Target={"Id": LEAVER, "Type": "ACCOUNT"})["Handshake"]
    sandbox.control("POST", "/clock", {"advance_seconds": 3600})
    accepted = sandbox.client("organizations", LEAVER).accept_handshake(HandshakeId=handshake["Id"])
    assert accepted["Handshake"]["State"] == "ACCEPTED"


def test_a_broken_connection_after_the_effect(sandbox):
    sandbox.control("POST", "/faults", {"operation": "organizations:LeaveOrganization", "kind": "reset_after_effect"})
    client = sandbox.client("organizations", LEAVER)
    with pytest.raises((botocore.exceptions.ConnectionClosedError, botocore.exceptions.ConnectionError)):
        client.leave_organization()
    with pytest.raises(client.exceptions.AWSOrganizationsNotInUseException):
        client.leave_organization()


def test_botocore_retries_a_throttle(sandbox):
    sandbox.control("POST", "/faults", {"operation": "organizations:ListRoots", "kind": "throttle"})
    import boto3

    client = boto3.client(
        "organizations", endpoint_url=sandbox.url, region_name="us-east-1", aws_access_key_id=MANAGEMENT, aws_secret_access_key="any"
    )
    assert client.list_roots()["Roots"]
    assert sandbox.control("GET", "/requests")["organizations:ListRoots"] == 2
