from django.db import migrations, models

# What these rules said stands in the tables of tax obligations and moved days now, one rule in one place.
MOVED = (
    'tax.annual_return_month',
    'tax.dissolution_finalisation_days',
    'tax.finalisation_month',
    'tax.licence_fee_abolished_on',
    'tax.licence_fee_due',
    'tax.monthly_return_day',
    'tax.override.',
    'tax.per_occurrence_day',
    'tax.provisional_cit_month',
    'tax.quarterly_return_month',
    'tax.quarterly_vat_request',
)


def drop_moved_rules(apps, schema_editor):
    """Take out the shipped rows; one that the office edited stays, to be looked at."""
    keys = models.Q()
    for key in MOVED:
        keys |= models.Q(key__startswith=key)
    apps.get_model('cooperatives', 'LegalRule').objects.filter(keys, edited_by__isnull=True).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('cooperatives', '0013_tax'),
    ]

    operations = [
        migrations.RunPython(drop_moved_rules, migrations.RunPython.noop),
    ]
