"""Finished pages -> a static site, with MkDocs and its Material theme. Nothing else imports MkDocs.

Customers' words never pass through Markdown or a template's source. MkDocs renders a heading,
which is ours; then the finished body is put in.
Search entries are handed over ready. The theme's templates run with autoescaping on, as ours do.

``hooks`` does that, and an exported portal carries it along; ``plugin`` is our part of a build,
``builder`` builds one portal after the other, ``export`` writes a portal as files for plain
MkDocs, ``preview`` shows one in the browser.
"""
