"""05/09/2023 is 5 September and 1.234.567 one million, on every page, in both languages, in and out."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.conf import settings
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import override

from cooperatives.form_fields import DayField
from htx_portal.accounts.models import Role
from support_cases.models import Consultation
from tests.factories import make_cooperative, make_user

LANGUAGES = [code for code, _ in settings.LANGUAGES]
DAY = date(2023, 9, 5)
MOMENT = datetime(2023, 9, 5, 14, 30, tzinfo=timezone.get_default_timezone())

in_both = pytest.mark.parametrize("language", LANGUAGES)


@in_both
@pytest.mark.parametrize("field", [forms.DateField, DayField])
@pytest.mark.parametrize("typed", ["05/09/2023", "5/9/2023", "05-09-2023", "05.09.2023", "2023-09-05", " 05/09/2023 "])
def test_a_day_is_read_day_first(language, field, typed):
    with override(language):
        assert field().clean(typed) == DAY


@in_both
@pytest.mark.parametrize("field", [forms.DateField, DayField])
@pytest.mark.parametrize(
    "typed", ["31/02/2023", "29/02/2023", "09/31/2023", "2023-02-30", "05/09", "5 Sep 2023", "hôm nay"]
)
def test_a_day_that_is_not_in_the_calendar_is_refused_in_the_language_of_the_reader(language, field, typed):
    with override(language), pytest.raises(forms.ValidationError) as refusal:
        field().clean(typed)
    with override(language):
        words = str(refusal.value.messages[0])
    assert ("Hãy ghi ngày" in words) == (language == "vi")
    assert words.isascii() == (language == "en")


@in_both
def test_a_moment_is_read_day_first_in_local_time(language):
    with override(language):
        assert forms.DateTimeField().clean("05/09/2023 14:30") == MOMENT


@in_both
@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ day }}", "05/09/2023"),
        ("{{ day|date }}", "05/09/2023"),
        ('{{ day|date:"SHORT_DATE_FORMAT" }}', "05/09/2023"),
        ("{{ moment }}", "14:30 05/09/2023"),
        ("{{ moment|time }}", "14:30"),
        ("{{ many }}", "1.234.567"),
        ("{{ part }}", "1.234,5"),
        ("{{ many|unlocalize }}", "1234567"),
        ('{{ many|stringformat:"d" }}', "1234567"),
        ("{% url 'support:consultation' many %}", "/tu-van/1234567/"),
    ],
)
def test_days_and_numbers_are_printed_alike(language, template, shown):
    values = {"day": DAY, "moment": MOMENT, "many": 1_234_567, "part": Decimal("1234.5")}
    with override(language):
        assert engines["django"].from_string("{% load l10n %}" + template).render(values) == shown


@in_both
def test_numbers_are_read_as_they_are_printed(language):
    with override(language):
        assert forms.IntegerField(localize=True).clean("1.234.567") == 1_234_567
        assert forms.DecimalField(localize=True).clean("1.234,5") == Decimal("1234.5")
        assert formats.number_format(-1_234_567) == "-1.234.567"


@in_both
def test_a_form_shows_a_day_the_way_it_reads_it(language):
    class DayForm(forms.Form):
        day = DayField()

    with override(language):
        assert 'value="05/09/2023"' in str(DayForm(initial={"day": DAY})["day"])
        assert DayForm({"day": "05/09/2023"}).is_valid()


@pytest.mark.django_db
@in_both
def test_logging_a_consultation_reads_the_day_first_on_the_page(language):
    cooperative = make_cooperative()
    staff = make_user(Role.STAFF)
    client = Client()
    client.force_login(staff)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    entry = {
        "client_id": "7f2c1f57-6f0e-4f57-9d5b-5b2f7f3f4f60",
        "party": f"htx-{cooperative.pk}",
        "channel": "office",
        "topics": ["ocop"],
        "question": "HTX hỏi về hồ sơ OCOP.",
        "outcome": "answered",
    }
    page = client.post(reverse("support:log"), entry | {"held_on": "31/02/2023"})
    assert page.status_code == 200
    assert Consultation.objects.count() == 0
    client.post(reverse("support:log"), entry | {"held_on": "05/09/2023"})
    assert [row.held_on for row in Consultation.objects.all()] == [DAY]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["2023-09-05", "05/09/2023", "5/9/2023"])
def test_the_api_reads_a_day_in_both_forms(client, typed):
    cooperative = make_cooperative()
    client.force_login(make_user(Role.STAFF))
    body = {
        "client_id": "7f2c1f57-6f0e-4f57-9d5b-5b2f7f3f4f61",
        "cooperative": cooperative.pk,
        "held_on": typed,
        "channel": "office",
        "topics": ["ocop"],
        "question": "HTX hỏi về hồ sơ OCOP.",
        "outcome": "answered",
    }
    answer = client.post(reverse("api-consultations-list"), body, content_type="application/json")
    assert (answer.status_code, answer.json()["held_on"]) == (201, "2023-09-05")


@in_both
def test_a_week_begins_on_monday(language):
    with override(language):
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
        monday = DAY - timedelta(days=1)
        assert formats.date_format(monday, "l") == {"vi": "Thứ Hai", "en": "Monday"}[language]
