"""What a request's page says of where it stands: a sentence that is true, and no more than that."""

from ledger.wording import Wording
from site_builder.view import PortalView, RequestView, Turn


def describe_status(request: RequestView, view: PortalView, wording: Wording) -> str:
    """Return in a sentence who has to act next, on what, and since when."""
    day, note, turn = request.turned_on, request.last_note, request.turn
    person = request.turned_by.by if request.turned_by else request.opened_by
    match turn:
        case Turn.NOBODY:
            name = "closed" if request.status == "closed" else "nobody"
        case Turn.SUPPORT:
            is_moved = request.turned_by is not None and request.turned_by.moved_to == "support"
            name = ("support_moved" if is_moved else "support") + (
                "_ticket" if request.ticket else ""
            )
        case Turn.CUSTOMER if note and not note.is_by_provider and note is not request.turned_by:
            name, person, day = "answered", note.by, note.date
        case Turn.CUSTOMER:
            name = "customer"
        case _ if request.taken_up is not None:
            name = "provider" if view.balance.remaining_minutes else "provider_empty"
            person, day = request.taken_up
        case _ if note and note.is_by_provider:
            name, person, day = "provider_said", note.by, note.date
        case _ if request.turned_by is not None and not request.turned_by.is_by_provider:
            name = "answered"
        case _:
            name = "provider_new"
    return wording.text(
        f"turn_sentence.{name}",
        provider=view.provider.name,
        person=person,
        day=wording.day(day),
        ticket=request.ticket,
        id=request.id,
    )
