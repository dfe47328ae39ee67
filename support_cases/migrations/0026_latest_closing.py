"""What is recorded from now on is recorded after the latest closing there is."""

from django.db import migrations
from django.db.models import Max


def fill(apps, schema_editor):
    """Write down the moment of the latest closing."""
    latest = apps.get_model("support_cases", "Closing").objects.aggregate(moment=Max("closed_at"))["moment"]
    if latest is not None:
        apps.get_model("cooperatives", "Cutoff").objects.update_or_create(pk=1, defaults={"moment": latest})


class Migration(migrations.Migration):
    dependencies = [("support_cases", "0025_kept_lists"), ("cooperatives", "0017_cutoff")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
