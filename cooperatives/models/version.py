"""Which state the register is in, for figures that are kept as long as it stands."""

import time

from django.db import models


class RegisterVersion(models.Model):
    """One row whose version differs after every change of a cooperative.

    The row is locked from the change to the end of its transaction, so versions follow one another in the
    order in which the changes become visible; a time stamp on each cooperative would not.
    """

    version = models.PositiveBigIntegerField()

    def __str__(self):
        return str(self.version)


def raise_register_version() -> None:
    """Note that a cooperative was entered, changed or taken away; runs in that transaction, one statement."""
    RegisterVersion.objects.bulk_create(
        [RegisterVersion(pk=1, version=time.time_ns() // 1000)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["version"],
    )
