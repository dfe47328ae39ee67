"""Give products there are their keys, and let the change of councils take effect on the day of its decision."""

from datetime import date

from django.db import migrations

from cooperatives.text import search_key, sort_key

_OLD_END, _OLD_START = date(2025, 6, 30), date(2025, 7, 1)
_NEW_END, _NEW_START = date(2025, 7, 5), date(2025, 7, 6)


def forwards(apps, schema_editor):
    """Fill the keys; move the days of rules nobody has edited from 01/07/2025 to 06/07/2025."""
    products = apps.get_model("cooperatives", "OcopProduct").objects
    for product in products.all():
        product.search_key = search_key(product.name, product.external_ref)[:400]
        product.sort_key = sort_key(product.name)[:260]
        product.save(update_fields=["search_key", "sort_key"])
    rules = apps.get_model("cooperatives", "LegalRule").objects
    rules = rules.filter(key__regex=r"^ocop\.(level\.star_|part_)", edited_by__isnull=True)
    rules.filter(valid_from=_OLD_START).update(valid_from=_NEW_START)
    rules.filter(valid_to=_OLD_END).update(valid_to=_NEW_END)


class Migration(migrations.Migration):

    dependencies = [
        ("cooperatives", "0009_ocop"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
