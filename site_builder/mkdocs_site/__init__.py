"""Finished pages -> a static site, with MkDocs and its Material theme. Nothing else imports MkDocs.

Customers' words never pass through Markdown or a template's source. A page reaches MkDocs as its
headings, which are ours, so that MkDocs makes its title and contents; the finished body is put
in once MkDocs has rendered them. Search entries are handed over ready. And the theme's templates
run with autoescaping on, as ours do.

``hooks`` is what an exported portal carries along to do the same without us, ``plugin`` our part
of a build, ``theme`` the templates' environment, ``builder`` the build of one portal after the
other, ``project`` a portal as files for plain MkDocs, ``server`` the preview.
"""
