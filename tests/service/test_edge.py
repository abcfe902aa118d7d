"""The edge of the service over real sockets: origins, proxies, identifiers, logs, long bodies, a path at a proxy."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.server import Service, start_process, start_service, stop_service
from support.waiting import wait_until

from nmt.errors import ConfigurationError
from service.keys import Keys
from service.settings import read_settings
from service.state import State

ORIGIN = "https://shop.example"
BODY = {"q": "Der Hund.", "source": "de", "target": "en"}


@pytest.fixture(scope="module")
def edge(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Behind a proxy on this machine, below /nmt, asked by the pages of one origin, with a limit for each address."""
    service = start_service(
        models,
        state=tmp_path_factory.mktemp("state"),
        root_path="/nmt",
        trusted_proxies="127.0.0.1, 2001:db8::/32",
        cors_origins=f"{ORIGIN},http://localhost:3000",
        characters_per_day=20,
        max_body_bytes=10_000,
    )
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert "Traceback" not in log, log
    assert "192.0.2." not in log, "the log should hold no address of a client"


def test_pages_of_a_known_origin_may_ask_and_no_others(edge: Service) -> None:
    answer = edge.client.get("/languages", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    other = edge.client.get("/languages", headers={"Origin": "https://other.example"})
    assert (other.status_code, other.headers.get("access-control-allow-origin")) == (200, None)
    wrong = edge.client.post("/v1/translate", content=b"{", headers={"Origin": ORIGIN, "Content-Type": "application/json"})
    assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (400, ORIGIN), "errors can be read, too"


def test_a_browser_may_send_keys_and_json(edge: Service) -> None:
    ask = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    wanted = "authorization,content-type,x-goog-api-key,x-request-id"
    answer = edge.client.options("/v1/translate", headers=ask | {"Access-Control-Request-Headers": wanted})
    assert answer.status_code == 200
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert set(wanted.split(",")) <= allowed
    refused = edge.client.options("/v1/translate", headers=ask | {"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in refused.headers


def test_without_the_setting_no_origin_may_ask(service: Service) -> None:
    answer = service.client.get("/languages", headers={"Origin": ORIGIN})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_trusted_proxy_tells_the_address_of_the_client(edge: Service) -> None:
    def ask(forwarded: str) -> int:
        return edge.client.post("/translate", json=BODY, headers={"X-Forwarded-For": forwarded}).status_code

    assert [ask("192.0.2.1") for _ in range(3)] == [200, 200, 429]
    assert ask("192.0.2.2") == 200
    assert ask("192.0.2.77, 192.0.2.1") == 429, "what the client writes before its proxy does is not believed"


@pytest.mark.parametrize("path", ["/nmt/v1/languages", "/v1/languages", "/nmt/", "/nmt/docs", "/nmt/assets/app.js"])
def test_the_path_at_the_proxy_may_be_there_or_left_out(edge: Service, path: str) -> None:
    assert edge.client.get(path).status_code == 200


@pytest.mark.parametrize("before", ["/", "//", "/nmt//", "//nmt/", "/nmt///"])
def test_a_slash_too_many_does_no_harm(edge: Service, before: str) -> None:
    for path in ("v2/languages", "v2/languages/", "v2//languages", "languages//", "assets/app.js/"):
        assert httpx.get(f"{edge.address}{before}{path}").status_code == 200, path
    headers = {"X-Forwarded-For": "192.0.2.5"}
    assert edge.client.post(f"{edge.address}{before}translate/", json=BODY | {"q": "1"}, headers=headers).is_success
    answer = httpx.get(f"{edge.address}{before}v2/nothing/")
    assert (answer.status_code, list(answer.json())) == (404, ["message"])
    answer = httpx.get(f"{edge.address}{before}docs/", follow_redirects=True)
    assert (answer.status_code, answer.url.path[-5:]) == (200, "/docs"), "what it names is relative to that"
    assert "/nmt" in answer.url.path or "/nmt" not in before


def test_the_page_is_at_the_path_with_a_slash_to_which_its_addresses_are_relative(edge: Service) -> None:
    answer = edge.client.get("/nmt")
    assert (answer.status_code, answer.headers["location"]) == (307, "/nmt/")
    assert edge.client.get("/").status_code == 200, "where the proxy leaves the path out"


def test_errors_below_the_path_keep_their_shape(edge: Service) -> None:
    assert list(edge.client.get("/nmt/v2/nothing").json()) == ["message"]
    assert list(edge.client.get("/nmtx/v2/nothing").json()) == ["error"]
    long = edge.client.post("/nmt/v2/translate", json={"text": ["x" * 10_000], "target_lang": "EN"})
    assert (long.status_code, list(long.json())) == (413, ["message"])


def test_the_address_of_a_file_is_that_at_the_proxy(edge: Service) -> None:
    headers = {"X-Forwarded-For": "192.0.2.3", "X-Forwarded-Proto": "https", "Host": "translate.example"}
    files = {"file": ("a.txt", b"1")}
    answer = edge.client.post("/nmt/translate_file", data={"source": "de", "target": "en"}, files=files, headers=headers)
    address = answer.json()["translatedFileUrl"]
    assert address.startswith("https://translate.example/nmt/download_file/")
    path = address.removeprefix("https://translate.example")
    assert edge.client.get(path).content == edge.client.get(path.removeprefix("/nmt")).content == b"1"


def test_a_request_keeps_a_good_identifier_and_gets_one_otherwise(edge: Service) -> None:
    for given in ("a", "0af7651916cd43dd8448eb211c80319c", "web-1/req_2.3=", "x" * 128):
        assert edge.client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given
    made = set()
    for given in ("", "a b", "x" * 129, "ü".encode(), "a;b", '"a"'):
        made.add(edge.client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"])
    assert len(made) == 6
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in made)
    for path, status in (("/nothing", 404), ("/v2/translate", 405)):
        answer = edge.client.get(path, headers={"X-Request-ID": "mine"})
        assert (answer.status_code, answer.headers["x-request-id"]) == (status, "mine")
    wait_until(lambda: any("request=mine" in line for line in edge.log))


def test_a_body_without_an_end_is_cut_off_at_the_limit(edge: Service) -> None:
    """Chunk after chunk, as much as the service takes: three times the limit, and what lies in buffers."""
    head = "POST /v1/translate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    sent = 0
    with socket.create_connection(("127.0.0.1", edge.port), timeout=30) as client:
        client.sendall(head.encode())
        answer = b""
        try:
            for _ in range(100_000):
                client.sendall(chunk)
                sent += 1024
        except OSError:
            pass
        try:
            answer = client.recv(4096)
        except OSError:
            answer = b"reset"
    assert sent < 20 << 20
    assert b" 413 " in answer or answer == b"reset"
    assert edge.client.get("/health").status_code == 200


ASKED = {
    "/v1/translate": {"text": "Hund", "source": "de", "target": "en"},
    "/translate": {"q": "Hund", "source": "de", "target": "en"},
    "/v2/translate": {"text": ["Hund"], "source_lang": "DE", "target_lang": "EN"},
    "/language/translate/v2": {"q": "Hund", "source": "de", "target": "en"},
}


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the disk of a process cannot be made full here")
def test_a_full_disk_is_said_in_the_shape_of_each_and_is_no_end(edge: Service) -> None:
    def ask(path: str) -> httpx.Response:
        return edge.client.post(path, json=ASKED[path], headers={"X-Forwarded-For": "192.0.2.4"})

    before = resource.prlimit(edge.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(edge.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))  # no file grows longer
    try:
        for path in ASKED:
            answer = ask(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30"), path
            assert "cannot keep its state" in answer.text
        assert edge.client.get("/health").status_code == 200
    finally:
        resource.prlimit(edge.process.pid, resource.RLIMIT_FSIZE, before)
    assert [ask(path).status_code for path in ASKED] == [200] * len(ASKED)
    assert any("ERROR the state of the service cannot be kept: " in line for line in edge.log)


# --- logs ---


@pytest.mark.slow
def test_a_log_of_json_has_an_object_for_each_line(models: Path, tmp_path: Path) -> None:
    process = start_process(models, log_format="json", state=tmp_path, require_key=True)
    assert process.stderr is not None
    entries: list[dict[str, object]] = []

    def read() -> dict[str, object]:
        entries.append(json.loads(process.stderr.readline()))  # type: ignore[union-attr]
        return entries[-1]

    while not (found := re.search(r"listening on (http://\S+)", str(read()["message"]))):
        pass
    while not str(read()["message"]).startswith("ready"):
        pass
    key = Keys(State(tmp_path)).create("a")
    text = "Geheimnisvollerweise"
    headers = {"Authorization": f"Bearer {key}", "X-Request-ID": "mine"}
    body = {"text": text, "source": "de", "target": "en"}
    assert httpx.post(f"{found[1]}/v1/translate?x={text}", json=body, headers=headers, timeout=60).status_code == 200
    entry = read()
    assert {name: entry[name] for name in ("level", "route", "status", "request")} == {
        "level": "INFO",
        "route": "/v1/translate",
        "status": 200,
        "request": "mine",
    }
    assert isinstance(entry["seconds"], float)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", str(entry["time"]))
    process.terminate()
    rest = process.communicate(timeout=60)[0] or ""
    whole = json.dumps(entries, ensure_ascii=False) + rest
    assert not any(word in whole for word in (text, key, "127.0.0.1, "))


# --- settings ---


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("trusted_proxies", "10.0.0.0/33", "is no address and no network"),
        ("trusted_proxies", "proxy.example", "is no address and no network"),
        ("cors_origins", "shop.example", "cors_origins"),
        ("cors_origins", "https://shop.example/", "cors_origins"),
        ("root_path", "nmt", "root_path"),
        ("root_path", "/nmt/", "root_path"),
        ("log_format", "xml", "'text' or 'json'"),
        ("characters_per_day", 0, "greater than or equal to 1"),
    ],
)
def test_a_setting_that_will_not_do_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object, message: str
) -> None:
    for variable in ("NMT_CORPORA", "NMT_THREADS", "NMT_MODELS"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        read_settings({name: value})
    monkeypatch.setenv("NMT_TRUSTED_PROXIES", "10.1.2.3/8, ::1")
    monkeypatch.setenv("NMT_CORS_ORIGINS", "*")
    settings = read_settings({})
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1/128")
    assert settings.cors_origins == ("*",)


# --- other servers ---


SERVERS = {
    "uvicorn": ["uvicorn", "service.app:app", "--host", "127.0.0.1", "--port", "{port}", "--root-path", "/nmt"],
    "gunicorn": [
        *("gunicorn", "service.app:app", "--worker-class", "uvicorn_worker.UvicornWorker", "--workers", "2"),
        *("--bind", "127.0.0.1:{port}", "--timeout", "0", "--no-control-socket"),
    ],
}
"""Commands of docs/service.md, gunicorn's with two processes."""


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_servers_of_asgi_can_run_the_service_and_end_it_without_losing_a_request(
    models: Path, tmp_path: Path, server: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    variables = {"NMT_MODELS": str(models), "NMT_THREADS": "1", "NMT_DEVICE": "cpu", "NMT_STATE": str(tmp_path)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    program = [sys.executable, "-m", *(part.format(port=port) for part in SERVERS[server])]
    with subprocess.Popen(program, env=kept | variables, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"

            def is_ready() -> bool:
                try:
                    return httpx.get(f"{address}/ready", timeout=30).status_code == 200
                except httpx.HTTPError:
                    return False

            wait_until(is_ready)
            assert httpx.post(f"{address}/translate", json=BODY, timeout=60).status_code == 200
            assert list(httpx.get(f"{address}/v2/nothing").json()) == ["message"]
            body = json.dumps(BODY).encode()
            fields = {"Host": "x", "Content-Type": "application/json", "Content-Length": len(body)}
            head = "POST /translate HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(f"{head}\r\n".encode() + body[:-1])
                time.sleep(0.5)
                process.terminate()
                time.sleep(0.5)
                connection.sendall(body[-1:])
                answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            assert b"translatedText" in answer
            assert process.wait(timeout=60) in (0, -signal.SIGTERM)
        finally:
            process.kill()
