"""All reports by their code, in the order people find them."""

from support_cases.reports.flow import FLOW
from support_cases.reports.kinds import ReportKind
from support_cases.reports.outcomes import OUTCOMES
from support_cases.reports.served import SERVED

REPORTS: dict[str, ReportKind] = {kind.code: kind for kind in (SERVED, FLOW, OUTCOMES)}
