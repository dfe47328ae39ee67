from django.db import migrations

UNDERWAY = {
    "advising": "preparing", "waiting_cooperative": "preparing", "submitted": "filed", "waiting_result": "filed",
}  # fmt: skip


def sort_by_procedure(apps, schema_editor):
    """The papers there were are those of a founding; cases under way stand at the stop of their state."""
    rules = apps.get_model("support_cases", "ChecklistRule").objects
    rules.filter(topic="registration", variant="").update(variant="found")
    cases = apps.get_model("support_cases", "Case").objects.filter(topic="registration", milestone="")
    for status, stop in UNDERWAY.items():
        cases.filter(status=status).update(milestone=stop)


class Migration(migrations.Migration):
    dependencies = [("support_cases", "0006_registration")]

    operations = [migrations.RunPython(sort_by_procedure, migrations.RunPython.noop)]
