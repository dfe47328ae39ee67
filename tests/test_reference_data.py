"""The reference files themselves: counts, known traps and dates, read as plain CSV without a database."""

import csv
import unicodedata
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parent.parent / "fixtures" / "reference"
COLUMNS = {
    "units": "code,valid_from,valid_to,level,kind,name,parent_code,parent_valid_from,"
    "successor_code,successor_valid_from",
    "vsic": "version,code,name_vi,name_en,confidence",
    "vsic_changes": "from_version,from_code,to_version,to_code,note,confidence",
    "conditional_lines": "version,code,licence,note_vi,note_en,valid_from,valid_to,legal_document,article,confidence",
    "procedures": "code,name_vi,name_en,tthc_code,who,anchor_vi,anchor_en,deadline_days,deadline_unit,deadline_rule,"
    "deadline_side,processing_days,processing_unit,channels,fee_note,effect,despite,valid_from,valid_to,legal_document,"
    "article,confidence,note",
    "legal_rules": "key,value,unit,valid_from,valid_to,legal_document,article,confidence,note",
    "agencies": "code,kind,name_vi,name_en,unit_code,unit_valid_from,valid_from,valid_to,successor_code,phone,"
    "legal_document,article,confidence,note",
    "holidays": "day,kind,name,confidence,note",
    "loan_programmes": "code,lender,name_vi,name_en,cap_tht,cap_htx,cap_lhhtx,cap_rule,lender_capital,"
    "own_capital_percent,rate_note,valid_from,valid_to,legal_document,article,confidence,note",
    "tax_obligations": "code,title_vi,title_en,frequency,edge,months,day,filers,employers_only,not_agriculture,"
    "voluntary,by_fiscal_year,position,valid_from,valid_to,legal_document,article,confidence,note",
    "tax_overrides": "obligation_code,period,new_date,request_by,agriculture_only,legal_document,article,confidence,"
    "note",
    "checklist": "topic,variant,code,label_vi,label_en,required,position,valid_from,valid_to,legal_document,article,"
    "confidence",
    "ocop_product_sets": "code,group,name,sets,criteria_version,valid_from,valid_to,legal_document,article,confidence,"
    "note",
    "reminder_rules": "key,occasion,offsets,unit,repeat_every,audience,channels,grace_days,look_back_days,"
    "retry_unknown,valid_from,valid_to,legal_document,article,confidence,note",
    "legal_bases": "topic,code,title_vi,title_en,valid_from,legal_document,article,confidence,note",
}
NATURAL_KEYS = {
    "units": ("code", "valid_from"),
    "vsic": ("version", "code"),
    "vsic_changes": ("from_version", "from_code", "to_version", "to_code"),
    "conditional_lines": ("version", "code", "licence", "valid_from"),
    "procedures": ("code", "valid_from"),
    "legal_rules": ("key", "valid_from"),
    "agencies": ("code",),
    "holidays": ("day",),
    "loan_programmes": ("code", "valid_from"),
    "tax_obligations": ("code", "valid_from"),
    "tax_overrides": ("obligation_code", "period"),
    "checklist": ("topic", "variant", "code"),
    "ocop_product_sets": ("code", "valid_from"),
    "legal_bases": ("topic", "valid_from"),
    "reminder_rules": ("key", "valid_from"),
}
TOPICS = (
    "registration",
    "business_lines",
    "term_congress",
    "ocop",
    "loan",
    "tax",
    "human_resources",
    "trade_promotion",
)
LAST_DAY_BEFORE_MERGER, MERGER = "2025-06-30", "2025-07-01"
LAST_DAY_OF_OLD_LAW, NEW_LAW = date(2024, 6, 30), date(2024, 7, 1)
ONE_DAY = timedelta(days=1)


def read(name):
    """The rows of one reference file as dictionaries of text."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def period(row):
    """First and last day of a row; an open end reads as the last day there is."""
    end = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
    return date.fromisoformat(row["valid_from"]), end


def in_force(rows, day):
    """The rows whose period holds the day, both ends included."""
    return [row for row in rows if period(row)[0] <= day <= period(row)[1]]


def value_on(key, day):
    """The one value of a rule on a day, as written in the file; fails when there is none or more than one."""
    (row,) = in_force([row for row in read("legal_rules") if row["key"] == key], day)
    return row["value"]


def old_and_new_communes():
    """Communes before the merger and after it, each by code."""
    communes = [row for row in read("units") if row["level"] == "commune"]
    old = {row["code"]: row for row in communes if row["valid_to"] == LAST_DAY_BEFORE_MERGER}
    new = {row["code"]: row for row in communes if row["valid_from"] == MERGER}
    assert len(old) + len(new) == len(communes)
    return old, new


# Every file


@pytest.mark.parametrize("name", COLUMNS)
def test_the_file_is_utf8_with_lf_lines_its_columns_and_composed_letters(name):
    text = (REFERENCE / f"{name}.csv").read_bytes().decode("utf-8")
    assert text.splitlines()[0] == COLUMNS[name]
    assert "\r" not in text
    assert text.endswith("\n")
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("name", COLUMNS)
def test_no_cell_has_stray_spaces_and_no_row_has_a_cell_too_many_or_too_few(name):
    for row in read(name):
        assert None not in row
        assert None not in row.values()
        assert [cell for cell in row.values() if cell != " ".join(cell.split())] == []


@pytest.mark.parametrize("name", NATURAL_KEYS)
def test_a_natural_key_names_one_row(name):
    keys = Counter(tuple(row[column] for column in NATURAL_KEYS[name]) for row in read(name))
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize(
    "name",
    [
        "vsic",
        "legal_rules",
        "agencies",
        "holidays",
        "loan_programmes",
        "checklist",
        "ocop_product_sets",
        "legal_bases",
        "procedures",
        "reminder_rules",
        "tax_obligations",
        "tax_overrides",
    ],
)
def test_every_row_says_how_sure_it_is(name):
    assert {row["confidence"] for row in read(name)} - {"C", "K", "K~", "U"} == set()


@pytest.mark.parametrize("name", ["units", "legal_rules", "agencies", "checklist", "ocop_product_sets"])
def test_a_period_never_ends_before_it_begins(name):
    assert [row for row in read(name) if period(row)[0] > period(row)[1]] == []


def test_the_files_have_the_rows_we_counted():
    assert {name: len(read(name)) for name in COLUMNS} == {
        "units": 155,
        "vsic": 172,
        "vsic_changes": 11,
        "conditional_lines": 50,
        "legal_rules": 159,
        "agencies": 63,
        "holidays": 69,
        "loan_programmes": 8,
        "tax_obligations": 26,
        "tax_overrides": 9,
        "checklist": 138,
        "ocop_product_sets": 11,
        "legal_bases": 29,
        "procedures": 27,
        "reminder_rules": 22,
    }


# Territory


def test_there_are_two_provinces_eight_districts_108_old_and_37_new_communes():
    assert Counter((row["level"], row["valid_from"]) for row in read("units")) == {
        ("province", "1900-01-01"): 2,
        ("district", "1900-01-01"): 8,
        ("commune", "1900-01-01"): 108,
        ("commune", MERGER): 37,
    }


def test_each_old_district_has_its_number_of_communes():
    old, _ = old_and_new_communes()
    assert Counter(row["parent_code"] for row in old.values()) == {
        "058": 8,
        "060": 10,
        "061": 15,
        "062": 10,
        "063": 14,
        "064": 20,
        "065": 14,
        "066": 17,
    }


def test_the_kinds_of_commune_before_and_after_the_merger_are_as_published():
    old, new = old_and_new_communes()
    assert Counter(row["kind"] for row in old.values()) == {"xa": 95, "thi_tran": 7, "phuong": 6}
    assert Counter(row["kind"] for row in new.values()) == {"xa": 35, "phuong": 2}


def test_all_new_codes_reuse_an_old_code_and_19_of_them_under_another_name():
    old, new = old_and_new_communes()
    assert new.keys() - old.keys() == set()
    assert sum(new[code]["name"] != old[code]["name"] for code in new) == 19


def test_six_names_exist_in_both_eras_under_different_codes():
    old, new = old_and_new_communes()
    old_code = {row["name"]: code for code, row in old.items()}
    assert len(old_code) == 108
    moved = {
        row["name"]: (old_code[row["name"]], code)
        for code, row in new.items()
        if row["name"] in old_code and old_code[row["name"]] != code
    }
    assert moved == {
        "Bằng Thành": ("01858", "01864"),
        "Chợ Rã": ("01888", "01912"),
        "Thanh Thịnh": ("02113", "02107"),
        "Văn Lang": ("02140", "02143"),
        "Trần Phú": ("02179", "02176"),
        "Côn Minh": ("02173", "02185"),
    }


def test_three_new_communes_join_two_old_districts_and_the_others_one():
    old, new = old_and_new_communes()
    origins = {code: set() for code in new}
    for row in old.values():
        origins[row["successor_code"]].add(row["parent_code"])
    assert {new[code]["name"]: districts for code, districts in origins.items() if len(districts) != 1} == {
        "Phong Quang": {"058", "063"},
        "Đồng Phúc": {"061", "064"},
        "Bạch Thông": {"063", "064"},
    }


def test_every_successor_exists_and_is_valid_the_day_after():
    units = {(row["code"], row["valid_from"]): row for row in read("units")}
    with_successor = [row for row in units.values() if row["successor_code"]]
    assert len(with_successor) == 109
    for row in with_successor:
        successor = units[row["successor_code"], row["successor_valid_from"]]
        day_after = period(row)[1] + ONE_DAY
        assert successor["level"] == row["level"]
        assert in_force([successor], day_after) == [successor]


def test_units_without_a_successor_are_the_living_ones_and_the_abolished_districts():
    without = [row for row in read("units") if not row["successor_code"]]
    assert Counter((row["level"], row["valid_to"]) for row in without) == {
        ("province", ""): 1,
        ("district", LAST_DAY_BEFORE_MERGER): 8,
        ("commune", ""): 37,
    }


def test_every_parent_is_one_level_up_and_covers_the_life_of_its_child():
    units = {(row["code"], row["valid_from"]): row for row in read("units")}
    for row in units.values():
        if row["level"] == "province":
            assert row["parent_code"] == ""
            continue
        parent = units[row["parent_code"], row["parent_valid_from"]]
        is_old_commune = row["level"] == "commune" and row["valid_to"] != ""
        assert parent["level"] == ("district" if is_old_commune else "province")
        assert period(parent)[0] <= period(row)[0]
        assert period(row)[1] <= period(parent)[1]


def test_bang_phuc_of_old_cho_don_became_dong_phuc():
    old, new = old_and_new_communes()
    bang_phuc = old["02041"]
    assert (bang_phuc["name"], bang_phuc["parent_code"]) == ("Bằng Phúc", "064")
    assert new[bang_phuc["successor_code"]]["name"] == "Đồng Phúc"


def test_code_01864_is_boc_bo_until_the_merger_and_bang_thanh_after_it():
    rows = [row for row in read("units") if row["code"] == "01864"]
    names = {
        day: [row["name"] for row in in_force(rows, date.fromisoformat(day))]
        for day in (LAST_DAY_BEFORE_MERGER, MERGER)
    }
    assert names == {LAST_DAY_BEFORE_MERGER: ["Bộc Bố"], MERGER: ["Bằng Thành"]}


# Business lines


def test_codes_have_four_digits_in_one_of_the_two_versions():
    rows = read("vsic")
    assert Counter(row["version"] for row in rows) == {"2018": 89, "2025": 83}
    assert [row for row in rows if not (len(row["code"]) == 4 and row["code"].isdigit())] == []
    assert [row for row in rows if not row["name_vi"] or not row["name_en"]] == []


def test_codes_that_changed_stand_only_in_their_own_version():
    codes = {version: {r["code"] for r in read("vsic") if r["version"] == version} for version in ("2018", "2025")}
    assert codes["2025"] - codes["2018"] == {"0130", "0230", "1105", "4671", "4672", "4673", "4679", "5520"}
    assert codes["2018"] - codes["2025"] == (
        {"0131", "0132", "0231", "0232", "4661", "4662", "4663", "4669"}
        | {"0810", "3100", "3600", "3811", "4211", "9329"}
    )


def test_lines_known_from_memory_only_are_marked_so():
    assert {(row["version"], row["code"]) for row in read("vsic") if row["confidence"] != "C"} == {
        ("2018", code) for code in ("0231", "0232", "0810", "3100", "3600", "3811", "4211", "4661", "4662", "9329")
    } | {("2025", code) for code in ("1104", "4671", "4672")}


def test_1104_means_soft_drinks_in_one_version_and_malt_in_the_other():
    names = {row["version"]: row["name_vi"] for row in read("vsic") if row["code"] == "1104"}
    assert names == {"2018": "Sản xuất đồ uống không cồn, nước khoáng", "2025": "Sản xuất mạch nha ủ men bia"}


def test_conditions_are_those_of_lines_there_are_and_none_is_confirmed():
    lines = {(row["version"], row["code"]) for row in read("vsic")}
    rows = read("conditional_lines")
    assert {(row["version"], row["code"]) for row in rows} - lines == set()
    assert {row["confidence"] for row in rows} == {"K~", "U"}
    assert {row["valid_from"] for row in rows if row["version"] == "2025"} == {"2025-11-15"}


def test_the_classification_of_2025_takes_over_on_15_november():
    days = (date(2018, 8, 20), date(2025, 11, 14), date(2025, 11, 15))
    assert [value_on("vsic.version", day) for day in days] == ["2018", "2018", "2025"]


def test_changes_are_the_known_ones_and_both_ends_exist():
    changes = read("vsic_changes")
    assert {(row["from_code"], row["to_code"]) for row in changes} == {
        ("0131", "0130"),
        ("0132", "0130"),
        ("0231", "0230"),
        ("0232", "0230"),
        ("1104", "1105"),
        ("4661", "4671"),
        ("4662", "4672"),
        ("4663", "4673"),
        ("4669", "4679"),
        ("5510", "5510"),
        ("5510", "5520"),
    }
    lines = {(row["version"], row["code"]) for row in read("vsic")}
    for row in changes:
        assert (row["from_version"], row["to_version"]) == ("2018", "2025")
        assert {("2018", row["from_code"]), ("2025", row["to_code"])} - lines == set()


# Legal rules


def test_periods_of_one_key_do_not_overlap():
    by_key = {}
    for row in read("legal_rules"):
        by_key.setdefault(row["key"], []).append(period(row))
    overlaps = {
        key: (earlier, later)
        for key, periods in by_key.items()
        for earlier, later in pairwise(sorted(periods))
        if later[0] <= earlier[1]
    }
    assert overlaps == {}


def test_a_key_with_several_periods_has_no_day_between_them():
    rows = sorted(read("legal_rules"), key=lambda row: (row["key"], row["valid_from"]))
    gaps = [
        (earlier["key"], later["valid_from"])
        for earlier, later in pairwise(rows)
        if earlier["key"] == later["key"] and period(earlier)[1] + ONE_DAY != period(later)[0]
    ]
    assert gaps == []


def test_a_key_keeps_one_unit_through_all_its_periods():
    units = {}
    for row in read("legal_rules"):
        assert row["unit"] != ""
        units.setdefault(row["key"], set()).add(row["unit"])
    assert {key: found for key, found in units.items() if len(found) != 1} == {}


def test_values_are_plain_numbers_and_dates():
    for row in read("legal_rules"):
        if row["unit"] == "date":
            assert date.fromisoformat(row["value"]).isoformat() == row["value"]
        elif row["unit"] == "month_day":
            assert date.fromisoformat(f"2025-{row['value']}").strftime("%m-%d") == row["value"]
        elif row["unit"] == "times_minimum_wage":
            assert row["value"] == "1.5"
        elif row["unit"] not in ("choice", "text", "code"):
            assert str(int(row["value"])) == row["value"]


@pytest.mark.parametrize(
    ("key", "under_2012_law", "under_2023_law"),
    [
        ("htx.min_members", "7", "5"),
        ("lhhtx.min_cooperatives", "4", "3"),
        ("change.register_days", "15", "10"),
        ("change.notify_days", "15", "10"),
        ("registrar.processing_wd", "5", "3"),
        ("congress.annual_months", "3", "4"),
        ("congress.notice_days", "7", "3"),
        ("congress.quorum_pct_call_1", "75", "50"),
        ("congress.quorum_pct_call_2", "50", "33"),
        ("congress.quorum_pct_call_3", "0", "0"),
        ("congress.term_max_years", "5", "5"),
    ],
)
def test_the_new_law_takes_over_on_1_july_2024(key, under_2012_law, under_2023_law):
    assert value_on(key, LAST_DAY_OF_OLD_LAW) == under_2012_law
    assert value_on(key, NEW_LAW) == under_2023_law


@pytest.mark.parametrize(
    ("day", "wages"),
    [
        (date(2022, 6, 30), ["4420000", "3920000", "3430000", "3070000"]),
        (date(2022, 7, 1), ["4680000", "4160000", "3640000", "3250000"]),
        (date(2024, 6, 30), ["4680000", "4160000", "3640000", "3250000"]),
        (date(2024, 7, 1), ["4960000", "4410000", "3860000", "3450000"]),
        (date(2025, 12, 31), ["4960000", "4410000", "3860000", "3450000"]),
        (date(2026, 1, 1), ["5310000", "4730000", "4140000", "3700000"]),
    ],
)
def test_minimum_wages_change_on_their_days(day, wages):
    assert [value_on(f"rmw.region_{region}", day) for region in (1, 2, 3, 4)] == wages


def test_the_town_was_wage_region_three_and_the_seven_districts_four():
    regions = {row["key"]: row["value"] for row in read("legal_rules") if row["unit"] == "wage_region"}
    assert regions == {"area_region.058": "3"} | {f"area_region.0{n}": "4" for n in range(60, 67)}


def test_ocop_bands_meet_and_certificates_live_36_months():
    day = date(2023, 2, 24)
    assert [value_on(f"ocop.star_{star}_from", day) for star in (1, 2, 3, 4, 5)] == [
        "0",
        "30",
        "50",
        "70",
        "90",
    ]
    assert sum(int(value_on(f"ocop.part_{part}_max", day)) for part in "abc") == 100
    assert value_on("ocop.validity_months", date(2024, 2, 29)) == "36"


def test_the_product_sets_are_the_26_of_the_decision_on_six_groups():
    sets = read("ocop_product_sets")
    assert sum(int(row["sets"]) for row in sets) == 26
    assert sum(int(row["sets"]) for row in sets if row["group"] == "food") == 13
    assert len({row["group"] for row in sets}) == 6
    assert {(row["criteria_version"], row["valid_from"]) for row in sets} == {("148", "2023-02-24")}


@pytest.mark.parametrize(
    ("day", "level"),
    [
        (date(2023, 2, 23), "province"),
        (date(2023, 2, 24), "district"),
        (date(2025, 7, 5), "district"),
        (date(2025, 7, 6), "province"),
    ],
)
def test_three_stars_were_given_by_the_district_only_between_two_decisions(day, level):
    assert value_on("ocop.level.star_3", day) == level


def test_the_unsecured_loan_cap_rises_on_1_july_2025():
    assert value_on("unsecured_loan_cap", date(2025, 6, 30)) == "1000000000"
    assert value_on("unsecured_loan_cap", date(2025, 7, 1)) == "5000000000"


def test_what_the_office_sets_itself_is_marked_uncertain_and_cites_no_law():
    prefix = "case.due_working_days."
    rows = {row["key"]: row for row in read("legal_rules") if row["key"].startswith(prefix)}
    assert {key.removeprefix(prefix): row["value"] for key, row in rows.items()} == dict(
        zip(TOPICS, ("10", "10", "30", "60", "30", "5", "20", "30"), strict=True)
    )
    terms = {(row["confidence"], row["legal_document"], row["valid_from"], row["valid_to"]) for row in rows.values()}
    assert terms == {("U", "", "2022-01-01", "")}


def test_the_terms_of_referrals_are_the_offices_own():
    rows = [row for row in read("legal_rules") if row["key"].startswith("referral.")]
    assert [(row["key"], row["value"], row["unit"], row["confidence"], row["legal_document"]) for row in rows] == [
        ("referral.answer_working_days", "10", "working_day", "U", ""),
        ("referral.escalate_after_working_days", "3", "working_day", "U", ""),
    ]


# Agencies


def test_there_are_eight_district_registrars_and_one_for_each_new_commune():
    rows = [row for row in read("agencies") if row["kind"] == "registrar"]
    assert Counter((row["valid_from"], row["valid_to"], row["confidence"]) for row in rows) == {
        ("1900-01-01", LAST_DAY_BEFORE_MERGER, "C"): 8,
        (MERGER, "", "K"): 37,
    }
    _, new = old_and_new_communes()
    assert {row["unit_code"] for row in rows if row["valid_from"] == MERGER} == set(new)


def test_a_new_registrar_bears_the_name_and_the_kind_of_its_commune():
    _, new = old_and_new_communes()
    offices = {"xa": "Phòng Kinh tế xã", "phuong": "Phòng Kinh tế, Hạ tầng và Đô thị phường"}
    for row in read("agencies"):
        if row["kind"] == "registrar" and row["valid_from"] == MERGER:
            commune = new[row["unit_code"]]
            assert row["name_vi"] == f"{offices[commune['kind']]} {commune['name']}"


def test_a_successor_begins_the_day_after_or_was_there_already():
    rows = {row["code"]: row for row in read("agencies")}
    for row in rows.values():
        assert (row["successor_code"] != "") == (row["valid_to"] != "" and row["kind"] != "registrar")
        if row["successor_code"]:
            begins, ends = period(rows[row["successor_code"]])
            assert begins <= period(row)[1] + ONE_DAY <= ends
            assert rows[row["successor_code"]]["kind"] == row["kind"]


# Holidays


def test_every_year_has_its_fixed_holidays_and_one_more_day_beside_2_september():
    days = {row["day"] for row in read("holidays")}
    for year in range(2022, 2027):
        assert {f"{year}-{day}" for day in ("01-01", "04-30", "05-01", "09-02")} - days == set()
        assert len({f"{year}-09-01", f"{year}-09-03"} & days) == 1


def test_the_new_year_breaks_are_whole():
    tet = [date.fromisoformat(row["day"]) for row in read("holidays") if row["name"] == "Tết Nguyên đán"]
    by_year = {}
    for day in tet:
        by_year.setdefault(day.year, []).append(day)
    breaks = {year: (min(days), max(days), len(days)) for year, days in by_year.items()}
    assert breaks == {
        2022: (date(2022, 1, 31), date(2022, 2, 4), 5),
        2023: (date(2023, 1, 20), date(2023, 1, 26), 7),
        2024: (date(2024, 2, 8), date(2024, 2, 14), 7),
        2025: (date(2025, 1, 25), date(2025, 2, 2), 9),
        2026: (date(2026, 2, 14), date(2026, 2, 22), 9),
    }


def test_the_day_after_a_sunday_commemoration_of_the_hung_kings_is_off_too():
    rows = {row["day"]: row["name"] for row in read("holidays") if "Giỗ Tổ" in row["name"]}
    own_day, compensation = "Giỗ Tổ Hùng Vương", "Nghỉ bù Giỗ Tổ Hùng Vương"
    assert rows == {
        "2022-04-10": own_day,
        "2022-04-11": compensation,
        "2023-04-29": own_day,
        "2024-04-18": own_day,
        "2025-04-07": own_day,
        "2026-04-26": own_day,
        "2026-04-27": compensation,
    }
    sundays = {day for day in rows if date.fromisoformat(day).isoweekday() == 7}
    assert sundays == {"2022-04-10", "2026-04-26"}


def test_no_make_up_working_day_is_invented():
    assert Counter(row["kind"] for row in read("holidays")) == {"off": 69}


# Bases


@pytest.mark.parametrize("topic", TOPICS)
def test_the_laws_of_each_topic_begin_before_any_case_and_are_in_order(topic):
    starts = [row["valid_from"] for row in read("legal_bases") if row["topic"] == topic]
    assert starts[0] == "1900-01-01"
    assert starts == sorted(set(starts))


# Checklists


def test_each_topic_has_one_checklist_of_known_length():
    assert Counter(row["topic"] for row in read("checklist")) == {
        "registration": 67,
        "business_lines": 6,
        "term_congress": 26,
        "ocop": 15,
        "loan": 7,
        "tax": 5,
        "human_resources": 6,
        "trade_promotion": 6,
    }


def test_positions_run_from_one_without_holes():
    positions = {}
    for row in read("checklist"):
        positions.setdefault(row["topic"], set()).add(int(row["position"]))
    assert {topic: found for topic, found in positions.items() if found != {*range(1, len(found) + 1)}} == {}


def test_a_term_congress_asks_for_all_17_papers_and_other_meetings_for_some_of_them():
    papers = {}
    for row in read("checklist"):
        if row["topic"] == "term_congress":
            papers.setdefault(row["variant"], set()).add(row["code"])
    for_all = papers.pop("")
    assert {variant: len(for_all | codes) for variant, codes in papers.items()} == {
        "term": 17,
        "annual": 11,
        "extraordinary": 8,
        "founding": 11,
    }
    assert [variant for variant, codes in papers.items() if not codes <= papers["term"] | for_all] == []


def test_codes_are_slugs_and_labels_are_in_both_languages():
    for row in read("checklist"):
        assert row["code"].isascii()
        assert row["code"].isidentifier()
        assert row["code"] == row["code"].lower()
        assert row["required"] in ("0", "1")
        assert row["label_vi"]
        assert row["label_en"]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_a_required_item_on_every_day_from_2022_to_2027(topic):
    required = [row for row in read("checklist") if row["topic"] == topic and row["required"] == "1"]
    days = (date(2022, 1, 1) + ONE_DAY * n for n in range((date(2027, 12, 31) - date(2022, 1, 1)).days + 1))
    assert [day for day in days if not in_force(required, day)] == []


def test_a_code_of_a_paper_bears_one_name_in_all_procedures():
    names = {}
    for row in read("checklist"):
        names.setdefault((row["topic"], row["code"]), set()).add((row["label_vi"], row["label_en"]))
    assert {code: found for code, found in names.items() if len(found) > 1} == {}


@pytest.mark.parametrize("topic", ["registration", "business_lines"])
def test_the_dossier_changes_completely_with_the_law(topic):
    rows = [row for row in read("checklist") if row["topic"] == topic]
    before = {row["code"] for row in in_force(rows, LAST_DAY_OF_OLD_LAW)}
    after = {row["code"] for row in in_force(rows, NEW_LAW)}
    assert before & after == set()
    assert before | after == {row["code"] for row in rows}


def test_the_new_law_asks_for_a_notice_and_the_old_one_for_an_application_to_change_lines():
    rows = [row for row in read("checklist") if row["topic"] == "business_lines"]
    assert [row["code"] for row in in_force(rows, LAST_DAY_OF_OLD_LAW)] == [
        "change_application_2012",
        "minutes_2012",
        "resolution_2012",
    ]
    assert [row["code"] for row in in_force(rows, NEW_LAW)] == ["change_notice", "minutes", "resolution"]
