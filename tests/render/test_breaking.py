"""Lines of Japanese: no wider than the terminal, and no id in two."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.render import terminal
from bot.render.breaking import broken
from tests.support.reports import CASES, NOW, report_of

ID = "`subnet-615f10014c04c068f`"


def test_english_is_left_to_the_terminal():
    """
    It has spaces to break at.
    """
    text = f"{ID} has no way to the internet, " * 9

    assert text == broken(text, 80)


def test_an_id_is_not_cut_and_no_line_begins_with_a_full_stop():
    """
    What would not fit goes to the next line, with the mark that follows it.
    """
    text = f"ここからインターネットへの経路がありません。サブネットは {ID}、{ID} と {ID}。"
    lines = broken(text, 40).split("\n")

    assert 3 == sum(line.count(ID) for line in lines)
    assert not [line for line in lines if line[0] in "、。"]
    assert max(map(cell_len, lines)) <= 40


@given(st.text("あ漢字、。（） abc-`", max_size=200), st.integers(10, 80))
def test_nothing_is_lost(text, width):
    """
    Without the breaks, and the spaces at them, it is the same text.
    """
    assert re.sub(r"\s", "", text) == re.sub(r"\s", "", broken(text, width))


@pytest.mark.parametrize("name", list(CASES))
def test_no_id_of_a_case_is_cut(name):
    """
    In 80 columns every id that fits into a line can be copied.
    """
    out = io.StringIO()
    terminal.diagnose(terminal.console(out), report_of(name), "ja", NOW)
    shown = out.getvalue()

    assert [] == [line for line in shown.splitlines() if line.count("`") % 2]
    assert all(cell_len(line) <= 80 for line in shown.splitlines() if "`" in line)
