"""A real editor with the language server: Neovim, with the exact settings of `docs/guides/editors.md`."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import HERE

PROJECT = HERE.parents[1]
NEOVIM = shutil.which("nvim")
ACCOUNT = 'account "crm" {\n  id = 222222222222\n  name       = "crm"\n  membership = "detached"\n  reason     = local.why\n}\n'
HEAD = """organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}

locals {
  why = "Sold"
}
"""


def settings():
    """The settings for this version of Neovim. The guide shows those for 0.11 and newer first."""
    guide = (PROJECT / "docs/guides/editors.md").read_text()
    newer, older = re.findall(r"```lua\n(.*?)```", guide, re.DOTALL)
    version = subprocess.run([NEOVIM, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, re.search(r"v(\d+)\.(\d+)", version).groups())
    return newer if (major, minor) >= (0, 11) else older


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed")
def test_neovim_shows_mistakes_pages_and_declarations_completes_and_formats(tmp_path):
    (tmp_path / "main.roster.hcl").write_text(HEAD)
    (tmp_path / "crm.roster.hcl").write_text(ACCOUNT)
    lua = tmp_path / "settings.lua"
    lua.write_text(settings())
    program = pathlib.Path(os.environ["ORGROSTER_BIN"])
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/orgroster").symlink_to(program.resolve())
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "SETTINGS": str(lua),
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    command = [NEOVIM, "--headless", "-u", "NONE", "-n", "-S", HERE / "editor.lua"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert (tmp_path / "editor.json").exists(), done.stderr
    shown = json.loads((tmp_path / "editor.json").read_text())
    assert shown["diagnostics"] == [[1, "unquoted-account-id", "orgroster"]]
    assert shown["hover"].startswith("**unquoted-account-id**")
    assert "= 222222222222" in shown["saved"], "the file on disk is as it was"
    assert shown["declaration"] == [HEAD.splitlines().index('  why = "Sold"') + 1, "why"]
    assert {"membership", "attestation", "id"} <= set(shown["completion"])
    assert '  id         = "222222222222"\n' in shown["formatted"]
