"""The tables of the work, one small file per subject; kinds of support bring their own."""

from support_cases import support_types
from support_cases.models.attention import Absence, RefusedAddress, ReminderMute
from support_cases.models.basis import LegalBasis
from support_cases.models.case import Case, ReferenceCounter
from support_cases.models.case_event import CaseEvent
from support_cases.models.checklist import ChecklistItem, ChecklistRule
from support_cases.models.closing import Closing, KeptLists
from support_cases.models.consultation import Consultation, ConsultationTopic
from support_cases.models.counting_version import CountingVersion
from support_cases.models.follow_up import FollowUp
from support_cases.models.operations import CalendarFeed, SignOfLife
from support_cases.models.period_draft import PeriodDraft
from support_cases.models.plans import Measure, PeriodEstimate, TargetChange, YearlyTarget
from support_cases.models.referral import Referral
from support_cases.models.reminder import Reminder, ReminderMessage
from support_cases.models.reminder_rule import ReminderRule
from support_cases.models.report_file import FileState, ReportFile
from support_cases.models.reported_months import CALENDAR_NAMES, ReportedMonths
from support_cases.models.tally import Tally

__all__ = [
    "CALENDAR_NAMES",
    "Absence",
    "CalendarFeed",
    "Case",
    "CaseEvent",
    "ChecklistItem",
    "ChecklistRule",
    "Closing",
    "Consultation",
    "ConsultationTopic",
    "CountingVersion",
    "FileState",
    "FollowUp",
    "KeptLists",
    "LegalBasis",
    "Measure",
    "PeriodDraft",
    "PeriodEstimate",
    "ReferenceCounter",
    "Referral",
    "RefusedAddress",
    "Reminder",
    "ReminderMessage",
    "ReminderMute",
    "ReminderRule",
    "ReportFile",
    "ReportedMonths",
    "SignOfLife",
    "Tally",
    "TargetChange",
    "YearlyTarget",
    "support_types",
]
