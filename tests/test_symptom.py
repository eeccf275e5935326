"""What parse() understands: fixtures, wrappers, manglings, and texts that nobody meant."""

import json
import textwrap
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.families import BY_REGISTRY, TRUNCATED
from bot.patterns import NEAR, PULL
from bot.symptom import EMPTY, LIMIT, Entities, parse

ERRORS = Path(__file__).parent / "errors"
NOTHING = Entities()
DENIED = {
    "repository-policy-denied", "vpc-endpoint-policy-denied", "scp-denied",
    "permissions-boundary-denied", "secret-access-denied", "kms-denied", "ecr-auth-permission",
}  # fmt: skip


def rows(name):
    with (ERRORS / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def label(row):
    return row["text"][:60]


def families(row):
    return [row["family"]] if isinstance(row["family"], str) else row["family"]


@pytest.mark.parametrize("row", rows("negative"), ids=label)
def test_talk_code_and_other_systems_are_no_pull_failure(row):
    """
    Kubernetes, a laptop, a build, a program, a manual or a chat get no answer.
    """
    got = parse(row["text"])

    assert got.kind == "negative"
    assert not got.recognised
    assert got.entities == NOTHING


@pytest.mark.parametrize("row", rows("near-miss"), ids=label)
def test_other_failures_of_a_task_are_told_apart(row):
    """
    A task that failed for another reason is a near-miss, and says which.
    """
    got = parse(row["text"])

    assert (got.kind, got.family) == ("near-miss", row["family"])
    assert not got.recognised


@pytest.mark.parametrize("row", rows("pull"), ids=label)
def test_pull_failures_are_recognised_with_their_family_and_names(row):
    """
    A failed pull is named, and what the text names is read exactly.
    """
    got = parse(row["text"])
    named = {
        **asdict(got.entities),
        **{k: getattr(got, k) for k in ("target", "stage", "address", "platform")},
    }
    expected = {k: v for k, v in row.items() if k in named}

    assert got.recognised
    assert got.family in families(row)
    assert expected == {k: named[k] for k in expected}


def test_all_families_have_a_text():
    """
    The fixtures speak of every family that the product knows.
    """
    told = {f for name in ("pull", "near-miss") for row in rows(name) for f in families(row)}
    table = {f for row in (*PULL, *NEAR) for f in row.family.split("|")}
    by_registry = {f for named in BY_REGISTRY.values() for f in named.split("|")}
    known = (table - {wording for wording, _ in BY_REGISTRY}) | by_registry | DENIED | {TRUNCATED}

    assert known - told == set()


# --- Wrapping and mangling must not change what a message means. ---

ECR = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
CAUSES = {
    f"CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {ECR}/shop/web:v1: {ECR}/shop/web:v1: not found": "image-or-tag-not-found",
    f'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {ECR}/shop/web:v1: failed to do request: Head "https://{ECR}/v2/shop/web/manifests/v1": dial tcp 10.0.1.7:443: i/o timeout': "network-unreachable",
    "CannotPullContainerError: Error response from daemon: manifest for acme/web:v1 not found: manifest unknown: manifest unknown": "image-or-tag-not-found",
    "CannotPullContainerError: Error response from daemon: pull access denied for acme/web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied": "repository-not-found",
    f"CannotPullContainerError: ref pull has been retried 1 time(s): failed to resolve ref {ECR}/shop/web:v1: pulling from host {ECR} failed with status code [manifests v1]: 403 Forbidden": "ecr-auth-permission",
    "CannotPullContainerError: Error response from daemon: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit": "dockerhub-rate-limit",
    "CannotPullContainerError: failed to register layer: write /opt/model.bin: no space left on device": "disk-full",
    "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'": "platform-mismatch",
    'CannotPullECRContainerError: RequestError: send request failed caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp 10.0.1.7:443: i/o timeout': "network-unreachable",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/exec/0f1e is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no permissions boundary allows the ecr:GetAuthorizationToken action": "permissions-boundary-denied",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbC123 from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.": "secret-not-found",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key password": "secret-malformed",
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded": "network-unreachable",
}


def slacked(text):
    out = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return out.replace(f"{ECR}/shop/web:v1", f"<http://{ECR}/shop/web:v1|{ECR}/shop/web:v1>")


def folded(text, width=72):
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def terminal(text, width=41):
    """Return *text* as a narrow terminal breaks it, if it then has lines enough to tell."""
    lines = [text[i : i + width].rstrip() for i in range(0, len(text), width)]
    return "\n".join(lines) if len(lines) > 5 else text


MANGLINGS = {
    "slack": slacked,
    "fence": lambda t: f"```\n{t}\n```",
    "language": lambda t: f"```text\n{t}\n```",
    "open fence": lambda t: f"```{t}",
    "backticks": lambda t: f"`{t}`",
    "quote": lambda t: "\n".join("> " + line for line in folded(t).split("\n")),
    "slack quote": lambda t: "&gt; " + slacked(t),
    "comment": lambda t: "\n".join("#   " + line for line in folded(t, 60).split("\n")),
    "list": lambda t: "  1. " + t,
    "folded": folded,
    "narrow": lambda t: folded(t, 48),
    "terminal": terminal,
    "windows": lambda t: folded(t).replace("\n", "\r\n"),
    "curly": lambda t: t.replace('"', "”").replace("'", "’"),
    "hard blanks": lambda t: t.replace(" ", "\u00a0"),
    "zero width": lambda t: "\ufeff" + t.replace(": ", ":\u200b "),
    "json": lambda t: json.dumps({"stopCode": "TaskFailedToStart", "stoppedReason": t}, indent=2),
    "json in json": lambda t: json.dumps({"line": json.dumps({"stoppedReason": t})}),
    "stopped": lambda t: f"STOPPED ({t})",
    "full stop": lambda t: t + ".",
    "console": lambda t: "Task stopped at: 2024-10-01T08:00:00.000Z\n" + t,
    "japanese": lambda t: "タスクの停止時刻: 2024-10-01T08:00:00.000Z\n" + t,
    "spanish": lambda t: "Tarea detenida en: 2024-10-01T08:00:00.000Z\n" + t,
    "brackets": lambda t: f"停止理由は「{t}」です",
    "reason": lambda t: "Stopped reason\n" + t,
    "prefect": lambda t: "TaskFailedToStart - " + t,
    "batch": lambda t: "Task failed to start - " + t,
    "compose": lambda t: "WebService TaskFailedToStart: " + t,
    "beanstalk": lambda t: (
        f"ECS task stopped due to: Essential container in task exited. (web: {t})"
    ),
    "prose": lambda t: (
        f"Hi all, since this morning our service does not come up any more:\n\n{t}\n\nWhat can we do?"
    ),
    "log": lambda t: "2024-10-01T08:00:00Z [INFO] task stopped, reason=" + t,
}


@pytest.mark.parametrize("mangled", MANGLINGS.values(), ids=MANGLINGS)
@pytest.mark.parametrize("text", CAUSES, ids=lambda t: CAUSES[t])
def test_a_wrapper_changes_neither_family_nor_names(text, mangled):
    """
    Whatever carries a message, its family and its entities are the same.
    """
    plain, got = parse(text), parse(mangled(text))

    assert plain.family == CAUSES[text]
    assert (plain.family, plain.alternatives, plain.stage, plain.target) == (
        got.family, got.alternatives, got.stage, got.target,
    )  # fmt: skip
    assert plain.entities == got.entities


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(CAUSES)),
    st.lists(
        st.sampled_from(
            [
                "fence",
                "slack",
                "stopped",
                "console",
                "japanese",
                "reason",
                "list",
                "full stop",
                "hard blanks",
            ]
        ),
        max_size=3,
        unique=True,
    ),
)
def test_wrappers_add_up(text, names):
    """
    Several wrappers one around the other change nothing either.
    """
    got = text
    for name in names:
        got = MANGLINGS[name](got)

    assert parse(text).family == parse(got).family
    assert parse(text).entities == parse(got).entities


@given(st.text(alphabet=st.characters(), max_size=400))
@example("\ud800 CannotPullContainerError: \udfff")
@example("\x00" * 50)
@example("CannotPullContainerError: failed to resolve ref :@:/")
@example("arn:aws:::::")
def test_no_text_raises(text):
    """
    Lone surrogates, NULs and noise are read like any other text.
    """
    assert parse(text).kind in ("pull", "near-miss", "negative")


@given(
    st.lists(
        st.sampled_from(
            [
                "CannotPullContainerError: ",
                "arn:aws:ecs:",
                "https://",
                "/v2/",
                "<",
                "|",
                ">",
                "sha256:",
                "\\n",
                "```",
                "\n",
                "[",
                "](",
                "docker pull ",
                "a/b:c",
                " not found",
                "&lt;",
                '"',
                "resolve ref ",
                ".dkr.ecr.",
            ]
        ),
        max_size=40,
    )
)
def test_no_shuffled_message_raises(parts):
    """
    The pieces of messages in any order are read, and the errors told are short.
    """
    got = parse("".join(parts))

    assert all(len(error) <= 1600 for error in got.errors)


def test_nothing_is_empty():
    """
    An empty text is the empty symptom.
    """
    assert parse("") == EMPTY
    assert parse(" \n\t") == EMPTY


def test_a_long_text_is_cut():
    """
    Of a long text the beginning is read, and the symptom says so.
    """
    text = "CannotPullContainerError: context canceled " + "é" * LIMIT

    assert parse(text).cut
    assert parse(text).family == "pull-cancelled"
    assert not parse(text[:1000]).cut


def test_two_messages_are_two_errors():
    """
    A paste of two failures tells both: one decides, the other stands beside it.
    """
    got = parse(
        "(service web) Reason: CannotPullContainerError: Error response from daemon: manifest unknown\n"
        "(service web) Reason: ResourceInitializationError: unable to pull secrets or registry auth: "
        "unable to retrieve ecr registry auth: RequestError: send request failed"
    )

    assert got.family == "image-or-tag-not-found"
    assert got.alternatives == ("network-unreachable",)
    assert len(got.errors) == 2


def test_errors_are_redacted():
    """
    What is told of a message holds no secret of it.
    """
    got = parse(
        "CannotPullContainerError: failed to copy: Get https://b.s3.amazonaws.com/k"
        "?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE&X-Amz-Signature=0a1b2c: i/o timeout"
    )

    assert "AKIAIOSFODNN7EXAMPLE" not in got.errors[0]
    assert "0a1b2c" not in got.errors[0]


def test_a_denial_is_taken_apart():
    """
    Principal, action, resource and the kind of policy are told from the sentence.
    """
    got = parse(
        "CannotPullContainerError: denied: User: arn:aws:sts::222233334444:assumed-role/exec/1 is not authorized to "
        "perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:333344445555:repository/web "
        "with an explicit deny in a service control policy"
    ).denial

    assert got is not None
    assert got.principal == "arn:aws:sts::222233334444:assumed-role/exec/1"
    assert got.action == "ecr:BatchGetImage"
    assert got.resource == "arn:aws:ecr:us-east-1:333344445555:repository/web"
    assert (got.policy, got.explicit) == ("scp", True)


def test_the_address_is_never_the_proxy():
    """
    The address of a proxy is not the one that did not answer.
    """
    got = parse(
        "CannotPullContainerError: Get https://quay.io/v2/: proxyconnect tcp: dial tcp 10.0.0.9:3128: i/o timeout"
    )

    assert got.family == "proxy-failure"
    assert got.address is None


@pytest.mark.parametrize(
    "unit",
    [
        "CannotPullContainerError: ",
        "\\",
        "<",
        "arn:aws:",
        "failed to resolve ref x",
        "image image: ",
        "| a |\n",
        "https://",
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
            parse(text)
            runs.append(time.perf_counter() - began)
        return min(runs)

    assert seconds(64_000) < 12 * seconds(16_000) + 0.02


@pytest.mark.parametrize("words", [10, 60, 400])
def test_an_excerpt_ends_with_a_word(words):
    """
    All that ECS records of a reason is kept; of more, whole words, and that there was more is seen.
    """
    text = "CannotPullContainerError: failed to resolve ref " + "shop/web " * words

    (said,) = parse(text).errors

    assert text.startswith(said.removesuffix(" …"))
    assert said.removesuffix(" …").endswith(" shop/web")
    assert (len(text) > 1500) == said.endswith(" …")
