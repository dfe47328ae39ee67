"""Addresses of the daily work, at the root of the site."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from support_cases.pages import (
    case_acts,
    case_entry,
    cases,
    consultation_entry,
    consultations,
    corrections,
    receipt,
    referrals,
    reminders,
    reports,
    status,
)
from support_cases.pages.panels import panel_addresses


class ReferenceConverter(StringConverter):
    """A case's reference in an address; what cannot be one is no address of ours."""

    regex = "[A-Za-z0-9-]{1,20}"


register_converter(ReferenceConverter, "reference")

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
    path("nhac-viec/", reminders.reminders, name="reminders"),
    path("bao-cao/", reports.report, name="report"),
    path("bao-cao/htx/", reports.report_cooperatives, name="report-cooperatives"),
    path("bao-cao/xuat.xlsx", reports.report_export, name="report-export"),
    path("tra-cuu/", status.status, name="status"),
]
