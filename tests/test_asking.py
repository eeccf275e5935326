"""A command that cannot be done says why in one line, in the language that was asked for."""

from __future__ import annotations

import pytest

from bot.asking import Wrong, located
from bot.question import Impossible, Question
from bot.render import words
from bot.searching import Found
from tests.support.commands import run
from tests.support.reports import SUBJECT

UNSEEN = (
    "CannotPullContainerError: failed to resolve ref "
    "999900001111.dkr.ecr.eu-west-1.amazonaws.com/nobody:v1: not found"
)
LANGUAGES = pytest.mark.parametrize("language", words.LANGUAGES)


class Finder:
    """Finds these subjects, whatever the question."""

    def __init__(self, *subjects):
        self.subjects = subjects

    def locate(self, question):
        return Found(self.subjects)


def test_one_subject_is_the_one():
    """
    Nothing is asked where nothing is open.
    """
    assert SUBJECT == located(Finder(SUBJECT), Question("x"))


def test_none_and_several_are_told_apart():
    """
    Nothing found is no wrong usage; several are, and each is named.
    """
    with pytest.raises(Impossible, match="same_nowhere"):
        located(Finder(), Question("x"))
    with pytest.raises(Wrong, match="cli_several") as several:
        located(Finder(SUBJECT, SUBJECT), Question("x"))
    assert ["222233334444 eu-west-1 main/shop"] * 2 == several.value.context["places"]


@LANGUAGES
def test_an_error_that_no_stopped_task_has_is_nothing_found(terminal, language):
    """
    Told with the options that name a service.
    """
    (terminal / "error.txt").write_text(UNSEEN)
    status, said, wrong = run("diagnose", "--error", "error.txt", "--lang", language)

    assert (3, "") == (status, said)
    assert f"ecs-pull: {words.message('problem_same_nowhere', language, 'terminal')}\n" == wrong


@LANGUAGES
@pytest.mark.parametrize(
    ("block", "given"),
    [
        ("cli_picture_ending", ("diagnose", "--service", "s", "--picture", "a<b>.jpg")),
        ("cli_no_cause", ("plan", "--cause", "<no-such>", "--service", "s")),
        ("cli_unreadable", ("explain", "<none>.txt")),
        ("cli_stdin_closed", ("explain", "-")),
    ],
)
def test_wrong_usage_is_told_in_the_language_asked_for(block, given, language):
    """
    One line, with the name as it was given.
    """
    context = {"file": given[-1], "cause": given[2] if len(given) > 2 else ""}
    context["because"] = "No such file or directory"
    status, said, wrong = run(*given, "--lang", language)

    assert (2, "") == (status, said)
    assert f"ecs-pull: {words.message(block, language, 'terminal', **context)}\n" == wrong
    assert "&" not in wrong
