"""Times `rewardctl score` with one LLM critic beside the `openai` async client, on one scripted endpoint.

Both send the same requests, 64 at once; rewardctl also renders them, keeps its ledger on disk and parses the replies.
A bare socket that sends one request over and over and reads nothing shows what the endpoint bears.
Its time is that of the whole program, the client's that of the calls alone.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONCURRENCY = 64
WORDS = "the answer explains how the pump in a house with two floors works near the river and says why it matters".split()


def rows(path, count):
    with open(path, "w") as file:
        for n in range(count):
            words = [WORDS[(n * 7 + i * i) % len(WORDS)] for i in range(40)]
            row = {"prompt": f"Question {n}: how does it work?", "response": f"Answer {n}: {' '.join(words)}."}
            file.write(json.dumps(row) + "\n")


def settings(port):
    return (f'[endpoints.scripted]\nbase-url = "http://127.0.0.1:{port}/v1"\nmodel = "scripted"\n'
            f'concurrency = {CONCURRENCY}\nprice = {{ input = "0.5", output = "1.5" }}\n')


def of_rewardctl(binary, arguments, port, count):
    with tempfile.TemporaryDirectory() as folder:
        rows(f"{folder}/x.jsonl", count)
        Path(folder, "rewardctl.toml").write_text(settings(port))
        command = [binary, *arguments, "score", "x.jsonl", "--panel", str(HERE / "panel.toml"), "-o", "out.jsonl"]
        environment = {**os.environ, "REWARDCTL_STORE": f"{folder}/store.db"}
        with open(f"{folder}/said", "w+") as said:
            start = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
            peak, ended = 0, 0
            while not ended:
                peak = max(peak, peak_kib(process.pid))
                time.sleep(0.01)
                ended, status, used = os.wait4(process.pid, os.WNOHANG)
            wall = time.perf_counter() - start
            if status:
                said.seek(0)
                sys.exit(said.read())
        return wall, used.ru_utime + used.ru_stime, peak


def peak_kib(process):
    """The peak of a process itself: what `wait4` tells holds that of the process which started it, too."""
    for line in open(f"/proc/{process}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def bodies(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/bodies") as reply:
        return json.load(reply)["bodies"]


async def of_client(port, asked):
    import openai
    client = openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)
    places = asyncio.Semaphore(CONCURRENCY)

    async def ask(body):
        async with places:
            reply = await client.chat.completions.create(**body)
            return json.loads(reply.choices[0].message.content)["score"]

    await ask(asked[0])
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await asyncio.gather(*(ask(body) for body in asked))
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss


class Bare(asyncio.Protocol):
    """Sends the same bytes over and over and reads nothing but their length: what the endpoint bears at most."""

    def __init__(self, request, left, done):
        self.request, self.left, self.done, self.buffer = request, left, done, b""

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        if not self.left:
            return self.done.release()
        self.left.pop()
        self.transport.write(self.request)

    def data_received(self, data):
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
            self.buffer = b""
            self.send()


async def of_bare(port, body, count):
    written = json.dumps(body).encode()
    request = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(written), written)
    left, done = [None] * count, asyncio.Semaphore(0)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    for _ in range(CONCURRENCY):
        await asyncio.get_running_loop().create_connection(lambda: Bare(request, left, done), "127.0.0.1", port)
    for _ in range(CONCURRENCY):
        await done.acquire()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss


def endpoint(latency_ms):
    process = subprocess.Popen([sys.executable, str(HERE / "endpoint.py"), "--latency-ms", str(latency_ms)],
                               stdout=subprocess.PIPE)
    return process, int(process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewardctl", default="target/release/rewardctl")
    parser.add_argument("--arguments", default="", help="for rewardctl, before `score`")
    parser.add_argument("--calls", type=int, default=5_000)
    parser.add_argument("--client-calls", type=int, default=1_000)
    args = parser.parse_args()
    try:
        import openai  # noqa: F401
    except ImportError:
        sys.exit("skipped: there is no `openai`; benches/calls/requirements.txt names what is needed")
    if not Path(args.rewardctl).exists():
        sys.exit(f"skipped: there is no `{args.rewardctl}`; `make build` makes it")
    binary = str(Path(args.rewardctl).resolve())
    print(f"{'':24}{'calls':>8}{'s':>9}{'calls/s':>10}{'of ideal':>10}{'CPU ms/call':>13}{'MiB':>7}")
    for latency_ms in (0, 50):
        process, port = endpoint(latency_ms)
        ideal = CONCURRENCY / (latency_ms / 1000) if latency_ms else None
        try:
            wall, spent, rss = of_rewardctl(binary, args.arguments.split(), port, args.calls)
            show(f"rewardctl, {latency_ms} ms", args.calls, wall, ideal, spent, rss)
            asked = bodies(port)[:args.client_calls]
            wall, spent, rss = asyncio.run(of_client(port, asked))
            show(f"openai client, {latency_ms} ms", len(asked), wall, ideal, spent, rss)
            wall, spent, rss = asyncio.run(of_bare(port, asked[0], args.calls))
            show(f"bare socket, {latency_ms} ms", args.calls, wall, ideal, spent, rss)
        finally:
            process.terminate()
            process.wait()


def show(name, calls, wall, ideal, spent, rss_kib):
    share = f"{calls / wall / ideal:.0%}" if ideal else ""
    print(f"{name:24}{calls:>8}{wall:>9.2f}{calls / wall:>10.0f}{share:>10}{1000 * spent / calls:>13.3f}{rss_kib / 1024:>7.0f}")


if __name__ == "__main__":
    main()
