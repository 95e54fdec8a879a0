"""What somebody sees who is not let in: whom to write to, and nobody's name."""

from __future__ import annotations

from ledger.portal_address import Layout, PortalAddress
from site_builder.access.server_text import render_page

CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def make_closed_page(contact: str, address: PortalAddress, slug: str, *, has_gateway: bool) -> str:
    """Return the page for those who are not let into a portal.

    Args:
        contact: an e-mail address or a link.
        address: where portals are; the gateway leads back there.
        slug: whose portal it is; the page names only its path, which was asked for.
        has_gateway: whether there is a page to sign in on.
    """
    back = address.find_path(slug) if address.layout is Layout.PATH else "/"
    sign_in = f"/oauth2/start?rd={back}" if has_gateway else ""
    return render_page("refused.html", contact=contact, sign_in=sign_in)
