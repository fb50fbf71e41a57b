"""Approval: on a terminal, in a pipe, and by digest."""

import json
import os
import pathlib
import shutil
import subprocess

import pexpect
import pyte
import pytest

QUICKSTART = pathlib.Path(__file__).parents[2] / "examples" / "quickstart"
ELIGIBLE = ["230000000004", "260000000001"]


class Project:
    """A copy of the quickstart."""

    def __init__(self, folder):
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR") and not name.startswith("AWS_")}
        self.environment = kept | {"TERM": "xterm"}

    def run(self, *words, **more):
        command = [os.environ["ORGROSTER_BIN"], *words]
        environment = self.environment | more.pop("env", {})
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)

    def terminal(self, *words):
        return self.program_in_terminal(os.environ["ORGROSTER_BIN"], words, (50, 200))

    def program_in_terminal(self, program, words, size):
        return pexpect.spawn(program, list(words), cwd=self.folder, env=self.environment, encoding="utf-8", dimensions=size, timeout=60)

    def departed(self):
        return sorted(path.name.split("-")[0] for path in self.folder.glob(".orgroster/sandbox/records/*.json"))


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(QUICKSTART, folder, ignore=shutil.ignore_patterns(".orgroster"))
    return Project(folder)


def ended(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_typing_the_requested_text_detaches(project):
    child = project.terminal("apply")
    child.expect("Only 'detach 2' will be accepted to approve.")
    child.sendline("detach 2")
    child.expect("Apply complete!")
    assert ended(child) == 0
    assert project.departed() == ELIGIBLE


def test_one_departure_is_approved_by_its_name(project):
    child = project.terminal("apply", "-target=account.legacy-crm")
    child.expect("Only 'detach legacy-crm' will be accepted to approve.")
    child.sendline("detach legacy-crm")
    assert ended(child) == 0
    assert project.departed() == ["230000000004"]


@pytest.mark.parametrize("answer", ["yes", "detach 1", "", "DETACH 2"])
def test_any_other_answer_does_nothing(project, answer):
    child = project.terminal("apply")
    child.expect("Enter a value:")
    child.sendline(answer)
    child.expect("Apply cancelled")
    child.expect("approval-declined")
    assert ended(child) == 1
    assert project.departed() == []


def test_the_end_of_the_input_does_nothing(project):
    child = project.terminal("apply")
    child.expect("Enter a value:")
    child.sendeof()
    assert ended(child) == 1
    assert project.departed() == []


def test_the_question_names_what_it_asks_about(project):
    child = project.terminal("apply")
    child.expect("Do you want to detach these accounts")
    child.expect("Enter a value:")
    for named in [*ELIGIBLE, "account.legacy-crm", "account.acquired-shop", "can't be undone"]:
        assert named in child.before, child.before
    child.sendline("no")
    assert ended(child) == 1


def test_an_interrupt_at_the_question_does_nothing_says_so_and_leaves_no_lock(project):
    child = project.terminal("apply")
    child.expect("Enter a value:")
    child.sendintr()
    child.expect("Interrupted at the prompt. Nothing was done.")
    assert ended(child) == 1
    assert project.departed() == []
    assert project.run("apply", "-auto-approve").returncode == 0
    assert project.departed() == ELIGIBLE


def test_running_text_is_wrapped_for_the_terminal_and_commands_are_not(project):
    # Diagnostics go to standard error, and automation gets no progress line.
    project.environment["ORGROSTER_IN_AUTOMATION"] = "1"
    child = project.program_in_terminal("/bin/sh", ["-c", f"exec {os.environ['ORGROSTER_BIN']} plan -no-color 2>/dev/null"], (60, 72))
    shown = [line.rstrip() for line in child.read().splitlines()]
    piped = project.run("plan", "-no-color").stdout.splitlines()
    assert max(map(len, shown)) > 72 and {line for line in shown if len(line) > 72} <= set(piped), shown
    # A line in a pipe is wrapped on the terminal, with the same words.
    assert " ".join("\n".join(shown).replace("#  ", "").split()) == " ".join("\n".join(piped).replace("#  ", "").split())
    assert len(shown) > len(piped)


def test_colors_are_for_terminals(project):
    # A progress line, which appears if reading takes a while, moves the cursor.
    project.environment["ORGROSTER_IN_AUTOMATION"] = "1"
    child = project.terminal("plan")
    child.expect("Accounts: 2 departing")
    assert "\x1b[" in child.before
    assert "\x1b[" not in project.run("plan").stdout
    child = project.terminal("plan", "-no-color")
    child.expect("Accounts: 2 departing")
    assert "\x1b[" not in child.before


def slowly(project):
    """Every answer of the organization takes a while, so that progress is visible."""
    (fixture,) = project.folder.glob("*.sandbox.hcl")
    text = fixture.read_text()
    assert text.count("sandbox {\n") == 1
    fixture.write_text(text.replace("sandbox {\n", "sandbox {\n  weather {\n    latency_ms = 100\n  }\n"))


def test_a_terminal_shows_the_progress_of_reading(project):
    slowly(project)
    child = project.terminal("plan")
    child.expect(r"Reading the organization: page \d+ of accounts \(of about \d+\), \d+ other requests")
    # The line disappears when reading ends.
    child.expect_exact("\x1b[2K")
    child.expect_exact("0 to add, 0 to change, 2 to destroy.")
    assert ended(child) == 0


def test_making_a_configuration_shows_the_progress_of_reading(project):
    slowly(project)
    # `init` needs files without accounts; the file that leads to the organization stays.
    for path in project.folder.glob("*.roster.hcl"):
        path.unlink()
    (fixture,) = project.folder.glob("*.sandbox.hcl")
    (project.folder / "provider.roster.hcl").write_text(f'provider "aws" {{\n  sandbox = "{fixture.name}"\n}}\n')
    child = project.terminal("init", "-from-organization")
    # Without a configuration, the number of accounts is not known.
    child.expect(r"Reading the organization: page \d+ of accounts, \d+ other requests?")
    child.expect_exact("\x1b[2K")
    child.expect_exact("Review them, then run orgroster plan.")
    assert ended(child) == 0


def test_a_log_is_not_filled_with_progress(project):
    slowly(project)
    planned = project.run("plan")
    assert planned.returncode == 0
    assert "Reading the organization" not in planned.stdout + planned.stderr
    project.environment["ORGROSTER_IN_AUTOMATION"] = "1"
    child = project.terminal("plan")
    child.expect(pexpect.EOF)
    assert "Reading the organization" not in child.before


@pytest.mark.parametrize("words", [["apply"], ["apply", "-input=false"]])
def test_without_a_terminal_apply_needs_another_approval(project, words):
    run = project.run(*words)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("Error: Approval required")
    assert project.departed() == []


def test_input_false_asks_nothing_even_on_a_terminal(project):
    child = project.terminal("apply", "-input=false")
    child.expect("Approval required")
    assert ended(child) == 1


def test_auto_approve_needs_no_terminal(project):
    assert project.run("apply", "-auto-approve").returncode == 0
    assert project.departed() == ELIGIBLE


def test_a_digest_approves_exactly_what_it_names(project):
    digest = json.loads(saved(project))["orgroster"]["digest"]
    wrong = project.run("apply", "-expect-digest", "sha256:" + "0" * 64)
    assert wrong.returncode == 1 and "Plan digest mismatch" in wrong.stderr
    assert project.departed() == []
    assert project.run("apply", "-expect-digest", digest).returncode == 0
    assert project.departed() == ELIGIBLE


def saved(project):
    assert project.run("plan", "-out", "plan.json").returncode == 0
    return (project.folder / "plan.json").read_text()


def edit(project, name, before, after):
    path = project.folder / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("main.roster.hcl", "max_detachments    = 2", "max_detachments    = 3"),
        ("departures.roster.hcl", "Returned to its founders", "Sold"),
        ("departures.roster.hcl", '"2026-12-20"', '"2026-12-21"'),
    ],
)
def test_a_changed_configuration_refuses_the_whole_plan_and_shows_the_difference(project, name, before, after):
    saved(project)
    edit(project, name, before, after)
    run = project.run("apply", "plan.json")
    assert run.returncode == 1
    assert "Saved plan is stale" in run.stderr
    assert "    - " in run.stdout and "    + " in run.stdout
    assert project.departed() == []


def test_a_changed_fact_holds_back_its_account_alone(project):
    saved(project)
    edit(project, "organization.sandbox.hcl", '"legacy-crm@example.com"', '"crm@example.com"')
    run = project.run("apply", "plan.json")
    assert run.returncode == 3, run.stderr
    assert "account.legacy-crm is held back" in run.stdout
    assert project.departed() == ["260000000001"]


@pytest.mark.parametrize("damage", [lambda text: text[: len(text) // 2], lambda text: text.replace("2026-117", "2026-118"), lambda text: "{}", lambda _: ""])
def test_a_damaged_plan_is_refused_with_the_reason(project, damage):
    text = saved(project)
    (project.folder / "plan.json").write_text(damage(text))
    run = project.run("apply", "plan.json")
    assert run.returncode == 1
    assert run.stderr.startswith("Error: Plan file can't be used")
    assert project.departed() == []


def test_a_rehearsed_plan_is_refused_by_aws_and_the_sandbox_can_be_forbidden(project):
    saved(project)
    assert "The sandbox is refused" in project.run("plan", env={"ORGROSTER_REQUIRE_AWS": "1"}).stderr
    edit(project, "main.roster.hcl", 'sandbox = "organization.sandbox.hcl"', "")
    run = project.run("apply", "plan.json", env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
    assert run.returncode == 1
    assert "made in the sandbox" in run.stderr


def test_removal_by_the_management_account(project):
    edit(project, "main.roster.hcl", "max_detachments    = 2", "max_detachments    = 2\n  allow_remove       = true")
    edit(project, "departures.roster.hcl", 'reason     = "Returned to its founders"', 'reason     = "Returned"\n  via        = "remove"')
    run = project.run("apply", "-auto-approve", "-target=account.acquired-shop")
    assert run.returncode == 0, run.stderr
    assert "RemoveAccountFromOrganization by the management account" in run.stdout
    record = json.loads(next(project.folder.glob(".orgroster/sandbox/records/*.json")).read_text())
    assert record["proof"] == "management_does_not_find_it"


def test_ci_with_a_local_backend_wants_the_records_elsewhere(project):
    edit(project, "main.roster.hcl", 'sandbox = "organization.sandbox.hcl"', "")
    run = project.run("apply", "-auto-approve", env={"CI": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
    assert run.returncode == 1
    assert "Departure records would be lost" in run.stderr


SIZE = (24, 100)
BAR = "accounts, "


def slow(project):
    edit(project, "organization.sandbox.hcl", "sandbox {", "sandbox {\n  weather {\n    latency_ms = 150\n  }")


class Watched:
    """A terminal as a person sees it: the screen after each piece of output."""

    def __init__(self, child):
        self.screen = pyte.Screen(SIZE[1], SIZE[0])
        self.seen = []
        stream = pyte.Stream(self.screen)
        while True:
            try:
                stream.feed(child.read_nonblocking(4096, timeout=60))
            except pexpect.EOF:
                return
            self.seen.append(self.lines())

    def lines(self):
        return [line.rstrip() for line in self.screen.display if line.strip()]


def test_on_a_terminal_a_bar_is_drawn_below_the_lines_and_leaves_nothing_behind(project):
    slow(project)
    child = project.terminal("apply", "-auto-approve", "-parallelism=1")
    child.setwinsize(*SIZE)
    watched = Watched(child)
    child.close()
    assert child.exitstatus == 0
    bars = [(lines[-1], lines) for lines in watched.seen if lines and BAR in lines[-1]]
    assert any(bar.startswith("0/2 accounts, ") for bar, _ in bars), watched.seen[-1]
    assert any(bar.startswith("1/2 accounts, ") and any("Destruction complete" in line for line in lines) for bar, lines in bars)
    last = watched.lines()
    assert not any(BAR in line for line in last), last
    assert any("Apply complete! Resources: 0 added, 0 changed, 2 destroyed." in line for line in last), last


def test_an_interrupt_leaves_no_bar_behind(project):
    slow(project)
    child = project.terminal("apply", "-auto-approve", "-parallelism=1")
    child.setwinsize(*SIZE)
    child.expect("Destroying...")
    child.sendintr()
    watched = Watched(child)
    child.close()
    assert child.exitstatus == 130
    assert not any(BAR in line for line in watched.lines()), watched.lines()
    assert any("Apply incomplete." in line for line in watched.lines()), watched.lines()


@pytest.mark.parametrize("where", ["pipe", "automation"])
def test_without_a_person_plain_lines_come_and_no_bar(project, where):
    if where == "pipe":
        text = project.run("apply", "-auto-approve").stdout
        assert "\x1b" not in text and "\r" not in text
    else:
        project.environment["TF_IN_AUTOMATION"] = "1"
        child = project.terminal("apply", "-auto-approve")
        text = child.read()
    assert BAR not in text.split("Destroying...")[1]
    assert text.count("Destroying... [id=") == 2 and text.count("Destruction complete [id=") == 2, text
