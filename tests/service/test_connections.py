"""Clients that dawdle, hold connections, send crumbs or do not read: they cost others nothing. Real sockets to 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import h11
import httpx
import pytest
from support.server import Service, start_service, stop_service
from support.waiting import wait_until

from service.connections import HttpState, quiet_when_full

# The same limits, but so short that a test does not last long.
SHORT = """
import service.connections as connections
connections.HEAD_SECONDS = connections.READER_SECONDS = 1.0
import service.bodies as bodies
bodies.BODY_GRACE = 1.0
"""
PROC_TCP = Path("/proc/net/tcp")
MOST = 40
POST = b"POST /v1/translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def small(models: Path) -> Iterator[Service]:
    """Takes few connections, each for a short time."""
    service = start_service(models, first=SHORT, max_connections=MOST)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert service.process.returncode == 0, log
    assert "Traceback" not in log, log


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=100)


def is_closed(client: socket.socket) -> bool:
    """Whether the service has closed its end; what it said before is read."""
    client.setblocking(False)
    try:
        while True:
            if not client.recv(65536):
                return True
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def is_held(service: Service, client: socket.socket) -> bool:
    """Whether the service has its end of the connection open, as the system tells it."""
    ends = [f":{port:04X}" for port in (service.port, client.getsockname()[1])]
    connections = [line.split() for line in PROC_TCP.read_text(encoding="ascii").splitlines()[1:]]
    return any(
        state == "01" for _, own, other, state, *_ in connections if own.endswith(ends[0]) and other.endswith(ends[1])
    )


def seconds_of_health(service: Service) -> float:
    began = time.monotonic()
    # On a connection of its own: a kept one may be among those that are closed at this moment to make room.
    assert httpx.get(f"{service.address}/health", timeout=60).status_code == 200
    return time.monotonic() - began


def test_silent_connections_are_closed_and_never_shut_others_out(small: Service) -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connect(small)) for _ in range(2 * MOST)]
        assert seconds_of_health(small) < 10
        assert small.translate("Hallo").status_code == 200
        wait_until(lambda: all(is_closed(client) for client in silent), seconds=30)


def test_a_websocket_is_refused_and_takes_no_place_for_ever(small: Service) -> None:
    head = b"GET /v1/translate HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    for _ in range(MOST + 1):
        with connect(small) as client:
            client.sendall(head + b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 405 ")
    assert seconds_of_health(small) < 5.0
    assert not [line for line in small.log if "upgrade" in line], "it is a request like any other"


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(small: Service) -> None:
    with connect(small) as client:
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in POST * 10:
                client.sendall(bytes([byte]))
                time.sleep(0.05)
                if select.select([client], [], [], 0)[0]:
                    break
        assert b"408" in client.recv(4096)
        assert time.monotonic() - began < 20


def test_a_body_that_comes_too_slowly_is_refused(small: Service) -> None:
    with connect(small) as client:
        client.sendall(POST + b"Content-Length: 5000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                client.sendall(b"x")
                time.sleep(0.05)
                if select.select([client], [], [], 0)[0]:
                    break
        assert b"408" in client.recv(4096)


def test_a_body_in_crumbs_is_refused_and_holds_nobody_up(small: Service) -> None:
    crumbs = b"1\r\nx\r\n" * 40_000
    refused, times = [], []

    def send() -> None:
        with connect(small) as client:
            client.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                client.sendall(crumbs)
            with contextlib.suppress(ConnectionError):
                refused.append(client.recv(4096))

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        times.append(seconds_of_health(small))
    assert max(times) < 5  # and not as long as it takes to read 320,000 pieces, one by one
    assert all(not answer or b" 400 " in answer for answer in refused)


@pytest.mark.parametrize("path", [b"/nowhere", b"/v2/nowhere", b"/metrics", b"/health"])
def test_a_body_that_no_route_reads_is_not_read_for_ever(small: Service, path: bytes) -> None:
    piece = b"10000\r\n" + b"x" * (1 << 16) + b"\r\n"
    sent, most = 0, 2 * (1 << 20) + (32 << 20)  # what is discarded, and what two systems may hold between
    with connect(small) as client:
        client.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while sent < most:
                client.sendall(piece)
                sent += 1 << 16
        assert client.recv(4096).split(b" ")[1] in (b"404", b"405")
    assert sent < most


@pytest.mark.parametrize(
    ("path", "length", "others", "status"),
    [
        (b"/v1/translate", 2 << 20, b"", b"413"),
        (b"/v1/translate", 10, b"Content-Encoding: gzip\r\n", b"415"),
        (b"/v2/nowhere", 10, b"", b"404"),
        (b"/translate", 10, b"", b"100"),
    ],
)
def test_a_client_that_asks_first_is_asked_only_for_a_body_that_is_read(
    small: Service, path: bytes, length: int, others: bytes, status: bytes
) -> None:
    with connect(small) as client:
        head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n" + others
        client.sendall(head + b"Content-Length: " + str(length).encode() + b"\r\n\r\n")
        answer = client.recv(4096)
        assert answer.split(b" ")[1] == status
        if status != b"100":
            assert b"connection: close" in answer.lower()
            assert client.recv(4096) == b"", "it may have begun to send, which would be taken for another request"


def test_a_connection_is_kept_after_a_short_body_that_no_route_reads(small: Service) -> None:
    body = b"x" * 1_000
    with connect(small) as client:
        for path in (b"/nowhere", b"/metrics", b"/nowhere"):
            client.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + body)
            answer = client.recv(1 << 16)
            assert answer.split(b" ")[1] in (b"404", b"405")
            assert b"connection: close" not in answer


def test_a_body_in_pieces_that_a_program_would_send_is_taken(small: Service) -> None:
    body = json.dumps({"text": ["Hallo. " * 10] * 100, "source": "de", "target": "en", "beam_size": 1}).encode()
    pieces = [body[start : start + 30] for start in range(0, len(body), 30)]
    headers = {"Content-Type": "application/json"}
    assert len(pieces) > 200
    assert small.client.post("/v1/translate", content=iter(pieces), headers=headers).status_code == 200


def test_an_answer_that_nobody_reads_is_not_kept(small: Service) -> None:
    path = "/static/docs.js" if small.client.get("/static/docs.js").status_code == 200 else "/openapi.json"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(30)
        client.connect(("127.0.0.1", small.port))
        client.sendall(request * 400)  # far more than the system keeps between the two
        # Reading would show that there is a reader.
        if PROC_TCP.exists():
            wait_until(lambda: not is_held(small, client))
        else:
            time.sleep(4)
        wait_until(lambda: seconds_of_health(small) < 5)
        received = 0
        with contextlib.suppress(ConnectionError):
            while data := client.recv(1 << 20):
                received += len(data)
    size = len(small.client.get(path).content)
    assert 0 < received < 400 * size


@pytest.mark.slow
def test_when_all_connections_are_busy_one_more_is_told_so(models: Path) -> None:
    service = start_service(models, max_connections=3, batch_sentences=1)
    service.wait_until_ready()
    service.client.close()
    body = json.dumps(
        {
            "text": "Wort für Wort. " * 30,
            "source": "de",
            "target": "en",
            "min_length_ratio": 9,
            "max_length_ratio": 9,
            "beam_size": 1,
        }
    ).encode()
    with contextlib.ExitStack() as stack:
        busy = [stack.enter_context(connect(service)) for _ in range(3)]
        for client in busy:
            client.sendall(POST + f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            assert client.recv(4096).startswith(b"HTTP/1.1 100 ")  # so that it counts as busy
            client.sendall(body)
        with connect(service) as one_more:
            assert re.match(rb"HTTP/1.1 503 ", one_more.recv(4096))
        for client in busy:
            assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
    stop_service(service)


@pytest.mark.slow
def test_a_request_that_has_arrived_keeps_its_connection_and_one_more_is_told_so(models: Path) -> None:
    service = start_service(models, max_connections=3)
    service.wait_until_ready()
    service.client.close()
    service.process.send_signal(signal.SIGSTOP)  # as if it were busy: what arrives is not read
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(service)) for _ in range(4)]
        for client in clients:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        service.process.send_signal(signal.SIGCONT)
        answers = [client.recv(4096).split()[1] for client in clients]
    assert sorted(answers) == [b"200", b"200", b"200", b"503"]
    stop_service(service)


def test_a_connection_that_is_kept_is_used_again_for_many_requests(small: Service) -> None:
    for _ in range(50):
        assert small.client.get("/health").status_code == 200


def test_that_there_is_no_file_left_is_said_once_in_a_line(caplog: pytest.LogCaptureFixture) -> None:
    async def accept_in_vain() -> None:
        loop = asyncio.get_running_loop()
        quiet_when_full(loop)
        for _ in range(100):
            problem = OSError(24, "Too many open files")
            loop.call_exception_handler({"message": "socket.accept() out of system resource", "exception": problem})

    asyncio.run(accept_in_vain())
    assert [record.getMessage() for record in caplog.records] == [
        "no connection can be accepted now: [Errno 24] Too many open files"
    ]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts files in /proc")
def test_a_service_with_few_files_serves_on_when_many_connect(models: Path) -> None:
    few = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (400, 400))\n"
    service = start_service(models, first=few)
    service.wait_until_ready()
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connect(service))
        service.client.close()  # it had the place that was idle longest
        service.client = httpx.Client(base_url=service.address, timeout=60.0)
        assert service.client.get("/health").status_code == 200
        assert service.translate("Hallo").status_code == 200
        assert len(list(Path(f"/proc/{service.process.pid}/fd").iterdir())) < 250
    log = stop_service(service)
    assert "Traceback" not in log
    assert len(log) < 20_000


def test_the_head_of_an_answer_leaves_with_the_beginning_of_its_body() -> None:
    state = HttpState(h11.SERVER)
    for body in (b"one", b""):
        state.receive_data(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert isinstance(state.next_event(), h11.Request)
        assert isinstance(state.next_event(), h11.EndOfMessage)
        length = str(len(body)).encode()
        assert state.send(h11.Response(status_code=200, headers=[(b"Content-Length", length)])) == b""
        packet = state.send(h11.Data(data=body))
        assert packet is not None
        assert packet.startswith(b"HTTP/1.1 200")
        assert packet.endswith(b"Content-Length: " + length + b"\r\n\r\n" + body)
        assert state.send(h11.EndOfMessage()) == b""
        state.start_next_cycle()
