"""Addresses of the daily work, at the root of the site."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from support_cases.pages import (
    absences,
    calendar_feed,
    case_acts,
    case_entry,
    cases,
    closings,
    consultation_entry,
    consultations,
    corrections,
    estimates,
    explanations,
    mutes,
    receipt,
    referrals,
    reminder_texts,
    reminders,
    report_behind,
    report_files,
    report_print,
    reports,
    sending,
    status,
    targets,
)
from support_cases.pages.panels import panel_addresses
from support_cases.reports.kinds import ReportKind
from support_cases.reports.periods import CALENDARS, MOST_MONTHS, Period
from support_cases.reports.registry import REPORTS


class ReferenceConverter(StringConverter):
    """A case's reference in an address; what cannot be one is no address of ours."""

    regex = "[A-Za-z0-9-]{1,20}"


class FeedSecretConverter(StringConverter):
    """The secret in the address of a calendar."""

    regex = "[A-Za-z0-9_-]{20,64}"


class ReportConverter(StringConverter):
    """A report by the word in its address; other words below the reports are addresses of their own."""

    regex = "[a-z-]{1,40}"

    def to_python(self, value: str) -> ReportKind:
        """Return the report. Raises ``ValueError`` where there is none of that name."""
        found = next((kind for kind in REPORTS.values() if kind.slug == value), None)
        if found is None:
            raise ValueError(value)
        return found

    def to_url(self, value: ReportKind) -> str:
        """Return the word in its address."""
        return value.slug


class FileFormatConverter(StringConverter):
    """What a report is written as."""

    regex = "xlsx|docx|csv"


class MonthsConverter(StringConverter):
    """Whole months of a calendar in an address: month-2024-04-2024-06."""

    regex = f"(?:{'|'.join(CALENDARS)})-[0-9]{{4}}-[0-9]{{2}}-[0-9]{{4}}-[0-9]{{2}}"

    def to_python(self, value: str) -> Period:
        """Return the period. Raises ``ValueError`` where there is none such."""
        period = Period.of_months(value[:-16], value[-15:-8], value[-7:])
        if not 1 <= period.length <= MOST_MONTHS:
            raise ValueError(value)
        return period

    def to_url(self, value: Period) -> str:
        """Return the words of a period in its address."""
        return f"{value.calendar}-{value.first}-{value.last}"


register_converter(MonthsConverter, "months")
register_converter(ReferenceConverter, "reference")
register_converter(FeedSecretConverter, "feed-secret")
register_converter(ReportConverter, "report")
register_converter(FileFormatConverter, "file-format")

_REFERRAL = "ho-so/<reference:reference>/chuyen-co-quan/<int:referral>"

app_name = "support"
urlpatterns = [
    path("tu-van/", consultations.consultations, name="consultations"),
    path("tu-van/moi/", consultation_entry.log, name="log"),
    path("tu-van/tim-htx.json", consultation_entry.party_lookup, name="party-lookup"),
    path("tu-van/<int:pk>/", consultations.consultation, name="consultation"),
    path("tu-van/<int:pk>/sua/", corrections.correct, name="consultation-correct"),
    path("tu-van/<int:pk>/huy/", corrections.void, name="consultation-void"),
    path("tu-van/<int:pk>/da-lam/", consultations.follow_up_done, name="follow-up-done"),
    path("ho-so/", cases.cases, name="cases"),
    path("ho-so/moi/", case_entry.open_new, name="case-open"),
    path("ho-so/<reference:reference>/", cases.case, name="case"),
    path("ho-so/<reference:reference>/sua/", case_entry.edit, name="case-edit"),
    path("ho-so/<reference:reference>/buoc/", cases.step, name="case-step"),
    path("ho-so/<reference:reference>/giay-to/", cases.papers, name="case-papers"),
    path("ho-so/<reference:reference>/giay-to/han/", case_acts.paper_dates, name="case-paper-dates"),
    path("ho-so/<reference:reference>/gia-han/", case_acts.extend, name="case-extend"),
    path("ho-so/<reference:reference>/can-cu/", case_acts.basis, name="case-basis"),
    path("ho-so/<reference:reference>/dong/<slug:name>/moi/", case_acts.row, name="case-row-add"),
    path("ho-so/<reference:reference>/dong/<slug:name>/<int:pk>/", case_acts.row, name="case-row"),
    path("ho-so/<reference:reference>/dong/<slug:name>/<int:pk>/bo/", case_acts.row_drop, name="case-row-drop"),
    path("ho-so/<reference:reference>/", include(panel_addresses())),
    path("ho-so/<reference:reference>/chuyen-co-quan/", referrals.refer_case, name="referral-new"),
    path(f"{_REFERRAL}/tra-loi/", referrals.referral_answer, name="referral-answer"),
    path(f"{_REFERRAL}/rut-lai/", referrals.referral_withdraw, name="referral-withdraw"),
    path(f"{_REFERRAL}/bao-lanh-dao/", referrals.referral_escalate, name="referral-escalate"),
    path("chuyen-co-quan/", referrals.referrals, name="referrals"),
    path("ho-so/<reference:reference>/phieu/", receipt.receipt, name="receipt"),
    path("ho-so/<reference:reference>/tat-nhac/", mutes.mute_case, name="case-mute"),
    path("ho-so/<reference:reference>/loi-nhan/", reminder_texts.case_text, name="case-text"),
    path("ho-so/<reference:reference>/nhac-viec/", explanations.explained, name="case-explained"),
    path("nhac-viec/", reminders.reminders, name="reminders"),
    path("nhac-viec/<int:pk>/loi-nhan/", reminder_texts.reminder_text, name="reminder-text"),
    path("nhac-viec/<int:pk>/tat/", mutes.mute_reminder, name="reminder-mute"),
    path("nhac-viec/da-tat/", mutes.mutes, name="mutes"),
    path("nhac-viec/da-tat/<int:pk>/bat-lai/", mutes.unmute_matter, name="unmute"),
    path("nhac-viec/vang-mat/", absences.absences, name="absences"),
    path("nhac-viec/vang-mat/<int:pk>/ket-thuc/", absences.absence_end, name="absence-end"),
    path("nhac-viec/khong-gui-duoc/", sending.undelivered, name="undelivered"),
    path("nhac-viec/khong-gui-duoc/<int:pk>/gui-lai/", sending.resend_message, name="message-resend"),
    path("nhac-viec/khong-gui-duoc/<int:pk>/khong-can/", sending.let_message_be, name="message-let-be"),
    path("nhac-viec/van-hanh/", sending.operations, name="operations"),
    path("nhac-viec/lich/", calendar_feed.calendar, name="calendar"),
    path("lich/<feed-secret:secret>.ics", calendar_feed.feed, name="feed"),
    path("bao-cao/", reports.report, name="report"),
    path("bao-cao/htx/", report_behind.report_cooperatives, name="report-cooperatives"),
    path("bao-cao/chot/", closings.closings, name="report-closings"),
    path("bao-cao/chot/<months:period>/", closings.closing, name="report-closing"),
    path("bao-cao/chot/<int:pk>/mo-lai/", closings.closing_reopen, name="report-closing-reopen"),
    path("bao-cao/uoc-thuc-hien/", estimates.estimates, name="estimates"),
    path("bao-cao/chi-tieu-ke-hoach/", targets.targets, name="targets"),
    path("bao-cao/<report:kind>/", reports.report, name="report-kind"),
    path("bao-cao/<report:kind>/in/", report_print.report_print, name="report-print"),
    path("bao-cao/<report:kind>/sau-so/", report_behind.report_behind, name="report-behind"),
    path("bao-cao/xuat.xlsx", report_files.served_workbook, name="report-export"),
    path("bao-cao/<report:kind>/tep.<file-format:extension>", report_files.report_file, name="report-file"),
    path("bao-cao/tep/<uuid:pk>/", report_files.file_in_work, name="report-file-in-work"),
    path("bao-cao/tep/<uuid:pk>/tai/", report_files.file_content, name="report-file-content"),
    path("tra-cuu/", status.status, name="status"),
]
