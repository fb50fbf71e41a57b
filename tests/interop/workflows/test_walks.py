"""The walks in the documents, word for word, each in an empty directory. An `sh` block is run; a `text` block after it must be part of its output.

`<!-- walk -->` begins and ends a walk. `<!-- walk: served FIXTURE -->` begins one with credentials of the management account in an organization that
the sandbox serves in place of AWS, with a running clock.
"""

import json
import os
import re
import subprocess
import urllib.request

import pytest
from conftest import BINARY, HERE

ROOT = HERE.parents[2]
WALK = re.compile(r"<!-- walk(?:: served (\S+))? -->\n(.*?)<!-- walk -->", re.DOTALL)


def walks():
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for number, (served, text) in enumerate(WALK.findall(path.read_text())):
            yield pytest.param(served, text, id=f"{path.relative_to(ROOT / 'docs')}:{number + 1}")


@pytest.fixture
def served(request, tmp_path):
    """The address of a sandbox, if the walk needs one."""
    fixture = request.param
    if not fixture:
        yield None
        return
    command = [BINARY, "sandbox", "serve", "-listen", "127.0.0.1:0", ROOT / fixture]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        address = found.group()
        clock = urllib.request.Request(f"{address}/_sandbox/clock", json.dumps({"running": True}).encode(), method="POST")
        urllib.request.urlopen(clock, timeout=10).close()
        yield address
    finally:
        server.kill()
        server.wait()


def environment(tmp_path, served):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "orgroster").symlink_to(BINARY)
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "somebody"), ("EMAIL", "s@example.com"))}
    # CI is not set: a walk's local backend is read again right away, unlike one on a runner.
    base = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path), "ORGROSTER": str(ROOT), "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1"}
    keys = {"AWS_ENDPOINT_URL": served, "AWS_ACCESS_KEY_ID": "111111111111", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "us-east-1"} if served else {}
    return base | identity | keys


@pytest.mark.parametrize("served, text", list(walks()), indirect=["served"])
def test_a_walk_works_as_it_is_written(served, text, tmp_path):
    blocks = re.findall(r"```(sh|text)\n(.*?)```", text, re.DOTALL)
    assert "sh" in [kind for kind, _ in blocks]
    place = tmp_path / "place"
    place.mkdir()
    variables = environment(tmp_path, served)
    printed = ""
    for kind, block in blocks:
        if kind == "sh":
            # One shell for each block, as for a reader who continues the next day.
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=place, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == 0, f"{block}\n{done.stdout}"
            printed = done.stdout
        else:
            lines = printed.splitlines()
            for line in filter(str.strip, block.splitlines()):
                assert line in lines, f"{line!r} is not in\n{printed}"


def test_every_block_that_claims_to_run_is_in_a_walk():
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        outside = WALK.sub("", path.read_text())
        if path.name == "README.md" and path.parent == ROOT:
            # .ci/readme runs its two commands.
            assert outside.count("```sh\n") == 2
        else:
            assert "```sh\n" not in outside, path


# Guides with fragments of configurations, or with steps in an editor.
WITHOUT = {"guides/editors.md", "guides/join.md"}


def test_every_guide_has_a_walk():
    walked = {parameters.id.split(":")[0] for parameters in walks()}
    guides = {f"guides/{path.name}" for path in (ROOT / "docs/guides").glob("*.md")}
    assert guides - walked == WITHOUT


def test_the_first_plan_of_the_readme_is_a_walk():
    def commands(text):
        return [line.split("#")[0].strip() for line in text.splitlines()]

    section = (ROOT / "README.md").read_text().split("## A first plan of your own organization\n")[1]
    shown = commands(re.search(r"```shell\n(.*?)```", section, re.DOTALL)[1])
    walked = [commands(parameters.values[1]) for parameters in walks() if parameters.id.startswith("getting-started.md")]
    assert len(shown) == 5 and any(set(shown) <= set(walk) for walk in walked)
