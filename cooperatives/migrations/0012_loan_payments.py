"""What had been paid out of a loan becomes a disbursement of its own, so that the sum stays the sum of its parts."""

from django.db import migrations

NOTE = "Chuyển từ tổng số đã ghi trước đây; chưa rõ ngày giải ngân, lấy ngày nộp."


def enter_payments(apps, schema_editor):
    """Write one disbursement for each loan of which something was paid out, on the only day that is known."""
    loan = apps.get_model("cooperatives", "Loan")
    disbursement = apps.get_model("cooperatives", "Disbursement")
    paid = loan.objects.filter(disbursed__gt=0, disbursements__isnull=True)
    disbursement.objects.bulk_create(
        disbursement(loan=row, paid_on=row.submitted_on, amount=row.disbursed, note=NOTE) for row in paid
    )


class Migration(migrations.Migration):
    """Forward only adds rows; backward the table goes away with the migration before."""

    dependencies = [("cooperatives", "0011_loan")]

    operations = [migrations.RunPython(enter_payments, migrations.RunPython.noop)]
