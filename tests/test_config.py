"""Settings: every missing or wrong value is named, and a right one is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ConfigError, Settings, read_env_file, settings


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SLACK_BOT_TOKEN": "hello", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN: missing"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "nope"}, "SLACK_APP_TOKEN"),
        ({"SLACK_API_URL": "http://localhost/nope"}, "SLACK_API_URL"),
        ({"REDIS_URL": "localhost"}, "REDIS_URL"),
        ({"REDIS_URL": "redis://localhost:port/0"}, "REDIS_URL"),
        ({"AWS_ENDPOINT_URL": "localhost:4566"}, "AWS_ENDPOINT_URL"),
        ({"ECS_PULL_SECRET": "short"}, "ECS_PULL_SECRET"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
    ],
)
def test_a_wrong_setting_is_named(environ, named):
    """
    The error says which variable is wrong.
    """
    with pytest.raises(ConfigError) as error:
        settings(environ)

    assert any(problem.startswith(named) for problem in error.value.problems)


def test_no_value_of_a_secret_is_repeated():
    """
    A wrong token does not reach the message.
    """
    with pytest.raises(ConfigError) as error:
        settings({"SLACK_BOT_TOKEN": "s3cr3t-token", "SLACK_APP_TOKEN": "s3cr3t-app"})

    assert "s3cr3t" not in str(error.value)


def test_all_problems_are_told_at_once():
    """
    Two mistakes are two lines, not two attempts.
    """
    with pytest.raises(ConfigError) as error:
        settings({"PORT": "x", "REDIS_URL": "x"})

    assert 2 == len(error.value.problems)


def test_nothing_set_is_the_playground():
    """
    Empty values count as unset.
    """
    assert Settings() == settings({"SLACK_BOT_TOKEN": " ", "PORT": ""})


def test_env_file_is_read_and_may_be_absent(tmp_path: Path):
    """
    Comments, quotes and export are understood.
    """
    file = tmp_path / ".env"
    assert {} == read_env_file(file)

    file.write_text("# Slack\nexport SLACK_BOT_TOKEN='xoxb-1'\nPORT=4000\n\nnot a pair\n")

    assert {"SLACK_BOT_TOKEN": "xoxb-1", "PORT": "4000"} == read_env_file(file)
