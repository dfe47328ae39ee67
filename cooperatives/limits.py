"""Limits of large numbers, said as people write them: 1.000.000.000.000.000 and not a row of noughts."""

from django.core.exceptions import ValidationError
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.utils.deconstruct import deconstructible


class _Grouped(BaseValidator):
    """Says its limit in groups of three digits."""

    def __call__(self, value):
        """Raise ``ValidationError`` where the limit is not kept."""
        try:
            super().__call__(value)
        except ValidationError as refusal:
            said = refusal.params | {"limit_value": f"{refusal.params['limit_value']:,}".replace(",", ".")}
            raise ValidationError(refusal.message, code=refusal.code, params=said) from None


# To migrations they are the ones of Django: how a limit is said is no matter of the database.
@deconstructible(path="django.core.validators.MaxValueValidator")
class AtMost(_Grouped, MaxValueValidator):
    """The largest value a field takes."""


@deconstructible(path="django.core.validators.MinValueValidator")
class AtLeast(_Grouped, MinValueValidator):
    """The smallest value a field takes."""
