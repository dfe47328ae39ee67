"""Registration of the work with cooperatives."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportCasesConfig(AppConfig):
    """How we help: consultations, cases, kinds of support, reminders, reports."""

    name = "support_cases"
    verbose_name = _("Hỗ trợ HTX")
