"""The command line as people and scripts meet it: status, one clear line, and clean output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (
    "CannotPullContainerError: failed to resolve ref 222233334444.dkr.ecr.eu-west-1.amazonaws.com/"
    "shop:v9: 222233334444.dkr.ecr.eu-west-1.amazonaws.com/shop:v9: not found"
)
NEAR = "CannotStartContainerError: OCI runtime create failed: exec format error"
COMMANDS = (
    "explain",
    "diagnose",
    "plan",
    "scan",
    "doctor",
    "causes",
    "policy",
    "run",
    "playground",
)


def bot(*words, text="", cwd=ROOT, **environ):
    """What the command printed, as bytes, with its status."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "REDIS", "ECS_", "AWS_"))
    }
    given = text if isinstance(text, bytes) else text.encode()
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], input=given, capture_output=True, check=False, cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), **environ}, timeout=60,
    )  # fmt: skip


def told(done):
    """The one line that says what was wrong."""
    said = done.stderr.decode()
    assert "Traceback" not in said
    assert 1 == len(said.splitlines()), said
    return said


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nonsense",),
        ("explain", "--nonsense"),
        ("explain", "--json", "--jsonl"),
        ("explain", "--lang", "fr"),
        ("plan",),
        ("policy", "delete"),
    ],
)
def test_wrong_usage_is_told_in_one_line(words):
    """
    Two, one line, no traceback, and where to read on.
    """
    done = bot(*words)

    assert 2 == done.returncode
    assert "--help" in told(done)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(command):
    """
    An example says more than an option.
    """
    done = bot(command, "--help")

    assert (0, b"") == (done.returncode, done.stderr)
    assert b"example: " in done.stdout


@pytest.mark.parametrize("text", ["", "hello", NEAR])
def test_what_is_no_failed_pull_is_three(text):
    """
    Nothing found is no error, and still an answer.
    """
    done = bot("explain", "--json", text=text)

    assert (3, b"") == (done.returncode, done.stderr)
    assert json.loads(done.stdout)["recognised"] is False


def test_json_is_all_that_is_printed():
    """
    One document, and nothing beside it.
    """
    done = bot("explain", "--json", text=TEXT)
    found = json.loads(done.stdout)

    assert (0, b"") == (done.returncode, done.stderr)
    assert ("S4", "shop", "v9", "image-tag-missing") == (
        found["stage"],
        found["repository"],
        found["tag"],
        found["suspects"][0],
    )


def test_a_file_is_read(tmp_path):
    """
    Also with the mark that some editors put first.
    """
    path = tmp_path / "error.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())

    assert 0 == bot("explain", str(path)).returncode


def test_a_file_that_is_not_there_is_named(tmp_path):
    """
    Neither is a folder a text.
    """
    for path in (tmp_path / "none.txt", tmp_path):
        done = bot("explain", str(path))

        assert 2 == done.returncode
        assert str(path) in told(done)


def test_lines_keep_their_order_and_ids():
    """
    One result a line, as they came; ids are given back as they are.
    """
    rows = [{"id": n if n % 2 else f"é{n}", "text": TEXT if n % 3 else "hello"} for n in range(30)]
    done = bot("explain", "--jsonl", text="\n".join(map(json.dumps, rows)) + "\n\n")
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert (0, b"") == (done.returncode, done.stderr)
    assert [r["id"] for r in rows] == [f["id"] for f in found]
    assert [r["text"] == TEXT for r in rows] == [f["recognised"] for f in found]


@pytest.mark.parametrize(
    "row", ["{", "[]", "3", '{"id": 1}', '{"text": "x"}', '{"id": 1, "text": null}', "[" * 100_000]
)
def test_a_wrong_line_is_named_by_its_number(row):
    """
    What came before it is answered.
    """
    done = bot("explain", "--jsonl", text=json.dumps({"id": 1, "text": TEXT}) + "\n" + row + "\n")

    assert 2 == done.returncode
    assert "line 2" in told(done)
    assert 1 == len(done.stdout.splitlines())


def test_half_a_character_is_no_end():
    """
    JSON can hold what no encoding can.
    """
    done = bot(
        "explain",
        "--jsonl",
        text='{"id": "\\ud800", "text": "CannotPullContainerError: \\ud800"}\n',
    )

    assert (0, b"") == (done.returncode, done.stderr)
    assert "\ud800" == json.loads(done.stdout)["id"]


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\xff\xfe" * 5000,
        b"\x1b[31m" * 5000,
        TEXT.encode() + b" x" * 1_000_000,
        TEXT.encode("utf-16"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_huge_and_binary_input_is_survived(text, form):
    """
    Whatever is piped in gets an answer.
    """
    done = bot("explain", *form, text=text)

    assert done.returncode in (0, 3)
    assert b"" == done.stderr


@pytest.mark.parametrize(
    "words", [("explain",), ("explain", "--lang", "ja"), ("causes",), ("causes", "--lang", "ja")]
)
def test_piped_output_is_plain_and_narrow(words):
    """
    No colour and no cursor, no line over 80 columns, whatever the terminal says.
    """
    done = bot(*words, text=TEXT, COLUMNS="200", TERM="xterm-256color")

    assert 0 == done.returncode
    assert b"\x1b" not in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.decode().splitlines())


def test_a_text_is_never_markup():
    """
    Square brackets are words.
    """
    done = bot("explain", text=TEXT.replace("shop:v9", "shop:v9[/red]"))

    assert b"" == done.stderr


def test_japanese_is_spoken_in_any_locale():
    """
    The language is the reader's, not the terminal's.
    """
    done = bot(
        "explain", "--lang", "ja", text=TEXT, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )

    assert (0, b"") == (done.returncode, done.stderr)
    assert "疑わしい原因" in done.stdout.decode()


@pytest.mark.parametrize("words", [("causes", "--json"), ("policy", "read")])
def test_a_closed_pipe_is_no_error(words):
    """
    `| head` is everyday.
    """
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        cwd=ROOT,
    )
    os.close(writer)

    assert (0, b"") == (done.returncode, done.stderr)


def test_a_full_disk_is_told():
    """
    What could not be written is not called done.
    """
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "causes", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )

    assert 1 == done.returncode
    assert "No space left" in told(done)


def test_the_catalogue_is_json():
    """
    Each cause with what a script wants to know.
    """
    found = json.loads(bot("causes", "--json").stdout)

    assert {"id", "group", "stage", "families", "fix"} <= set(found[0])


@pytest.mark.parametrize("role", ["read", "fix"])
def test_a_policy_is_json(role):
    """
    Ready to be attached.
    """
    assert "2012-10-17" == json.loads(bot("policy", role).stdout)["Version"]


@pytest.mark.parametrize("account", ["12", "22223333444x", "", "２２２２３３３３４４４４"])
def test_a_policy_is_of_an_account_by_its_digits(account):
    """
    What is none would stand in ARNs that match nothing.
    """
    done = bot("policy", "fix", "--account", account)

    assert (2, b"") == (done.returncode, done.stdout)
    assert "12 digits" in told(done)


@pytest.mark.parametrize(
    "words",
    [
        ("diagnose", "--service", "shop"),
        ("plan", "--cause", "image-tag-missing", "--service", "shop"),
    ],
)
def test_without_accounts_the_file_is_asked_for(words, tmp_path):
    """
    Settings that are missing are named, nothing is called.
    """
    done = bot(*words, cwd=tmp_path)

    assert 2 == done.returncode
    assert "accounts.yaml" in told(done)


def test_an_unknown_cause_is_told():
    """
    With where to find the known ones.
    """
    done = bot("plan", "--cause", "no-such", "--service", "shop")

    assert 2 == done.returncode
    assert "bot causes" in told(done)
