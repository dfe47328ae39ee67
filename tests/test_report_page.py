"""The month report on the screen: figures, words about the period, the chart, and what wrong input gets."""

import html
import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache

from cooperatives.models import AdminUnit
from support_cases.closings import close_period
from support_cases.models import Consultation
from support_cases.reports.periods import MONTH, Period
from support_cases.reports.registry import REPORTS
from support_cases.reports.served import RULE
from support_cases.support_types import SUPPORT_TYPES
from tests.factories import (
    load_reference_units,
    make_commune,
    make_consultation,
    make_cooperative,
    make_founding_group,
    make_user,
)

pytestmark = pytest.mark.django_db

REPORT = "/bao-cao/"
EIGHT_MONTHS = f"{REPORT}?from=2023-01&to=2023-08"
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def on_one_day(monkeypatch):
    """Hold the day still, and forget figures of former tests."""
    monkeypatch.setattr("support_cases.pages.reports.timezone.localdate", lambda *_: TODAY)
    cache.clear()


@pytest.fixture
def manager(client):
    """A signed-in manager."""
    user = make_user("manager")
    client.force_login(user)
    return user


def visible(answer) -> str:
    """Return the words of a page without its tags, spaces collapsed."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


@pytest.mark.parametrize(("role", "status"), [("staff", 200), ("manager", 200), ("admin", 200), ("cooperative", 403)])
def test_only_people_who_review_read_reports(client, role, status):
    client.force_login(make_user(role))
    for url in (REPORT, "/bao-cao/htx/", "/bao-cao/xuat.xlsx"):
        assert client.get(url).status_code == status
        assert client.post(url).status_code in (403, 405)


def test_strangers_are_asked_to_sign_in(client):
    for url in (REPORT, "/bao-cao/htx/", "/bao-cao/xuat.xlsx"):
        assert client.get(url).url == f"/accounts/login/?next={url}"


def test_the_figures_stand_with_the_exact_days_the_territory_and_the_rule(client, manager):
    one, two = make_cooperative(), make_cooperative()
    make_consultation(one, held_on=date(2023, 1, 1), topics=["tax", "loan"])
    make_consultation(one, held_on=date(2023, 8, 31))
    make_consultation(two, held_on=date(2023, 5, 5))
    make_consultation(two, held_on=date(2023, 9, 1))
    make_consultation(two, held_on=date(2022, 8, 31))
    make_consultation(make_founding_group(), held_on=date(2023, 5, 5))
    answer = client.get(EIGHT_MONTHS)
    assert [stat["value"] for stat in answer.context["stats"]] == [3, 2, 2, 1]
    assert [stat.get("then") for stat in answer.context["stats"]] == [1, 1, 1, None]
    words = visible(answer)
    assert "8 tháng đầu năm 2023 (01/01/2023 – 31/08/2023)" in words
    assert "Địa bàn: huyện, thành phố cũ (trước 01/07/2025)" in words
    assert "cùng kỳ 1, tăng 200%" in words
    assert str(RULE) in words
    assert "Chưa đủ kỳ" not in words
    assert "Chưa chốt số liệu" in words


def test_without_a_base_no_change_is_claimed(client, manager):
    make_consultation(held_on=date(2023, 5, 5))
    assert "cùng kỳ 0, không có số liệu gốc để so sánh" in visible(client.get(EIGHT_MONTHS))


def test_a_running_period_is_marked_and_a_closed_one_too(client, manager):
    running = client.get(f"{REPORT}?from=2026-11&to=2026-11")
    assert "Chưa đủ kỳ" in visible(running)
    assert "Chưa đủ kỳ" not in visible(client.get(f"{REPORT}?from=2026-10&to=2026-10"))
    close_period(Period.parse("2026-10", MONTH), by=manager, today=TODAY)
    assert "Đã chốt số liệu" in visible(client.get(f"{REPORT}?from=2026-10&to=2026-10"))


def test_the_first_visit_opens_the_running_month(client, manager):
    form = client.get(REPORT).context["form"]
    assert [form[name].value() for name in ("from", "to", "calendar", "frame")] == [
        "11/2026", "11/2026", "month", "",
    ]  # fmt: skip


def test_administrative_months_run_from_the_15th_to_the_14th(client, manager):
    for day in (date(2022, 12, 14), date(2022, 12, 15), date(2023, 1, 14), date(2023, 1, 15)):
        make_consultation(held_on=day)
    answer = client.get(f"{REPORT}?from=2023-01&to=2023-01&calendar=administrative")
    assert answer.context["stats"][0]["value"] == 2
    assert "(15/12/2022 – 14/01/2023)" in visible(answer)


def test_months_may_be_written_both_ways(client, manager):
    make_consultation(held_on=date(2023, 5, 5))
    for query in ("from=2023-05&to=2023-05", "from=05/2023&to=5/2023", "from=05/2023", "to=2023-05"):
        assert client.get(f"{REPORT}?{query}").context["stats"][0]["value"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2023-13", "from"),
        ("from=abc", "from"),
        ("from=2023", "from"),
        ("to=00/2023", "to"),
        ("from=9999-01", "from"),
        ("from=2023-05&to=2023-04", "to"),
        ("from=2000-01&to=2023-04", "to"),
        ("calendar=lunar", "calendar"),
        ("frame=2030", "frame"),
        ("as_of=31/02/2023", "as_of"),
        ("as_of=01/01/0001", "as_of"),
        ("from=' OR 1=1 --", "from"),
        ("from=%00", "from"),
    ],
)
def test_wrong_input_is_said_and_kept(client, manager, query, field):
    answer = client.get(f"{REPORT}?{query}")
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert "report" not in answer.context
    kept = answer.context["form"][field].value()
    assert kept == answer.wsgi_request.GET[field]
    for url in ("/bao-cao/htx/", "/bao-cao/xuat.xlsx"):
        assert client.get(f"{url}?{query}").url == f"{REPORT}?{answer.wsgi_request.GET.urlencode()}"


def test_what_was_typed_cannot_break_out_of_the_page(client, manager):
    page = client.get(f"{REPORT}?from=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("as_of", ["2026-11-23", "31/12/9999"])
def test_a_day_that_is_not_over_means_now(client, manager, as_of):
    make_consultation(held_on=date(2023, 5, 5))
    answer = client.get(f"{EIGHT_MONTHS}&as_of={as_of}")
    assert (answer.context["stats"][0]["value"], answer.context["known_by"]) == (1, None)


def test_the_past_knowledge_of_a_day_can_be_read_again(client, manager):
    early, late = make_consultation(held_on=date(2023, 5, 5)), make_consultation(held_on=date(2023, 5, 6))
    Consultation.objects.filter(pk=early.pk).update(recorded_at="2023-05-06T10:00:00+07:00")
    Consultation.objects.filter(pk=late.pk).update(recorded_at="2023-09-02T10:00:00+07:00")
    answer = client.get(f"{EIGHT_MONTHS}&as_of=01/09/2023")
    assert answer.context["stats"][0]["value"] == 1
    assert "Như đã biết hết ngày 01/09/2023" in visible(answer)
    assert client.get(f"{EIGHT_MONTHS}&as_of=02/09/2023").context["stats"][0]["value"] == 2
    refused = client.get(f"{EIGHT_MONTHS}&as_of=31/12/1989")
    assert refused.context["form"].errors == {"as_of": ["Ghi ngày từ 01/01/1990 trở đi."]}


def test_the_new_communes_are_another_view_of_the_same_figures(client, manager):
    make_consultation(make_cooperative(commune=make_commune()), held_on=date(2023, 5, 5))
    answer = client.get(f"{EIGHT_MONTHS}&frame=2025")
    table = answer.context["report"].table("unit")
    assert [(row.name, row.cells[0].value) for row in table.rows] == [("xã Đồng Phúc", 1)]
    assert "Địa bàn: xã, phường mới (từ 01/07/2025)" in visible(answer)


def test_periods_asked_for_most_are_one_click_away(client, manager):
    quick = client.get(REPORT).context["quick"]
    assert [(p["words"], p["url"], p["current"]) for p in quick] == [
        ("Tháng này", "?period=2026-11", True),
        ("Tháng trước", "?period=2026-10", False),
        ("Quý này", "?period=2026-Q4", False),
        ("Từ đầu năm", "?period=2026-11M", False),
        ("10 tháng đầu năm 2026", "?period=2026-10M", False),
        ("10 tháng đầu năm 2025", "?period=2025-10M", False),
        ("Cả năm 2025", "?period=2025", False),
    ]


def test_every_period_an_office_reports_on_is_two_clicks_away_in_both_calendars(client, manager):
    for calendar, more in (("month", ""), ("administrative", "&calendar=administrative")):
        groups = client.get(f"{REPORT}?period=2024-Q2{more}&frame=2025").context["groups"]
        offered = [link["url"].removesuffix(f"{more}&frame=2025") for _words, links in groups for link in links]
        assert offered == [
            *(f"?period=2024-{n:02d}" for n in range(1, 13)),
            *(f"?period=2024-Q{n}" for n in range(1, 5)),
            "?period=2024-H1",
            "?period=2024-H2",
            "?period=2024",
            *(f"?period=2024-{n}M" for n in (2, 4, 5, 7, 8, 9, 10, 11)),
        ]
        assert [link["url"] for _w, links in groups for link in links if link["current"]] == [
            f"?period=2024-Q2{more}&frame=2025"
        ]
        label = client.get(f"{REPORT}?period=2024-Q2{more}").context["label"]
        assert (
            label
            == {
                "month": "Quý II năm 2024 (01/04/2024 – 30/06/2024)",
                "administrative": "Quý II năm 2024 (15/03/2024 – 14/06/2024)",
            }[calendar]
        )


def test_any_days_can_be_asked_for_and_stay_in_the_form(client, manager):
    for day in (4, 5, 9, 10):
        make_consultation(held_on=date(2023, 9, day))
    answer = client.get(f"{REPORT}?from=05/09/2023&to=2023-09-09")
    assert answer.context["stats"][0]["value"] == 2
    assert [answer.context["form"][name].value() for name in ("from", "to")] == ["05/09/2023", "09/09/2023"]


def test_a_period_that_is_none_is_said(client, manager):
    answer = client.get(f"{REPORT}?period=2024-Q9")
    assert answer.status_code == 200
    assert "Ghi kỳ dạng 2024-06, 2024-Q2, 2024-H1, 2024-9M hoặc 2024." in visible(answer)


def test_a_period_and_an_end_of_another_are_not_asked_at_once(client, manager):
    answer = client.get(f"{REPORT}?period=2024-Q2&from=2023-01")
    assert "report" not in answer.context
    assert "Hỏi theo kỳ, hoặc từ tháng (ngày) đến tháng (ngày), không cả hai." in visible(answer)
    assert (
        client.get(f"{REPORT}?period=2024-Q2&from=&to=").context["label"] == "Quý II năm 2024 (01/04/2024 – 30/06/2024)"
    )


def test_days_are_named_once_and_periods_of_a_year_without_stutter(client, manager):
    page = client.get(f"{REPORT}?from=10/02/2024&to=20/09/2024")
    assert page.context["label"] == "Từ 10/02/2024 đến 20/09/2024"
    assert [words for words, _links in page.context["groups"]] == [
        "Các tháng của năm 2024", "Các quý của năm 2024", "Nửa năm và cả năm 2024", "n tháng đầu năm 2024, n là",
    ]  # fmt: skip


def test_the_form_of_periods_offers_no_days_to_come(client, manager):
    for query in ("period=2024", "period=nonsense"):
        page = client.get(f"{REPORT}?{query}")
        assert page.context["quick"]
        assert "data-fill-date" not in page.text


def test_a_closing_there_is_not_has_no_cooperatives(client, manager):
    make_consultation(held_on=date(2023, 5, 5))
    counts = {
        closing: client.get(f"/bao-cao/htx/?period=2023-05&closing={closing}").context["page"].paginator.count
        for closing in ("", "999999", "abc", "9" * 40)
    }
    assert counts == {"": 1, "999999": 0, "abc": 0, "9" * 40: 0}


def test_the_report_takes_a_dozen_queries_however_many_entries(client, manager, django_assert_max_num_queries):
    for n in range(25):
        make_consultation(
            held_on=date(2023, 1, 1) + timedelta(days=9 * n), topics=["tax", "loan"], by=make_user("staff")
        )
    cache.clear()
    with django_assert_max_num_queries(14):
        client.get(EIGHT_MONTHS)
    with django_assert_max_num_queries(13):
        client.get(EIGHT_MONTHS)


def test_the_list_of_cooperatives_costs_the_same_with_many(client, manager, django_assert_max_num_queries):
    for _ in range(30):
        make_consultation(held_on=date(2023, 5, 5))
    with django_assert_max_num_queries(9):
        answer = client.get("/bao-cao/htx/?from=2023-05&topic=ocop&district=061")
    assert (answer.context["page"].paginator.count, len(answer.context["page"])) == (30, 25)


@pytest.mark.parametrize("query", ["from=2015-01&to=2024-12&frame=2025", "period=2023", "period=2023&frame=2025"])
def test_no_page_of_the_report_is_too_heavy_for_an_old_phone(client, manager, query):
    """Some fifty communes, each served in most months and about most topics, is more than one page can show."""
    load_reference_units()
    units = list(AdminUnit.objects.old_communes()[:50])
    for number, unit in enumerate(units):
        party = make_cooperative(commune=unit)
        for month in range(1, 13, 4):
            day = date(2023, month + number % 4, 1 + number % 28)
            make_consultation(party, held_on=day, topics=list(SUPPORT_TYPES)[number % 5 :])
    answer = client.get(f"{REPORT}?{query}")
    assert len(answer.content) < 50_000
    cut = [shown for shown in answer.context["tables"] if shown.left_out]
    assert cut
    # On paper, where no link can be followed, it is said of each of them.
    assert answer.text.count('<p class="figures__note print-only">') == len(cut)
    for shown in cut:
        table = client.get(f"{REPORT}{shown.address}")
        assert len(table.content) < 50_000
        pages = table.context["alone"].page.paginator
        assert pages.count == len([row for row in shown.table.rows if not row.is_total])
        assert len(client.get(f"{REPORT}{shown.address}&page={pages.num_pages}").content) < 50_000


def test_a_table_there_is_not_is_no_page(client, manager):
    assert client.get(f"{EIGHT_MONTHS}&bang=nonsense").status_code == 404
    assert client.get("/bao-cao/khong-co/").status_code == 404
    assert client.get("/bao-cao/luot-htx/sau-so/?period=2023&bang=x&dong=y&cot=z").status_code == 404


def test_every_report_stands_under_its_own_address_on_the_same_period(client, manager):
    reports = client.get(f"{REPORT}?period=2023-Q2&frame=2025").context["reports"]
    assert [one["title"] for one in reports] == [kind.title for kind in REPORTS.values()]
    for one, kind in zip(reports, REPORTS.values(), strict=True):
        answer = client.get(one["url"])
        assert (answer.status_code, answer.context["kind"].code) == (200, kind.code)
        assert answer.context["label"] == "Quý II năm 2023 (01/04/2023 – 30/06/2023)"
        assert str(kind.rule) in html.unescape(answer.content.decode())
        assert len(answer.content) < 50_000


def test_areas_over_columns_begin_with_a_capital_and_within_lines_do_not(client, manager):
    load_reference_units()
    report = client.get(EIGHT_MONTHS).context["report"]
    heads = [str(column.title) for column in report.table("month_district").columns]
    assert heads[:2] == ["Thành phố Bắc Kạn", "Huyện Pác Nặm"]
    assert [row.name for row in report.table("unit").rows][:2] == ["thành phố Bắc Kạn", "huyện Pác Nặm"]


def test_sums_of_money_beside_how_many_told_them_have_the_whole_width(client, manager):
    shown = client.get("/bao-cao/chi-tieu-nam/?period=2023").context["tables"]
    assert {one.table.code: one.is_of_money for one in shown} == {
        "register": False, "reported": False, "averages": True,
    }  # fmt: skip


def test_lines_of_very_many_columns_name_each_figure_for_a_phone(client, manager):
    summary = client.get("/bao-cao/tong-hop/?period=2023")
    table = next(shown for shown in summary.context["tables"] if shown.table.code == "measures")
    assert table.is_across
    labels = re.findall(r'data-label="([^"]*)"', table.lines[0])
    assert [html.unescape(label) for label in labels] == [str(column.title) for column in table.table.columns]
    assert 'data-label="' not in client.get("/bao-cao/tong-hop/in/?period=2023").text
    assert 'data-label="' not in client.get(EIGHT_MONTHS).text
