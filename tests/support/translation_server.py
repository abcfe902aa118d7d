"""A small server that speaks the wire formats of LibreTranslate and DeepL around any translator, and nothing more."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Translate = Callable[[list[str], str], list[str]]
Answer = tuple[int, dict[str, str], Any]
"""Status, headers and JSON."""


@dataclass
class Server:
    address: str
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    """Path, headers and body of each."""


@contextmanager
def serving(answer: Callable[[str, dict[str, Any]], Answer]) -> Iterator[Server]:
    """A server that gives `answer` to the path and the body of each POST."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append((self.path, dict(self.headers), body))
            status, headers, content = answer(self.path, body)
            sent = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(sent))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def libretranslate(translate: Translate) -> Callable[[str, dict[str, Any]], Answer]:
    def answer(path: str, body: dict[str, Any]) -> Answer:
        if path != "/translate":
            return 404, {}, {"error": "Not found"}
        if (body["source"], body["target"]) != ("de", "en"):
            return 400, {}, {"error": f"{body['target']} is not supported"}
        return 200, {}, {"translatedText": translate(body["q"], body["format"])}

    return answer


def deepl(translate: Translate) -> Callable[[str, dict[str, Any]], Answer]:
    def answer(path: str, body: dict[str, Any]) -> Answer:
        if path != "/v2/translate" or (body["source_lang"], body["target_lang"]) != ("DE", "EN-US"):
            return 400, {}, {"message": "Value for 'target_lang' not supported."}
        texts = translate(body["text"], body.get("tag_handling", "text"))
        return 200, {}, {"translations": [{"detected_source_language": "DE", "text": text} for text in texts]}

    return answer
