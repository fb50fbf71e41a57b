"""The schemas compile in ajv's strict mode, which refuses unknown formats and keywords."""

import json
import subprocess

from conftest import HERE

SCHEMAS = HERE.parents[1] / "schema"


def refusals(directory):
    done = subprocess.run(["node", HERE / "schemas.mjs", directory], capture_output=True, text=True, cwd=HERE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_schema_compiles_in_strict_mode():
    names = [path.name for path in SCHEMAS.glob("*.schema.json")]
    assert len(names) >= 8
    assert refusals(SCHEMAS) == {name: None for name in names}


def test_what_strict_mode_refuses_is_refused(tmp_path):
    (tmp_path / "plan.schema.json").write_text('{"type": "integer", "format": "uint64"}')
    assert "uint64" in refusals(tmp_path)["plan.schema.json"]
