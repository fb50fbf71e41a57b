"""orgroster compared with Terraform and its AWS provider, the AWS CLI and a boto3 script, on the same sandbox.

    run side-by-side [SIZES]   the same organization, nothing to do and 10 departures, tools in turn (10,100,1000,5000)
    run sizes [SIZES]          what a plan costs orgroster itself, quotas and latency off (1000,5000,10000,25000,50000)
    run quota [SIZES]          how close plans with and without departures come to the minimum time under AWS's quotas, which the sandbox enforces (1000)
    run organizations [SIZES]  50 organizations of this size, planned at once on this machine, with AWS's quotas (1000)

CPU is the sum over all processes of a tool, memory their peak at one time. TERRAFORM_PLUGIN_DIR is the directory of the AWS provider if Terraform can't
download it.
"""

import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from measure import Run, Server, environment, peak
from world import World, write_fixture

HERE = pathlib.Path(__file__).parent
BINARY = os.environ["ORGROSTER_BIN"]
ROUNDS = {10: 3, 100: 3, 1_000: 3}
DEPARTURES = 10
ORGANIZATIONS = 50
# Rate and burst for one account (Organizations user guide, "Quotas and service limits"), and the default api_share.
QUOTAS = {
    "DescribeAccount": (20, 30),
    "DescribeOrganization": (1, 2),
    "DescribeOrganizationalUnit": (2, 2),
    "DescribePolicy": (2, 2),
    "ListAWSServiceAccessForOrganization": (1, 3),
    "ListAccounts": (8, 12),
    "ListDelegatedAdministrators": (5, 8),
    "ListPolicies": (5, 8),
    "ListPoliciesForTarget": (5, 8),
    "ListRoots": (1, 2),
    "ListTagsForResource": (10, 15),
    "ListTargetsForPolicy": (5, 8),
}
SHARE = 0.6


class Orgroster:
    name = "orgroster"

    def missing(self):
        return None if pathlib.Path(BINARY).exists() else f"{BINARY} does not exist"

    def prepare(self, world, url):
        self.directory, self.environment = world.roster(), environment(url)

    def run(self, server):
        return Run(server, [BINARY, "plan", "-no-color"], self.directory, self.environment)


class Terraform:
    name = "Terraform, AWS provider"

    def missing(self):
        if not shutil.which("terraform"):
            return "terraform is not installed"
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / "main.tf").write_text('terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n')
            done = self.initialize(directory, environment("http://127.0.0.1:1"))
        return None if done.returncode == 0 else "terraform finds no AWS provider (TERRAFORM_PLUGIN_DIR)"

    def initialize(self, directory, env):
        plugins = os.environ.get("TERRAFORM_PLUGIN_DIR")
        command = ["terraform", "init", "-input=false", "-no-color", *([f"-plugin-dir={plugins}"] if plugins else [])]
        return subprocess.run(command, cwd=directory, env=env, capture_output=True)

    def prepare(self, world, url):
        self.directory, self.environment = world.terraform(url), environment(url)
        done = self.initialize(self.directory, self.environment)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        self.expected = f"{len(world.departures)} to destroy." if world.departures else "No changes."

    def run(self, server):
        run = Run(server, ["terraform", "plan", "-input=false", "-no-color", "-lock=false"], self.directory, self.environment)
        if self.expected not in run.output:
            raise RuntimeError(f"Terraform planned something else than {self.expected!r}:\n{run.output[-2000:]}")
        return run


class AwsCli:
    name = "AWS CLI script"

    def missing(self):
        return None if shutil.which("aws", path=str(HERE / ".venv/bin")) else "the AWS CLI is not installed"

    def prepare(self, world, url):
        path = f"{HERE / '.venv/bin'}:{os.environ['PATH']}"
        self.directory, self.environment = world.directory, environment(url, PATH=path)
        self.command = [str(HERE / "with_aws_cli.sh"), world.management, *(id for id, _ in world.departures)]

    def run(self, server):
        return Run(server, self.command, self.directory, self.environment)


class Boto3:
    name = "boto3 script"

    def missing(self):
        return None

    def prepare(self, world, url):
        self.directory, self.environment = world.directory, environment(url)
        self.command = [sys.executable, str(HERE / "with_boto3.py"), world.management, *(id for id, _ in world.departures)]

    def run(self, server):
        return Run(server, self.command, self.directory, self.environment)


def spread(values, form):
    """The median, with the minimum and maximum if they differ when formatted."""
    middle, least, most = (form.format(value) for value in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def side_by_side(sizes):
    present = []
    for tool in (Orgroster(), Terraform(), AwsCli(), Boto3()):
        why = tool.missing()
        if why:
            print(f"missing: {tool.name}: {why}")
        else:
            present.append(tool)
    print("| accounts | departures | tool | requests | CPU, s | wall, s | memory, MB | CPU, times orgroster's | wall, times orgroster's |")
    print("|---:|---:|---|---:|---:|---:|---:|---:|---:|")
    details = []
    for size in sizes:
        for departures in (0, min(DEPARTURES, size)):
            with tempfile.TemporaryDirectory() as directory:
                world = World(directory, size, departures)
                with Server(BINARY, world.fixture) as server:
                    runs = in_turn(present, world, server, ROUNDS.get(size, 1))
            report(size, departures, runs, details)
    print("\nRequests by operation:\n")
    for line in details:
        print(line)


def in_turn(tools, world, server, rounds):
    """Runs the tools in turn, several times, so that other load on the machine affects all of them."""
    runs = {tool.name: [] for tool in tools}
    for tool in tools:
        tool.prepare(world, server.url)
    for _ in range(rounds):
        for tool in tools:
            runs[tool.name].append(tool.run(server))
    return runs


def report(size, departures, runs, details):
    ours = runs.get(Orgroster.name, [])
    for name, found in runs.items():
        # The runs of one round are compared.
        ratios = [[theirs.cpu / own.cpu, theirs.wall / own.wall] for theirs, own in zip(found, ours)]
        cpu, wall = (spread([ratio[index] for ratio in ratios], "{:.1f}") for index in (0, 1))
        requests = {sum(run.requests.values()) for run in found}
        cells = [size, departures, name, ", ".join(map(str, sorted(requests)))]
        cells += [spread([run.cpu for run in found], "{:.2f}"), spread([run.wall for run in found], "{:.2f}")]
        cells += [spread([run.memory for run in found], "{:.0f}"), cpu, wall]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        counted = ", ".join(f"{operation.split(':')[-1]} {count}" for operation, count in sorted(found[0].requests.items()))
        details.append(f"* {size} accounts, {departures} departures, {name}: {counted}")


def own_cost(sizes):
    print("| accounts | CPU, s | CPU for 1,000 accounts, s | memory, MB | memory for 1,000 accounts, MB | requests |\n|---:|---:|---:|---:|---:|---:|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as directory:
            world = World(directory, size, 0)
            with Server(BINARY, world.fixture) as server:
                tool = Orgroster()
                tool.prepare(world, server.url)
                runs = [tool.run(server) for _ in range(3 if size <= 5_000 else 1)]
        cpu, memory = (statistics.median(getattr(run, what) for run in runs) for what in ("cpu", "memory"))
        requests = sum(runs[0].requests.values())
        print(f"| {size} | {cpu:.2f} | {cpu / size * 1000:.3f} | {memory:.0f} | {memory / size * 1000:.1f} | {requests} |", flush=True)


def floor(requests):
    """The minimum time for these requests with the share of the quotas, and the operation that determines it."""

    def of(operation):
        rate, burst = QUOTAS.get(operation.split(":")[-1], (1, float("inf")))
        return max(0.0, (requests[operation] - max(1, burst * SHARE // 1)) / (rate * SHARE))

    slowest = max(requests, key=of)
    return of(slowest), slowest.split(":")[-1]


def quota(sizes):
    print("| accounts | departures | floor of the quotas' share, s | set by | wall, s | over the floor | throttled |\n|---:|---|---:|---|---:|---:|---:|")
    for size in sizes:
        for departures, own_units in ((0, False), (10, False), (10, True), (100, False), (100, True)):
            with tempfile.TemporaryDirectory() as directory:
                world = World(directory, size, departures, own_units, latency_ms=20, throttles=True)
                with Server(BINARY, world.fixture) as server:
                    command = [BINARY, "plan", "-no-color", "-verbose"]
                    run = Run(server, command, world.roster(api_share=SHARE), environment(server.url))
            least, operation = floor(run.requests)
            where = " in units of their own" if own_units else ""
            over, throttled = f"{(run.wall / least - 1) * 100:+.1f} %", "yes" if "throttled" in run.output else "no"
            print(f"| {size} | {departures}{where} | {least:.1f} | {operation} | {run.wall:.1f} | {over} | {throttled} |", flush=True)


def organizations(sizes):
    print("| organizations | accounts of each | floor of one, s | wall of all, s | CPU of all, s | share of the cores | sum of their peaks of memory, MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as directory:
            worlds = [World(f"{directory}/{number}", size, number=number) for number in range(ORGANIZATIONS)]
            fixture = write_fixture(directory, worlds, latency_ms=20, throttles=True)
            places = [(world.roster(api_share=SHARE), world.management) for world in worlds]
            with Server(BINARY, fixture) as server:
                began, started = time.monotonic(), []
                for roster, management in places:
                    env = environment(server.url, AWS_ACCESS_KEY_ID=management)
                    started.append(subprocess.Popen([BINARY, "plan", "-no-color"], cwd=roster, env=env, stdout=subprocess.DEVNULL))
                ended, peaks = together([process.pid for process in started])
                wall = time.monotonic() - began
                least, _ = floor({name: count // ORGANIZATIONS for name, count in server.requests().items()})
        if any(status for status, _ in ended):
            raise RuntimeError("a plan failed")
        cpu = sum(used.ru_utime + used.ru_stime for _, used in ended)
        share = cpu / wall / os.cpu_count() * 100
        print(f"| {ORGANIZATIONS} | {size} | {least:.1f} | {wall:.1f} | {cpu:.1f} | {share:.0f} % | {sum(peaks.values()):.0f} |", flush=True)


def together(pids):
    """Waits for processes. Returns each one's exit status and resource usage, and its peak memory in MB."""
    ended, peaks, running = [], dict.fromkeys(pids, 0.0), set(pids)
    while running:
        for pid in list(running):
            peaks[pid] = max(peaks[pid], peak(pid))
            over, status, used = os.wait4(pid, os.WNOHANG)
            if over:
                running.remove(pid)
                ended.append((status, used))
        time.sleep(0.05)
    return ended, peaks


def main():
    what, *sizes = sys.argv[1:] or ["side-by-side"]
    commands = {
        "side-by-side": (side_by_side, [10, 100, 1_000, 5_000]),
        "sizes": (own_cost, [1_000, 5_000, 10_000, 25_000, 50_000]),
        "quota": (quota, [1_000]),
        "organizations": (organizations, [1_000]),
    }
    if what not in commands:
        sys.exit(__doc__)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}\n")
    command, usual = commands[what]
    command([int(size) for size in sizes] or usual)


main()
