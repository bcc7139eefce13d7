"""Reviews in a terminal by keys, at several sizes, and compares what is kept with the same decisions over the API.

    review.py REWARDCTL

Also ends the program by signals, and looks whether it gives the terminal back. Needs nothing but Python, on Unix.
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request
from pathlib import Path

TASKS = [("rate", 1), ("choose", 2), ("rank", 3), ("approve", 1), ("correct", 1), ("choose", 2)]
# What is pressed for each task, and the same as the API takes it.
KEYS = ["n", "so", "\r", "4", "1", "2", "1", "3", "r", "c", " indeed", "\x13", "B"]
ANSWERS = [
    {"answer": {"kind": "rate", "value": 4}, "note": "so"},
    {"answer": {"kind": "choose", "choice": "left"}},
    {"answer": {"kind": "rank", "order": [1, 0, 2]}},
    {"answer": {"kind": "reject"}},
    {"answer": {"kind": "correct", "text": None}},
    {"answer": {"kind": "choose", "choice": "right", "strength": 0.5}},
]


class Project:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.env = {**os.environ, "REWARDCTL_STORE": str(Path(folder, "store.db")), "REWARDCTL_REPEAT_SHARE": "0",
                    "REWARDCTL_NAME": "ana", "TERM": "xterm-256color"}
        self.tokens = {name: json.loads(self.run("user", "add", name, "--role", role, "--json"))["token"]
                       for name, role in [("root", "admin"), ("ana", "reviewer")]}

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], cwd=self.folder, env=self.env, check=True,
                              capture_output=True, text=True).stdout

    def serve(self, work):
        service = subprocess.Popen([self.binary, "serve", "--listen", "127.0.0.1:0"], cwd=self.folder, env=self.env,
                                   stderr=subprocess.PIPE, text=True)
        try:
            address = re.search(r"http://[^/]+", service.stderr.readline()).group()

            def ask(method, path, body=None, who="root"):
                request = urllib.request.Request(f"{address}/api/v1{path}", method=method,
                                                 data=None if body is None else json.dumps(body).encode(),
                                                 headers={"authorization": f"Bearer {self.tokens[who]}",
                                                          "content-type": "application/json"})
                with urllib.request.urlopen(request) as answer:
                    return json.loads(answer.read() or "null")
            work(ask)
        finally:
            service.terminate()
            service.wait()

    def fill(self, ask):
        for n, (kind, count) in enumerate(TASKS):
            item = {"prompt": [{"role": "user", "content": f"Question {n}? \x1b[2J\u202e"}],
                    "responses": [{"text": f"answer {n}.{at}"} for at in range(count)]}
            added = ask("POST", "/items", {"items": [item]})["items"][0]
            ask("POST", "/tasks", {"tasks": [{"kind": kind, "item": added["id"], "responses": added["responses"]}]})

    def labels(self):
        self.run("label", "export", "out.jsonl")
        return Path(self.folder, "out.jsonl").read_text()


class Terminal:
    """The program in a terminal of its own; what it draws is kept as it came."""

    def __init__(self, project, size, *arguments):
        self.drawn = b""
        self.process, self.end = pty.fork()
        if self.process == 0:
            os.chdir(project.folder)
            os.execve(project.binary, [project.binary, "review", *arguments], project.env)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self.end)

    def read(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.end], [], [], left)[0]:
                try:
                    self.drawn += os.read(self.end, 1 << 16)
                except OSError:
                    return

    def press(self, *keys):
        for key in keys:
            os.write(self.end, key.encode())
            self.read(0.3)

    def words(self):
        """What is drawn leaves out cells that stay as they are, such as the spaces between words."""
        return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b" ", self.drawn).split()

    def kill(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)

    def wait(self):
        self.read(2)
        return os.waitpid(self.process, 0)[1]

    def is_given_back(self):
        now = termios.tcgetattr(self.end)
        is_cooked = now[3] & termios.ICANON and now[3] & termios.ECHO
        return bool(is_cooked) and self.drawn.rfind(b"\x1b[?1049l") > self.drawn.rfind(b"\x1b[?1049h")


def by_terminal(binary, size):
    with tempfile.TemporaryDirectory() as folder:
        project = Project(binary, folder)
        project.serve(project.fill)
        terminal = Terminal(project, size)
        terminal.read(1.5)
        terminal.press(*KEYS)
        # Taken back and said again: the same labels.
        terminal.press("u", "B", "q")
        status = terminal.wait()
        assert os.WEXITSTATUS(status) == 0, (status, terminal.drawn[-2000:])
        assert terminal.is_given_back(), terminal.drawn[-200:]
        assert b"\x1b[2J\xe2\x80\xae" not in terminal.drawn and b"\xe2\x80\xae" not in terminal.drawn
        return project.labels()


def by_api(binary):
    with tempfile.TemporaryDirectory() as folder:
        project = Project(binary, folder)

        def work(ask):
            project.fill(ask)
            for answer in ANSWERS:
                lease = ask("POST", "/tasks/claim", {}, "ana")["leases"][0]
                if answer["answer"]["kind"] == "correct":
                    answer["answer"]["text"] = lease["responses"][0]["text"] + " indeed"
                ask("POST", "/labels", {"task": lease["task"], "token": lease["token"], **answer}, "ana")
        project.serve(work)
        return project.labels()


def by_signal(binary, number):
    with tempfile.TemporaryDirectory() as folder:
        project = Project(binary, folder)
        project.serve(project.fill)
        terminal = Terminal(project, (80, 24))
        terminal.read(1.5)
        terminal.press("n", "half a no")
        os.kill(terminal.process, number)
        status = terminal.wait()
        assert os.WIFEXITED(status), status
        assert terminal.is_given_back(), terminal.drawn[-200:]


def by_hangup(binary):
    """The terminal goes away: the program ends, and what it held is free when its lease is over."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(binary, folder)
        project.serve(project.fill)
        terminal = Terminal(project, (80, 24))
        terminal.read(1.5)
        os.close(terminal.end)
        end = time.monotonic() + 10
        while os.waitpid(terminal.process, os.WNOHANG) == (0, 0):
            assert time.monotonic() < end, terminal.process
            time.sleep(0.1)


def by_stop(binary):
    """The program stands still until its lease is over and somebody else has the task; then it goes on."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(binary, folder)
        project.env["REWARDCTL_LEASE_MINUTES"] = "0.05"
        project.serve(lambda ask: project.fill(ask))
        terminal = Terminal(project, (80, 24))
        terminal.read(1.5)
        os.kill(terminal.process, signal.SIGSTOP)
        time.sleep(3.5)

        def work(ask):
            lease = ask("POST", "/tasks/claim", {"kind": "rate"})["leases"][0]
            body = {"task": lease["task"], "token": lease["token"], "answer": {"kind": "rate", "value": 1}}
            ask("POST", "/labels", body)
        project.serve(work)
        os.kill(terminal.process, signal.SIGCONT)
        terminal.press("5")
        terminal.read(1)
        assert b"yours" in terminal.words(), terminal.drawn[-1500:]
        terminal.press("q")
        terminal.wait()
        labels = [json.loads(line) for line in project.labels().splitlines()]
        rated = [(label["annotator"], label["value"]) for label in labels if label["kind"] == "rate"]
        assert rated == [("root", 1)], rated


def by_filter(binary):
    """What is held from a session that was killed is given back where the next one has a filter; undo crosses both."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(binary, folder)
        project.serve(project.fill)
        first = Terminal(project, (100, 24))
        first.read(1.5)
        first.press("4")
        first.read(1)
        first.kill()
        second = Terminal(project, (100, 24), "--kind", "choose")
        second.read(1.5)
        assert b"filter" in second.words() and b"given" in second.words(), second.drawn[-1500:]
        second.press("1")
        second.read(1)
        # Once for the decision of this session, once for that of the one before.
        second.press("u")
        assert b"before:" not in second.words()
        second.press("x", "u")
        second.read(1)
        second.press("u")
        second.read(0.5)
        assert b"before:" in second.words() and b"0?" in second.words(), second.drawn[-1500:]
        second.press("q")
        second.wait()
        listed = [json.loads(line) for line in project.run("queue", "list", "--json").splitlines()]
        assert all(not task["held"] for task in listed if "held" in task), listed


def main():
    binary = str(Path(sys.argv[1]).resolve())
    due = by_api(binary)
    assert len(due.splitlines()) == 8, due
    for size in [(80, 24), (200, 50), (30, 8)]:
        found = by_terminal(binary, size)
        assert found == due, f"{found}\n{due}"
        print(f"held: at {size[0]}×{size[1]} the same decisions are the same labels as over the API")
    for number in [signal.SIGTERM, signal.SIGINT]:
        by_signal(binary, number)
        print(f"held: {number.name} gives the terminal back")
    by_hangup(binary)
    print("held: it ends when its terminal is gone")
    by_filter(binary)
    print("held: a filter gives back what it leaves out, and an undo across sessions says of what")
    by_stop(binary)
    print("held: stopped beyond its lease, it is told that somebody else was faster, and one label is kept")


if __name__ == "__main__":
    main()
