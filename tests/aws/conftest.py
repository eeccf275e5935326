"""An AWS of few words: answers each action as the test says, in the shapes of the real protocols."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import boto3
import pytest

from bot.aws.accounts import Doors
from bot.aws.client import NotFound
from bot.config import Account, Accounts
from bot.model import Call

TOOLS, WORKLOAD, REGISTRY = "111122223333", "222233334444", "333344445555"
REGION = "eu-west-1"


@dataclass
class Asked:
    """One request as it came over the wire."""

    action: str
    params: dict
    key: str
    agent: str


@dataclass
class Wire:
    """What to answer, by action, and what was asked. The last answer is repeated."""

    url: str = ""
    answers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    hold: Callable[[str], None] = lambda action: None

    def says(self, action, *answers):
        self.answers[action] = list(answers)

    def params(self, action):
        return [a.params for a in self.asked if a.action == action]

    def next(self, action):
        left = self.answers.get(action) or [refusal("AccessDeniedException", 400)]
        return left.pop(0) if len(left) > 1 else left[0]


def ok(body):
    return 200, json.dumps(body)


def refusal(code, status=400, message="no"):
    """A JSON service's error."""
    return status, json.dumps({"__type": code, "message": message})


def query_refusal(code, status=403, message="no"):
    """An error of IAM or STS."""
    return status, (
        '<ErrorResponse xmlns="https://x.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )


def ec2_refusal(code, status=403, message="no"):
    return status, (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>r</RequestID></Response>"
    )


def session_for(key="ASIAROLE", lives=timedelta(hours=1)):
    """What AssumeRole answers."""
    until = (datetime.now(UTC) + lives).strftime("%Y-%m-%dT%H:%M:%SZ")
    return 200, (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>'
        f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        f"<SessionToken>t</SessionToken><Expiration>{until}</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    )


@pytest.fixture
def wire() -> Iterator[Wire]:
    spoken = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if target := self.headers.get("X-Amz-Target"):
                action, params = target.rpartition(".")[2], json.loads(body)
            else:
                params = {k: v[0] for k, v in parse_qs(body).items()}
                action = params["Action"]
            key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
            spoken.asked.append(Asked(action, params, key, self.headers["User-Agent"]))
            spoken.hold(action)
            status, answer = spoken.next(action)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    spoken.url = f"http://127.0.0.1:{server.server_port}"
    yield spoken
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def doors(wire) -> Callable[..., Doors]:
    """Make the doors of these accounts, which speak to the wire."""

    def make(*accounts: Account) -> Doors:
        session = boto3.Session("AKIABOT", "secret", region_name=REGION)
        return Doors(Accounts(accounts), endpoint_url=wire.url, session=session)

    return make


@dataclass
class FakeDoor:
    """A door that knows its answers: by operation a value, an exception, or a function of the params."""

    answers: dict
    account: str = WORKLOAD
    region: str = REGION
    asked: list[Call] = field(default_factory=list)

    def call(self, call):
        self.asked.append(call)
        answer = self.answers.get(call.operation, NotFound("Absent"))
        if callable(answer):
            answer = answer(call.params)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pages(self, call, key):
        return self.call(call)[key]

    def at(self, region):
        return FakeDoor(self.answers, self.account, region, self.asked)


@pytest.fixture
def door() -> type[FakeDoor]:
    return FakeDoor


@pytest.fixture
def say():
    """The shapes of answers."""

    class Say:
        ok = staticmethod(ok)
        refusal = staticmethod(refusal)
        query_refusal = staticmethod(query_refusal)
        ec2_refusal = staticmethod(ec2_refusal)
        session_for = staticmethod(session_for)

    return Say
