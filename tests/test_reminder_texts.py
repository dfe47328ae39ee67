"""Texts to copy into Zalo and SMS: what they say, what they never say, how long they are, who may read them."""

import unicodedata
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from support_cases.choices import Occasion
from support_cases.models import ChecklistRule, Reminder
from support_cases.reminders.texts import SMS_LENGTH, Matter, about, sms_parts, texts_of, without_accents
from support_cases.workflow import take_step
from tests.factories import make_case, make_cooperative, make_user

DAY = date(2026, 12, 15)
PAPERS = ("Đơn đăng ký", "Phiếu kiểm nghiệm", "Giấy chứng nhận đăng ký HTX", "Phương án kinh doanh", "Sổ thành viên")


def matter(**changes) -> Matter:
    """What a cooperative is told of a case that waits for papers."""
    values = {
        "party": "Hợp tác xã Miến dong Nà Duồng",
        "about": "hồ sơ “Nâng hạng miến dong” đang chờ bổ sung giấy tờ",
        "missing": PAPERS[:2],
        "deadline": DAY,
        "officer": "Đặng Thị Ưng",
        "phone": "0912 345 678",
    }
    return Matter(**values | changes)


# --- What they say ------------------------------------------------------------------------------------------


def test_the_zalo_text_greets_names_the_matter_the_papers_the_day_the_place_and_whom_to_call():
    assert texts_of(matter()).zalo == (
        "Kính gửi Hợp tác xã Miến dong Nà Duồng,\n"
        "Tổ công tác hỗ trợ hợp tác xã xin nhắc: hồ sơ “Nâng hạng miến dong” đang chờ bổ sung giấy tờ.\n"
        "Giấy tờ còn thiếu:\n"
        "- Đơn đăng ký\n"
        "- Phiếu kiểm nghiệm\n"
        "Xin bổ sung tại trụ sở tổ công tác, trước hết ngày 15/12/2026.\n"
        "Cần hỏi xin gọi: Đặng Thị Ưng, 0912 345 678.\n"
        "Trân trọng cảm ơn."
    )


def test_the_sms_says_the_same_without_accents_in_numbered_parts():
    parts = texts_of(matter()).sms
    assert parts == [
        '(1/2) To cong tac HTX xin nhac Hop tac xa Mien dong Na Duong: ho so "Nang hang mien dong" dang cho bo sung'
        " giay to. Con thieu: Don dang ky; Phieu kiem nghiem.",
        "(2/2) Xin bo sung truoc het ngay 15/12/2026. Goi Dang Thi Ung 0912 345 678.",
    ]


def test_without_papers_and_without_a_day_the_texts_are_short():
    texts = texts_of(matter(missing=(), deadline=None, about="hẹn làm việc tiếp ngày 15/12/2026"))
    assert texts.zalo.splitlines()[1:3] == [
        "Tổ công tác hỗ trợ hợp tác xã xin nhắc: hẹn làm việc tiếp ngày 15/12/2026.",
        "Cần hỏi xin gọi: Đặng Thị Ưng, 0912 345 678.",
    ]
    assert texts.sms == [
        "To cong tac HTX xin nhac Hop tac xa Mien dong Na Duong: hen lam viec tiep ngay 15/12/2026."
        " Goi Dang Thi Ung 0912 345 678."
    ]


def test_papers_without_a_day_are_asked_for_soon_and_an_sms_names_three():
    texts = texts_of(matter(missing=PAPERS, deadline=None))
    assert "trong thời gian sớm nhất" in texts.zalo
    assert all(f"- {paper}" in texts.zalo for paper in PAPERS)
    assert "va 2 giay to khac. Xin bo sung trong thoi gian som nhat." in " ".join(p[6:] for p in texts.sms)


# The end of a reporting period is no matter of a cooperative.
@pytest.mark.parametrize("occasion", [one for one in Occasion.values if one != Occasion.PERIOD_ENDED])
def test_every_kind_of_reminder_has_words_for_the_cooperative(occasion):
    words = about(occasion, what="Miến dong", day=DAY, case="Nâng hạng")
    assert words and "%(" not in words
    assert all(len(part) <= SMS_LENGTH for part in texts_of(matter(about=words)).sms)


# --- Letters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Đồng Phúc, đường Ưu Tiên", "Dong Phuc, duong Uu Tien"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hường"), "Nguyen Thi Huong"),
        ("“Rượu” – 5★ [lẻ] ~ 3 €…", '"Ruou" - 5* (le) - 3 EUR...'),
        ("sỹ, y tế", "sy, y te"),
        ("a\nb\u200b c\u00a0d", "a b c d"),
        ("茶 chè", "che"),
    ],
)
def test_letters_are_those_of_every_telephone(written, plain):
    assert without_accents(written) == plain


@given(st.text(max_size=900))
def test_no_part_of_an_sms_is_too_long_and_no_word_is_lost(text):
    parts = sms_parts(text)
    assert all(len(part) <= SMS_LENGTH and part.isascii() for part in parts)
    heads = [f"({number}/{len(parts)}) " for number in range(1, len(parts) + 1)] if len(parts) > 1 else [""]
    assert all(part.startswith(head) for part, head in zip(parts, heads, strict=True))
    bodies = [part.removeprefix(head) for part, head in zip(parts, heads, strict=True)]
    assert "".join(bodies).replace(" ", "") == without_accents(text).replace(" ", "")


def test_the_zalo_text_is_composed_whatever_was_pasted():
    texts = texts_of(matter(party=unicodedata.normalize("NFD", "Hợp tác xã Nà Duồng"), missing=("Đơn\u200b  xin",)))
    assert unicodedata.is_normalized("NFC", texts.zalo)
    assert "- Đơn xin" in texts.zalo


# --- The pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def officer(client, db):
    """A signed-in officer with a phone."""
    for code, words in (("form", "Đơn đăng ký"), ("test", "Phiếu kiểm nghiệm")):
        ChecklistRule.objects.create(topic="ocop", code=code, label_vi=words, label_en=code, valid_from="2020-01-01")
    ChecklistRule.objects.create(
        topic="ocop", code="extra", label_vi="Tờ rơi", label_en="Leaflet", required=False, valid_from="2020-01-01"
    )
    user = make_user("staff", full_name="Đặng Thị Ưng", phone="0912345678")
    client.force_login(user)
    return user


def reminder_about(case, officer, rule: str = "waiting_cooperative", **values) -> Reminder:
    """Return a delivered reminder of ``case``."""
    today = timezone.localdate()
    fields = {
        "subject": f"case/{case.pk}",
        "anchor_on": today - timedelta(days=7),
        "occurrence_on": today,
        "case": case,
        "cooperative": case.cooperative,
        "recipient": officer,
        "channel": "app",
        "state": "sent",
        "run_at": timezone.now(),
    }
    return Reminder.objects.create(rule=rule, **fields | values)


def test_the_page_tells_the_missing_papers_and_nothing_of_the_offices_own(client, officer):
    case = make_case(
        make_cooperative("Hợp tác xã Bí thơm Ba Bể", phone="0987654321"), by=officer, title="Bí thơm 4 sao",
        due_on=date(2031, 5, 6),
    )  # fmt: skip
    take_step(case, "start", by=officer, today=timezone.localdate(), note="Giám đốc khó tính.")
    case.checklist.filter(code="form").update(received_on=timezone.localdate(), note="Bản mờ")
    answer = client.get(f"/nhac-viec/{reminder_about(case, officer).pk}/loi-nhan/")
    zalo, sms = answer.context["texts"].zalo, answer.context["texts"].sms
    assert zalo.splitlines() == [
        "Kính gửi Hợp tác xã Bí thơm Ba Bể,",
        "Tổ công tác hỗ trợ hợp tác xã xin nhắc: hồ sơ “Bí thơm 4 sao” đang chờ bổ sung giấy tờ.",
        "Giấy tờ còn thiếu:",
        "- Phiếu kiểm nghiệm",
        "Xin bổ sung tại trụ sở tổ công tác, trong thời gian sớm nhất.",
        "Cần hỏi xin gọi: Đặng Thị Ưng, 0912 345 678.",
        "Trân trọng cảm ơn.",
    ]
    assert not [words for words in ("khó tính", "06/05/2031", "Bản mờ", case.secret, "Tờ rơi") if words in answer.text]
    assert 'href="tel:0987654321"' in answer.text
    links = [part["link"] for part in answer.context["parts"]]
    assert [unquote(link) for link in links] == [f"sms:0987654321?body={part}" for part in sms]
    assert f"gửi thành {len(sms)} tin" in answer.text


def test_a_due_day_of_the_office_is_never_told_but_a_day_of_the_cooperative_is(client, officer):
    case, day = make_case(by=officer), timezone.localdate() + timedelta(days=9)
    told = {
        rule: client.get(f"/nhac-viec/{reminder_about(case, officer, rule, anchor_on=day).pk}/loi-nhan/").text
        for rule in ("case_deadline", "no_contact", "follow_up_due", "term_end", "ocop_expiry", "kind_day")
    }
    assert {rule for rule, text in told.items() if f"{day:%d/%m/%Y}" in text} == set(told) - {
        "case_deadline",
        "no_contact",
    }


def test_a_stand_in_gives_the_own_name_and_the_text_stays_vietnamese(client, officer):
    away = make_user("staff", full_name="Lý Văn Vắng", phone="0900000001")
    row = reminder_about(make_case(by=away), officer, instead_of=away)
    client.cookies["django_language"] = "en"
    zalo = client.get(f"/nhac-viec/{row.pk}/loi-nhan/").context["texts"].zalo
    assert "Cần hỏi xin gọi: Đặng Thị Ưng, 0912 345 678." in zalo
    assert "- Đơn đăng ký" in zalo


def test_an_officer_without_a_phone_gives_the_offices(client, officer, settings):
    settings.OFFICE_PHONE = "0209123456"
    case = make_case(by=make_user("staff", full_name="Vi Văn Không"))
    assert "Vi Văn Không, 0209 123 456." in client.get(f"/ho-so/{case.reference}/loi-nhan/").context["texts"].zalo


def test_a_case_has_its_text_and_who_may_read_texts(client, officer):
    case = make_case(by=officer, title="Bí thơm 4 sao")
    row = reminder_about(case, officer)
    page = f"/ho-so/{case.reference}/loi-nhan/"
    assert "hồ sơ “Bí thơm 4 sao” đang được xử lý" in client.get(page).context["texts"].zalo
    assert f'href="{page}"' in client.get(f"/ho-so/{case.reference}/").text
    client.force_login(make_user("staff"))
    assert client.get(page).status_code == 200
    assert client.get(f"/nhac-viec/{row.pk}/loi-nhan/").status_code == 404
    client.force_login(make_user("cooperative", cooperative=case.cooperative))
    assert client.get(page).status_code == 403
    assert client.get(f"/nhac-viec/{row.pk}/loi-nhan/").status_code == 403
