"""The table of wordings: every row is reachable, and context alone is no error."""

import pytest
import re2

from bot.patterns import LINES, NEAR, PULL, ROWS, found, lines_found


@pytest.mark.parametrize("row", [*ROWS, *LINES], ids=lambda row: row.family)
def test_rows_do_not_match_everything(row):
    """
    No row fires on empty or on ordinary text.
    """
    pattern = re2.compile("(?i)" + row.pattern)

    assert not pattern.search("")
    assert not pattern.search("Good morning, the build of the garden shed went well")


@pytest.mark.parametrize("row", [*PULL, *NEAR], ids=lambda row: row.family)
def test_stages_are_known(row):
    """
    A stage is one of S0 to S8, or open.
    """
    assert row.stage in (None, "S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8")


def test_the_first_row_is_the_most_specific():
    """
    A full disk while a layer is unpacked is a full disk.
    """
    seen = found("failed to extract layer: no space left on device: context canceled")

    assert seen.pull[0].family == "disk-full"
    assert "engine" in seen.context


def test_a_signal_behind_much_noise_is_seen():
    """
    The automaton does not give up on long noise.
    """
    noise = " ".join(f"asm secret layer image media type {n} ref" for n in range(1500))

    assert found(noise + " no space left on device").pull[0].family == "disk-full"


def test_lines():
    """
    A prompt, a program, a trace and a table are told from a message.
    """
    assert lines_found(("CannotPullContainerError: context canceled",)) == frozenset()
    assert "command" in lines_found(("$ docker pull nginx",))
    assert "program" in lines_found(('if "x" in reason:',))
    assert "table" in lines_found(("| a | b |",))
    assert "trace" in lines_found(("Traceback (most recent call last):",))
