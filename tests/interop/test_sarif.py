"""Logs of `-sarif` match the schema of SARIF 2.1.0."""

import json
import os
import shutil
import subprocess

import pytest
from conftest import HERE

QUICKSTART = HERE.parents[1] / "examples" / "quickstart"


def mistakes(path):
    done = subprocess.run(["node", HERE / "sarif.mjs", path], capture_output=True, text=True, cwd=HERE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def roster(tmp_path):
    folder = tmp_path / "roster"
    shutil.copytree(QUICKSTART, folder, ignore=shutil.ignore_patterns(".orgroster"))
    return folder


def run(roster, *words):
    """Returns the exit code and the log's path."""
    command = [os.environ["ORGROSTER_BIN"], *words, "-sarif=findings.sarif"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(command, cwd=roster, env=kept, capture_output=True, text=True)
    return done.returncode, roster / "findings.sarif"


def test_logs_of_plans_and_validations_are_valid(roster):
    for words in (["plan"], ["validate"]):
        code, path = run(roster, *words)
        assert (code, mistakes(path)) == (0, [])
    # More findings than are kept, which the log must say.
    (roster / "wrong.roster.hcl").write_text("\n".join(f'account "x{number}" {{\n  id = {number}\n}}' for number in range(1_200)))
    code, path = run(roster, "validate", "-json")
    assert (code, mistakes(path)) == (1, [])


def test_a_log_without_a_tool_is_refused(tmp_path):
    path = tmp_path / "log.sarif"
    path.write_text('{"version": "2.1.0", "runs": [{"results": []}]}')
    assert mistakes(path) == [".runs[0] should have required property 'tool'"]
