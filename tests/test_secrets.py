"""Secrets planted where people paste and AWS records: none comes out anywhere."""

from __future__ import annotations

import io
import logging
import re
import threading
from contextlib import contextmanager, suppress

import pytest
from redis import Redis

from bot import cli, takehome
from bot.__main__ import parser
from bot.jobs import JOBS
from bot.logins import NEW
from bot.logs import Lines
from bot.model import plan_to_json
from bot.sealing import Broken
from playground import scenarios
from playground.estate.world import WORLD, PullRule
from playground.workspace import BOT_USER
from tests.support.bot import ALICE, AUDIT, BORA, SHOP
from tests.support.sealing import SEAL

# Each is found by its middle, in the text that leads people and redaction to it. Put together
# here, so that nobody's search for leaked keys stops at this file.
AWS_KEY = "AKIA" + "Q7WXPLANTED0KEY1"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiPLANTEDKEY12"
SESSION = "IQoJb3JpZ2luX2VjE" + "PLANTEDsession" * 8
SLACK = "xoxb-" + "123456789012-PLANTEDslacktoken"
GITHUB = "ghp_" + "PLANTEDgithubtoken0123456789abcdefgh"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJQTEFOVEVEIjoiand0In0" + ".c2lnbmF0dXJlUExBTlRFRA"
DOCKER = "cm9ib3Q6UExBTlRFRGRvY2tlcg=="
PLANTED = {
    AWS_KEY: f"AWS_ACCESS_KEY_ID={AWS_KEY}",
    AWS_SECRET: f"AWS_SECRET_ACCESS_KEY={AWS_SECRET}",
    SESSION: f"aws_session_token = {SESSION}",
    SLACK: f"token {SLACK}",
    GITHUB: f"git clone with {GITHUB}",
    JWT: f"Authorization: Bearer {JWT}",
    DOCKER: f'{{"auths":{{"ghcr.io":{{"auth":"{DOCKER}"}}}}}}',
    "PLANTEDpassword1": "DB_PASSWORD=PLANTEDpassword1",
    "PLANTEDpassword2": "https://robot:PLANTEDpassword2@registry.example.com/v2/",
    "PLANTEDsignature": (
        "https://prod-starport.s3.amazonaws.com/x?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={AWS_KEY}%2F20260131&X-Amz-Signature=PLANTEDsignature"
    ),
}
SETTING = "setting-7f3c"  # of a container, in its task definition
SEALED = re.compile(r"sealed\W+([\w=-]{40,})")
LOGIN = "PLANTEDlogin-7f3c"
NAME, HUB, UNSET = "image-tag-missing", "docker-hub-rate-limited", "registry-credentials-unset"


def leaks(text):
    """The planted secrets that *text* holds, and what may be left of one."""
    return [s for s in (*PLANTED, "PLANTED") if s in text]


@contextmanager
def overheard(url):
    """Every command that Redis is given, in every database, also of values that do not last."""
    with Redis.from_url(url) as client, client.monitor() as monitor:
        said: list[str] = []

        def listen() -> None:
            for one in monitor.listen():
                said.append(one["command"])
                if one["command"].endswith("that is all"):
                    return

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield said
        finally:
            client.echo("that is all")
            thread.join(10)


@pytest.fixture
def lines():
    """Every line that would be logged, down to the last detail of our own code."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    root, ours = (
        logging.getLogger(),
        [logging.getLogger(n) for n in ("bot", "handlers", "dramatiq")],
    )
    before = [logger.level for logger in ours]
    root.addHandler(handler)
    for logger in ours:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in zip(ours, before, strict=True):
        logger.setLevel(level)


def kept(url):
    """All that Redis holds in both databases, as text."""
    read = {
        b"string": lambda c, k: c.get(k),
        b"hash": lambda c, k: c.hgetall(k),
        b"list": lambda c, k: c.lrange(k, 0, -1),
        b"set": lambda c, k: c.smembers(k),
        b"zset": lambda c, k: c.zrange(k, 0, -1),
        b"stream": lambda c, k: c.xrange(k),
    }
    found = []
    for number in (0, 1):
        with Redis.from_url(url, db=number) as client:
            found += [f"{k} {read[client.type(k)](client, k)}" for k in client.scan_iter("*")]
    return found


def jobs(commands):
    """What each job was given, unsealed, of those that Redis was told of."""
    found = []
    for token in {m[1] for c in commands for m in SEALED.finditer(c)}:
        for name in JOBS:
            with suppress(Broken):
                found.append(f"{name} {SEAL.open(token, f'job:{name}')}")
    return found


def spoken(bot):
    """All that the bot said: in channels, to one person, in forms and on Home tabs."""
    state = bot.workspace.core.state
    with state.changed:
        said = [m for log in state.log.values() for m in log if m.user == BOT_USER]
        said += [m for log in state.whispers.values() for m in log]
        views = [*state.homes.values(), *(v for stack in state.stacks.values() for v in stack)]
    return [repr(m) for m in said] + [repr(v) for v in views]


@pytest.fixture
def recorded(bot):
    """Let ECS record every secret in the reason of a stopped task, and one in a task definition."""
    rule = next(r for r in WORLD.pull_rules if r.image == "^nginx:")
    WORLD.pull_rules.insert(0, PullRule(rule.image, f"{rule.reason} {' '.join(PLANTED.values())}"))
    where = scenarios.named(NAME)
    ecs = bot.estate.client("ecs", where.account, where.region)
    old = ecs.describe_task_definition(taskDefinition=where.service)["taskDefinition"]
    container = {
        **old["containerDefinitions"][0],
        "environment": [{"name": "SETTING", "value": SETTING}],
    }
    same = ("family", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    arn = ecs.register_task_definition(
        containerDefinitions=[container], **{k: old[k] for k in same if k in old}
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster="main", service=where.service, taskDefinition=arn)
    bot.estate.tick()
    bot.estate.tick()
    yield bot
    bot.rebuild()


def test_no_secret_comes_out_of_slack(recorded, lines):
    """
    Pasted, edited, typed, shared, forwarded and recorded secrets: in no log, Redis value or message.
    """
    bot, w = recorded, recorded.workspace
    secrets = "\n".join(PLANTED.values())
    pasted, quoted = bot.error(NAME), bot.error(HUB)
    assert {*PLANTED, "PLANTED"} == set(leaks(quoted))  # ECS records what the pull engine says

    with overheard(bot.redis.url) as commands:
        said = w.say(ALICE, SHOP, f"{pasted}\n{secrets}")
        report = bot.answer(said, button="show_fix")
        w.edit(ALICE, said, f"{pasted}\n{secrets}\nagain")
        w.command(ALICE, SHOP, "/ecs-pull", f"{pasted} {' '.join(PLANTED.values())}")
        bot.answer(
            w.say(ALICE, SHOP, "the log", files=[("a.log", f"{secrets}\n{pasted}\n{secrets}")]),
            button="show_fix",
        )
        bot.answer(w.say(ALICE, SHOP, quoted), button="check_again")
        scenario = scenarios.named(HUB)
        w.command(ALICE, SHOP, "/ecs-pull", f"main/{scenario.service} {scenario.region}")
        w.shortcut(BORA, "explain_pull_error", w.say(BORA, SHOP, f"{secrets} {pasted}"))
        w.say("Alarms", SHOP, f"{pasted}\n{secrets}", bot=True, attachments=[{"text": secrets}])
        w.say(ALICE, SHOP, secrets)  # no pull failure at all
        w.open_home(ALICE)
        bot.quiet()

        w.click(ALICE, report, "show_fix")
        shown = bot.answer(said, button="approve_fix")
        w.click(BORA, shown, "approve_fix")
        repaired = bot.answer(said, "Verified", "undo_fix")
        w.click(BORA, repaired, "undo_fix")
        bot.answer(said, "Taken back by")
        bot.quiet()

    assert len(w.messages(AUDIT)) >= 3
    assert {"approved", "applied", "undone"} <= set(bot.events())
    everything = [*spoken(bot), *commands, *kept(bot.redis.url), lines.getvalue()]
    assert any("[redacted]" in c for c in commands)  # the texts did come by
    assert [] == [(s, t[:300]) for t in everything for s in leaks(t)]
    assert [] == [t[:300] for t in everything if SETTING in t]  # a plan holds it, and is sealed


def test_no_login_is_kept_anywhere_but_in_secrets_manager(bot, lines):
    """
    Typed wrongly, then rightly, by an approver: in no log, Redis command or value, message, audit or plan.
    """
    w = bot.workspace
    where = scenarios.named(UNSET)
    typed = {"user": {"user": "PLANTEDuser"}, "password": {"password": LOGIN}}
    with overheard(bot.redis.url) as commands:
        said = w.say(ALICE, SHOP, bot.error(UNSET))
        w.click(ALICE, bot.answer(said, button="show_fix"), "show_fix")
        shown = bot.answer(said, button="approve_fix")
        w.pick(ALICE, shown, "choose_fix", NEW)
        shown = bot.answer(said, "ecs-pull/", "approve_fix")
        fix = bot.service.waiting()[0]
        w.click(BORA, shown, "approve_fix")
        wrong = {**typed, "user": {"user": "PLANTED\nuser"}}
        w.submit(BORA, w.wait(lambda: w.modal(BORA)), wrong)
        w.submit(BORA, w.wait(lambda: w.modal(BORA)), typed)
        repaired = bot.answer(said, "Verified", "undo_fix")
        taken = takehome.files(fix.plan)
        w.click(BORA, repaired, "undo_fix")
        bot.answer(said, "Taken back by")
        bot.quiet()

    secrets = bot.estate.client("secretsmanager", where.account, where.region)
    made = next(s for s in secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"]
                if s["Name"].startswith("ecs-pull/"))  # fmt: skip
    secrets.restore_secret(SecretId=made["ARN"])
    assert (
        LOGIN in secrets.get_secret_value(SecretId=made["ARN"])["SecretString"]
    )  # it did get there
    secrets.delete_secret(SecretId=made["ARN"], ForceDeleteWithoutRecovery=True)
    assert {"approved", "applied", "undone"} <= set(bot.events())
    journal = bot.service.store.journal_of(fix.id).entries()
    assert journal
    everything = [
        *spoken(bot), *commands, *kept(bot.redis.url), lines.getvalue(), *map(str, journal),
        repr(bot.service.fix(fix.id)), str(plan_to_json(fix.plan)), *taken.values(),
        *map(str, bot.service.store.audit_since()), str(w.core.delivery.acks),
    ]  # fmt: skip
    assert [] == [(s, t[:300]) for t in everything for s in leaks(t)]
    assert any("file://" in text for text in taken.values())
    given = jobs(commands)
    assert {"settle_login", "apply_fix"} <= {job.partition(" ")[0] for job in given}
    assert [] == [(s, t) for t in given for s in leaks(t)]


def test_no_secret_comes_out_of_the_command_line(recorded, lines, monkeypatch, tmp_path):
    """
    What is explained and diagnosed in a terminal names no secret either, in no form.
    """
    bot, scenario = recorded, scenarios.named(HUB)
    book, error = tmp_path / "accounts.yaml", tmp_path / "error.txt"
    book.write_text(scenarios.accounts_yaml())
    error.write_text(f"{bot.error(HUB)}\n" + "\n".join(PLANTED.values()))
    monkeypatch.chdir(tmp_path)
    environment = {**scenarios.credentials(bot.estate), "REDIS_URL": bot.redis.url}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    there = [
        "--account",
        scenario.account,
        "--region",
        scenario.region,
        "--cluster",
        "main",
        "--service",
        scenario.service,
    ]
    said = []
    with overheard(bot.redis.url) as commands:
        for words in (
            ["explain", str(error)],
            ["diagnose", *there, "--error", str(error), "--fresh"],
        ):
            for form in ([], ["--json"]):
                out, err = io.StringIO(), io.StringIO()
                assert 0 == cli.run(parser().parse_args([*words, *form]), None, out, err)
                said += [out.getvalue(), err.getvalue()]

    assert all(said[::2])
    everything = [*said, *commands, *kept(bot.redis.url), lines.getvalue()]
    assert [] == [(s, t[:300]) for t in everything for s in leaks(t)]
