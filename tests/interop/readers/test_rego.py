"""A Rego policy over `resource_changes` and `checks` gets the same results as the plan itself."""

from urllib.parse import quote_plus

import pytest
from conftest import HERE
from regopy import Interpreter


def ask(document):
    rego = Interpreter()
    rego.add_module("departures", (HERE / "departures.rego").read_text())
    rego.set_input(document)
    answer = rego.query("data.terraform")
    assert answer.ok(), answer
    return answer.results[0].expressions[0]


def addresses(accounts):
    """Addresses in the policy's encoding."""
    return {quote_plus(account["address"]) for account in accounts}


def is_blocked(act):
    return any(gate["enforcement"] == "mandatory" and gate["verdict"] in ("block", "unknown") for gate in act["gates"])


def ends(plan):
    """Accounts by their outcome in the plan: eligible, blocked and unchanged."""
    accounts = plan["accounts"]
    acts = [account for account in accounts if "act" in account["change"]]
    blocked = [account for account in acts if is_blocked(account["change"]["act"])]
    eligible = [account for account in acts if account not in blocked]
    return eligible, blocked, [account for account in accounts if "none" in account["change"]]


def test_a_policy_sees_every_account_where_the_plan_has_it(documents):
    for name, document in documents.items():
        plan, seen = document["orgroster"], ask(document)
        eligible, blocked, unchanged = ends(plan)
        assert set(seen["deleted"]) == addresses(eligible), name
        live = [account for account in blocked + unchanged if "before" in account]
        assert set(seen["kept"]) == addresses(live), name
        assert set(seen["drifted"]) == addresses(account for account in unchanged if account.get("drift")), name
        assert {address for _, address in seen["checked"]} == addresses(eligible) | addresses(blocked), name
        assert len(seen["deny"]) == len(eligible) + (0 if plan["complete"] else 1), name


def test_checks_show_what_blocks_and_what_is_not_known_yet(documents):
    seen = ask(documents["departing, blocked, unmanaged and unchanged"])
    status = {address: status for status, address in seen["checked"]}
    assert status["orgroster_account.security-tooling"] == "fail"
    assert status["orgroster_account.old-analytics"] == "unknown", "nobody attested"
    assert status["orgroster_account.legacy-crm"] == "unknown", "some gates are deferred"
    assert {"delegated_administrator", "service_control_policy", "known_account", "payment_method"} <= set(seen["blocking"])


@pytest.mark.parametrize(
    ("name", "applyable", "deleted"),
    [
        ("departing, blocked, unmanaged and unchanged", True, 2),
        ("guardrail exceeded", False, 2),
        ("only blocked", False, 0),
        ("nothing to do", False, 0),
        ("drift", False, 0),
        ("already out", False, 0),
        ("not the sandbox's", True, 1),
    ],
)
def test_a_policy_can_tell_what_would_be_carried_out(documents, name, applyable, deleted):
    document = documents[name]
    assert (document["applyable"], document["errored"], len(ask(document)["deleted"])) == (applyable, False, deleted)
    assert document["orgroster"]["sandbox"] == (name != "not the sandbox's")


def test_a_policy_can_ask_for_what_a_change_introduces(documents):
    comparison = documents["compared with a baseline"]["orgroster"]["baseline"]
    assert set(comparison["accounts"].values()) == {"pending"} and comparison["changes"] == []
