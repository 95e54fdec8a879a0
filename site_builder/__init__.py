"""Portals: what one customer may see, as a folder of static pages.

``make_view`` picks out the one customer's data, ``pages`` renders the pages, ``mkdocs`` puts the
theme around them, ``build`` decides which portals are built and swaps them in.
"""
