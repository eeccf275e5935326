"""HTTP of the estate: one connection carries many calls, whatever their bodies look like."""

from __future__ import annotations

import json
import socket
import threading
from http.client import HTTPConnection

import pytest

from playground.estate.listening import Listener


def echo(environ, start_response):
    """Answer with what arrived."""
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("broken on purpose")
    said = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ["QUERY_STRING"],
        "kind": environ.get("CONTENT_TYPE"),
        "own": environ.get("HTTP_X_OWN"),
        "body": environ["wsgi.input"].read().decode(),
    }
    content = json.dumps(said).encode()
    start_response("200 OK", [("Content-Length", str(len(content)))])
    return [content]


@pytest.fixture
def listener():
    found = Listener(echo)
    thread = threading.Thread(target=found.serve)
    thread.start()
    yield found
    found.stop()
    thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def link(listener):
    found = HTTPConnection("127.0.0.1", listener.port, timeout=5)
    yield found
    found.close()


def asked(link, method, path, body=None, **headers):
    link.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    answer = link.getresponse()
    return answer.status, answer.read()


def test_many_calls_share_a_connection(link):
    """
    The connection of the first call is that of the last.
    """
    asked(link, "POST", "/", b"first")
    ours = link.sock

    for number in range(3):
        status, content = asked(link, "POST", f"/{number}?a=b%20c", b"x" * number, X_Own="mine")
        said = json.loads(content)
        assert (200, "x" * number, f"/{number}") == (status, said["body"], said["path"])
        assert ("a=b%20c", "mine") == (said["query"], said["own"])

    assert ours is link.sock


def test_a_body_in_chunks_is_read_to_its_end(link):
    """
    What comes in pieces is put together, and the next call begins where it ends.
    """
    status, content = asked(link, "PUT", "/", iter([b"one ", b"two"]))

    assert (200, "one two") == (status, json.loads(content)["body"])
    assert 200 == asked(link, "GET", "/")[0]


def test_a_client_that_waits_for_a_word_gets_it(listener):
    """
    Expect: 100-continue is answered before the body comes.
    """
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as raw:
        raw.sendall(b"PUT / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == raw.recv(100)
        raw.sendall(b"ok")
        assert b'"body": "ok"' in raw.recv(10_000)


def test_a_failure_is_an_answer(link):
    """
    What breaks inside is a 500, and the connection lives on.
    """
    assert (500, b"") == asked(link, "GET", "/broken")
    assert 200 == asked(link, "GET", "/")[0]


def test_a_head_has_no_body(link):
    """
    HEAD is answered with the headers alone.
    """
    assert (200, b"") == asked(link, "HEAD", "/")
    assert 200 == asked(link, "GET", "/")[0]


def test_whoever_wants_it_closed_gets_it_closed(link):
    """
    Connection: close ends the connection.
    """
    asked(link, "GET", "/", Connection="close")

    assert link.sock is None


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x"])
def test_nonsense_ends_the_connection_and_nothing_else(listener, link, said):
    """
    Who speaks no HTTP is left alone.
    """
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as raw:
        raw.sendall(said)
        raw.shutdown(socket.SHUT_WR)
        assert b"" == raw.recv(100)

    assert 200 == asked(link, "GET", "/")[0]


def test_stopping_ends_open_connections():
    """
    An idle connection does not hold up the end.
    """
    found = Listener(echo)
    thread = threading.Thread(target=found.serve)
    thread.start()
    with socket.create_connection(("127.0.0.1", found.port), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert raw.recv(1000)

        found.stop()

        assert b"" == raw.recv(100)
    thread.join(5)
    assert not thread.is_alive()
