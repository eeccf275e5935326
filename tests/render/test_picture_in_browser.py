"""A browser's opinion of the picture: texts are as wide as we measured, and stay inside."""

from __future__ import annotations

import base64
import shutil

import pytest
from playwright.sync_api import sync_playwright

from bot.render import layout, metrics
from bot.render.picture import picture
from tests.support.reports import report_of

pytestmark = pytest.mark.browser
FACES = {
    "words-regular": ("Noto Sans CJK JP", 400),
    "words-bold": ("Noto Sans CJK JP", 700),
    "ids-regular": ("Noto Sans Mono CJK JP", 400),
}
MEASURE = """async () => {
  await Promise.all([...document.fonts].map((f) => f.load()));
  return [...document.querySelectorAll("text")].map((t) => {
    const said = t.getAttribute("textLength");
    t.removeAttribute("textLength");
    const box = t.getBBox();
    return [t.textContent, Number(said), t.getComputedTextLength(), box.x + box.width];
  });
}"""


@pytest.fixture(scope="module")
def page():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("no browser: install chromium, chromium-browser or google-chrome")
    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=path, args=["--disable-dev-shm-usage"])
        yield found.new_page()
        found.close()


def faces():
    """The fonts of the repository, and no other, under the names that the picture asks for."""
    for name, (family, weight) in FACES.items():
        data = base64.b64encode((metrics.FONTS / f"{name}.otf").read_bytes()).decode()
        where = f"url(data:font/otf;base64,{data})"
        yield f'@font-face{{font-family:"{family}";font-weight:{weight};src:{where}}}'


@pytest.mark.parametrize(
    ("name", "language"),
    [("s3-route-missing/table", "en"), ("endpoint-missing/api", "ja"), ("transit-gateway", "ja")],
)
def test_texts_are_as_wide_as_measured(page, name, language):
    """
    Within a half of a unit, for every text of the picture.
    """
    drawn = picture(report_of(name), language)
    page.set_content(f"<style>{''.join(faces())}</style>{drawn.svg}")
    found = page.evaluate(MEASURE)

    assert len(found) > 10
    for text, ours, theirs, right in found:
        assert abs(ours - theirs) <= 0.5, text
        assert right <= layout.WIDTH, text
