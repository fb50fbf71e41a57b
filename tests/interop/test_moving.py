"""boto3 on both sides of a move: invitations until each possible end, direct transfers, placing, and each side's history."""

import json

import pytest

SOURCE, TARGET = "111111111111", "121212121212"
CRM, OUTSIDE, YOUNG, DELEGATED = "333333333333", "999999999999", "444444444444", "222222222222"
DAY = 86_400


def invite(world, account, **more):
    client = world.client("organizations", TARGET)
    return client.invite_account_to_organization(Target={"Id": account, "Type": "ACCOUNT"}, **more)["Handshake"]


def refused(code, call, reason=None, **arguments):
    """Checks that the call is refused with the typed exception for this code, and with this reason."""
    with pytest.raises(getattr(call.__self__.exceptions, code)) as caught:
        call(**arguments)
    assert caught.value.response.get("Reason") == reason


def handshakes(client, operation, **arguments):
    pages = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **arguments)
    return [handshake for page in pages for handshake in page["Handshakes"]]


def events(world, account):
    found = world.client("cloudtrail", account).lookup_events()["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def test_an_account_is_invited_joins_by_its_own_role_and_is_placed(organizations):
    target = organizations.client("organizations", TARGET)
    handshake = invite(organizations, OUTSIDE, Notes="welcome", Tags=[{"Key": "team", "Value": "crm"}])
    assert handshake["State"] == "OPEN"
    assert (handshake["ExpirationTimestamp"] - handshake["RequestedTimestamp"]).days == 15
    assert handshakes(target, "list_handshakes_for_organization", Filter={"ActionType": "INVITE"}) == [handshake]
    outside = organizations.client("organizations", OUTSIDE)
    assert handshakes(outside, "list_handshakes_for_account") == [handshake]
    assert target.describe_handshake(HandshakeId=handshake["Id"])["Handshake"] == handshake
    assert organizations.client("freetier", OUTSIDE).get_account_plan_state()["accountPlanType"] == "FREE"

    allowed = [
        {"Effect": "Allow", "Action": "organizations:AcceptHandshake", "Resource": handshake["Arn"]},
        {"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*"},
    ]
    session = organizations.client("sts", TARGET).assume_role(
        RoleArn=f"arn:aws:iam::{OUTSIDE}:role/Joiner",
        RoleSessionName="joining",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
    )["Credentials"]
    joiner = organizations.client("organizations", session["AccessKeyId"], session["SessionToken"])
    refused("AccessDeniedException", joiner.decline_handshake, HandshakeId=handshake["Id"])
    assert joiner.accept_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"] == "ACCEPTED"
    refused("HandshakeAlreadyInStateException", joiner.accept_handshake, HandshakeId=handshake["Id"])

    account = target.describe_account(AccountId=OUTSIDE)["Account"]
    assert account["JoinedMethod"] == "INVITED"
    assert outside.describe_organization()["Organization"]["Id"] == "o-othertarget"
    assert target.list_tags_for_resource(ResourceId=OUTSIDE)["Tags"] == [{"Key": "team", "Value": "crm"}]
    place = {"AccountId": OUTSIDE, "SourceParentId": "r-cd34", "DestinationParentId": "ou-cd34-takenover"}
    target.move_account(**place)
    refused("SourceParentNotFoundException", target.move_account, **place)
    assert target.list_parents(ChildId=OUTSIDE)["Parents"] == [{"Id": "ou-cd34-takenover", "Type": "ORGANIZATIONAL_UNIT"}]
    target.tag_resource(ResourceId=OUTSIDE, Tags=[{"Key": "stage", "Value": "prod"}])
    target.untag_resource(ResourceId=OUTSIDE, TagKeys=["team"])
    assert target.list_tags_for_resource(ResourceId=OUTSIDE)["Tags"] == [{"Key": "stage", "Value": "prod"}]
    assert organizations.client("freetier", OUTSIDE).get_account_plan_state()["accountPlanType"] == "PAID"

    assert [event["eventName"] for event in events(organizations, TARGET)][-3:] == ["AccountJoinedOrganization", "AssumeRole", "InviteAccountToOrganization"]
    assert [event["eventName"] for event in events(organizations, OUTSIDE)] == ["AcceptHandshake", "AssumeRole"]


def test_an_invitation_ends_by_either_side_or_by_itself(organizations):
    target, outside = organizations.client("organizations", TARGET), organizations.client("organizations", OUTSIDE)
    declined = invite(organizations, OUTSIDE)["Id"]
    assert outside.decline_handshake(HandshakeId=declined)["Handshake"]["State"] == "DECLINED"
    cancelled = invite(organizations, OUTSIDE)["Id"]
    refused("AccessDeniedException", outside.cancel_handshake, HandshakeId=cancelled)
    assert target.cancel_handshake(HandshakeId=cancelled)["Handshake"]["State"] == "CANCELED"
    expired = invite(organizations, OUTSIDE)["Id"]
    duplicate = {"Target": {"Id": OUTSIDE, "Type": "ACCOUNT"}}
    refused("DuplicateHandshakeException", target.invite_account_to_organization, **duplicate)
    organizations.control("POST", "/clock", {"advance_seconds": 15 * DAY})
    for handshake in (declined, cancelled, expired):
        refused("InvalidHandshakeTransitionException", outside.accept_handshake, HandshakeId=handshake)
    states = {one["Id"]: one["State"] for one in handshakes(target, "list_handshakes_for_organization")}
    assert states == {declined: "DECLINED", cancelled: "CANCELED", expired: "EXPIRED"}
    organizations.control("POST", "/clock", {"advance_seconds": 31 * DAY})
    assert handshakes(target, "list_handshakes_for_organization") == []
    refused("HandshakeNotFoundException", outside.accept_handshake, HandshakeId=expired)


def test_a_member_transfers_and_each_side_sees_its_half(organizations):
    handshake = invite(organizations, CRM)
    source = organizations.client("organizations", SOURCE)
    refused("HandshakeNotFoundException", source.describe_handshake, HandshakeId=handshake["Id"])
    member = organizations.client("organizations", CRM)
    member.accept_handshake(HandshakeId=handshake["Id"])
    assert member.describe_organization()["Organization"]["MasterAccountId"] == TARGET
    refused("AccountNotFoundException", source.describe_account, AccountId=CRM)
    (departed,) = events(organizations, SOURCE)
    assert departed["eventName"] == "AccountDepartedOrganization"
    assert departed["serviceEventDetails"]["accountDepartedOrganization"]["departureMethod"] == "LEFT"
    joined = events(organizations, TARGET)[0]
    assert joined["serviceEventDetails"]["accountJoinedOrganization"]["joinedMethod"] == "INVITED"
    # The account can't return at once.
    back = source.invite_account_to_organization(Target={"Id": CRM, "Type": "ACCOUNT"})["Handshake"]
    limit = "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED"
    refused("HandshakeConstraintViolationException", member.accept_handshake, limit, HandshakeId=back["Id"])


@pytest.mark.parametrize(
    "account, code, reason",
    [
        (YOUNG, "ConstraintViolationException", "WAIT_PERIOD_ACTIVE"),
        (DELEGATED, "ConstraintViolationException", "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"),
        (SOURCE, "MasterCannotLeaveOrganizationException", None),
        ("777777777777", "AccessDeniedException", None),
        ("989898989898", "HandshakeConstraintViolationException", "PAYMENT_INSTRUMENT_REQUIRED"),
    ],
)
def test_each_obstacle_is_its_typed_exception(organizations, account, code, reason):
    handshake = invite(organizations, account)
    refused(code, organizations.client("organizations", account).accept_handshake, reason, HandshakeId=handshake["Id"])


def test_quotas_are_read_and_enforced(organizations):
    quotas = organizations.client("service-quotas", TARGET)
    (quota,) = quotas.list_service_quotas(ServiceCode="organizations")["Quotas"]
    assert quotas.get_service_quota(ServiceCode="organizations", QuotaCode=quota["QuotaCode"])["Quota"]["Value"] == 12
    for index in range(11):
        invite(organizations, f"30000000{index:04}")
    target = organizations.client("organizations", TARGET)
    thirteenth = {"Target": {"Id": OUTSIDE, "Type": "ACCOUNT"}}
    refused("HandshakeConstraintViolationException", target.invite_account_to_organization, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", **thirteenth)
    organizations.control("POST", "/weather", {"invitations_per_day": 11})
    refused("HandshakeConstraintViolationException", target.invite_account_to_organization, "HANDSHAKE_RATE_LIMIT_EXCEEDED", **thirteenth)
