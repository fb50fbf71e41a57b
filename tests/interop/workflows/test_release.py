"""The files that `.ci/release` makes for this machine are complete, and the setup action installs them in a fresh directory."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest
from test_setup import PROJECT, TARGET, Machine, served

RELEASE = PROJECT / ".ci/release"
TAG = "v" + re.search(r'^version = "(.+)"$', (PROJECT / "Cargo.toml").read_text(), re.MULTILINE)[1]
NAME = f"orgroster-{TAG}-{TARGET}.tar.gz"
ADDRESS = "https://forge.example.com/example/orgroster/releases"


def release(dist, *words):
    done = subprocess.run([RELEASE, *words, f"--dist={dist}"], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def has_plugin(name):
    return shutil.which(f"cargo-{name}") is not None


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    """The files of a release with this machine's program, for this target."""
    folder = tmp_path_factory.mktemp("release")
    program = folder / "orgroster"
    # Debug information is most of a debug build.
    subprocess.run(["strip", "-o", program, os.environ["ORGROSTER_BIN"]], check=True)
    dist = folder / "dist"
    release(dist, "package", TAG, TARGET, f"--binary={program}", "--fast", *([] if has_plugin("deb") else ["--without-deb"]))
    if has_plugin("cyclonedx"):
        release(dist, "bom", TAG, TARGET)
    release(dist, "publish", TAG, ADDRESS)
    return dist


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_archive_has_program_pages_completions_and_licenses(dist, tmp_path):
    with tarfile.open(dist / NAME) as archive:
        assert all((entry.uid, entry.gid, entry.uname) == (0, 0, "") for entry in archive)
        archive.extractall(tmp_path, filter="data")
    version = json.loads(subprocess.run([tmp_path / "orgroster", "version", "-json"], check=True, capture_output=True).stdout)
    assert (f"v{version['orgroster_version']}", version["missing_features"]) == (TAG, [])
    pages = {path.name for path in (tmp_path / "man").iterdir()}
    assert {"orgroster.1", "orgroster-plan.1", "orgroster-history-show.1"} <= pages
    assert "orgroster-man.1" not in pages, "hidden"
    page = (tmp_path / "man/orgroster-plan.1").read_text()
    assert r"\-detailed\-exitcode" in page and r"\-\-" not in page, "flags have one dash, as in help"
    completions = {path.name: path.read_text() for path in (tmp_path / "completions").iterdir()}
    assert set(completions) == {"orgroster.bash", "_orgroster", "orgroster.fish", "_orgroster.ps1", "orgroster.elv"}
    assert all("detailed-exitcode" in text for text in completions.values())
    licenses = (tmp_path / "LICENSES-OF-DEPENDENCIES").read_text()
    assert "\nclap " in licenses and "\nring " in licenses and "Permission is hereby granted" in licenses
    assert "proptest" not in licenses, "tests are not released"
    assert (tmp_path / "LICENSE-MIT").read_bytes() == (PROJECT / "LICENSE-MIT").read_bytes()


def test_every_file_has_its_checksum(dist):
    sums = dict(reversed(line.split("  ")) for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert sums == {path.name: checksum(path) for path in dist.iterdir() if path.name != "SHA256SUMS"}
    assert {NAME, "orgroster.rb"} <= set(sums)


def test_formula_and_manifest_name_the_archives_with_their_checksums(dist, tmp_path):
    formula = (dist / "orgroster.rb").read_text()
    assert f'url "{ADDRESS}/download/{TAG}/{NAME}"\n      sha256 "{checksum(dist / NAME)}"' in formula
    assert formula.count("url ") == 1 and not (dist / "orgroster.json").exists(), "one archive was made"
    targets = ["aarch64-apple-darwin", "x86_64-apple-darwin", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl", "x86_64-pc-windows-msvc"]
    for target in targets:
        (tmp_path / f"orgroster-{TAG}-{target}.tar.gz").write_text(target)
    release(tmp_path, "publish", TAG, ADDRESS)
    formula = (tmp_path / "orgroster.rb").read_text()
    assert all(hashlib.sha256(target.encode()).hexdigest() in formula for target in targets[:4])
    manifest = json.loads((tmp_path / "orgroster.json").read_text())
    windows = manifest["architecture"]["64bit"]
    assert windows["url"].endswith(f"/download/{TAG}/orgroster-{TAG}-x86_64-pc-windows-msvc.tar.gz")
    assert windows["hash"] == hashlib.sha256(targets[4].encode()).hexdigest()
    assert manifest["autoupdate"]["architecture"]["64bit"]["url"] == windows["url"].replace(TAG.removeprefix("v"), "$version")
    if shutil.which("ruby"):
        subprocess.run(["ruby", "-c", tmp_path / "orgroster.rb"], check=True, capture_output=True)


@pytest.mark.skipif(not has_plugin("deb") or not shutil.which("dpkg-deb"), reason="cargo-deb or dpkg is not installed")
def test_the_package_for_debian_installs_program_pages_and_completions(dist, tmp_path):
    (package,) = dist.glob("*.deb")
    subprocess.run(["dpkg-deb", "--extract", package, tmp_path], check=True)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "usr/bin/orgroster",
        "usr/share/man/man1/orgroster.1.gz",
        "usr/share/bash-completion/completions/orgroster",
        "usr/share/zsh/vendor-completions/_orgroster",
        "usr/share/fish/vendor_completions.d/orgroster.fish",
        "usr/share/doc/orgroster/LICENSES-OF-DEPENDENCIES",
    } <= {file.removesuffix(".gz") if "/doc/" in file else file for file in files}
    assert subprocess.run([tmp_path / "usr/bin/orgroster", "version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not has_plugin("cyclonedx"), reason="cargo-cyclonedx is not installed")
def test_the_bill_of_materials_has_what_the_program_is_made_of(dist):
    (path,) = dist.glob("*.cdx.json")
    document = json.loads(path.read_text())
    names = {component["name"] for component in document["components"]}
    assert document["bomFormat"] == "CycloneDX" and {"clap", "rustls", "aws-sdk-organizations"} <= names


@pytest.mark.parametrize("tag", ["0.1.0", "v9.9.9", "latest"])
def test_a_tag_that_is_not_the_versions_is_refused(tmp_path, tag):
    words = [RELEASE, "package", tag, TARGET, f"--binary={os.environ['ORGROSTER_BIN']}", f"--dist={tmp_path}"]
    done = subprocess.run(words, text=True, capture_output=True)
    assert done.returncode != 0 and tag in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_action_installs_the_release_in_a_fresh_directory(dist, tmp_path):
    version = tmp_path / f"releases/download/{TAG}"
    shutil.copytree(dist, version)
    shutil.copytree(dist, tmp_path / "releases/latest/download")
    with served(tmp_path / "releases") as releases:
        machine = Machine(tmp_path / "machine", releases.address, {})
        assert machine.run() == 0, machine.printed
    roster = tmp_path / "roster"
    shutil.copytree(PROJECT / "examples/quickstart", roster, ignore=shutil.ignore_patterns(".orgroster"))
    environment = {"PATH": f"{machine.program().parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    planned = subprocess.run(["orgroster", "plan"], cwd=roster, env=environment, text=True, capture_output=True)
    assert planned.returncode == 0 and "2 to destroy" in planned.stdout, planned.stderr
    assert pathlib.Path(shutil.which("orgroster", path=environment["PATH"])).is_relative_to(tmp_path)
