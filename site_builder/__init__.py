"""Portals: what one customer may see, as a folder of static pages.

``portal`` picks out the one customer's data, ``pages`` writes the pages, ``mkdocs_site`` puts
the theme around them, ``build`` decides which portals are built and swaps them in.
"""
