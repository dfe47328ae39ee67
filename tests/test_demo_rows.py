"""The demo set as shipped in fixtures/demo/, read straight from its files: no database, no settings."""

import csv
import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from stdnum.vn import mst

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SEEDED_ON = date(2026, 11, 23)
TOPICS = {"registration", "business_lines", "term_congress", "ocop", "loan", "tax", "human_resources"}
CHANNELS = {"office", "visit", "phone", "zalo", "meeting", "letter"}
OUTCOMES = {"answered", "guided_dossier", "referred", "follow_up", "self_done"}
OFFICERS = {"canbo", "canbo2", "canbo3"}
OPEN_STATES = {"new", "advising", "waiting_cooperative", "submitted", "waiting_result"}
CLOSED_STATES = {"completed", "withdrawn", "not_eligible", "unreachable", "stopped"}
STEPS = {
    "start": ({"new"}, "advising"),
    "request_papers": ({"advising", "submitted", "waiting_result"}, "waiting_cooperative"),
    "papers_received": ({"waiting_cooperative"}, "advising"),
    "submit": ({"advising"}, "submitted"),
    "await_result": ({"submitted"}, "waiting_result"),
    "complete": ({"advising", "submitted", "waiting_result"}, "completed"),
    "withdraw": (OPEN_STATES, "withdrawn"),
    "not_eligible": (OPEN_STATES, "not_eligible"),
    "unreachable": (OPEN_STATES, "unreachable"),
    "stop": (OPEN_STATES, "stopped"),
    "reopen": (CLOSED_STATES, "advising"),
}
FILES = {
    "cooperatives": 60,
    "founding_groups": 4,
    "business_lines": 196,
    "terms": 77,
    "congresses": 35,
    "annual_updates": 66,
    "details_term_congress": 11,
    "ocop": 25,
    "ocop_papers": 14,
    "details_ocop": 13,
    "loans": 19,
    "disbursements": 14,
    "details_loan": 15,
    "rows_loan_disbursements": 6,
    "rows_loan_further_reasons": 1,
    "approved_support": 12,
    "placements": 12,
    "payment_batches": 5,
    "training_classes": 3,
    "training_participations": 8,
    "details_human_resources": 5,
    "consultations": 571,
    "cases": 72,
    "details_business_lines": 6,
    "rows_business_lines_lines": 28,
    "details_registration": 12,
    "referrals": 5,
    "year_figures": 77,
    "targets": 36,
}


def read(path):
    with open(FIXTURES / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demo(name):
    return read(f"demo/{name}.csv")


def as_day(text, today=SEEDED_ON):
    """The day meant by an ISO date or by `today`, `today+45d`, `today-10d`."""
    relative = re.fullmatch(r"today(?:([+-]\d+)d)?", text)
    return today + timedelta(int(relative[1] or 0)) if relative else date.fromisoformat(text)


def steps_of(case):
    for step in filter(None, case["steps"].split(";")):
        code, _, rest = step.partition("@")
        day, _, note = rest.partition(":")
        yield code, as_day(day), note


def state_of(case):
    """The state a case ends in, or an assertion that one of its steps is not allowed."""
    state = "new"
    for code, _, _ in steps_of(case):
        before, after = STEPS[code]
        assert state in before, (case["key"], code, state)
        state = after
    return state


def parties():
    """Day of birth of every party, by key."""
    rows = {row["key"]: as_day(row["registered_on"]) for row in demo("cooperatives")}
    groups = {row["key"]: as_day(row["formed_on"]) for row in demo("founding_groups")}
    assert not rows.keys() & groups.keys()
    return rows | groups


def counted(first, last):
    cooperatives = {row["key"] for row in demo("cooperatives")}
    return [
        row for row in demo("consultations") if row["party"] in cooperatives and first <= as_day(row["held_on"]) <= last
    ]


def test_the_first_eight_months_of_2023_hold_exactly_108_consultations():
    assert len(counted(date(2023, 1, 1), date(2023, 8, 31))) == 108


def test_founding_groups_are_served_in_other_months_than_those_of_the_108():
    groups = {row["key"] for row in demo("founding_groups")}
    held = [as_day(row["held_on"]) for row in demo("consultations") if row["party"] in groups]
    assert len(held) == 15
    assert not [day for day in held if date(2023, 1, 1) <= day <= date(2023, 8, 31)]


def test_the_administrative_calendar_gives_another_number():
    assert counted(date(2022, 12, 15), date(2022, 12, 31))
    assert counted(date(2023, 8, 15), date(2023, 8, 31))
    assert len(counted(date(2022, 12, 15), date(2023, 8, 14))) == 103


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_a_file_has_its_rows_in_composed_utf8_with_unix_lines(name, count):
    raw = (FIXTURES / "demo" / f"{name}.csv").read_bytes()
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert unicodedata.is_normalized("NFC", raw.decode())
    assert len(demo(name)) == count


def test_keys_are_unique_and_resolve():
    known = parties()
    cooperatives = {row["key"] for row in demo("cooperatives")}
    cases = {row["key"]: row for row in demo("cases")}
    assert len(cooperatives) == 60
    assert len(cases) == len(demo("cases"))
    for name in ("business_lines", "terms", "congresses", "annual_updates", "ocop", "loans", "placements"):
        assert {row["cooperative"] for row in demo(name)} <= cooperatives
    assert {row["party"] for row in demo("cases")} <= known.keys()
    for row in demo("consultations"):
        assert row["party"] in known
        for key in filter(None, row["cases"].split(";")):
            assert cases[key]["party"] == row["party"]
            assert as_day(cases[key]["opened_on"]) <= as_day(row["held_on"])
            assert cases[key]["topic"] in row["topics"].split(";")


def test_communes_exist_on_the_day_of_registration():
    units = {(row["code"], row["valid_from"]): row for row in read("reference/units.csv")}
    for name, born in (("cooperatives", "registered_on"), ("founding_groups", "formed_on")):
        for row in demo(name):
            unit = units[row["commune_code"], row["commune_valid_from"]]
            assert unit["level"] == "commune"
            assert unit["valid_from"] <= row[born] <= (unit["valid_to"] or "9999"), row["key"]


def test_every_old_district_has_cooperatives_and_the_hand_picked_one_is_kept():
    units = {(row["code"], row["valid_from"]): row for row in read("reference/units.csv")}
    old = Counter(units[row["commune_code"], row["commune_valid_from"]]["parent_code"] for row in demo("cooperatives"))
    assert {"058", "060", "061", "062", "063", "064", "065", "066"} <= old.keys()
    picked = [(row["commune_code"], row["old_district"]) for row in demo("cooperatives") if row["old_district"]]
    assert picked == [("01933", "064")]


def test_nobody_is_served_before_being_registered_nor_after_2025():
    born = parties()
    for row in demo("consultations"):
        held = as_day(row["held_on"])
        assert date(2022, 1, 1) <= held <= date(2025, 12, 31)
        assert held >= born[row["party"]], row["n"]
    for row in demo("cases"):
        assert as_day(row["opened_on"]) >= born[row["party"]], row["key"]


def test_consultations_are_never_held_on_a_sunday_or_a_day_off():
    off = {row["day"] for row in read("reference/holidays.csv") if row["kind"] == "off"}
    held = [row["held_on"] for row in demo("consultations")]
    assert not off & set(held)
    weekdays = Counter(as_day(day).weekday() for day in held)
    assert weekdays[6] == 0
    assert weekdays[5] <= 20


def test_tax_codes_are_valid_and_synthetic():
    codes = [row["tax_code"] for row in demo("cooperatives") if row["tax_code"]]
    assert len(set(codes)) == len(codes) == 52
    assert all(mst.is_valid(code) and code.startswith("470099") for code in codes)


def test_phones_and_mail_addresses_are_clearly_invented():
    rows = demo("cooperatives") + demo("founding_groups")
    phones = [row["phone"] for row in rows]
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"09\d\d000\d{3}", phone) for phone in phones)
    assert all(row["email"].endswith("@htx.example") for row in demo("cooperatives") if row["email"])


def test_names_begin_with_the_word_of_their_kind():
    words = {"htx": "Hợp tác xã ", "tht": "Tổ hợp tác ", "lhhtx": "Liên hiệp hợp tác xã "}
    rows = demo("cooperatives")
    assert Counter(row["kind"] for row in rows) == {"htx": 48, "tht": 9, "lhhtx": 3}
    assert all(row["name"].startswith(words[row["kind"]]) for row in rows)
    assert len({row["name"] for row in rows}) == 60


def test_all_channels_outcomes_topics_and_officers_occur():
    rows = demo("consultations")
    assert {row["channel"] for row in rows} == CHANNELS
    assert {row["outcome"] for row in rows} == OUTCOMES
    assert {row["officer"] for row in rows} == OFFICERS
    assert {topic for row in rows for topic in row["topics"].split(";")} == TOPICS
    assert all(len(set(row["topics"].split(";"))) == len(row["topics"].split(";")) for row in rows)
    several = sum(";" in row["topics"] for row in rows)
    assert 0.18 <= several / len(rows) <= 0.35


def test_human_resources_begin_with_the_programme_in_july_2022():
    days = [row["held_on"] for row in demo("consultations") if "human_resources" in row["topics"]]
    assert min(days) >= "2022-07-01"


def test_texts_are_written_one_by_one():
    rows = demo("consultations")
    assert all(len(row["question"]) >= 30 and len(row["advice"]) >= 40 for row in rows)
    assert len({row["question"] for row in rows}) >= 0.9 * len(rows)
    assert not [row["n"] for row in rows if re.search(r"[{}]| {2}|\.\.", row["question"] + row["advice"])]


def test_follow_ups_are_done_except_six_around_the_day_of_seeding():
    waiting = []
    for row in demo("consultations"):
        if not row["follow_up_on"]:
            assert row["outcome"] != "follow_up"
            assert not row["follow_up_done_on"]
        elif row["follow_up_done_on"]:
            assert as_day(row["held_on"]) < as_day(row["follow_up_on"]) < SEEDED_ON
            assert as_day(row["held_on"]) < as_day(row["follow_up_done_on"]) < SEEDED_ON
        else:
            assert row["held_on"] >= "2025-10-01"
            waiting.append(row["follow_up_on"])
    assert sorted(waiting) == sorted(["today-3d", "today-1d", "today", "today+1d", "today+3d", "today+6d"])


def test_every_state_and_every_step_of_a_case_occurs_by_allowed_steps():
    rows = demo("cases")
    states = Counter(map(state_of, rows))
    assert states.keys() == OPEN_STATES | CLOSED_STATES
    assert sum(states[state] for state in OPEN_STATES) == 25
    assert {code for row in rows for code, _, _ in steps_of(row)} == STEPS.keys()
    assert {row["topic"] for row in rows} == TOPICS


@pytest.mark.parametrize("today", [SEEDED_ON, date(2027, 6, 30)])
def test_steps_of_a_case_go_forward_in_time_whenever_the_demo_is_started(today):
    for row in demo("cases"):
        last = as_day(row["opened_on"], today)
        for step in filter(None, row["steps"].split(";")):
            day = as_day(step.partition("@")[2].partition(":")[0], today)
            assert last <= day <= today, (row["key"], step)
            last = day


def test_papers_are_all_in_before_a_case_is_submitted_or_completed():
    papers = {(row["topic"], row["code"]) for row in read("reference/checklist.csv")}
    for row in demo("cases"):
        if {"submit", "complete"} & {code for code, _, _ in steps_of(row)}:
            assert row["received"] == "all", row["key"]
        elif row["received"] and not re.fullmatch(r"all|first:\d+", row["received"]):
            assert {(row["topic"], code) for code in row["received"].split(";")} <= papers


def test_some_cases_are_overdue_today():
    overdue = [
        row["key"]
        for row in demo("cases")
        if row["due_on"]
        and state_of(row) in OPEN_STATES - {"waiting_cooperative"}
        and "request_papers" not in row["steps"]
        and as_day(row["due_on"]) < SEEDED_ON
    ]
    assert len(overdue) >= 3


def test_business_lines_exist_and_each_cooperative_has_one_main_line_in_force():
    lines = {(row["version"], row["code"]) for row in read("reference/vsic.csv")}
    starts = {"2018": "2018-08-20", "2025": "2025-11-15"}
    born = parties()
    now = Counter()
    for row in demo("business_lines"):
        assert (row["version"], row["code"]) in lines
        assert row["valid_from"] >= starts[row["version"]]
        assert as_day(row["valid_from"]) >= born[row["cooperative"]]
        assert not row["valid_to"] or row["valid_to"] > row["valid_from"]
        now[row["cooperative"]] += not row["valid_to"] and row["is_main"] == "1"
    assert set(now.values()) == {1}


def test_terms_last_at_most_five_years_and_several_are_about_to_end():
    soon = 0
    for row in demo("terms"):
        start, end = as_day(row["started_on"]), as_day(row["ends_on"])
        assert timedelta(0) < end - start <= timedelta(days=1827)
        soon += SEEDED_ON < end <= SEEDED_ON + timedelta(170)
    assert soon >= 6


def test_ocop_stars_follow_the_score_and_certificates_last_36_months():
    for row in demo("ocop"):
        score = float(row["score"])
        assert int(row["stars"]) == (5 if score >= 90 else 4 if score >= 70 else 3)
        assert score >= 50
        assert row["criteria_version"] in {"148", "148-2025", "1048"}
        span = as_day(row["valid_until"]) - as_day(row["decided_on"])
        assert timedelta(1090) <= span <= timedelta(1100), row["product"]


def test_loan_amounts_are_in_order_and_a_refusal_has_its_reason():
    for row in demo("loans"):
        paid = [
            int(each["amount"])
            for each in demo("disbursements")
            if (each["cooperative"], each["submitted_on"]) == (row["cooperative"], row["submitted_on"])
        ]
        assert int(row["requested"]) >= int(row["approved"]) >= sum(paid) >= 0
        assert bool(row["refusal_reason"]) == (row["result"] == "refused")
        if row["result"] not in {"approved", "partial"}:
            assert int(row["approved"]) == 0
        if row["result"] == "partial":
            assert int(row["approved"]) < int(row["requested"])
    assert {row["result"] for row in demo("loans")} == {
        "pending",
        "approved",
        "partial",
        "refused",
        "withdrawn",
    }


def test_placements_name_nobody_and_end_after_they_start():
    for row in demo("placements"):
        assert re.fullmatch(r"Lao động \d\d", row["person_label"])
        assert "2022-07-01" <= row["started_on"] < row["ends_on"]


def test_every_placement_stands_on_a_line_of_the_invented_list():
    lines = {(row["cooperative"], row["decision_no"], row["job"]): row for row in demo("approved_support")}
    cooperatives = {row["key"] for row in demo("cooperatives")}
    assert len(lines) == 12
    assert {row["cooperative"] for row in demo("training_participations")} <= cooperatives
    for row in demo("placements"):
        line = lines[row["cooperative"], row["decision_no"], row["job"]]
        assert "MẪU" in row["decision_no"]
        assert line["valid_from"] <= row["started_on"] < row["ends_on"] <= line["valid_to"]


def test_what_demo_cases_say_of_a_contract_is_what_the_register_holds():
    placed = {(row["cooperative"], row["person_label"], row["started_on"]): row for row in demo("placements")}
    party = {row["key"]: row["party"] for row in demo("cases")}
    for row in demo("details_human_resources"):
        placement = placed[party[row["case"]], row["person_label"], row["started_on"]]
        shared = row.keys() & placement.keys()
        assert {name: row[name] for name in shared} == {name: placement[name] for name in shared}


def test_months_of_batches_follow_one_another_and_are_paid_after_they_are_over():
    batches = demo("payment_batches")
    for row in batches:
        assert row["from_month"] <= row["to_month"] < row["decided_on"] <= row["paid_on"]
    assert all(one["to_month"] < other["from_month"] for one, other in pairwise(batches))


# Referrals


def test_referrals_belong_to_open_cases_and_go_to_agencies_of_the_reference():
    cases = {row["key"]: row for row in demo("cases")}
    agencies = {row["code"] for row in read("reference/agencies.csv")}
    for row in demo("referrals"):
        steps = [step.split("@")[0] for step in cases[row["case"]]["steps"].split(";")]
        assert steps[-1] in ("start", "request_papers", "submit", "await_result")
        assert row["agency"] in agencies
        days = [as_day(row[name]) for name in ("sent_on", "answered_on") if row[name]]
        days.insert(0, as_day(cases[row["case"]]["opened_on"]))
        assert days == sorted(days)
        assert (row["answered_on"] == "") == (row["answer_kind"] == "") == (row["answer"] == "")
