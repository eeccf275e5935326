"""What is an image reference, and what was surely meant by one that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import fault, mended

HOST = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64
OWN = ("222233334444", "eu-west-1")


@pytest.mark.parametrize(
    "written",
    [
        "nginx", "nginx:1.25-alpine", "library/nginx", "a/b/c:v1", "localhost:5000/app", f"app@{DIGEST}",
        f"{HOST}/team/my-app:v1", f"{HOST}/team/my_app.web__x:v1@{DIGEST}", "my--app", "MyHost/app:V1",
        "[::1]:5000/app", f"{HOST}/app:{'v' * 128}", "app@sha512:" + "a" * 128, "sha256:" + "a" * 64,
    ],
)  # fmt: skip
def test_references(written):
    """
    Whatever an engine takes has no fault.
    """
    assert None is fault(written)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("empty", ""), ("empty", "  "),
        ("variable", "$REGISTRY/app:v1"), ("variable", f"{HOST}/app:${{TAG}}"), ("variable", "<image>"),
        ("variable", f"{HOST}/{{{{ name }}}}:v1"), ("variable", "%IMAGE%"),
        ("scheme", f"https://{HOST}/app:v1"), ("scheme", "docker://nginx"),
        ("space", f"{HOST}/app:v1 "), ("space", "my app"), ("space", f"{HOST}/app:v1\n"),
        ("host", ".dkr.ecr.eu-west-1.amazonaws.com/app:v1"), ("host", "222233334444.dkr.ecr..amazonaws.com/app"),
        ("host", "-host.example/app"),
        ("slash", f"{HOST}//app:v1"), ("slash", f"{HOST}/app/"), ("slash", "/app:v1"), ("slash", f"{HOST}/"),
        ("upper", f"{HOST}/Team/App:v1"), ("upper", "MyApp:v1"),
        ("tag-empty", f"{HOST}/app:"), ("tag-empty", "app:"),
        ("tag", f"{HOST}/app:-v1"), ("tag", f"{HOST}/app:{'v' * 129}"), ("tag", "app:v1+build"),
        ("digest", f"{HOST}/app@sha256:abc"), ("digest", f"{HOST}/app@"), ("digest", f"app@{DIGEST}a"),
        ("long", f"{HOST}/{'a' * 250}"),
        ("other", f"{HOST}/app::v1"), ("other", "a:b:c"), ("other", f"{HOST}/a..b"), ("other", f"{HOST}/-app"),
        ("other", "a" * 64),
    ],
)  # fmt: skip
def test_faults(expected, written):
    """
    What is wrong is told in the order in which a person would say it.
    """
    assert expected == fault(written)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (f"{HOST}/app:v1", f"https://{HOST}/app:v1"),
        (f"{HOST}/app:v1", f" {HOST}/app:v1\n"),
        (f"{HOST}/app:v1", f"{HOST}//app:v1"),
        (f"{HOST}/app:v1", f"{HOST}/App:v1"),
        (f"{HOST}/app:v1", f"{HOST}/app::v1"),
        (f"{HOST}/app:V1", f"{HOST}/App:V1"),
        (f"{HOST}/app@{DIGEST}", f"{HOST}/App@{DIGEST}"),
        (f"{HOST}/app:v1", ".dkr.ecr.eu-west-1.amazonaws.com/app:v1"),
        (f"{HOST}/app:v1", "222233334444.dkr.ecr..amazonaws.com/app:v1"),
        (f"{HOST}/app:v1", "/app:v1"),
        (None, f"{HOST}/app:"),
        (None, f"{HOST}/app:${{TAG}}"),
        (None, f"{HOST}/my app:v1"),
        (None, f"{HOST}/app:{'v' * 129}"),
        (None, f"{HOST}/app@sha256:abc"),
        (None, ""),
        (None, f"{HOST}/app:v1"),
    ],
)
def test_what_was_meant(expected, written):
    """
    What is there too much is taken away; what is lost without a trace is not made up.
    """
    assert expected == mended(written, *OWN)


@given(st.text(max_size=300))
def test_what_is_mended_is_a_reference(written):
    """
    Whatever comes in, what comes out has no fault, and is another text.
    """
    made = mended(written, *OWN)

    assert made is None or (fault(made) is None and made != written)
