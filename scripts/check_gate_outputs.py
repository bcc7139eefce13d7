"""Reads what `rewardctl gate` writes with real consumers: JUnit with junitparser, SARIF against the schema of OASIS.

    pip install junitparser jsonschema
    python3 scripts/check_gate_outputs.py target/debug/rewardctl sarif-schema-2.1.0.json

The schema is sarif-schema-2.1.0.json of https://github.com/oasis-tcs/sarif-spec.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from jsonschema import Draft7Validator
from junitparser import Error, Failure, JUnitXml

# What GitHub documents as the form of a workflow command; a colon or comma in a value would end it.
COMMAND = re.compile(r"^::(error|warning) ((file|line|title)=[^:,\r\n]+)(,(file|line|title)=[^:,\r\n]+)*::[^\r\n]*$")


def row(at, reward, mark):
    return {"id": f"id{at}{mark}", "item_id": f"i{at}", "response_id": f"r{at}{reward}", "reward": reward,
            "source": "an,swer:s.jsonl", "row": at + 1, "versions": {"panel": "v"}, "topic": "<&\"'>\u0001"}


def main(binary, schema):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        old = [row(at, 0.7 + 0.001 * (at % 50), "") for at in range(100)]
        new = [row(at, (0.2 if at < 60 else 0.7) + 0.001 * (at % 50), "\n]]>%") for at in range(100)]
        for name, rows in [("old", old), ("new", new)]:
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        arguments = ["gate", "new.jsonl", "--baseline", "old.jsonl", "--max-regression", "0.05", "--min-mean", "0.41",
                     "--by", "topic", "--junit", "g.xml", "--sarif", "g.sarif", "--github", "--store", "none"]
        run = subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        assert run.returncode == 1, run
        suites = JUnitXml.fromfile(str(folder / "g.xml"))
        cases = [case for suite in suites for case in suite]
        results = [type(result) for case in cases for result in case.result]
        assert len(cases) == 4 and Failure in results and Error in results, results
        print(f"junitparser: {len(cases)} cases, {results.count(Failure)} failures, {results.count(Error)} errors")
        document = json.loads((folder / "g.sarif").read_text())
        validator = Draft7Validator(json.loads(Path(schema).read_text()))
        errors = [error.message for error in validator.iter_errors(document)]
        assert not errors, errors
        print(f"SARIF schema: valid, {len(document['runs'][0]['results'])} results")
        commands = [line for line in run.stderr.splitlines() if line.startswith("::")]
        assert commands and all(COMMAND.match(line) for line in commands), commands
        print(f"GitHub commands: {len(commands)} of the documented form")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()), sys.argv[2])
