"""Which state the entries of each half-month are in, for figures that are kept as long as it stands."""

from django.db import models


class CountingVersion(models.Model):
    """How often what is counted in one half-month changed.

    A half-month (1st–14th, 15th–end) is the largest span that both calendars are made of. The row is
    changed in the transaction that changes the entries, so figures computed for a version stay true as long
    as the version stands.
    """

    half_month = models.DateField(primary_key=True)
    version = models.PositiveBigIntegerField(default=1)

    def __str__(self):
        return f"{self.half_month:%d/%m/%Y}: {self.version}"
