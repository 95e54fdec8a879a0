"""What a person is sent who may open a portal: the only place where the key is ever written."""

from __future__ import annotations

from ledger.models import Provider

_UNKNOWN_LINK = "you will get it with a separate message"


def write_invitation(
    provider: Provider | None, person: str, email: str, key: str, link: str | None
) -> str:
    """Return the text of an invitation.

    Args:
        provider: who invites; None if its file cannot be read.
        person: the name of who is invited.
        email: the address to sign in with.
        key: the key, which nobody can read again afterwards.
        link: where the portal is; None if that is not known here.
    """
    sender = "" if provider is None else f"\n{provider.name}\n"
    whom = "" if provider is None else f"Questions: {provider.contacts.requests}\n"
    return (
        f"Hello {person},\n\n"
        "this is your access to your portal. It shows what is left on your punchcards and what\n"
        "was done for you.\n\n"
        f"Portal:  {link or _UNKNOWN_LINK}\n"
        f"Address: {email}\n"
        f"Key:     {key}\n\n"
        "Sign in with the address and the key. The key is yours alone; nobody can look it up\n"
        "again. If it is lost, ask for a new one.\n"
        f"{whom}{sender}"
    )
