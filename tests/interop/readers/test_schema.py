"""Every plan in the tests is valid under `schema/plan.schema.json`, and plans that apply refuses are not."""

import json
import os
import pathlib

import jsonschema_rs
import pytest
from conftest import ROOT

FEWEST = 30


@pytest.fixture(scope="module")
def validator():
    schema = json.loads((ROOT / "schema" / "plan.schema.json").read_text())
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.validator_for(schema)


def mistakes(validator, document):
    return [f"{error.instance_path}: {error.message}"[:300] for error in validator.iter_errors(document)]


def test_every_kind_of_plan_is_valid(validator, documents):
    found = {name: mistakes(validator, document) for name, document in documents.items()}
    assert found == {name: [] for name in documents}


def test_what_show_prints_is_valid_too(validator, plans, configure):
    for name, path in plans.items():
        shown = configure().run("show", "-json", "-redact-emails", str(path))
        assert shown.stdout.count("\n") == 1 and "@example.com" not in shown.stdout, name
        assert mistakes(validator, json.loads(shown.stdout)) == [], name


def test_every_plan_of_the_test_suite_is_valid(validator):
    kept = sorted(pathlib.Path(os.environ["ORGROSTER_PLANS"]).glob("*.json"))
    assert len(kept) >= FEWEST, f"{len(kept)} plans were kept"
    assert {path.name: found for path in kept if (found := mistakes(validator, json.loads(path.read_text())))} == {}


def test_the_schema_refuses_what_is_not_a_plan(validator, documents):
    document = documents["only blocked"]
    for key in ("format_version", "resource_changes", "checks", "orgroster", "applyable"):
        assert mistakes(validator, {other: value for other, value in document.items() if other != key}), key
    changed = json.loads(json.dumps(document))
    changed["orgroster"]["accounts"][0]["id"] = 210000000003
    assert mistakes(validator, changed)


def test_a_plan_that_failed_is_not_written(configure):
    failed = configure('guardrails {\n  unmanaged = "error"\n}\n')
    done = failed.run("plan", "-out=plan.json")
    assert done.returncode == 1 and not (failed.path / "plan.json").exists()
