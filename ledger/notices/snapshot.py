"""A customer as of a day, and what of it can cross a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.expiry import Ending, EndingKind, list_endings
from ledger.balance.forecast import make_forecast
from ledger.balance.portal_life import PortalState
from ledger.balance.request_summary import list_missing
from ledger.balance.summary import Balance, summarize_draw_down
from ledger.models import CustomerRecords, Request, TermsHistory, TimeSheet
from ledger.text import fold_address

ENDING_DAYS = (7, 30, 60)
UNTRIAGED_DAYS = 7
FORECAST_DAYS = 28


@dataclass(frozen=True)
class Snapshot:
    """A customer as of a day: what the records of a publication said on its as-of date.

    ``names`` are those of consultants, by their handles.
    """

    records: CustomerRecords
    terms: TermsHistory
    as_of: date
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def drawn(self) -> DrawDown:
        """The draw-down of the day."""
        return draw_down(self.records, self.terms, self.as_of)

    @cached_property
    def balance(self) -> Balance:
        """The balance of the day."""
        return summarize_draw_down(self.records, self.terms, self.drawn)

    @cached_property
    def level(self) -> int:
        """How bad the balance is: 3 overdrawn, 2 used up, 1 low, 0 neither."""
        balance = self.balance
        if balance.portal.state in {PortalState.NONE, PortalState.CLOSED} or not self.drawn.lots:
            return 3 if balance.overdrawn_minutes else 0
        if balance.overdrawn_minutes:
            return 3
        return 2 if not balance.remaining_minutes else int(balance.low)

    @cached_property
    def last_forecast_day(self) -> date | None:
        """The day on which the hours will be used up, if that is within four weeks."""
        found = make_forecast(self.drawn.movements, self.drawn.lots, self.as_of).last_day
        return found if found and found <= self.as_of + timedelta(FORECAST_DAYS) else None

    @cached_property
    def endings(self) -> dict[tuple[EndingKind, str, date], tuple[int, Ending]]:
        """What ends, and the smallest threshold that is reached; a purchase's cards are one."""
        found = {}
        removed = {each.email for each in self.records.accounts if each.removed}
        for each in list_endings(self.records, self.terms, self.balance, ENDING_DAYS[-1]):
            subject = each.subject
            if each.kind is EndingKind.ACCOUNT and subject in removed:
                continue  # Somebody decided so; it does not end by itself.
            if each.kind is EndingKind.CARD:
                subject = subject.rpartition("/")[0]
            level = next(days for days in ENDING_DAYS if each.days_left <= days)
            found[each.kind, subject, each.last_day] = level, replace(each, subject=subject)
        return found

    @cached_property
    def known(self) -> CustomerRecords:
        """The records without those of later days."""
        records, day = self.records, self.as_of
        return replace(
            records,
            purchases=tuple(each for each in records.purchases if each.date <= day),
            adjustments=tuple(each for each in records.adjustments if each.date <= day),
            requests={
                name: request
                if all(event.date <= day for event in request.history)
                else request.model_copy(update={"history": request.events_until(day)})
                for name, request in records.requests.items()
                if request.opened <= day
            },
            sheets=tuple(
                TimeSheet(each.name, tuple(entry for entry in each.entries if entry.date <= day))
                for each in records.sheets
            ),
        )

    @property
    def requests(self) -> Mapping[str, Request]:
        """The requests of the day."""
        return self.known.requests

    def name(self, who: str) -> str:
        """Return the name of a consultant or an account; for anybody else, the address itself."""
        return self.names.get(who) or self._accounts.get(fold_address(who), who)

    @cached_property
    def _accounts(self) -> dict[str, str]:
        return {fold_address(each.email): each.name for each in self.records.accounts}

    @cached_property
    def waiting(self) -> dict[str, date]:
        """The requests that wait for the customer, and since when."""
        since = {name: each.waiting_since(self.as_of) for name, each in self.requests.items()}
        return {name: day for name, day in since.items() if day}

    @cached_property
    def untriaged(self) -> dict[str, int]:
        """The requests that nobody has taken up for more than a week, and for how many days."""
        worked_on = {entry.request for _sheet, entry in self.known.sheet_entries}
        return {
            name: days
            for name, request in self.requests.items()
            if (days := (self.as_of - request.opened).days) > UNTRIAGED_DAYS
            if list_missing(request, self.as_of, is_worked_on=name in worked_on)
        }
