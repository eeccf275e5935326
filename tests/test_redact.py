"""What redact() takes out, and above all what it leaves."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redact import _RULES, GONE, redact

KEPT = (
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbC123:password::",
    "arn:aws:sts::111122223333:assumed-role/ExecutionRole4711ForTheOrdersService/0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v1@sha256:" + "0a" * 32,
    "status code: 400, request id: 9c59bfd4-87b5-4554-b7fe-4840ffd8b56d",
    'Get "https://registry-1.docker.io/v2/": dial tcp 10.0.1.7:443: i/o timeout',
    "repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "unauthorized: incorrect username or password",
    "failed to fetch oauth token: unexpected status: 401 Unauthorized",
    "--secret=arn:aws:secretsmanager:us-east-1:111122223333:secret:app",
    "retrieved secret from Secrets Manager did not contain json key password",
)
HIDDEN = (
    ("id AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    ("aws_session_token = IQoJb3JpZ2luX2Vj", "IQoJb3JpZ2luX2Vj"),
    (
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=ASIA1/x&X-Amz-Signature=0a1b&X-Amz-Date=1",
        "0a1b",
    ),
    ("https://b.s3.amazonaws.com/k?X-Amz-Security-Token=IQoJabc%2F", "IQoJabc"),
    ("token xoxb-1234567890-abcdefgh", "xoxb-"),
    ("Authorization: Bearer abc.def-123", "abc.def-123"),
    ('{"Authorization": "Basic QVdTOmV5SnB"}', "QVdTOmV5SnB"),
    ("bearer 0123456789abcdefABCDEF", "0123456789abcdef"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJ"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
    ('{"auths":{"ghcr.io":{"auth":"dXNlcjpwYXNz"}}}', "dXNlcjpwYXNz"),
    ("https://bob:hunter2@harbor.example.com/v2/", "hunter2"),
    ("DB_PASSWORD=hunter2 next", "hunter2"),
    ("token=abc123&x=1", "abc123"),
    ("client_secret='abc123'", "abc123"),
    ("(authorization id: 8f3e2d1c-77aa)", "8f3e2d1c-77aa"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_"),
)


@pytest.mark.parametrize("text", KEPT)
def test_names_that_a_diagnosis_needs_stay(text):
    """
    ARNs, references, digests, ids, hosts and the words of an error are left alone.
    """
    assert text == redact(text)


@pytest.mark.parametrize(("text", "secret"), HIDDEN)
def test_secrets_go(text, secret):
    """
    Whatever opens a door is taken out.
    """
    out = redact(text)

    assert secret not in out
    assert GONE in out


def test_what_stands_beside_a_secret_stays():
    """
    Only the value goes: the rest of a presigned URL is still readable.
    """
    url = "https://b.s3.amazonaws.com/k?X-Amz-Date=20240101T000000Z&X-Amz-Signature=0a1b&X-Amz-Expires=60"

    assert url.replace("0a1b", GONE) == redact(url)


@given(
    st.lists(st.sampled_from([*KEPT, *(t for t, _ in HIDDEN), " ", "\n", "x", "=", ":"])), st.text()
)
def test_twice_is_once(parts, rest):
    """
    Redacting what is redacted changes nothing.
    """
    once = redact("".join(parts) + rest)

    assert once == redact(once)


@given(
    st.lists(st.sampled_from([*(t for t, _ in HIDDEN), "ſ", "ı", "K", "=", ": x1y2"])), st.text()
)
def test_a_rule_that_is_passed_over_would_have_found_nothing(parts, rest):
    """
    Rules are tried only where a word of theirs stands, which changes no outcome.
    """
    text = "".join(parts) + rest
    odd = text.replace("s", "ſ").replace("i", "ı").replace("k", "K")

    for written in (text, text.upper(), odd):
        whole = written
        for _, pattern, instead in _RULES:
            whole = pattern.sub(instead, whole)
        assert whole == redact(written)


@pytest.mark.parametrize(
    "unit",
    [
        "eyJ",
        "aB1/",
        "a_",
        "password",
        "http://a:",
        "basic ",
        "-----BEGIN ",
        "authorization: ",
        "x=",
    ],
)
def test_time_is_linear(unit):
    """
    Four times the text takes no more than some four times the time.
    """

    def seconds(size):
        text = (unit * size)[:size]
        runs = []
        for _ in range(3):
            began = time.perf_counter()
            redact(text)
            runs.append(time.perf_counter() - began)
        return min(runs)

    assert seconds(64_000) < 12 * seconds(16_000) + 0.01


def test_what_ecs_says_of_a_field_of_a_secret_stays():
    """
    The field called password has no value here, and the words after it are the diagnosis.
    """
    said = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to get registry auth from asm: service call has been retried 1 "
        "time(s): asm fetching password: AuthorizationData is malformed, empty field"
    )

    assert said == redact(said)
