"""Narratives become Markdown."""

import pytest

from badges.credentials.exceptions import Refused
from badges.credentials.narratives import html_to_markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("https://example.org/a.html", "https://example.org/a.html"),
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo  \nlines"),
        ("<h2>Do it</h2><p><strong>Well</strong> &amp; <em>fast</em></p>", "## Do it\n\n**Well** & *fast*"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ('<a href="https://example.org/a_b">a_b*</a>', "[a\\_b\\*](https://example.org/a_b)"),
        ("<p>1 &lt; 2</p>", "1 < 2"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == markdown


def test_html_that_nests_too_deeply_is_refused() -> None:
    with pytest.raises(Refused, match="nested too deeply"):
        html_to_markdown("<div>" * 5000 + "x")
