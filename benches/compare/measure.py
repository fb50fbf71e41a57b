"""Runs a program and measures all of its processes, and reads the request counts from the sandbox."""

import json
import os
import re
import subprocess
import threading
import time
import urllib.request


class Server:
    """A sandbox that serves a fixture."""

    def __init__(self, binary, fixture):
        command = [binary, "sandbox", "serve", "-listen", "127.0.0.1:0", str(fixture)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        announced = self.process.stdout.readline()
        found = re.search(r"http://[\d.:]+", announced)
        if not found:
            raise RuntimeError(f"the sandbox did not start: {announced}")
        self.url = found.group()

    def requests(self):
        with urllib.request.urlopen(f"{self.url}/_sandbox/requests") as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def environment(url, **more):
    """The environment of an AWS client of the management account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": "111111111111",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        **more,
    }


class Run:
    """One run: wall and CPU time in seconds, peak memory of all processes in MB, requests by operation, output."""

    def __init__(self, server, command, directory, env, accepted=(0,)):
        before = server.requests()
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=directory, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        peaks = Peaks(process.pid)
        self.output = process.stdout.read().decode(errors="replace")
        # The times of the child and of all processes that it waited for.
        _, status, used = os.wait4(process.pid, 0)
        self.wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = used.ru_utime + used.ru_stime
        # Not ru_maxrss: a process inherits the peak of its parent, which is this interpreter.
        self.memory = peaks.end()
        after = server.requests()
        self.requests = {name: after[name] - before.get(name, 0) for name in after if after[name] > before.get(name, 0)}
        if process.returncode not in accepted:
            raise RuntimeError(f"{command} ended with {process.returncode}:\n{self.output[-2000:]}")


class Peaks:
    """The peak resident memory of a process and its descendants together, in MB (Linux: VmHWM of proc(5)); zero elsewhere.

    Processes that run one after another do not add up. The first samples are close together, for programs that end at once."""

    def __init__(self, pid):
        self.pid = pid
        self.most = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        began = time.monotonic()
        while True:
            self.most = max(self.most, sum(peak(pid) for pid in family(self.pid)))
            if self.over.wait(0.001 if time.monotonic() - began < 0.2 else 0.02):
                return

    def end(self):
        self.over.set()
        self.thread.join()
        return self.most


def peak(pid):
    """The peak resident memory of a process in MB; zero if it has ended."""
    try:
        with open(f"/proc/{pid}/status") as status:
            found = re.search(r"VmHWM:\s+(\d+)", status.read())
    except OSError:
        return 0.0
    return int(found.group(1)) / 1024 if found else 0.0


def family(pid):
    """A process and all its descendants."""
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as children:
                    waiting.extend(int(child) for child in children.read().split())
        except OSError:
            continue
    return found
