from django.db import migrations


def drop_moved_rules(apps, schema_editor):
    """Codes of procedures are columns of the catalogue now; rows staff have edited stay to be looked at."""
    rules = apps.get_model("cooperatives", "LegalRule").objects
    rules.filter(key__startswith="tthc.code.", edited_by__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("cooperatives", "0005_registration")]

    operations = [migrations.RunPython(drop_moved_rules, migrations.RunPython.noop)]
