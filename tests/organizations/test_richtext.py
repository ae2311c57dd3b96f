"""Rich text: what may stay, how lines are kept, and what is left as plain text."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.exceptions import InvalidInput
from organizations.richtext import clean_html, plain_lines, plain_text


@pytest.mark.parametrize(
    "html",
    [
        "",
        "A badge.",
        "AT&amp;T, 3 &lt; 4",
        "<p>One <strong>two</strong> <em>three</em><br>four</p>",
        '<h2>Title</h2><ul><li>one</li><li>two</li></ul><ol start="3"><li>three</li></ol>',
        "<blockquote><p>said</p></blockquote><pre><code>a\nb</code></pre><hr>",
        '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>',
    ],
)
def test_allowed_html_stays_as_it_is(html: str) -> None:
    assert clean_html(html) == html


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<script>alert(1)</script>a", "a"),
        ("<style>p{color:red}</style>a", "a"),
        ("<svg><script>alert(1)</script></svg>a", "a"),
        ('<iframe src="https://evil.example">x</iframe>a', "a"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ('<p onclick="alert(1)" style="position:fixed" class="btn" id="x">a</p>', "<p>a</p>"),
        ("<h1>a</h1>", "a"),
        ('<form action="//evil"><input name="x"><button>a</button></form>', "a"),
        ("<!-- x -->a<!DOCTYPE html>", "a"),
        ("<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt&gt;alert(1)ipt&gt;"),
        ("a\x00b", "ab"),
        ("<p>a", "<p>a</p>"),
    ],
)
def test_everything_else_goes(html: str, cleaned: str) -> None:
    assert clean_html(html) == cleaned


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a?b=c&amp;d#e", True),
        ("http://example.org", True),
        ("mailto:badges@example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("&#106;avascript:alert(1)", False),
        ("data:text/html,x", False),
        ("ftp://example.org", False),
        ("/relative", False),
        ("//example.org", False),
        ("#fragment", False),
    ],
)
def test_links_lead_to_full_web_and_mail_addresses_only(address: str, kept: bool) -> None:
    href = f' href="{address}"' if kept else ""
    expected = f'<a{href} title="t" rel="noopener noreferrer nofollow">x</a>'
    assert clean_html(f'<a href="{address}" target="_top" rel="opener" title="t">x</a>') == expected


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one line", "one line"),
        ("  one line \n", "one line"),
        ("3 < 4 & 5 > 4", "3 &lt; 4 &amp; 5 &gt; 4"),
        ("one\ntwo", "one<br>\ntwo"),
        ("one\r\ntwo\rthree", "one<br>\ntwo<br>\nthree"),
        ("one\n\ntwo\n \n\nthree\nfour", "<p>one</p>\n<p>two</p>\n<p>three<br>\nfour</p>"),
    ],
)
def test_plain_text_keeps_its_lines(text: str, html: str) -> None:
    assert clean_html(text) == html


def test_lines_of_html_are_not_changed() -> None:
    assert clean_html("<p>one\ntwo</p>\n\n<p>three</p>") == "<p>one\ntwo</p>\n\n<p>three</p>"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("one  two\nthree", "one two three"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two", "one two"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("<p>b<strong>ol</strong>d <a href='https://example.org'>link</a></p>", "bold link"),
        ("AT&amp;T &lt;b&gt; &egrave;&nbsp;x", "AT&T <b> è x"),
        ("a<script>alert(1)</script>b", "ab"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one two"),
    ],
)
def test_plain_text_is_one_line(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_deeply_nested_html_is_cleaned() -> None:
    assert plain_text("<blockquote>" * 5_000 + "deep") == "deep"


PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "<a href='https://e.org'>",
    "</a>",
    "\n",
    "\n\n",
    "&amp;",
    "&",
    "<",
    ">",
    "x",
    " ",
    "<table>",
    "<td>",
    "<pre>",
    "<li>",
]


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_html(text)
    assert clean_html(once) == once


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["C"]), max_size=60))
def test_escaped_text_comes_back_from_html(text: str) -> None:
    assert plain_text(clean_html(escape(text))) == " ".join(text.split())


def test_text_beyond_the_limit_is_refused() -> None:
    assert clean_html("x" * 100_000) == "x" * 100_000
    with pytest.raises(InvalidInput) as caught:
        clean_html("x" * 100_001, field="description")
    assert (caught.value.message, caught.value.field) == (
        "This text is too long: it may have at most 100,000 characters.",
        "description",
    )


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a & b < c > d",
        "<b>bold</b>",
        "one\ntwo",
        "one\n\ntwo\nthree",
        "&amp;",
        "<script>x</script>",
        "",
    ],
)
def test_plain_lines_returns_text_that_was_escaped_as_it_was(text: str) -> None:
    assert plain_lines(clean_html(escape(text))) == text


def test_plain_lines_reads_html_as_text() -> None:
    assert plain_lines("<p>One <strong>two</strong></p><p>three<br>four</p><ul><li>five</li></ul>") == (
        "One two\n\nthree\nfour five"
    )
