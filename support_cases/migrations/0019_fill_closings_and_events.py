"""Closed months become periods of one month; steps already taken bear the officer and due day of their case."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def fill(apps, schema_editor):
    """Write the months of each closing, and what is known of the cases of each step."""
    apps.get_model("support_cases", "Closing").objects.update(first=F("month"), last=F("month"))
    case = apps.get_model("support_cases", "Case").objects.filter(pk=OuterRef("case"))
    events = apps.get_model("support_cases", "CaseEvent").objects
    events.update(officer=Subquery(case.values("officer")[:1]), due_on=Subquery(case.values("due_on")[:1]))


def empty(apps, schema_editor):
    """Give each closing of one month its month back; longer periods have none and go."""
    closings = apps.get_model("support_cases", "Closing").objects
    closings.exclude(first=F("last")).delete()
    closings.exclude(reopened_at=None).delete()
    closings.update(month=F("first"))


class Migration(migrations.Migration):
    dependencies = [("support_cases", "0018_figures_that_hold")]

    operations = [migrations.RunPython(fill, empty)]
