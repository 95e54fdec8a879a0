"""A hundred texts that want to be more than text: script, markup, templates, links, directions."""

import re

RUN = "top.smuggled=1"
"""What every hostile script does; in a page where nothing ran, ``smuggled`` is not defined."""

_ELEMENTS = (
    f"<script>{RUN}</script>",
    f"<SCRIPT SRC=data:text/javascript,{RUN}></SCRIPT>",
    f"<script type=module>{RUN}</script>",
    f"<script\n>{RUN}</script\n>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg/onload={RUN}>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><set onbegin={RUN} attributeName=x>",
    f"<svg><a xlink:href=javascript:{RUN}><text y=9>x</text></a></svg>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' onload='{RUN}'/>#x\"/></svg>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<math href=javascript:{RUN}>x</math>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x:x onerror\u2028={RUN}>",
    f"<img srcset=x onerror={RUN}>",
    f'<img """><script>{RUN}</script>">',
    f"<image src=x onerror={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src=javascript:parent.{RUN}></iframe>",
    f"<object data=javascript:{RUN}></object>",
    f"<embed src=javascript:{RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}></select>",
    f"<textarea autofocus onfocus={RUN}></textarea>",
    f"<b tabindex=0 autofocus onfocus={RUN}>x</b>",
    f"<style onload={RUN}></style>",
    "<style>@import 'data:text/css,*{display:none}';*{display:none}</style>",
    f"<link rel=stylesheet href=x onerror={RUN}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example/'>",
    "<base href=https://elsewhere.example/>",
    f"<form action=javascript:{RUN}><button>x</button></form>",
    f"<button formaction=javascript:{RUN}>x</button>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<div style='animation:x' onanimationstart={RUN}>x</div>",
    f"<x onclick={RUN} contenteditable>x</x>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<!--><script>{RUN}</script>-->",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml version='1.0'?><script>{RUN}</script>",
    "<h1 class='hero__figure'>999h left</h1><div class='hero'>ours</div>",
    "<data value=99999 data-figure=remaining_minutes>1666h 39m</data>",
    "<dialog open>Your session has ended. <a href=https://elsewhere.example>Sign in</a></dialog>",
)
_ENDINGS = (
    f"</title><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</p></td></tr></table></article></main><script>{RUN}</script>",
    f"</svg></desc></title><script>{RUN}</script>",
    f"</noscript></template></select><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    "<!-- unfinished",
    "<textarea>",
    "<plaintext>",
    "<xmp>",
    "<title>",
)
_ATTRIBUTES = (
    f'" onmouseover="{RUN}" x="',
    f"' onmouseover='{RUN}' x='",
    f"x onmouseover={RUN} y",
    f'" autofocus onfocus="{RUN}',
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f"`><script>{RUN}</script>",
    f'" style="position:fixed;inset:0" onclick="{RUN}',
    f"&quot; onmouseover=&quot;{RUN}",
    f'\\" onmouseover=\\"{RUN}',
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"&#x3c;script&#x3e;{RUN}",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"%3Cscript%3E{RUN}%3C/script%3E",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
)
_TEMPLATES = (
    "{{ 7*7 }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ config.items() }} {{ self }} {{ page.content }}",
    "{% raw %}{% endraw %}{% include 'base.html' %}",
    "{# comment #}{%- set x = 1 -%}",
    "${7*7} #{7*7} <%= 7*7 %> @{7*7} [[7*7]]",
    "{0.__class__} {count} %(x)s %s $x",
    "{{constructor.constructor('top.smuggled=1')()}}",
    "__md_scope=1;__config={}",
)
_MARKDOWN = (
    f"[x](javascript:{RUN})",
    f"[x](JaVaScRiPt:{RUN})",
    f"[x](java\tscript:{RUN})",
    f"[x](\u2028javascript:{RUN})",
    f"[x](javascript&colon;{RUN})",
    f"[x](&#106;avascript:{RUN})",
    f"[x](data:text/html,<script>{RUN}</script>)",
    f"[x](vbscript:{RUN})",
    "[x](file:///etc/passwd)",
    "[x](//elsewhere.example)",
    "[x](../../other/index.html)",
    "[x](\\\\elsewhere.example)",
    f"<javascript:{RUN}>",
    f"[x]: javascript:{RUN}\n\n[x] [x][] [y][x]",
    "![x](https://elsewhere.example/x.png)",
    f'![x](x "\\" onerror={RUN} x=\\"")',
    f'[x](https://elsewhere.example "\\" onclick={RUN} \\"")',
    "# Hours left\n\n999h",
    "Head\n====\n\nMore\n----",
    f"x {{: onclick={RUN} .hero #top }}",
    f"## x {{ #top onclick={RUN} }}",
    "!!! danger\n    ours\n\n??? x\n    y",
    '--8<-- "customer.yml"\n[TOC] [[toc]] :smile: ++x++',
    f"```{{.html onclick={RUN}}}\n<script>{RUN}</script>\n```",
    f"`<script>{RUN}</script>` *x* __y__ ~~z~~",
    f"| a | b |\n|---|---|\n| <img src=x onerror={RUN}> | y |",
    f"> <script>{RUN}</script>\n\n1. <b onclick={RUN}>x</b>\n* y",
    "---\ntitle: x\ntemplate: 404.html\n---\n# y",
    "*[HTML]: x\n\n[^1]: y\n\nHTML[^1] \\* \\<b> \\[x](y)",
    f"<div markdown=1 onclick={RUN}>\n\n**x**\n\n</div>",
    f"<a href='javascript:{RUN}' class='md-skip'>Skip</a>",
    "<https://elsewhere.example/?a=<b>&c='d'>",
)
_CHARACTERS = (
    "left \u202eright to left\u202c end",
    "isolate \u2066\u2067\u2068 open",
    "embed \u202a\u202b\u202d open",
    "file\u202egpj.exe",
    "lines\u2028here\u2029there",
    "zero\u200bwidth\u200djoined",
    "tags \U000e0041\U000e0042 and marks " + "Z\u0351\u036b\u0343" * 20,
    "anchors \ufff9x\ufffay\ufffb",
)

HOSTILE_TEXTS = (
    *_ELEMENTS,
    *_ENDINGS,
    *_ATTRIBUTES,
    *_TEMPLATES,
    *_MARKDOWN,
    *_CHARACTERS,
)

NAMES = (
    f"</title><script>{RUN}</script>",
    f'"><img src=x onerror={RUN}>',
    "{{ 7*7 }}{% include 'base.html' %}",
    f"[x](javascript:{RUN}) {{: onclick={RUN} }}",
    "left \u202eright to left \u2067 open",
    f"' onmouseover='{RUN}' x='--><!--",
)
"""Texts for the names of customers and of the provider, which stand in the frame of every page."""

_DISTURBING = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]"
)


def expect_shown(text: str) -> str:
    """Return how a text is to be read on a page: in one line, what disturbs written out."""
    written_out = _DISTURBING.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return " ".join(written_out.split())
