"""The service that a test of the page drives: started, killed and asked."""
import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

TEAM = [("root", "admin"), ("ana", "reviewer"), ("ben", "reviewer"), ("eva", "curator")]


class Service:
    def __init__(self, binary, folder, team=TEAM):
        self.binary, self.folder = binary, folder
        self.env = {**os.environ, "REWARDCTL_STORE": str(Path(folder, "store.db")),
                    "REWARDCTL_REPEAT_SHARE": "0", "REWARDCTL_LEASE_MINUTES": "1", "REWARDCTL_NAME": "ana"}
        # There is no store before the first command that keeps something.
        self.tokens = {name: self.user(name, role) for name, role in team or TEAM[:1]}
        if not team:
            subprocess.run([binary, "user", "remove", "root"], cwd=folder, env=self.env, check=True, capture_output=True)
        self.start("127.0.0.1:0")

    def start(self, listen):
        self.process = subprocess.Popen([self.binary, "serve", "--listen", listen], cwd=self.folder, env=self.env,
                                        stderr=subprocess.PIPE, text=True)
        self.link = re.search(r"http://\S+", self.process.stderr.readline()).group()
        self.address = re.match(r"http://[^/]+", self.link).group()
        if "#token=" in self.link:
            self.tokens["root"] = self.link.partition("#token=")[2]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def user(self, name, role):
        run = subprocess.run([self.binary, "user", "add", name, "--role", role, "--json"], cwd=self.folder,
                             env=self.env, capture_output=True, text=True, check=True)
        return json.loads(run.stdout)["token"]

    def ask(self, method, path, who="root", body=None):
        request = urllib.request.Request(f"{self.address}/api/v1{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"authorization": f"Bearer {self.tokens[who]}",
                                                  "content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def add(self, kind, texts, prompt="Which?", **more):
        item = {"prompt": [{"role": "user", "content": prompt}], "responses": [{"text": text} for text in texts]}
        added = self.ask("POST", "/items", body={"items": [item]})["items"][0]
        task = {"kind": kind, "item": added["id"], "responses": added["responses"], **more}
        assert self.ask("POST", "/tasks", body={"tasks": [task]})["added"] == 1
        return added

    def labels(self, who="ana"):
        return [row["label"] for row in self.ask("GET", f"/labels?annotator={who}")["labels"]]


def held(what):
    print(f"held: {what}", flush=True)
