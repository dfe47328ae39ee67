"""Pages of referrals: the form with the agencies of the day, the acts, the list, desk and month, and who sees them."""

from datetime import date, timedelta
from html import escape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cooperatives.models import Agency, LegalRule
from htx_portal.accounts.models import Role
from support_cases.models import Case, Referral
from support_cases.referrals import answer, escalate, refer
from support_cases.workflow import take_step
from tests.contents import nothing_written
from tests.factories import make_case, make_commune, make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENDLESS = "9" * 5000
QUESTION = "Đề nghị xác nhận <b>nợ thuế</b>."
ACTS = ("referral-answer", "referral-withdraw", "referral-escalate")


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def staff(client):
    user = make_user(Role.STAFF)
    client.force_login(user)
    return user


@pytest.fixture
def cooperative(db):
    return make_cooperative("Hợp tác xã Miến dong Thử")


@pytest.fixture
def case(staff, cooperative, today) -> Case:
    return make_case(cooperative, by=staff, topic="tax", today=today, opened_on=today - timedelta(days=60))


@pytest.fixture
def agency(db) -> Agency:
    return make_agency("Chi cục Thuế khu vực thử")


def make_agency(name, **fields) -> Agency:
    fields = {"code": f"test-{Agency.objects.count()}", "kind": "tax", "valid_from": date(2020, 1, 1)} | fields
    return Agency.objects.create(name_vi=name, **fields)


def send(case, agency, question=QUESTION, late: int = -10, by=None) -> Referral:
    """A referral of which the answer is late by so many days, by minus ten unless told otherwise."""
    today = timezone.localdate()
    return refer(
        case, agency, question, by=by or case.officer, today=today,
        sent_on=today - timedelta(days=40), expected_on=today - timedelta(days=late),
    )  # fmt: skip


def typed(case, agency, **changes) -> dict:
    """What the form of sending sends."""
    sent = {"agency": agency.pk, "question": QUESTION, "letter_no": "", "version": case.version}
    return sent | {"sent_on": day_words(timezone.localdate()), "expected_on": ""} | changes


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def new_address(case) -> str:
    return reverse("support:referral-new", args=[case.reference])


def act_address(name, row) -> str:
    return reverse(f"support:{name}", args=[row.case.reference, row.pk])


class TestSending:
    def test_a_question_is_sent_and_the_case_page_shows_it(self, client, case, agency, today):
        LegalRule.objects.create(
            key="referral.answer_working_days", value="10", unit="working_day", valid_from="2022-01-01"
        )
        answered = client.post(new_address(case), typed(case, agency, letter_no="12/TCT"), follow=True)
        row = Referral.objects.get()
        assert (row.agency, row.question, row.letter_no, row.sent_on) == (agency, QUESTION, "12/TCT", today)
        page = answered.content.decode()
        assert "Đã chuyển cơ quan phối hợp." in page
        for words in (agency.name, escape(QUESTION), "12/TCT", day_words(row.expected_on), "Chờ trả lời"):
            assert words in page
        assert f"còn {(row.expected_on - today).days} ngày" in page

    def test_the_agencies_are_those_of_the_day_and_the_own_registrar_comes_first(self, client, case, today):
        make_agency("Cơ quan đã thôi", valid_to=today - timedelta(days=30))
        make_agency("Ngân hàng thử", kind="bank")
        make_agency("Phòng Kinh tế xã khác", kind="registrar", unit=other_commune())
        own = make_agency("Phòng Kinh tế xã Đồng Phúc", kind="registrar", unit=case.cooperative.new_commune)
        groups = client.get(new_address(case)).context["form"].fields["agency"].choices
        assert groups[1:] == [
            ("Nơi đăng ký của HTX này", [(own.pk, "Phòng Kinh tế xã Đồng Phúc")]),
            ("Ngân hàng", [(Agency.objects.get(kind="bank").pk, "Ngân hàng thử")]),
            ("Cơ quan đăng ký kinh doanh", [(Agency.objects.get(unit=other_commune()).pk, "Phòng Kinh tế xã khác")]),
        ]

    def test_another_day_shows_the_agencies_of_that_day_and_keeps_what_was_typed(self, client, case, today):
        long_ago = today - timedelta(days=40)
        gone = make_agency("Cơ quan đã thôi", valid_to=long_ago)
        make_agency("Cơ quan mới", valid_from=today)
        with nothing_written():
            page = client.post(
                new_address(case), typed(case, gone, sent_on=day_words(long_ago), look="1", letter_no="12/TCT")
            )
        assert page.status_code == 200
        form = page.context["form"]
        assert [name for _kind, rows in form.fields["agency"].choices[1:] for _pk, name in rows] == ["Cơ quan đã thôi"]
        assert (form["letter_no"].value(), form["question"].value(), form.errors) == ("12/TCT", QUESTION, {})

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"agency": ""}, ["agency"]),
            ({"agency": "x"}, ["agency"]),
            ({"agency": ENDLESS}, ["agency"]),
            ({"agency": "-1"}, ["agency"]),
            ({"question": " \u200b"}, ["question"]),
            ({"question": "x" * 4001}, ["question"]),
            ({"letter_no": "x" * 61}, ["letter_no"]),
            ({"sent_on": "31/12/9999"}, ["sent_on"]),
            ({"sent_on": "01/01/0001"}, ["agency"]),
            ({"sent_on": "30/02/2026"}, ["sent_on"]),
            ({"sent_on": ""}, ["sent_on"]),
            ({"expected_on": "31/12/9999"}, ["expected_on"]),
            ({"expected_on": "hôm nào đó"}, ["expected_on"]),
            ({"version": ""}, ["version"]),
            ({"version": ENDLESS[:40]}, []),
            ({"version": "x"}, ["version"]),
        ],
    )
    def test_whatever_is_sent_is_answered_in_words_and_kept(self, client, case, agency, changes, fields):
        sent = typed(case, agency, expected_on=day_words(timezone.localdate() + timedelta(days=9))) | changes
        with nothing_written():
            page = client.post(new_address(case), sent)
        assert page.status_code == (409 if not fields else 200)
        assert [name for name in page.context["form"].errors if name != "__all__"] == fields
        if "letter_no" not in changes and "question" not in changes:
            assert escape(QUESTION) in page.content.decode()

    def test_a_case_changed_meanwhile_and_a_closed_one_answer_409(self, client, case, agency, today):
        sent = typed(case, agency, expected_on=day_words(today))
        assert client.post(new_address(case), sent).status_code == 302
        with nothing_written():
            again = client.post(new_address(case), sent)
        assert again.status_code == 409
        assert "Hồ sơ vừa được người khác cập nhật." in again.content.decode()
        case.refresh_from_db()
        closed = take_step(case, "stop", by=case.officer, today=today, note="Lý do")
        answered = client.post(new_address(closed), typed(closed, agency, expected_on=day_words(today)))
        assert answered.status_code == 409
        assert "Hồ sơ đã kết thúc" in answered.content.decode()


def other_commune():
    return make_commune("Xã Khác", code="01906").successor


class TestActs:
    def test_an_answer_is_logged_and_shown(self, client, case, agency, today):
        row = send(case, agency)
        sent = {"answered_on": day_words(today), "answer_kind": "partly", "answer": "Còn <i>thiếu</i>", "version": 1}
        page = client.post(act_address("referral-answer", row), sent, follow=True).content.decode()
        row.refresh_from_db()
        assert (row.answered_on, row.answer_kind, row.answer) == (today, "partly", "Còn <i>thiếu</i>")
        assert "Đã ghi trả lời của cơ quan phối hợp." in page
        assert "Trả lời một phần" in page
        assert "Còn &lt;i&gt;thiếu&lt;/i&gt;" in page

    def test_a_question_is_taken_back(self, client, case, agency, today):
        row = send(case, agency)
        sent = {"withdrawn_on": day_words(today), "withdrawn_reason": "HTX tự hỏi", "version": 1}
        page = client.post(act_address("referral-withdraw", row), sent, follow=True).content.decode()
        row.refresh_from_db()
        assert (row.withdrawn_on, row.withdrawn_reason) == (today, "HTX tự hỏi")
        assert "Đã rút lại việc chuyển cơ quan." in page

    def test_the_leaders_are_told_where_it_is_late_and_only_there(self, client, case, agency, today):
        row = send(case, agency, late=1)
        early = send(case, agency, "Chưa đến hạn", late=-1)
        page = client.get(reverse("support:case", args=[case.reference])).content.decode()
        assert act_address("referral-escalate", row) in page
        assert act_address("referral-escalate", early) not in page
        sent = {"escalation_note": "Đã gọi ba lần", "version": 1}
        assert client.post(act_address("referral-escalate", early), sent).status_code == 409
        page = client.post(act_address("referral-escalate", row), sent, follow=True).content.decode()
        assert "Đã báo lãnh đạo." in page
        assert f"Báo lãnh đạo ngày {day_words(today)}: Đã gọi ba lần" in page
        assert act_address("referral-escalate", row) not in page

    @pytest.mark.parametrize(
        ("name", "sent", "fields"),
        [
            ("referral-answer", {}, ["version", "answered_on", "answer_kind", "answer"]),
            (
                "referral-answer",
                {"answered_on": "31/12/9999", "answer_kind": "x", "answer": "\u200b", "version": "1"},
                ["answer_kind"],
            ),
            (
                "referral-answer",
                {"answered_on": "31/12/9999", "answer_kind": "answered", "answer": "\u200b", "version": "1"},
                ["answered_on", "answer"],
            ),
            ("referral-withdraw", {"withdrawn_on": "x", "version": "1"}, ["withdrawn_on", "withdrawn_reason"]),
            ("referral-escalate", {"escalation_note": "x" * 4001, "version": "1"}, ["escalation_note"]),
        ],
    )
    def test_what_cannot_be_right_is_told_beside_its_field(self, client, case, agency, name, sent, fields):
        row = send(case, agency, late=1)
        with nothing_written():
            page = client.post(act_address(name, row), sent)
        assert page.status_code == 200
        assert sorted(page.context["form"].errors) == sorted(fields)

    @pytest.mark.parametrize("name", ACTS)
    def test_a_second_press_answers_409_and_doubles_nothing(self, client, case, agency, name, today):
        row = send(case, agency, late=1)
        sent = {
            "answered_on": day_words(today), "answer_kind": "answered", "answer": "Có",
            "withdrawn_on": day_words(today), "withdrawn_reason": "Thôi", "escalation_note": "Gấp", "version": 1,
        }  # fmt: skip
        assert client.post(act_address(name, row), sent).status_code == 302
        with nothing_written():
            assert client.post(act_address(name, row), sent).status_code == 409

    @pytest.mark.parametrize("name", ACTS)
    def test_a_referral_of_another_case_is_not_found_below_this_one(self, client, case, agency, name):
        row = send(case, agency)
        other = make_case(by=case.officer, topic="tax")
        address = reverse(f"support:{name}", args=[other.reference, row.pk])
        assert client.get(address).status_code == client.post(address).status_code == 404
        assert client.get(address.replace(str(row.pk), "9" * 18)).status_code == 404

    def test_the_case_page_says_what_is_still_owed_before_and_after_the_end(self, client, case, agency, today):
        send(case, agency)
        page = client.get(reverse("support:case", args=[case.reference])).content.decode()
        assert "Còn 1 nơi chưa trả lời. Vẫn kết thúc được hồ sơ" in page
        case.refresh_from_db()
        take_step(case, "stop", by=case.officer, today=today, note="Lý do")
        page = client.get(reverse("support:case", args=[case.reference])).content.decode()
        assert "Hồ sơ đã kết thúc mà còn 1 nơi chưa trả lời." in page
        assert f'"{new_address(case)}"' not in page
        assert act_address("referral-answer", Referral.objects.get()) in page


class TestWhoSeesWhat:
    def test_a_manager_reads_and_does_not_act(self, client, case, agency):
        row = send(case, agency, late=1)
        client.force_login(make_user(Role.MANAGER))
        page = client.get(reverse("support:case", args=[case.reference])).content.decode()
        assert agency.name in page
        assert "chuyen-co-quan/" not in page.split("<main")[1]
        for address in (new_address(case), *(act_address(name, row) for name in ACTS)):
            assert client.get(address).status_code == client.post(address).status_code == 403

    def test_the_cooperative_reads_that_others_were_asked_and_nothing_more(self, client, case, agency, today):
        row = send(case, agency, late=1)
        escalate(row, "Lãnh đạo cần biết", by=case.officer, today=today)
        client.force_login(make_user(Role.COOPERATIVE, cooperative=case.cooperative))
        for address in (reverse("support:case", args=[case.reference]), reverse("home")):
            page = client.get(address).content.decode()
            assert "Đã chuyển cơ quan phối hợp, chờ trả lời." in page
            for hidden in (agency.name, "nợ thuế", "Lãnh đạo cần biết", "Báo lãnh đạo"):
                assert hidden not in page
        for address in (new_address(case), *(act_address(name, row) for name in ACTS)):
            assert client.get(address).status_code == client.post(address).status_code == 403
        assert client.get(reverse("support:referrals")).status_code == 403
        assert "Chuyển cơ quan</a>" not in page

    def test_the_menu_leads_those_who_review_to_the_list(self, client, staff):
        assert f'href="{reverse("support:referrals")}"' in client.get(reverse("home")).content.decode()


class TestList:
    @pytest.fixture
    def rows(self, case, agency, today) -> dict[str, Referral]:
        fund = make_agency("Quỹ hỗ trợ phát triển HTX thử", kind="fund")
        other = make_case(make_cooperative("Hợp tác xã Chè Khác"), by=make_user(Role.STAFF), topic="loan")
        other.opened_on = today - timedelta(days=60)
        other.save()
        rows = {
            "waiting": send(case, agency, "waiting", late=-5),
            "late": send(case, fund, "late", late=2),
            "escalated": send(other, agency, "escalated", late=9),
            "answered": send(other, fund, "answered", late=20),
        }
        escalate(rows["escalated"], "Gấp", by=other.officer, today=today)
        answer(rows["answered"], "answered", "Có", by=other.officer, today=today)
        return rows

    def listed(self, client, query="") -> list[str]:
        page = client.get(f"{reverse('support:referrals')}{query}")
        assert page.status_code == 200
        return [item["row"].question for item in page.context["rows"]]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["escalated", "late", "waiting", "answered"]),
            ("?state=open", ["escalated", "late", "waiting"]),
            ("?state=waiting", ["waiting"]),
            ("?state=late", ["escalated", "late"]),
            ("?state=escalated", ["escalated"]),
            ("?state=answered", ["answered"]),
            ("?agency_kind=fund", ["late", "answered"]),
            ("?q=che khac", ["escalated", "answered"]),
            ("?q=quy ho tro", ["late", "answered"]),
            ("?ordering=-expected_on", ["waiting", "late", "escalated", "answered"]),
            ("?ordering=expected_on", ["answered", "escalated", "late", "waiting"]),
            ("?state=nothing", []),
            (f"?agency={ENDLESS}", []),
            ("?officer=x&ordering=secret", []),
            ("?q=%00", []),
            ("?page=zz", ["escalated", "late", "waiting", "answered"]),
        ],
    )
    def test_it_is_narrowed_and_sorted(self, client, rows, query, found):
        assert self.listed(client, query) == found

    def test_it_is_narrowed_by_agency_and_by_officer(self, client, rows):
        assert self.listed(client, f"?agency={rows['late'].agency_id}") == ["late", "answered"]
        assert self.listed(client, f"?officer={rows['late'].case.officer_id}") == ["late", "waiting"]

    def test_it_says_how_many_days_are_left_or_gone(self, client, rows):
        page = client.get(reverse("support:referrals")).content.decode()
        for words in ("còn 5 ngày", "quá 2 ngày", "quá 9 ngày", "Đã báo lãnh đạo", "Đã trả lời"):
            assert words in page

    def test_only_agencies_that_were_asked_are_offered(self, client, rows):
        make_agency("Chưa ai hỏi")
        page = client.get(reverse("support:referrals")).content.decode()
        assert "Quỹ hỗ trợ phát triển HTX thử" in page
        assert "Chưa ai hỏi" not in page

    def test_an_empty_list_says_how_to_begin(self, client, staff):
        assert "Chưa chuyển cơ quan nào" in client.get(reverse("support:referrals")).content.decode()


class TestFirstPages:
    def test_the_desk_shows_the_own_that_are_late_or_due_within_a_week(self, client, case, agency, today):
        for late in (3, -7, -8):
            send(case, agency, f"Câu {late}", late=late)
        stranger = make_case(by=make_user(Role.STAFF), topic="tax", today=today, opened_on=today - timedelta(days=60))
        send(stranger, agency, late=5)
        found = client.get(reverse("home")).context["referrals"]
        assert [row.question for row in found] == ["Câu 3", "Câu -7"]
        assert "quá 3 ngày" in client.get(reverse("home")).content.decode()

    def test_the_month_counts_late_and_escalated_with_ways_to_them(self, client, case, agency, today):
        for late in (3, 9, -5):
            send(case, agency, f"Câu {late}", late=late)
        escalate(Referral.objects.get(question="Câu 9"), "Gấp", by=case.officer, today=today)
        client.force_login(make_user(Role.MANAGER))
        page = client.get(reverse("home"))
        assert page.context["referrals"] == {
            "late": 2,
            "escalated": 1,
            "url": "/chuyen-co-quan/?state=late",
            "escalated_url": "/chuyen-co-quan/?state=escalated",
        }
        assert 'href="/chuyen-co-quan/?state=late">2</a>' in page.content.decode()


class TestQueries:
    @pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.COOPERATIVE])
    @pytest.mark.parametrize("name", ["home", "support:referrals", "support:case", "support:referral-new"])
    @pytest.mark.once
    def test_no_page_asks_more_with_more_referrals(self, client, case, role, name, agency):
        user = case.officer if role == Role.STAFF else make_user(role)
        if role == Role.COOPERATIVE:
            user = make_user(role, cooperative=case.cooperative)
        client.force_login(user)
        address = reverse(name, args=[case.reference] if name in ("support:case", "support:referral-new") else [])
        counts = []
        for more in (1, 9):
            for _ in range(more):
                send(case, make_agency("Cơ quan"), late=1)
            # Of a manager and a cooperative some of these are refusals, which ask as little each time.
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(address)
            counts.append(len(asked))
        assert counts[0] == counts[1]
