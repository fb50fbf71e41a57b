"""The policies in `examples/policies` deny what they describe, and nothing else, for plans of the quickstart."""

import copy

import pytest
from conftest import ROOT
from regopy import Interpreter

POLICIES = sorted((ROOT / "examples/policies").glob("*.rego"))
MONDAY, FRIDAY = "2026-11-30T00:00:00Z", "2026-11-27T23:59:59Z"


def denied(document, data=None):
    rego = Interpreter()
    for path in POLICIES:
        rego.add_module(path.stem, path.read_text())
    rego.add_data(data or {})
    rego.set_input(document)
    answer = rego.query("data.main.deny")
    assert answer.ok(), answer
    return set(answer.results[0].expressions[0])


@pytest.fixture
def plan(documents):
    """A plan with two departures, each with a ticket, made on a Monday."""
    document = copy.deepcopy(documents["departing, blocked, unmanaged and unchanged"])
    document["timestamp"] = MONDAY
    for account in document["orgroster"]["accounts"]:
        if reason := account["desired"].get("reason"):
            account["desired"]["reason"] = f"{reason}, FIN-77"
    return document


def departing(document):
    return sorted(change["address"] for change in document["resource_changes"] if "delete" in change["change"]["actions"])


def reasons(document, reason):
    """The plan with another reason for the departures."""
    for account in document["orgroster"]["accounts"]:
        if account["address"] in departing(document):
            account["desired"]["reason"] = reason
    return document


def of_many(document, number):
    """The plan with this many departures."""
    (change, *_) = [change for change in document["resource_changes"] if "delete" in change["change"]["actions"]]
    (account,) = [account for account in document["orgroster"]["accounts"] if account["address"] == change["address"]]
    addresses = [f"orgroster_account.number-{count}" for count in range(number)]
    document["resource_changes"] = [change | {"address": address} for address in addresses]
    document["orgroster"]["accounts"] = [account | {"address": address} for address in addresses]
    return document


def test_departures_with_tickets_on_a_monday_pass(plan):
    assert len(departing(plan)) == 2
    assert denied(plan) == set()


@pytest.mark.parametrize("reason", ["Sold", "Sold, fin-77", "Sold in FY-", "http://tickets.example.com/", "XFIN77"])
def test_a_departure_without_a_ticket_is_denied(plan, reason):
    expected = {f"{address} leaves without a ticket in its reason" for address in departing(plan)}
    assert denied(reasons(plan, reason)) == expected


@pytest.mark.parametrize("reason", ["FIN-77", "Sold (OPS2-1)", "See https://tickets.example.com/77"])
def test_a_key_and_an_address_are_tickets(plan, reason):
    assert denied(reasons(plan, reason)) == set()


def test_what_does_not_depart_needs_no_ticket(plan):
    for account in plan["orgroster"]["accounts"]:
        if account["address"] not in departing(plan) and "reason" in account["desired"]:
            account["desired"]["reason"] = "none"
    assert denied(plan) == set()


def test_no_departure_on_a_friday(plan, documents):
    friday = {f"2 accounts would leave on a Friday ({FRIDAY})"}
    assert denied(plan, {"now": FRIDAY}) == friday
    plan["timestamp"] = FRIDAY
    assert denied(plan) == friday
    assert denied(plan, {"now": MONDAY}) == set(), "the day of the apply counts"
    assert denied(documents["nothing to do"] | {"timestamp": FRIDAY}) == set()


@pytest.mark.parametrize(
    ("number", "data", "counted"),
    [
        (5, {}, None),
        (6, {}, 0),
        (6, {"approvers": ["grace", "grace"]}, 1),
        (6, {"approvers": ["grace", "ada"], "author": "ada"}, 1),
        (6, {"approvers": ["grace", "alan"], "author": "ada"}, None),
        (6, {"approvers": ["grace", "alan"]}, None),
    ],
)
def test_more_than_five_departures_need_two_approvers(plan, number, data, counted):
    expected = f"{number} accounts would leave, which needs 2 approvers other than the author, and has {counted}"
    assert denied(of_many(plan, number), data) == (set() if counted is None else {expected})
