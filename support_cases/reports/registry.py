"""All reports by their code, in the order people find them."""

from support_cases.reports.adjustments import ADJUSTMENTS
from support_cases.reports.attention import ATTENTION
from support_cases.reports.coverage import COVERAGE
from support_cases.reports.flow import FLOW
from support_cases.reports.indicators import INDICATORS
from support_cases.reports.kinds import ReportKind
from support_cases.reports.outcomes import OUTCOMES
from support_cases.reports.sending import SENDING
from support_cases.reports.served import SERVED
from support_cases.reports.summary import SUMMARY
from support_cases.reports.territory import TERRITORY
from support_cases.reports.workload import WORKLOAD

_IN_ORDER = (
    SERVED,
    TERRITORY,
    COVERAGE,
    FLOW,
    OUTCOMES,
    WORKLOAD,
    ATTENTION,
    SENDING,
    SUMMARY,
    INDICATORS,
    ADJUSTMENTS,
)
REPORTS: dict[str, ReportKind] = {kind.code: kind for kind in _IN_ORDER}
