"""What the scrubber hides, what it leaves alone, and how long it takes over hostile text."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.xray_common.planted import ORDINARY, SECRETS
from xray_common import scrubbing
from xray_common.scrubbing import add_pattern, is_secret_name, plainly_clean, scrub, scrub_document


@pytest.fixture(autouse=True)
def patterns() -> Iterator[None]:
    yield
    scrubbing._extra.clear()


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_hidden_and_what_is_around_it_stays(kind: str) -> None:
    text, secrets = SECRETS[kind]
    clean = scrub(f"before {text}\nafter")
    assert [secret for secret in secrets if secret in clean] == []
    assert clean.startswith("before ") and "***" in clean
    assert clean.endswith("\nafter") or kind == "private key in json"  # which has no end
    assert scrub(clean) == clean


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert scrub(text) == text


def test_json_stays_json_with_its_other_values() -> None:
    document = {
        "user": "etl",
        "password": 'a"b\\',
        "n": {"api_key": "x", "port": 1},
        "secret": None,
        "pwd": 5,
    }
    assert json.loads(scrub(json.dumps(document))) == {
        "user": "etl",
        "password": "***",
        "n": {"api_key": "***", "port": 1},
        "secret": None,
        "pwd": "***",
    }


def test_the_user_name_the_host_and_the_object_of_an_error_stay() -> None:
    text, _ = SECRETS["presigned url"]
    assert scrub(text).startswith(
        "403 for https://b.s3.amazonaws.com/k?X-Amz-Credential=***&X-Amz-Expires=60&"
    )
    assert scrub("jdbc:mysql://db/o?user=etl&password=x&useSSL=true") == (
        "jdbc:mysql://db/o?user=etl&password=***&useSSL=true"
    )


def test_a_document_is_scrubbed_by_its_names_and_in_its_texts() -> None:
    document = {
        "db": {"password": "hunter2", "port": 5432, "credentials": [{"session_token": ("a", "b")}]},
        "args": ("--token=hunter2", 17, None),
        "https://a:hunter2@host": True,
        "token": 17,
    }
    assert scrub_document(document) == {
        "db": {"password": "***", "port": 5432, "credentials": [{"session_token": "***"}]},
        "args": ("--token=***", 17, None),
        "https://***@host": True,
        "token": 17,
    }
    assert document["db"]["password"] == "hunter2"  # type: ignore[index]


def test_a_document_may_be_nested_deeper_than_python_recurses() -> None:
    deep: Any = "pwd=hunter2"
    for _ in range(10_000):
        deep = [deep]
    clean = scrub_document(deep)
    for _ in range(10_000):
        (clean,) = clean
    assert clean == "pwd=***"


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "spark.hadoop.fs.s3a.secret.key", "x-api-key", "idToken"]
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["tokens", "aws.s3.key", "password_policy", "secret_arn", "sort_key", "access_key_id"]
)
def test_names_of_what_is_no_secret(name: str) -> None:
    assert not is_secret_name(name)


SECRET_NAMES = (
    "password",
    "DB_PASSWD",
    "pass",
    "connection-string",
    "fs.secret.key",
    "SecretBinary",
    "x-api-key",
)


@pytest.mark.parametrize("as_ascii", [True, False])
def test_what_a_glance_calls_clean_has_no_secret(as_ascii: bool) -> None:
    documents: list[Any] = [{"a": [text]} for text, _ in SECRETS.values()]
    documents += [{name: ["x"]} for name in (*SECRET_NAMES, "idToken", "pa\u017f\u017fword", "Set-Cookie")]
    for document in documents:
        text = json.dumps(document, ensure_ascii=as_ascii)
        assert scrub_document(document) == document or plainly_clean([text]) == [False], text
    assert plainly_clean(['{"rows": 3}', '{"token": "x"}', '{"s": "4 rows"}']) == [True, False, True]
    add_pattern(r"CUST-\d+")
    assert plainly_clean(['{"rows": 3}']) == [False]


def test_an_application_adds_its_own_pattern() -> None:
    add_pattern(r"CUST-\d+|")  # what matches nothing hides nothing
    assert scrub("order of CUST-123") == "order of ***"


HOSTILE = (
    *(
        "password",
        "password=",
        "://",
        "://a:",
        "a://b:c",
        "@",
        "eyJ",
        "eyJa.",
        "-",
        "--",
        "--a",
        "-----BEGIN",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "AKIA",
        "AKIAIOSFODNN7EXAMPLE ",
        "token: ",
        "bearer ",
        "basic aaaaaaaa",
        '("',
    ),
    *(
        "authorization: ",
        "x-amz-signature=",
        "signature=",
        "api_key",
        "\\",
        '\\"',
        "password\\",
        "password:'",
        ",",
        "SG.",
    ),
    *(
        "xox",
        "password=,",
        "token=,a",
        "cookie: ",
        "IQoJb3JpZ2lu",
        "jdbc:oracle:thin:a/",
        'password="\\',
        "secret ",
        "İ",
    ),
)


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_text_takes_linear_time(part: str) -> None:
    """Eight times the text takes eight times the time; quadratic would be 64."""

    def seconds(length: int) -> float:
        text = f"key token secret @ -- ://{part * (length // len(part))}"
        started = time.process_time()
        scrub(text)
        return time.process_time() - started

    short = min(seconds(10_000) for _ in range(3))
    assert seconds(80_000) < 30 * short + 0.05
