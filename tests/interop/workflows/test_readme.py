"""The README's walk through a pull request, word for word in an empty directory."""

import os
import re
import subprocess

from conftest import BINARY, HERE

ROOT = HERE.parents[2]


def test_the_walk_through_works(tmp_path):
    section = (ROOT / "README.md").read_text().split("<!-- pull requests -->")[1]
    blocks = re.findall(r"```(sh|text)\n(.*?)```", section, re.DOTALL)
    assert [kind for kind, _ in blocks].count("sh") >= 4
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "orgroster").symlink_to(BINARY)
    repository = tmp_path / "repository"
    repository.mkdir()
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "somebody"), ("EMAIL", "s@example.com"))}
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path), "ORGROSTER": str(ROOT), "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1"} | identity
    printed = ""
    for kind, text in blocks:
        if kind == "sh":
            # One shell for each block, as for somebody who comes back the next day.
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=repository, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == 0, f"{text}\n{done.stdout}"
            printed = done.stdout
        else:
            lines = printed.splitlines()
            for line in filter(str.strip, text.splitlines()):
                assert line in lines, f"{line!r} is not in\n{printed}"
