"""Text that somebody else wrote."""

import time

import pytest

from site_builder.pages.untrusted import make_visible, render_lines, render_markdown

REL = 'rel="nofollow noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("Zażółć 日本 مرحبا 🙂", "Zażółć 日本 مرحبا 🙂"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\u2067b\u2069", "a[U+2067]b[U+2069]"),
        ("a\x00b\x9bc", "a[U+0000]b[U+009B]c"),
        ("tab\tstays", "tab\tstays"),
        ("marks \u200e\u200f stay", "marks \u200e\u200f stay"),
    ],
)
def test_make_visible(text: str, expected: str) -> None:
    assert make_visible(text) == expected


def test_render_lines_keeps_line_breaks_and_escapes() -> None:
    assert render_lines("a <b>\nc & d\n") == "a &lt;b&gt;<br>\nc &amp; d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*a* **b** `c`", '<p dir="auto"><em>a</em> <strong>b</strong> <code>c</code></p>'),
        ("> quoted", '<blockquote dir="auto">\n<p dir="auto">quoted</p>\n</blockquote>'),
        ("3. three", '<ol start="3">\n<li dir="auto">three</li>\n</ol>'),
        ("# Head", '<p dir="auto"><strong>Head</strong></p>'),
        ("<b>x</b>", '<p dir="auto">&lt;b&gt;x&lt;/b&gt;</p>'),
        ("<!-- x -->", '<p dir="auto">&lt;!-- x --&gt;</p>'),
        ("```\n<x>\n```", '<pre dir="auto"><code>&lt;x&gt;\n</code></pre>'),
        ("![alt](https://x.example/i.png)", '<p dir="auto">![alt](https://x.example/i.png)</p>'),
        (
            "[x](https://x.example)",
            f'<p dir="auto"><a href="https://x.example" {REL}>x</a></p>',
        ),
        ("[x](javascript:y)", f'<p dir="auto"><a {REL}>x</a></p>'),
        ("[x](../other/)", f'<p dir="auto"><a {REL}>x</a></p>'),
        ("[x](//host)", f'<p dir="auto"><a {REL}>x</a></p>'),
    ],
)
def test_render_markdown(text: str, expected: str) -> None:
    """A short list of elements, links to the outside only, and HTML as the text it is."""
    assert render_markdown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "*" * 20_000,
        "> " * 10_000,
        "=\n" * 20_000,
        "- " * 10_000,
        "1. " * 9_000,
        "![" * 10_000,
        "[x](y) " * 5_000,
        "`" * 20_001,
        "word " * 4_000,
        "\n".join(" " * depth + "- x" for depth in range(200)),
        "x\n\n" * 9_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_laborious_markdown_is_shown_as_text(text: str) -> None:
    """What would take long, or nest without end, is shown as text, and quickly."""
    started = time.process_time()
    rendered = render_markdown(text)
    assert time.process_time() - started < 2
    assert rendered
