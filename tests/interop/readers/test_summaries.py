"""Programs that only know Terraform report the correct number of departures for every plan."""

import json
import os
import pathlib
import re
import subprocess

import pytest

PROGRAMS = pathlib.Path(os.environ["ORGROSTER_SUMMARIES"]) / "bin"
DEPARTURES = {
    "departing, blocked, unmanaged and unchanged": 2,
    "guardrail exceeded": 2,
    "instances of for_each": 1,
    "not the sandbox's": 1,
    "targeted": 1,
    "only blocked": 0,
    "nothing to do": 0,
    "drift": 0,
    "already out": 0,
}

plan = pytest.mark.parametrize("name", DEPARTURES)


def printed(program, *arguments):
    done = subprocess.run([PROGRAMS / program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def departures(document):
    return {change["address"] for change in document["resource_changes"] if change["change"]["actions"] == ["delete"]}


@plan
def test_preapply_counts_deletions(plans, name):
    # It takes the part before a type's underscore as the provider, and skips types without one.
    found = json.loads(printed("preapply", "analyze", "--json", "--quiet", plans[name]))
    assert (found["deletion_count"], found["affected_count"]) == (DEPARTURES[name], DEPARTURES[name])


@plan
def test_readtheplan_calls_departures_irreversible(plans, documents, name):
    found = json.loads(printed("readtheplan", "analyze", "--format", "json", plans[name]))
    irreversible = {change["address"] for change in found["changes"] if change["risk"] == "irreversible"}
    assert irreversible == departures(documents[name]) and len(irreversible) == DEPARTURES[name]
    others = {change["risk"] for change in found["changes"] if change["address"] not in irreversible}
    assert others <= {"safe"}


@plan
def test_tf_peek_lists_departures_with_their_reason(plans, documents, name):
    report = printed("tf-peek", plans[name])
    found = re.findall(r"^\*`(.+)`\*$", report, re.MULTILINE)
    assert set(found) == departures(documents[name]) and len(found) == DEPARTURES[name]
    assert len(re.findall(r"</b> — .*delete_because_detached", report)) == DEPARTURES[name]
