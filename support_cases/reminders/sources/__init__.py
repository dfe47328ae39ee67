"""All occasions people are reminded of, by their code."""

from support_cases.reminders.sources import work
from support_cases.reminders.sources.base import Source

SOURCES: dict[str, Source] = {
    source.occasion: source
    for source in (
        work.FollowUpDue(),
        work.CaseDeadline(),
        work.NoContact(),
        work.WaitingCooperative(),
        work.ReferralLate(),
        work.ReferralEscalated(),
    )
}
QUICK = frozenset(code for code, source in SOURCES.items() if source.is_quick)
