"""The words of a choice, found without translating all the others."""

from functools import cache

from django.db import models
from django.utils.encoding import force_str


class ChoiceWords(models.Model):
    """A model whose ``get_<field>_display()`` translates one word and not the whole list of choices.

    Django makes the choices hashable for each call, and to hash a word still to be translated is to translate
    it: in a list of 25 rows that alone was a third of the page's time.
    """

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field):
        """Return the words for the value of ``field``, or the value itself where there are none."""
        value = getattr(self, field.attname)
        return force_str(_words_of(field).get(value, value), strings_only=True)


@cache
def _words_of(field) -> dict:
    """Return the choices of a column by value, still untranslated."""
    return dict(field.flatchoices)
