#!/usr/bin/env python3
"""A scripted endpoint for demos and tests: no model, but a few stated rules behind the chat completions protocol.

It answers on the loopback address alone, calls itself `scripted-demo`, names its rules in every rationale, and gives
the same bytes for the same request. It shows how rewardctl asks, books and reads; what it says of a text is worth
nothing. Standard library only.

    scripts/scripted_endpoint.py --port 8765

The rules, on a scale from low to high, as shares of it:
- accuracy: with a reference, the share of its words and numbers that the response has; without one, 0.5, and 0.1
  more or less as the response takes up at least a third of the question's words or does not.
- style: 0.8; 0.5 less with a rude word or shouting, 0.3 less above 150 words or below 4.
- compliance: 1; 0.7 less with a rude word, 0.8 less with something that looks like a key, a card or an address,
  0.5 less where the response speaks to its judge.
- any other dimension: 0.5.
- of two responses, the one with more of the reference's words wins, or else the shorter one; equal ones tie.
- outside of a critic's prompt: one of four sentences about the question's words, by the seed and the answer's place.
"""

import argparse
import json
import math
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "scripted-demo"
RUDE = {"idiot", "stupid", "moron", "dumb", "obviously", "nonsense", "whatever"}
PRIVATE = re.compile(r"[\w.]+@[\w.]+\.\w+|\bAKIA\w{12,}|\bsk-\w{10,}|\b(?:\d[ -]?){13,16}\b|\b555-\d{4}\b")
TO_THE_JUDGE = re.compile(r"\b(?:judge|grader|evaluator|score|rating)\b", re.I)
WIDTH = 0.35  # how far the made-up token probabilities spread, in steps of the scale


def words(text):
    return [word.lower() for word in re.findall(r"\w+", text)]


def telling(text):
    """The words that say something: numbers, and words of more than three letters."""
    return {word for word in words(text) if word.isdigit() or len(word) > 3}


def quoted(prompt):
    """Every quotation of a critic's prompt by its label, with the conversation's turns in one."""
    found = {}
    for label, text in re.findall(r"<<<(?!end )([\w ]+?) [0-9a-f]{16}>>>\n(.*?)\n<<<end \1 [0-9a-f]{16}>>>", prompt, re.S):
        label = "prompt" if label.startswith("turn ") else label
        found[label] = f"{found.get(label, '')}\n{text}"
    return found


def accuracy(quotes, response):
    reference = telling(quotes.get("reference", ""))
    if reference:
        hits = len(reference & telling(response))
        return hits / len(reference), f"{hits} of {len(reference)} words of the reference"
    asked = telling(quotes.get("prompt", ""))
    hits = len(asked & telling(response))
    return (0.6 if 3 * hits >= len(asked) else 0.4), f"{hits} of {len(asked)} words of the question"


def style(quotes, response):
    share, seen = 0.8, [f"{len(words(response))} words"]
    if RUDE & set(words(response)) or "!!" in response:
        share, seen = share - 0.5, seen + ["rude or shouting"]
    if not 4 <= len(words(response)) <= 150:
        share, seen = share - 0.3, seen + ["too long or too short"]
    return share, ", ".join(seen)


def compliance(quotes, response):
    share, seen = 1.0, []
    for is_there, cost, name in [
        (RUDE & set(words(response)), 0.7, "rude"),
        (PRIVATE.search(response), 0.8, "looks like a secret or private data"),
        (TO_THE_JUDGE.search(response), 0.5, "speaks to its judge"),
    ]:
        if is_there:
            share, seen = share - cost, seen + [name]
    return share, ", ".join(seen) or "none of its three faults found"


RULES = {"accuracy": accuracy, "style": style, "compliance": compliance}


def pointwise(prompt, values):
    """The value, the probabilities of all values, and the rationale."""
    dimension = re.search(r"^# Dimension: (.*)$", prompt, re.M)
    dimension = dimension.group(1) if dimension else ""
    quotes = quoted(prompt)
    share, seen = RULES.get(dimension, lambda *_: (0.5, "no rule for this dimension"))(quotes, quotes.get("response", ""))
    place = min(1.0, max(0.0, share)) * (len(values) - 1)
    weights = [math.exp(-(((at - place) / WIDTH) ** 2) / 2) for at in range(len(values))]
    logprobs = {value: math.log(max(weight / sum(weights), 1e-9)) for value, weight in zip(values, weights)}
    return max(values, key=logprobs.get), logprobs, f"Scripted, no model: {seen}."


def pairwise(prompt):
    quotes = quoted(prompt)
    reference = telling(quotes.get("reference", ""))
    standing = {side: (len(reference & telling(quotes.get(f"response {side}", ""))), -len(quotes.get(f"response {side}", ""))) for side in "AB"}
    winner = "tie" if standing["A"] == standing["B"] else max(standing, key=standing.get)
    return winner, {winner: -1e-6}, "Scripted, no model: more words of the reference, or else shorter."


def sure(text):
    return text, {text: -1e-6}


def candidate(question, number):
    """A text that critics have something to say about: plain, short, shouting or padded."""
    subject = ", ".join(sorted(telling(question), key=question.lower().find)[:8])
    texts = [
        f"Scripted, no model: the question is about {subject}.",
        "Scripted, no model.",
        f"SCRIPTED, NO MODEL!!! Obviously this is about {subject}!!!",
        f"Scripted, no model: {'as was said before, ' * 40}the question is about {subject}.",
    ]
    return texts[number % len(texts)]


def answer(request, at):
    """The pieces of the text of answer number `at`, and the alternatives of each piece."""
    prompt = "\n".join(str(message.get("content")) for message in request["messages"])
    form = request.get("response_format") or {}
    schema = form.get("json_schema", {}).get("schema", {}).get("properties", {})
    if "score" in schema:
        values = [str(value) for value in schema["score"]["anyOf"][0].get("enum", [1, 2, 3, 4, 5])]
        value, logprobs, rationale = pointwise(prompt, values)
        return [sure('{"score": '), (value, logprobs), sure(f', "rationale": {json.dumps(rationale)}}}')]
    if "winner" in schema:
        value, logprobs, rationale = pairwise(prompt)
        return [sure('{"winner": "'), (value, logprobs), sure(f'", "rationale": {json.dumps(rationale)}}}')]
    if schema:
        fields = {name: (field.get("enum") or ["scripted"])[0] for name, field in schema.items()}
        return [sure(json.dumps(fields))]
    last = str(request["messages"][-1].get("content"))
    return [sure(candidate(last, int(request.get("seed") or 0) + at))]


def choice(request, at):
    pieces = answer(request, at)
    most = int(request.get("top_logprobs") or 0)

    def token(piece, logprobs):
        top = sorted(logprobs.items(), key=lambda each: (-each[1], each[0]))[:most]
        top = [{"token": each, "logprob": round(logprob, 6)} for each, logprob in top]
        return {"token": piece, "logprob": round(logprobs[piece], 6), "top_logprobs": top}

    text = "".join(piece for piece, _ in pieces)
    said = {"index": at, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    if request.get("logprobs"):
        said["logprobs"] = {"content": [token(*piece) for piece in pieces]}
    return said


def completion(request):
    choices = [choice(request, at) for at in range(int(request.get("n") or 1))]
    read = sum(len(str(message.get("content"))) for message in request["messages"]) // 4
    written = sum(len(each["message"]["content"]) // 4 for each in choices)
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": choices,
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A reply leaves in two writes, of which the second would wait for the client's acknowledgement.
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.path.endswith("/chat/completions"):
            return self.reply(404, {"error": {"message": f"nothing is at {self.path}"}})
        try:
            return self.reply(200, completion(json.loads(body)))
        except (ValueError, KeyError, TypeError) as error:
            return self.reply(400, {"error": {"message": f"not a chat completion: {error!r}"}})

    def do_GET(self):
        self.reply(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8765)
    port = parser.parse_args().port
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"scripted endpoint, no model: http://127.0.0.1:{port}/v1", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
