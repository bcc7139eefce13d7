"""A small chat completions endpoint on the loopback, scripted: scores every response, after a while.

Standard library only. `GET /bodies` gives the first requests that came, so that another client can send the same.
"""

import argparse
import asyncio
import json

KEPT = 20_000
PROBE = b"What colour is a clear sky"


class Endpoint(asyncio.Protocol):
    latency_s = 0.0
    requests = 0
    bodies = []

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""

    def data_received(self, data):
        self.buffer += data
        while True:
            head_end = self.buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = self.buffer[:head_end].lower()
            length = 0
            if b"content-length:" in head:
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            end = head_end + 4 + length
            if len(self.buffer) < end:
                return
            body, self.buffer = self.buffer[head_end + 4:end], self.buffer[end:]
            self.answer(head, body)

    def answer(self, head, body):
        if not head.startswith(b"post"):
            return self.send({"bodies": [json.loads(body) for body in Endpoint.bodies]})
        if PROBE not in body:
            Endpoint.requests += 1
            if len(Endpoint.bodies) < KEPT:
                Endpoint.bodies.append(body)
        said = {"colour": "q7"} if PROBE in body else {"score": 1 + len(body) % 5, "rationale": RATIONALE}
        reply = {
            "id": "chatcmpl-scripted",
            "object": "chat.completion",
            "created": 1,
            "model": "scripted",
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": json.dumps(said), "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }],
            "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": 40, "total_tokens": len(body) // 4 + 40},
        }
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, self.send, reply)
        else:
            self.send(reply)

    def send(self, reply):
        body = json.dumps(reply).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        if not self.transport.is_closing():
            self.transport.write(head + body)


RATIONALE = "It says what the pump does and why, with one claim that nothing in the answer supports."


async def serve(port):
    server = await asyncio.get_running_loop().create_server(Endpoint, "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    args = parser.parse_args()
    Endpoint.latency_s = args.latency_ms / 1000
    try:
        import uvloop
        uvloop.install()
    except ImportError:
        pass
    asyncio.run(serve(args.port))


if __name__ == "__main__":
    main()
