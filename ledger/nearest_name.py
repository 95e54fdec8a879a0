"""The name somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST_NAME = 80
_MOST_QUESTIONS = 200


class NameGuesser:
    """Guesses what misspelt names mean; of very many different ones only the first hundreds.

    Whoever feeds it a broken file of 50,000 misspelt keys waits no longer than for a few.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def find(self, wrong: str, names: Iterable[str]) -> str | None:
        """Return the one of ``names`` that is most like ``wrong``, or None."""
        question = (wrong[:_LONGEST_NAME], tuple(names))
        if question not in self._answers and len(self._answers) < _MOST_QUESTIONS:
            self._answers[question] = find_nearest_name(*question)
        return self._answers.get(question)

    def suggest(self, wrong: str, names: Iterable[str]) -> str:
        """Return ``did you mean X?``, or an empty text if nothing is near."""
        return _ask(self.find(wrong, names))


def find_nearest_name(wrong: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that is most like ``wrong``, or None if none is like it."""
    import difflib  # Not at the top: hardly any command is told a wrong name.

    by_folded = {name.casefold(): name for name in sorted(names, reverse=True)}
    folded = wrong[:_LONGEST_NAME].casefold()
    matches = difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def suggest_name(wrong: str, names: Iterable[str]) -> str:
    """Return ``did you mean X?``, or an empty text if nothing is near."""
    return _ask(find_nearest_name(wrong, names))


def _ask(nearest: str | None) -> str:
    return f"did you mean {nearest}?" if nearest else ""
