"""Finished pages -> a static site, with MkDocs and its Material theme. Nothing else imports MkDocs.

Customers' words never pass through Markdown or a template's source. MkDocs renders a heading,
which is ours; then the finished body is put in.
Search entries are handed over ready. The theme's templates run with autoescaping on, as ours do.

``hooks`` does that, and an exported portal carries it along; ``plugin`` builds one portal after the
other and is our part of a build, ``export`` writes a portal as files for plain MkDocs, ``preview``
shows one in the browser.
"""
