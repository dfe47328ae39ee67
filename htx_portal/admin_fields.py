"""Choosing a row by typing in the admin site, safe against numbers that no row has."""

from django.contrib.admin.widgets import AutocompleteSelect

_MOST_DIGITS = 18
_LEGAL_TEXT = ("legal_document", "article", "confidence", "note")


class CarefulAutocomplete(AutocompleteSelect):
    """Django's control, which fails when a form comes back with something else than a row's number in it."""

    def optgroups(self, name, value, attr=None):
        """Return the options for those of ``value`` that may be rows."""
        return super().optgroups(name, [text for text in value if _may_be_a_row(text)], attr)


class CarefulChoices:
    """For an admin class with ``autocomplete_fields``; goes before Django's own class."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Return the form field, with the careful control where one types to choose."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = CarefulAutocomplete(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _may_be_a_row(text: str) -> bool:
    return text == "" or (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS)


class RemembersEditor:
    """Keeps who edited a row last; for rows that bear ``edited_by``."""

    def save_model(self, request, obj, form, change):
        """Save, and remember who did."""
        obj.edited_by = request.user
        super().save_model(request, obj, form, change)


class LegalTextLast:
    """Shows where a rule is written below what it says; for rows that inherit those columns and so have them first."""

    def get_fields(self, request, obj=None):
        """Return the columns in the order of the form, the legal text at its end."""
        fields = list(super().get_fields(request, obj))
        legal = [name for name in fields if name in _LEGAL_TEXT]
        return [name for name in fields if name not in _LEGAL_TEXT] + legal
