"""The action `setup` and the scripts of the other examples, against a directory of release files on loopback."""

import contextlib
import functools
import hashlib
import http.server
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tarfile
import threading

import pytest
import yaml
from conftest import EXAMPLES

PROJECT = EXAMPLES.parent
ACTION = PROJECT / ".github/actions/setup"
TARGET = f"{platform.machine()}-unknown-linux-musl"
VERSION = "9.8.7"
NAME = f"orgroster-v{VERSION}-{TARGET}.tar.gz"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and keeps the requested paths."""

    def log_message(self, *_):
        self.server.asked.append(self.path)


@contextlib.contextmanager
def served(folder):
    """Release files on loopback."""
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked, server.folder = [], folder
        server.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def releases(tmp_path):
    """A release of a program that prints its version, published as the newest and under its version."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho orgroster v" + VERSION + "\n")
    program.chmod(0o755)
    folder = tmp_path / "releases"
    version = folder / f"download/v{VERSION}"
    version.mkdir(parents=True)
    with tarfile.open(version / NAME, "w:gz") as archive:
        archive.add(program, arcname="orgroster")
    other = hashlib.sha256(b"another target").hexdigest()
    own = hashlib.sha256((version / NAME).read_bytes()).hexdigest()
    (version / "SHA256SUMS").write_text(f"{other}  orgroster-v{VERSION}-aarch64-apple-darwin.tar.gz\n{own}  {NAME}\n")
    (folder / "latest").mkdir()
    shutil.copytree(version, folder / "latest/download")
    with served(folder) as server:
        yield server


class Machine:
    """A runner that runs the action's steps. The cache survives it."""

    def __init__(self, path, releases, cache, version="latest", **environment):
        self.path, self.cache, self.printed = path, cache, ""
        self.releases, self.version, self.environment = releases, version, environment
        (path / "temp").mkdir(parents=True)
        self.files = {name: path / name for name in ("GITHUB_OUTPUT", "GITHUB_PATH")}
        for file in self.files.values():
            file.touch()

    def outputs(self):
        return dict(line.split("=", 1) for line in self.files["GITHUB_OUTPUT"].read_text().splitlines())

    def filled(self, text):
        known = {
            "inputs.releases || format('{0}/{1}/releases', github.server_url, github.action_repository)": self.releases,
            "inputs.version": self.version,
            "inputs.token": "token",
            "inputs.releases == '' && github.action_repository || ''": "",
        } | {f"steps.find.outputs.{name}": value for name, value in self.outputs().items()}
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], text)

    def run(self):
        """Runs the steps and returns the exit code."""
        for step in yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]:
            if "uses" in step:
                self.look_into_the_cache(step)
                continue
            environment = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(self.path / "temp"), "GITHUB_ACTION_PATH": str(ACTION)}
            environment |= {name: str(file) for name, file in self.files.items()} | self.environment
            environment |= {name: self.filled(value) for name, value in step["env"].items()}
            done = subprocess.run(["bash", "-c", step["run"]], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.printed += done.stdout
            if done.returncode:
                return done.returncode
        archive = pathlib.Path(self.outputs()["archive"])
        if self.key not in self.cache:
            self.cache[self.key] = archive.read_bytes()
        return 0

    def look_into_the_cache(self, step):
        assert step["uses"].startswith("actions/cache@")
        path, self.key = (self.filled(step["with"][name]) for name in ("path", "key"))
        if self.key in self.cache:
            pathlib.Path(path).write_bytes(self.cache[self.key])

    def program(self):
        (folder,) = self.files["GITHUB_PATH"].read_text().splitlines()
        return pathlib.Path(folder) / "orgroster"


@pytest.mark.parametrize("version", ["latest", VERSION, f"v{VERSION}"])
def test_a_released_version_is_installed(tmp_path, releases, version):
    machine = Machine(tmp_path / "machine", releases.address, {}, version)
    assert machine.run() == 0, machine.printed
    assert machine.outputs()["version"] == VERSION
    assert "provenance was not" in machine.printed
    assert subprocess.run([machine.program(), "version"], text=True, capture_output=True).stdout == f"orgroster v{VERSION}\n"


def test_what_is_in_the_cache_is_checked_and_not_downloaded(tmp_path, releases):
    cache = {}
    assert Machine(tmp_path / "first", releases.address, cache).run() == 0
    releases.asked.clear()
    second = Machine(tmp_path / "second", releases.address, cache)
    assert second.run() == 0, second.printed
    assert releases.asked == ["/latest/download/SHA256SUMS"]
    (key,) = cache
    cache[key] = b"something else"
    third = Machine(tmp_path / "third", releases.address, cache)
    assert third.run() == 1 and "SHA256SUMS says" in third.printed
    assert third.files["GITHUB_PATH"].read_text() == ""


def edited(releases, name, edit):
    for folder in ("latest/download", f"download/v{VERSION}"):
        file = releases.folder / folder / name
        file.write_bytes(edit(file.read_bytes()))


@pytest.mark.parametrize(
    ("version", "damage", "said"),
    [
        ("1.2.3", lambda _: None, "v1.2.3/SHA256SUMS can't be downloaded"),
        ("latest", lambda releases: edited(releases, NAME, lambda data: data[:-1]), "has the checksum"),
        ("latest", lambda releases: edited(releases, "SHA256SUMS", lambda data: data.splitlines()[0] + b"\n"), f"no archive for {TARGET}"),
        ("latest", lambda releases: edited(releases, "SHA256SUMS", lambda _: b"<html>sign in</html>\n"), f"no archive for {TARGET}"),
        ("latest", lambda releases: edited(releases, "SHA256SUMS", lambda data: data.replace(b"orgroster-v", b"../orgroster-v")), "no archive for"),
    ],
)
def test_a_file_that_is_not_a_release_is_not_installed(tmp_path, releases, version, damage, said):
    damage(releases)
    machine = Machine(tmp_path / "machine", releases.address, {}, version)
    assert machine.run() == 1 and said in machine.printed, machine.printed
    assert "::error title=orgroster can't be installed::" in machine.printed
    assert machine.files["GITHUB_PATH"].read_text() == ""


def test_a_machine_without_a_release_gets_a_message(tmp_path, releases):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "uname").write_text('#!/bin/sh\n[ "$1" = -s ] && echo Plan9 || echo mips\n')
    (tools / "uname").chmod(0o755)
    machine = Machine(tmp_path / "machine", releases.address, {}, PATH=f"{tools}:{os.environ['PATH']}")
    assert machine.run() == 1 and "no release is made for Plan9 on mips" in machine.printed, machine.printed


@pytest.mark.parametrize(("proven", "code"), [(0, 0), (1, 1)])
def test_provenance_is_proven_where_gh_is_there(tmp_path, releases, proven, code):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(f'#!/bin/sh\necho "gh $*" > {tools}/asked\nexit {proven}\n')
    (tools / "gh").chmod(0o755)
    machine = Machine(tmp_path / "machine", releases.address, {}, PATH=f"{tools}:{os.environ['PATH']}")
    original = machine.filled
    machine.filled = lambda text: "example/orgroster" if "github.action_repository || ''" in text else original(text)
    assert machine.run() == code, machine.printed
    assert re.fullmatch(rf"gh attestation verify \S+/{re.escape(NAME)} --repo example/orgroster\n", (tools / "asked").read_text())
    assert ("provenance" in machine.printed) == bool(proven)


@pytest.mark.parametrize("system", ["gitlab-ci", "atlantis"])
def test_the_script_of_ten_lines_installs_what_has_its_checksum(tmp_path, releases, system):
    script = EXAMPLES / system / "install.sh"
    assert len(script.read_text().splitlines()) <= 12
    environment = {"PATH": os.environ["PATH"], "ORGROSTER_RELEASES": releases.address}
    done = subprocess.run(["sh", script, VERSION, tmp_path], env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert subprocess.run([tmp_path / "orgroster", "version"], text=True, capture_output=True).stdout == f"orgroster v{VERSION}\n"
    (tmp_path / "orgroster").unlink()
    edited(releases, NAME, lambda data: data[:-1])
    assert subprocess.run(["sh", script, VERSION, tmp_path], env=environment, capture_output=True).returncode != 0
    assert not (tmp_path / "orgroster").exists()
