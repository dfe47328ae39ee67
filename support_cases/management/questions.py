"""What commands ask a report, read as pages and API read it."""

from collections.abc import Mapping
from datetime import date

from django.core.management.base import CommandError

from cooperatives.errors import InvalidEntry
from support_cases.reports.query import ReportQuery, read_query


def question(params: Mapping[str, str], today: date) -> ReportQuery:
    """Return what ``params`` ask for, see :func:`read_query`.

    Raises:
        CommandError: with every message, where something cannot be read.
    """
    try:
        return read_query(params, today)
    except InvalidEntry as refusal:
        messages = [str(message) for said in refusal.problems.values() for message in said]
        raise CommandError(" ".join(messages)) from refusal
