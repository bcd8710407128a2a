"""Periods as bars: where a time stands between the first and the last day of the record.

Owns the arithmetic; the SVG is the templates'. Positions are thousandths of the whole width.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assembly_kg.engine.description import Period

__all__ = ["Bar", "Scale"]

_WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """From ``start`` over ``width``; the parts before and after it in which it may have been.

    Attributes:
        point: an event: a mark, not a stretch.
        open: it has not ended.
    """

    start: float
    width: float
    before: float
    after: float
    point: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of days; ordinals as ``datetime.date`` counts them."""

    first: int
    last: int

    @classmethod
    def over(cls, days: Iterable[str]) -> Scale:
        """The whole years around some days (YYYY-MM-DD)."""
        years = sorted(int(day[:4]) for day in days if day)
        first, last = (years[0], years[-1]) if years else (2000, 2000)
        return cls(
            datetime.date(first, 1, 1).toordinal(), datetime.date(last + 1, 1, 1).toordinal()
        )

    def at(self, day: str) -> float:
        """Where a day stands."""
        ordinal = datetime.date.fromisoformat(day).toordinal()
        place = (ordinal - self.first) / (self.last - self.first) * _WIDTH
        return round(min(max(place, 0), _WIDTH), 1)

    def bar(self, period: Period, today: str) -> Bar | None:
        """A period's bar; None if no day of it is known."""
        if not period.known:
            return None
        earliest = period.begin or period.begin_earliest or period.begin_latest
        begin = period.begin or period.begin_latest or period.begin_earliest
        if period.event:
            end = period.until or begin
        else:
            end = period.until or period.end_earliest or period.end_latest or today
        begin = begin or end
        latest = period.until or period.end_latest or end
        start, stop = self.at(begin), self.at(max(begin, end))
        return Bar(
            start=start,
            width=max(round(stop - start, 1), 2),
            before=round(max(start - self.at(earliest or begin), 0), 1),
            after=round(max(self.at(max(latest, end)) - stop, 0), 1),
            point=period.event,
            open=not period.event
            and not (period.until or period.end_earliest or period.end_latest),
        )

    def years(self, every: int = 5) -> list[tuple[int, float]]:
        """Years for the axis, with their places."""
        first = datetime.date.fromordinal(self.first).year
        last = datetime.date.fromordinal(self.last).year
        return [
            (year, self.at(f"{year}-01-01")) for year in range(first, last + 1) if year % every == 0
        ]
