"""API keys and limits of characters: in the store, and over a socket in the shape of each wire format."""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import deepl
import httpx
import pytest
from support.forks import folder_of_nmt
from support.server import Service, start_process, start_service, stop_service

from nmt.errors import ConfigurationError
from service.access import METER, Access, Account, Meter, metered
from service.errors import KeyMissing, KeyUnknown, MoreThanAllowed, QuotaExceeded, TooFast
from service.keys import Keys
from service.settings import read_settings
from service.state import DATABASE, State
from service.usage import Allowance, Usage, Used

TEXT = "Der Hund."


def nmt(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NMT_")}
    program = folder_of_nmt() / "nmt"
    return subprocess.run([program, *words], env=kept | variables, capture_output=True, text=True, timeout=120)


# --- the store ---


def test_a_key_is_found_until_it_is_revoked(tmp_path: Path) -> None:
    keys, others = Keys(State(tmp_path)), Keys(State(tmp_path))
    key = keys.create("a", per_day=5)
    for store in (keys, others, keys):
        found = store.find(key)
        assert found is not None
        assert (found.name, found.per_minute, found.per_day, found.prefix) == ("a", None, 5, key.split("_")[1])
    assert others.revoke(key).name == "a"
    assert keys.find(key) is None
    with pytest.raises(ConfigurationError, match="no key in use has the prefix"):
        others.revoke(key)
    assert [one.revoked is None for one in keys.list()] == [False]


def test_whatever_is_not_the_key_is_none() -> None:
    keys = Keys(State(None))
    key, other = keys.create("a"), keys.create("b")
    last = "0" if key[-1] != "0" else "1"
    mixed = f"nmt_{key.split('_')[1]}_{other.split('_')[2]}"
    wrong = ("", "nmt_", key[:-1], key + "0", key[:-1] + last, key.upper(), key + "\n", " " + key, mixed, "ü" * 55, "\ud800")
    for _ in range(2):  # before and after the right key is known to this process
        for guess in wrong:
            assert keys.find(guess) is None
        assert keys.find(key) is not None


def test_a_key_costs_one_hash_for_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(State(None))
    key = keys.create("a")
    hashes = []
    verify = keys._hasher.verify

    class Counting:
        def verify(self, hashed: str, given: str) -> bool:
            hashes.append(given)
            return verify(hashed, given)

    monkeypatch.setattr(keys, "_hasher", Counting())
    assert all(keys.find(key) for _ in range(20))
    assert keys.find(key[:-1] + ("0" if key[-1] != "0" else "1")) is None, "known to be another, without a hash"
    assert hashes == [key]


def test_a_state_holds_no_key(tmp_path: Path) -> None:
    state = State(tmp_path)
    key = Keys(state).create("a")
    state.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert key.split("_")[1].encode() in content
    assert key.split("_")[2].encode() not in content
    assert b"$argon2id$" in content


# --- counts ---

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()


def test_counts_are_those_of_a_list_of_all_requests(tmp_path: Path) -> None:
    """Against a list of every request: never more in a day than allowed, and nothing refused that fits."""
    chance = random.Random(7)
    usage, done, refused, now = Usage(State(tmp_path)), [], [], NOON
    for _ in range(400):
        now += chance.choice([0, 1, 40, 3_000, 20_000])
        client, characters = chance.choice("ab"), chance.randrange(1, 60)
        today = sum(size for moment, own, size in done if own == client and moment // 86_400 == now // 86_400)
        try:
            usage.charge(client, characters, Allowance(per_day=100), now=now)
        except QuotaExceeded as error:
            refused.append(today + characters > 100)
            refused.append(now + error.retry_after >= (now // 86_400 + 1) * 86_400 > now + error.retry_after - 1)
            continue
        assert today + characters <= 100
        done.append((now, client, characters))
        if chance.random() < 0.2:
            usage = Usage(State(tmp_path))
        assert usage.used(client, now=now).characters == today + characters
    assert len(refused) > 20
    assert all(refused)


def test_a_minute_slides_and_says_when_to_come_again() -> None:
    """Whoever comes again when told is not refused, and a second earlier is."""
    chance = random.Random(3)
    usage, allowance, now = Usage(State(None)), Allowance(per_minute=100), NOON
    taken: list[tuple[float, int]] = []
    for _ in range(300):
        now += chance.choice([0.0, 1.0, 7.5])
        characters = chance.randrange(1, 101)
        try:
            usage.charge("a", characters, allowance, now=now)
        except TooFast as error:
            if error.retry_after > 1:
                with pytest.raises(TooFast):
                    usage.charge("a", characters, allowance, now=now + error.retry_after - 1)
            now += error.retry_after
            usage.charge("a", characters, allowance, now=now)
        taken.append((now, characters))
    whole = taken[-1][0] - NOON
    assert sum(size for _, size in taken) <= 100 * (whole / 60 + 2)
    for start, _ in taken:
        assert sum(size for moment, size in taken if start <= moment < start + 60) <= 200


def test_what_is_never_allowed_is_told_from_what_is_not_now() -> None:
    usage = Usage(State(None))
    with pytest.raises(MoreThanAllowed, match=r"101 characters are more than the 100 that are allowed in a minute"):
        usage.charge("a", 101, Allowance(per_minute=100), now=NOON)
    with pytest.raises(MoreThanAllowed, match="in a day"):
        usage.charge("a", 101, Allowance(per_day=100), now=NOON)
    usage.charge("a", 100, Allowance(per_minute=100, per_day=100), now=NOON)
    usage.refund("a", 100, now=NOON)
    usage.charge("a", 100, Allowance(per_minute=100, per_day=100), now=NOON)
    assert usage.used("a", now=NOON).characters == 100


def test_what_is_taken_back_is_of_the_minute_and_the_day_in_which_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    usage, allowance = Usage(State(None)), Allowance(per_minute=1_000)
    midnight = NOON + 43_200
    usage.charge("a", 90, allowance, now=midnight - 1)
    usage.charge("a", 300, allowance, now=midnight + 1)
    usage.refund("a", 90, now=midnight - 1)
    assert usage.used("a", now=midnight - 1).characters == 0
    assert usage.used("a", now=midnight + 1).characters == 300

    @metered
    async def fail(_self: None, texts: Sequence[str]) -> None:
        counted.append(usage.used("b", now=midnight - 1).characters)
        raise RuntimeError(texts)

    async def request() -> None:
        METER.set(Meter(Account("b", allowance), usage))
        await fail(None, ["ninety"])

    counted: list[int] = []
    moments = iter([midnight - 1, midnight + 89])
    monkeypatch.setattr("service.access.time", SimpleNamespace(time=lambda: next(moments)))
    with pytest.raises(RuntimeError):
        asyncio.run(request())
    assert counted == [6]
    assert usage.used("b", now=midnight - 1).characters == 0


def test_old_counts_are_forgotten() -> None:
    state = State(None)
    usage = Usage(state)
    for day in range(100):
        usage.charge(f"c{day}", 1, Allowance(), now=NOON + 86_400 * day)
    with state.transaction() as database:
        [(rows,)] = database.execute("SELECT COUNT(*) FROM usage")
    assert rows < 70


def test_a_client_is_its_address_or_the_network_that_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NMT_")]:
        monkeypatch.delenv(name)
    access = Access(read_settings({"state": tmp_path, "characters_per_day": 10}), State(tmp_path))

    def name(address: str) -> str:
        return asyncio.run(access.account(None, address)).name

    assert name("192.0.2.1") == name("::ffff:192.0.2.1") != name("192.0.2.2")
    assert name("2001:db8::1") == name("2001:db8::ffff:1") != name("2001:db8:0:1::1")
    assert name("fe80::1%eth0") == name("fe80::2")
    assert "192" not in name("192.0.2.1")
    other = Access(read_settings({"state": tmp_path, "characters_per_day": 10}), State(tmp_path))
    assert asyncio.run(other.account(None, "192.0.2.1")).name == name("192.0.2.1")


# --- the command ---


@pytest.mark.slow
def test_keys_are_made_listed_and_revoked_on_the_command_line(tmp_path: Path) -> None:
    made = nmt("keys", "create", "Anna's page", "--characters-per-day", "100", NMT_STATE=str(tmp_path))
    assert made.returncode == 0, made.stderr
    assert re.fullmatch(r"nmt_[0-9a-f]{10}_[0-9a-f]{40}\n", made.stdout)
    prefix = made.stdout.split("_")[1]
    listed = nmt("keys", "list", "--state", str(tmp_path)).stdout.splitlines()[1].split("\t")
    assert (listed[0], listed[1], listed[3:]) == (prefix, "Anna's page", ["", "", "100", "0", "", "0"])
    assert nmt("keys", "revoke", prefix, "--state", str(tmp_path)).returncode == 0
    assert nmt("keys", "list", "--state", str(tmp_path)).stdout.splitlines()[1].split("\t")[3]
    for words, message in (
        (("revoke", prefix, "--state", str(tmp_path)), "no key in use has the prefix"),
        (("list",), "--state DIR or NMT_STATE"),
        (("create", "a\tb", "--state", str(tmp_path)), "printable characters"),
    ):
        failed = nmt("keys", *words)
        assert failed.returncode == 2
        assert message in failed.stderr.replace("\n", " ")


def test_keys_cannot_be_required_without_a_place_for_them(models: Path) -> None:
    process = start_process(models, require_key=True)
    _, log = process.communicate(timeout=60)
    assert (process.returncode, log.count("\n")) == (2, 1)
    assert "NMT_REQUIRE_KEY is set without NMT_STATE" in log


# --- over a socket ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def guarded(models: Path, folder: Path) -> Iterator[Service]:
    """A service that requires keys, and lets a key without a limit of its own have 1,000 characters a minute."""
    service = start_service(models, state=folder, require_key=True, characters_per_minute=1_000)
    service.wait_until_ready()
    yield service
    log = stop_service(service)
    assert "Traceback" not in log, log
    assert "nmt_" not in log.replace("nmt_state", ""), "the log should hold no key"


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return Keys(State(folder)).create("tests", per_minute=10**9)


V1 = {"text": TEXT, "source": "de", "target": "en"}
LIBRE = {"q": TEXT, "source": "de", "target": "en"}
DEEPL = {"text": [TEXT], "target_lang": "EN-US"}
GOOGLE = {"q": TEXT, "target": "en"}
DEEPLX = {"text": TEXT, "source_lang": "DE", "target_lang": "EN"}
IMMERSIVE = {"source_lang": "de", "target_lang": "en", "text_list": [TEXT]}
MTRAN = {"from": "de", "to": "en", "text": TEXT}
JSON = {"Content-Type": "application/json"}

# A path, a body, how a key is sent, and the statuses without and with a wrong one.
FACES = {
    "v1": ("/v1/translate", {"json": V1}, {"headers": {"Authorization": "Bearer KEY"}}, 401, 401),
    "LibreTranslate JSON": ("/translate", {}, {"json": LIBRE | {"api_key": "KEY"}}, 400, 403),
    "LibreTranslate form": ("/translate", {}, {"data": LIBRE | {"api_key": "KEY"}}, 400, 403),
    "LibreTranslate query": ("/translate", {}, {"params": LIBRE | {"api_key": "KEY"}}, 400, 403),
    "LibreTranslate detects": ("/detect", {}, {"json": {"q": TEXT, "api_key": "KEY"}}, 400, 403),
    "DeepL": ("/v2/translate", {"json": DEEPL}, {"headers": {"Authorization": "DeepL-Auth-Key KEY"}}, 403, 403),
    "DeepL form": ("/v2/translate", {}, {"data": DEEPL | {"auth_key": "KEY"}}, 403, 403),
    "DeepL query": ("/v2/translate", {"json": DEEPL}, {"params": {"auth_key": "KEY"}}, 403, 403),
    "Google query": ("/language/translate/v2", {"json": GOOGLE}, {"params": {"key": "KEY"}}, 403, 403),
    "Google header": ("/language/translate/v2", {"json": GOOGLE}, {"headers": {"X-goog-api-key": "KEY"}}, 403, 403),
    "DeepLX query": ("/deeplx/translate", {"json": DEEPLX}, {"params": {"token": "KEY"}}, 401, 401),
    "DeepLX header": ("/deeplx/translate", {"json": DEEPLX}, {"headers": {"Authorization": "Bearer KEY"}}, 401, 401),
    "Immersive": ("/imme", {"json": IMMERSIVE}, {"params": {"token": "KEY"}}, 401, 401),
    "MTranServer": ("/mtran/translate", {"json": MTRAN}, {"headers": {"Authorization": "KEY"}}, 401, 401),
    "MTranServer query": ("/mtran/translate", {"json": MTRAN}, {"params": {"token": "KEY"}}, 401, 401),
}


def with_key(value: object, key: str | None) -> object:
    """A request's parts with a key in the place of KEY, or without the field or header."""
    if isinstance(value, dict):
        found = {name: with_key(part, key) for name, part in value.items()}
        return {name: part for name, part in found.items() if part is not None}
    if isinstance(value, str) and "KEY" in value:
        return None if key is None else value.replace("KEY", key)
    return value


def ask(service: Service, face: str, key: str | None) -> httpx.Response:
    path, fixed, sent, _, _ = FACES[face]
    return service.client.post(path, **fixed, **with_key(sent, key))  # type: ignore[arg-type]


SHAPES = {"v1": ["error"], "Li": ["error"], "De": ["message"], "Go": ["error"], "Im": ["error"], "MT": ["error"]}


@pytest.mark.parametrize("face", FACES)
def test_each_format_takes_a_key_where_its_clients_send_it(guarded: Service, key: str, face: str) -> None:
    *_, missing, wrong = FACES[face]
    assert ask(guarded, face, key).status_code == 200
    unknown = key[:-1] + ("0" if key[-1] != "0" else "1")
    for given, status in ((None, missing), (unknown, wrong), ("any", wrong)):
        answer = ask(guarded, face, given)
        assert answer.status_code == status, answer.text
        shape = ["code", "message"] if face.startswith("DeepLX") else SHAPES[face[:2]]
        assert list(answer.json()) == shape
        assert ("www-authenticate" in answer.headers) == (status == 401)
        assert not given or given not in answer.text
    assert ask(guarded, face, key).status_code == 200


def test_what_needs_no_key(guarded: Service) -> None:
    for path in ("/health", "/ready", "/metrics", "/", "/docs", "/languages", "/frontend/settings", "/spec"):
        assert guarded.client.get(path).status_code == 200, path
    settings = guarded.client.get("/frontend/settings").json()
    assert settings["apiKeys"]
    assert settings["keyRequired"]


def test_every_other_route_needs_one(guarded: Service) -> None:
    free = {"/languages", "/frontend/settings", "/spec", "/health", "/ready", "/metrics", "/download_file/{name}"}
    for path, methods in guarded.client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            if path not in free:
                answer = guarded.client.request(method, re.sub(r"\{.*?\}", "x", path))
                assert answer.status_code in (400, 401, 403), (method, path, answer.text)
                assert "key" in answer.text.lower()


def test_a_key_that_is_made_or_revoked_elsewhere_counts_at_once(guarded: Service, folder: Path) -> None:
    keys = Keys(State(folder))
    key = keys.create("short")
    assert ask(guarded, "v1", key).status_code == 200
    keys.revoke(key)
    answer = ask(guarded, "v1", key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key_unknown")


def test_a_known_key_costs_less_than_a_hash(guarded: Service, key: str) -> None:
    """Of twenty requests one after the other, the quickest with a key takes less than an argon2 hash does."""
    keys = Keys(State(None))
    other = keys.create("a")
    began = time.perf_counter()
    assert keys.find(other)
    hashing = time.perf_counter() - began
    headers = {"Authorization": f"Bearer {key}"}

    def seconds() -> float:
        began = time.perf_counter()
        assert guarded.client.get("/v1/languages", headers=headers).status_code == 200
        return time.perf_counter() - began

    assert min(seconds() for _ in range(20)) < hashing


def test_a_minute_and_a_day_have_so_many_characters(guarded: Service, folder: Path) -> None:
    keys = Keys(State(folder))
    daily, minutely = keys.create("day", per_day=30, per_minute=10**9), keys.create("minute")
    for face, status in (("v1", 429), ("DeepL", 456), ("LibreTranslate JSON", 429), ("Google query", 429)):
        while (answer := ask(guarded, face, daily)).status_code == 200:
            pass
        assert answer.status_code == status, answer.text
        assert 1 <= int(answer.headers["retry-after"]) <= 86_400
    usage = guarded.client.get("/v2/usage", headers={"Authorization": f"DeepL-Auth-Key {daily}"}).json()
    assert usage == {"character_count": 27, "character_limit": 30}
    headers = {"Authorization": f"Bearer {minutely}"}
    texts = {"text": ["12345678901234567890"] * 30, "source": "de", "target": "en"}
    assert guarded.client.post("/v1/translate", json=texts, headers=headers).status_code == 200
    answer = guarded.client.post("/v1/translate", json=texts, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_fast")
    assert 1 <= int(answer.headers["retry-after"]) <= 120
    texts["text"] = ["1" * 1_001]
    answer = guarded.client.post("/v1/translate", json=texts, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "more_than_allowed")


def test_what_is_refused_for_another_reason_is_not_counted(guarded: Service, folder: Path) -> None:
    headers = {"Authorization": f"Bearer {Keys(State(folder)).create('a', per_day=100)}"}
    for fields in ({"target": "zz"}, {"model": "none"}):
        answer = guarded.client.post("/v1/translate", json=V1 | {"text": "x" * 100} | fields, headers=headers)
        assert answer.status_code == 404
    assert guarded.client.post("/v1/translate", json=V1 | {"text": "1" * 100}, headers=headers).status_code == 200
    assert guarded.client.post("/v1/translate", json=V1, headers=headers).status_code == 429


def test_documents_and_evaluations_are_counted_when_they_come(guarded: Service, folder: Path) -> None:
    key = Keys(State(folder)).create("a", per_day=100)
    bearer, auth = {"Authorization": f"Bearer {key}"}, {"Authorization": f"DeepL-Auth-Key {key}"}
    files = {"file": ("a.txt", b"1" * 60)}
    assert guarded.client.post(
        "/v1/documents", data={"source": "de", "target": "en"}, files=files, headers=bearer
    ).is_success
    answer = guarded.client.post("/v2/document", data={"target_lang": "EN-US"}, files=files, headers=auth)
    assert (answer.status_code, list(answer.json())) == (456, ["message"])
    segments = [{"source": "1" * 20, "target": "2" * 20}]
    metadata = {"source_language": "de", "target_language": "en"}
    body = {"metadata": metadata, "segments": segments}
    assert guarded.client.post("/v1/quality-evaluation", json=body, headers=auth).status_code == 202
    assert guarded.client.post("/v1/quality-evaluation", json=body, headers=auth).status_code == 456


@pytest.mark.slow
def test_a_day_has_so_many_documents_of_a_key_and_of_all(models: Path, tmp_path: Path) -> None:
    service = start_service(models, state=tmp_path, documents_per_day=2, all_documents_per_day=4)
    service.wait_until_ready()
    keys = Keys(State(tmp_path))
    usual, own = keys.create("usual"), keys.create("own", documents_per_day=3)

    def upload(key: str) -> httpx.Response:
        headers = {"Authorization": f"DeepL-Auth-Key {key}"}
        files = {"file": ("a.txt", b"Hund")}
        return service.client.post("/v2/document", data={"target_lang": "EN-US"}, files=files, headers=headers)

    assert [upload(usual).status_code for _ in range(3)] == [200, 200, 456]
    answer = upload(usual)
    assert answer.json()["message"] == ("Quota exceeded: the quota of 2 documents a day is used up; try again tomorrow, UTC")
    assert 1 <= int(answer.headers["retry-after"]) <= 86_400
    assert [upload(own).status_code for _ in range(3)] == [200, 200, 456]  # four of all
    usage = service.client.get("/v2/usage", headers={"Authorization": f"DeepL-Auth-Key {own}"}).json()
    assert usage == {
        "document_count": 2,
        "document_limit": 3,
        "team_document_count": 4,
        "team_document_limit": 4,
    }
    answer = service.client.post("/v1/documents", data={"source": "de", "target": "en"}, files={"file": ("a.txt", b"x")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "quota_exceeded")
    stop_service(service)


def test_a_document_that_is_refused_is_not_counted() -> None:
    usage = Usage(State(None))
    allowance = Allowance(per_day=10, documents_per_day=1)
    usage.charge("a", 6, allowance, now=NOON)
    with pytest.raises(QuotaExceeded, match="10 characters"):
        usage.charge("a", 6, allowance, documents=1, now=NOON)
    with pytest.raises(MoreThanAllowed):
        usage.charge("a", 11, allowance, documents=1, now=NOON)
    usage.charge("a", 1, allowance, documents=1, now=NOON)
    with pytest.raises(QuotaExceeded, match="1 documents"):
        usage.charge("a", 1, allowance, documents=1, now=NOON)
    assert usage.used("a", now=NOON) == Used(characters=7, documents=1, all_documents=1)
    usage.refund("a", 1, documents=1, now=NOON)
    assert usage.used("a", now=NOON) == Used(characters=6, documents=0, all_documents=0)
    usage.charge("b", 0, allowance, documents=1, now=NOON)
    assert usage.used("a", now=NOON + 86_400) == Used(characters=0, documents=0, all_documents=0)


def test_a_state_of_before_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    state = State(tmp_path)
    Keys(state)
    with state.transaction() as database:
        database.execute("ALTER TABLE keys DROP COLUMN documents_per_day")
        database.execute("INSERT INTO keys (prefix, name, hash, created) VALUES ('0123456789', 'old', 'x', 'then')")
    [key] = Keys(State(tmp_path)).list()
    assert (key.name, key.documents_per_day) == ("old", None)


def test_deepls_client_knows_the_errors(guarded: Service, folder: Path) -> None:
    key = Keys(State(folder)).create("a", per_day=12)
    client = deepl.DeepLClient(key, server_url=guarded.address).translate_text
    assert client(TEXT, target_lang="EN-US")
    with pytest.raises(deepl.QuotaExceededException):
        client(TEXT, target_lang="EN-US")
    with pytest.raises(deepl.AuthorizationException):
        deepl.DeepLClient("wrong", server_url=guarded.address).translate_text(TEXT, target_lang="EN-US")


@pytest.mark.slow
def test_without_keys_each_address_has_its_limit_which_lasts(models: Path, tmp_path: Path) -> None:
    for round_ in range(2):
        service = start_service(models, state=tmp_path, characters_per_day=20)
        service.wait_until_ready()
        statuses = [service.client.post("/translate", json=LIBRE).status_code for _ in range(3)]
        assert statuses == ([200, 200, 429] if round_ == 0 else [429] * 3)
        forged = service.client.post("/translate", json=LIBRE, headers={"X-Forwarded-For": "192.0.2.7"})
        assert forged.status_code == 429, "nobody is believed to be a proxy"
        key = Keys(State(tmp_path)).create("a", per_day=1_000)
        assert service.client.post("/translate", json=LIBRE | {"api_key": key}).status_code == 200
        service.process.kill()
        service.process.wait(timeout=60)
    assert b"127.0.0.1" not in (tmp_path / DATABASE).read_bytes()


def test_the_errors_of_keys_have_their_facts() -> None:
    assert "nmt keys create" in KeyMissing().message
    assert "revoked" in KeyUnknown().message
