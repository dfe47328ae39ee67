"""The controls written by functions are those Django's templates write."""

import re

import django_filters as df
import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from pytest_django.asserts import assertHTMLEqual as assert_html_equal

from htx_portal.accounts.models import User
from htx_portal.choice_filter import OneOf, PlainSelect, share_choices
from htx_portal.form_rendering import PortalRenderer

NASTY = "\"><script>alert('x')</script>&amp; Đồng Phúc"


class EveryControl(forms.Form):
    """One of each control the portal uses, with attributes of all kinds."""

    name = forms.CharField(widget=forms.TextInput(attrs={"inputmode": "numeric", "autofocus": True, "off": False}))
    amount = forms.IntegerField(min_value=1, max_value=2_000_000)
    mail = forms.EmailField(max_length=80)
    day = forms.DateField()
    hidden = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "placeholder": NASTY}))
    choice = forms.ChoiceField(choices=[("", "---"), ("a", NASTY), ("b", mark_safe("<b>đậm</b>"))])
    grouped = forms.ChoiceField(choices=[("Nhóm", [("1", gettext_lazy("Một"))]), (NASTY, [("2", "Hai")])])
    several = forms.MultipleChoiceField(choices=[(1, "Một"), (2, "Hai")])
    secret = forms.CharField(widget=forms.PasswordInput)
    yes = forms.BooleanField()


def written(form: forms.Form, renderer) -> dict[str, str]:
    """Return the HTML of every control by name, white space after tags aside."""
    form.renderer = renderer
    return {field.name: re.sub(r">\s+", ">", str(field)) for field in form}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"name": NASTY, "amount": "1234567", "text": NASTY, "choice": "a", "grouped": "2", "several": ["2"]},
        {"name": "0", "amount": "x", "day": "05/09/2023", "choice": "b", "hidden": NASTY, "yes": "on"},
    ],
)
def test_each_control_is_the_one_django_writes(data):
    assert written(EveryControl(data), PortalRenderer()) == written(EveryControl(data), DjangoTemplates())


def test_what_was_typed_is_escaped():
    control = written(EveryControl({"name": NASTY}), PortalRenderer())["name"]
    assert "<script>" not in control


def test_the_portal_uses_it(settings):
    assert settings.FORM_RENDERER == "htx_portal.form_rendering.PortalRenderer"


class Choosing(forms.Form):
    """One list written by Django and the same list written in one piece."""

    django = forms.ChoiceField(choices=[("", "---"), ("a", NASTY), (NASTY, "Hai"), (3, "3 ★")])
    plain = forms.ChoiceField(choices=django.choices, widget=PlainSelect)
    use_required_attribute = False


@pytest.mark.parametrize("chosen", [None, "", "a", NASTY, "3", "unknown"])
def test_a_plain_list_is_the_one_django_writes(chosen):
    data = {"django": chosen, "plain": chosen} if chosen is not None else None
    form = Choosing(data)
    expected, plain = (re.sub(r">\s+", ">", str(form[name])) for name in ("django", "plain"))
    assert_html_equal(plain, expected.replace("django", "plain"))


class Offering(df.FilterSet):
    """A filter whose choices count how often they are read."""

    read = 0
    one = OneOf(choices=lambda: Offering.offer())

    @classmethod
    def offer(cls):
        """Return the choices, and count."""
        cls.read += 1
        return [("a", "Một"), ("b", "Hai")]


@pytest.mark.parametrize("data", [{}, {"one": "b"}, {"one": "c"}])
def test_the_choices_of_a_form_are_read_once_and_anew_for_the_next(data):
    for _ in range(2):
        Offering.read = 0
        form = Offering(data, queryset=User.objects.none()).form
        share_choices(form)
        form.is_valid()
        assert str(form["one"]).count("<option") == 3
        assert Offering.read == 1
