"""All occasions people are reminded of, by their code."""

from support_cases.reminders.sources import governance, kinds, ocop, periods, placements, tax, work
from support_cases.reminders.sources.base import Source

SOURCES: dict[str, Source] = {
    source.occasion: source
    for source in (
        work.FollowUpDue(),
        work.CaseDeadline(),
        work.NoContact(),
        work.WaitingCooperative(),
        kinds.KindDays(),
        work.ReferralLate(),
        work.ReferralEscalated(),
        governance.TermEnds(),
        governance.YearlyCongress(),
        governance.LastCongress(),
        ocop.OcopExpiry(),
        ocop.OcopPaperExpiry(),
        placements.PlacementEnd(),
        placements.PlacementConfirmation(),
        governance.CapitalContribution(),
        tax.TaxDeadline(),
        governance.YearlyUpdate(),
        periods.PeriodEnded(),
    )
}
QUICK = frozenset(code for code, source in SOURCES.items() if source.is_quick)
