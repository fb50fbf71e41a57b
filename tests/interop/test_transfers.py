"""The transfer example, with boto3 in place of people: they invite, accept, decline, cancel and place by hand between our runs, and our next plan
must be correct."""

import os
import shutil
import subprocess

import pytest
from conftest import SOURCES, serving

EXAMPLE = SOURCES.parent / "examples" / "transfer-between-two-organizations"
SHOP, SOURCE, TARGET, STRANGER = "333333333333", "111111111111", "555555555555", "777777777777"
THIRD = """
organization "o-strangersorg" {
  management_account_id = "777777777777"

  account "777777777777" {
    name  = "stranger"
    email = "stranger@example.org"
  }
}
"""


class Example:
    """A copy of the example, with its sandbox."""

    def __init__(self, directory, sandbox):
        self.directory, self.sandbox = directory, sandbox

    def run(self, side, *words):
        environment = self.sandbox.environment({"source": SOURCE, "target": TARGET}[side])
        command = [os.environ["ORGROSTER_BIN"], *words]
        run = subprocess.run(command, cwd=self.directory / side, env=environment, capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def client(self, account):
        return self.sandbox.client("organizations", account)

    def invite(self, account=TARGET):
        return self.client(account).invite_account_to_organization(Target={"Id": SHOP, "Type": "ACCOUNT"})["Handshake"]["Id"]

    def home(self):
        return self.client(SHOP).describe_organization()["Organization"]["Id"]

    def states(self, account):
        listed = self.client(account).list_handshakes_for_organization()["Handshakes"]
        return [handshake["State"] for handshake in listed]


EXPIRED = f"""
  invitation "h-anearlierone" {{
    account = "{SHOP}"
    state   = "EXPIRED"
  }}
"""
TARGETS_BLOCK = 'organization "o-targetorgid" {'


@pytest.fixture
def earlier():
    """The invitations that the target organization sent before the story begins."""
    return ""


@pytest.fixture
def example(tmp_path, earlier):
    directory = tmp_path / "example"
    shutil.copytree(EXAMPLE, directory)
    world = (directory / "organizations.sandbox.hcl").read_text() + THIRD
    assert TARGETS_BLOCK in world
    with serving(tmp_path, world.replace(TARGETS_BLOCK, TARGETS_BLOCK + earlier)) as sandbox:
        yield Example(directory, sandbox)


def test_a_person_invites_and_places_and_we_transfer(example):
    example.invite()
    code, text = example.run("source", "plan", "-detailed-exitcode")
    assert (code, "1 transferring" in text) == (2, True), text
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 0, text
    assert (example.home(), example.states(TARGET)) == ("o-targetorgid", ["ACCEPTED"])
    place = {"AccountId": SHOP, "SourceParentId": "r-cd34", "DestinationParentId": "ou-cd34-acquired"}
    example.client(TARGET).move_account(**place)
    code, text = example.run("source", "plan", "-detailed-exitcode")
    assert (code, "No changes" in text) == (0, True), text
    code, text = example.run("source", "history")
    assert code == 0 and SHOP in text, text
    code, text = example.run("source", "history", "show", SHOP)
    assert code == 0 and "AcceptHandshake" in text, text
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert (code, "No changes" in text) == (0, True), text


def test_without_an_invitation_nothing_happens_and_the_command_for_the_other_side_is_printed(example):
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 3 and f"invite-account-to-organization --target Id={SHOP},Type=ACCOUNT" in text, text
    assert example.home() == "o-sourceorgid"
    example.invite()
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 0, text
    assert example.home() == "o-targetorgid"


@pytest.mark.parametrize("who, ending", [(SHOP, "decline_handshake"), (TARGET, "cancel_handshake")])
def test_an_invitation_that_a_person_ends_is_not_accepted_and_a_new_one_is(example, who, ending):
    first = example.invite()
    assert example.run("source", "plan", "-out=plan.json")[0] == 0
    getattr(example.client(who), ending)(HandshakeId=first)
    code, text = example.run("source", "apply", "plan.json")
    assert code == 3 and example.home() == "o-sourceorgid", text
    second = example.invite()
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 0, text
    states = {one["Id"]: one["State"] for one in example.client(TARGET).list_handshakes_for_organization()["Handshakes"]}
    assert states == {first: "DECLINED" if who == SHOP else "CANCELED", second: "ACCEPTED"}


@pytest.mark.parametrize("earlier", [EXPIRED])
def test_an_invitation_that_has_expired_is_not_accepted(example):
    assert example.states(TARGET) == ["EXPIRED"]
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 3 and "no open invitation" in text, text
    assert (example.home(), example.states(TARGET)) == ("o-sourceorgid", ["EXPIRED"])


def test_a_strangers_invitation_is_never_accepted(example):
    stranger = example.invite(STRANGER)
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 3 and example.home() == "o-sourceorgid", text
    example.invite()
    code, text = example.run("source", "apply", "-auto-approve")
    assert code == 0 and example.home() == "o-targetorgid", text
    assert example.states(STRANGER) == ["OPEN"], stranger


def test_an_account_that_accepted_by_itself_is_not_taken_for_ours(example):
    handshake = example.invite()
    example.client(SHOP).accept_handshake(HandshakeId=handshake)
    code, text = example.run("source", "plan", "-detailed-exitcode")
    assert code == 3 and "departed" in text, text
    code, text = example.run("source", "history")
    assert SHOP not in text, text


def test_we_invite_and_a_person_accepts_and_we_place(example):
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert (code, "1 to add" in text) == (2, True), text
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and "Invited" in text, text
    [handshake] = example.client(TARGET).list_handshakes_for_organization()["Handshakes"]
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert (code, "No changes" in text) == (0, True), text
    example.client(SHOP).accept_handshake(HandshakeId=handshake["Id"])
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and "1 added" in text, text
    parents = example.client(TARGET).list_parents(ChildId=SHOP)["Parents"]
    assert parents == [{"Id": "ou-cd34-acquired", "Type": "ORGANIZATIONAL_UNIT"}]
    assert example.client(TARGET).list_tags_for_resource(ResourceId=SHOP)["Tags"] == [{"Key": "cost-center", "Value": "42"}]
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert (code, "No changes" in text) == (0, True), text


@pytest.mark.parametrize("who, ending, how", [(SHOP, "decline_handshake", "declined"), (TARGET, "cancel_handshake", "canceled")])
def test_our_invitation_that_a_person_ends_is_spent(example, who, ending, how):
    assert example.run("target", "apply", "-auto-approve")[0] == 0
    [handshake] = example.client(TARGET).list_handshakes_for_organization()["Handshakes"]
    getattr(example.client(who), ending)(HandshakeId=handshake["Id"])
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert code == 3 and how in text and "join_decision" in text, text
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and len(example.states(TARGET)) == 1, text


def test_an_account_that_a_person_moved_is_recorded_and_left_there(example):
    assert example.run("target", "apply", "-auto-approve")[0] == 0
    [handshake] = example.client(TARGET).list_handshakes_for_organization()["Handshakes"]
    example.client(SHOP).accept_handshake(HandshakeId=handshake["Id"])
    target = example.client(TARGET)
    unit = target.create_organizational_unit(ParentId="r-cd34", Name="By hand")["OrganizationalUnit"]["Id"]
    target.move_account(AccountId=SHOP, SourceParentId="r-cd34", DestinationParentId=unit)
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and "1 added" in text, text
    assert target.list_parents(ChildId=SHOP)["Parents"][0]["Id"] == unit
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert code == 0 and "member-elsewhere" in text, text
    code, text = example.run("target", "history", "show", SHOP)
    assert "another unit" in text, text


def test_an_account_that_a_person_invites_and_that_joins_is_not_taken_for_ours(example):
    by_hand = example.invite()
    code, text = example.run("target", "plan", "-detailed-exitcode", "-verbose")
    assert code == 0 and f"is invited ({by_hand})" in text, text
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and example.states(TARGET) == ["OPEN"], text
    example.client(SHOP).accept_handshake(HandshakeId=by_hand)
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert code == 0 and "member-elsewhere" in text and "move-account" in text, text
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and example.client(TARGET).list_parents(ChildId=SHOP)["Parents"][0]["Id"] == "r-cd34", text
    code, text = example.run("target", "history")
    assert SHOP not in text, text


def test_two_invitations_by_hand_block_until_a_person_cancels_one(example):
    first = example.invite()
    example.client(TARGET).cancel_handshake(HandshakeId=first)
    email = example.client(SOURCE).describe_account(AccountId=SHOP)["Account"]["Email"]
    addressed = example.client(TARGET).invite_account_to_organization(Target={"Id": email, "Type": "EMAIL"})["Handshake"]["Id"]
    code, text = example.run("target", "apply", "-auto-approve")
    # The canceled invitation used up the decision, and the other contains no account id.
    assert code == 0 and "0 added" in text and example.states(TARGET).count("OPEN") == 1, text
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert code == 3 and "was canceled" in text, text
    example.client(SHOP).accept_handshake(HandshakeId=addressed)
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert code == 0 and "member-elsewhere" in text, text


def test_accepting_a_strangers_invitation_after_ours_is_not_a_success_of_ours(example):
    assert example.run("target", "apply", "-auto-approve")[0] == 0
    stranger = example.invite(STRANGER)
    example.client(SHOP).accept_handshake(HandshakeId=stranger)
    assert example.home() == "o-strangersorg"
    code, text = example.run("target", "plan", "-detailed-exitcode", "-verbose")
    assert code == 0 and "is invited (h-" in text, text
    code, text = example.run("target", "apply", "-auto-approve")
    assert code == 0 and "0 added" in text, text
    code, text = example.run("target", "history")
    assert "joined" not in text and example.home() == "o-strangersorg", text
    # After the invitation has ended, the decision is used up.
    [handshake] = example.client(TARGET).list_handshakes_for_organization()["Handshakes"]
    example.client(TARGET).cancel_handshake(HandshakeId=handshake["Id"])
    code, text = example.run("target", "plan", "-detailed-exitcode")
    assert code == 3 and "join_decision" in text, text
