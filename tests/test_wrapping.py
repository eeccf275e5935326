"""What unwrap() undoes, and what it must leave as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wrapping import LIMIT, unwrap

HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    "text",
    [
        "failed to resolve ref <ACCOUNT_ID>.dkr.ecr.us-east-1.amazonaws.com/web:1: not found",
        "manifest for <redacted>/web:1 not found",
        "secret arn:aws:secretsmanager:us-east-1:…:secret:app",
        "a | b || c",
        "5 < 6 & 7 > 2",
    ],
)
def test_masks_and_plain_text_stay(text):
    """
    What nobody wrapped is not changed.
    """
    assert text == unwrap(text).flat


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (f"<http://{HOST}/web:1|{HOST}/web:1>: not found", f"{HOST}/web:1: not found"),
        (f"Get <https://{HOST}/v2/>: EOF", f"Get https://{HOST}/v2/: EOF"),
        ("&lt;Code&gt;AccessDenied&lt;/Code&gt; &amp; more", "<Code>AccessDenied</Code> & more"),
        ("<@U0123ABCD> look <#C0123|ops>", "look"),
        ("[*https://a.example/v2/*](https://a.example/v2/)", "https://a.example/v2/"),
        ("```text\nfailed\n```", "failed"),
        ("“quoted” and can’t", '"quoted" and can\'t'),
        ("a\u00a0b\u3000c\u200bd", "a b cd"),
        (r"ref \"a:1\"\n\tstatus", 'ref "a:1" status'),
        (r"ref \\\"a:1\\\"", 'ref "a:1"'),
        ("# first\n# second", "first second"),
        ("> 1. first\n> second", "first second"),
        ("理由：Error（x）", "理由:Error(x)"),
    ],
)
def test_what_was_added_is_undone(text, plain):
    """
    Links, escapes, fences, typographic marks and line marks go.
    """
    assert plain == unwrap(text).flat


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (f"ref {HOST}/\n  web:1: not found", f"ref {HOST}/web:1: not found"),
        (
            "secret arn:aws:secretsmanager:us-east-1:1:secret:\n# app/db",
            "secret arn:aws:secretsmanager:us-east-1:1:secret:app/db",
        ),
        ("at sha256:" + "a" * 30 + "\n> " + "a" * 34 + ": x", "at sha256:" + "a" * 64 + ": x"),
        (
            f"Get https://{HOST}/v2/web/\nmanifests/1: EOF",
            f"Get https://{HOST}/v2/web/manifests/1: EOF",
        ),
        (f"image {HOST}/web:\nlatest: not found", f"image {HOST}/web:latest: not found"),
    ],
)
def test_a_value_cut_by_a_line_is_whole_again(text, plain):
    """
    A line break inside an ARN, a reference, a digest or a URL does not count.
    """
    assert plain == unwrap(text).flat


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            f"ref {HOST}/web:1:\n{HOST}/web:1: not found",
            f"ref {HOST}/web:1: {HOST}/web:1: not found",
        ),
        (
            f"Get https://{HOST}/v2/:\nnet/http: timeout",
            f"Get https://{HOST}/v2/: net/http: timeout",
        ),
        ("has been retried 1\ntime(s):\nfailed", "has been retried 1 time(s): failed"),
        (f"image {HOST}/web:\nnot found", f"image {HOST}/web: not found"),
    ],
)
def test_words_that_a_line_parts_stay_apart(text, plain):
    """
    Where a value has ended, the break is a blank.
    """
    assert plain == unwrap(text).flat


def test_a_terminal_breaks_words_anywhere():
    """
    Lines that all fill the same width are one line.
    """
    text = (
        "CannotPullContainerError: failed to resolve ref "
        + "x" * 70
        + " while the lights were on" * 6
    )
    lines = [text[i : i + 60] for i in range(0, len(text), 60)]

    assert text.strip() == unwrap("\n".join(lines)).flat


def test_no_more_than_the_limit_is_read():
    """
    Bytes count, not characters, and a character is never halved.
    """
    assert len(unwrap("é" * LIMIT).raw.encode()) <= LIMIT
    assert unwrap("é" * LIMIT).cut
    assert not unwrap("e" * LIMIT).cut


@given(st.text())
def test_one_line_without_breaks(text):
    """
    The flat text is one line with single blanks.
    """
    flat = unwrap(text).flat

    assert "\n" not in flat
    assert "  " not in flat
    assert flat == flat.strip()
