"""The service below a path of another server, as a proxy puts it there."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urljoin

import httpx
import pytest
from support.server import Service


class Links(HTMLParser):
    """Addresses that a page names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


@pytest.fixture(scope="module")
def below(service: Service) -> Iterator[str]:
    """The address of a proxy that has the service at /tools/nmt/ and nothing else."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/tools/nmt/"):
                self.send_error(404)
                return
            answer = service.client.get(self.path.removeprefix("/tools/nmt"))
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers["content-type"])
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def modules(client: httpx.Client, paths: list[str]) -> list[str]:
    """The scripts at `paths` and all that they import, wherever that is."""
    found: dict[str, str] = {}
    while paths:
        path = paths.pop()
        if path not in found:
            assert path.startswith("/tools/nmt/"), path
            answer = client.get(path)
            assert answer.status_code == 200, path
            found[path] = answer.text
            paths += [urljoin(path, module) for module in re.findall(r'from "([^"]+)"', answer.text)]
    return list(found.values())


@pytest.mark.parametrize("page", ["/tools/nmt/", "/tools/nmt/docs"])
def test_all_that_a_page_names_is_found_below_the_same_path(below: str, page: str) -> None:
    client = httpx.Client(base_url=below)
    text = client.get(page).text
    links = Links(text).found
    scripts = modules(client, [urljoin(page, link) for link in links if link.endswith(".js")])
    asked = [address for script in scripts for address in re.findall(r'(?:fetch|ask)\("([^"]+)"', script)]
    assert asked
    for link in (*links, *asked):
        address = urljoin(below + page, link)
        assert address.startswith(below + "/tools/nmt/"), link
        assert client.get(address).status_code in (200, 405), link


def test_the_description_of_the_api_is_relative_to_its_own_address(below: str) -> None:
    address = below + "/tools/nmt/openapi.json"
    described = httpx.get(address).json()
    (server,) = described["servers"]
    assert "/v1/languages" in described["paths"]
    assert httpx.get(urljoin(address, server["url"] + "/v1/languages")).status_code == 200
