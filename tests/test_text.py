"""Vietnamese text: one normal form, folding for search, the order of the alphabet, phones, amounts."""

import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cooperatives.text import (
    digits_only,
    fold,
    nfc,
    nfc_lines,
    normal_phone,
    parse_dong,
    search_key,
    search_terms,
    sort_key,
    specific_name,
)

# Each vowel with its six tones in the order of the dictionary: level, huyền, hỏi, ngã, sắc, nặng.
VOWELS = [
    "aàảãáạ", "ăằẳẵắặ", "âầẩẫấậ", "eèẻẽéẹ", "êềểễếệ", "iìỉĩíị",
    "oòỏõóọ", "ôồổỗốộ", "ơờởỡớợ", "uùủũúụ", "ưừửữứự", "yỳỷỹýỵ",
]  # fmt: skip
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
LETTERS = "".join(VOWELS) + "bcdđghklmnpqrstvx"
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u200e", "\u2060", "\ufeff", "\x00", "\x1f"]

words = st.text(alphabet=LETTERS + LETTERS.upper(), min_size=1, max_size=12)
phrases = st.lists(words, min_size=1, max_size=5).map(" ".join)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def dictionary_order(word: str) -> tuple[list[int], list[int]]:
    """The place of a word in a dictionary, from the table of vowels above."""
    letters, tones = [], []
    for char in word.casefold():
        row = next((row for row in VOWELS if char in row), char)
        letters.append(ALPHABET.index(row[0]))
        tones.append(row.index(char))
    return letters, tones


@given(st.text())
@example("e\u200b\u0301")
@example("ho\u200d\u0300a")
def test_normal_text_stays_the_same_when_normalised_again(text):
    assert nfc(nfc(text)) == nfc(text)
    assert unicodedata.is_normalized("NFC", nfc(text))
    assert nfc_lines(nfc_lines(text)) == nfc_lines(text)
    assert unicodedata.is_normalized("NFC", nfc_lines(text))


@given(st.text())
def test_decomposed_text_equals_the_same_text_composed(text):
    assert nfc(nfd(text)) == nfc(text)
    assert nfc_lines(nfd(text)) == nfc_lines(text)
    assert fold(nfd(text)) == fold(text)
    assert sort_key(nfd(text)) == sort_key(text)


@given(phrases, st.sampled_from(INVISIBLE), st.integers(min_value=0, max_value=60))
def test_zero_width_and_control_characters_inside_a_text_do_not_matter(text, sign, place):
    pasted = text[:place] + sign + text[place:]
    assert nfc(pasted) == text
    assert nfc_lines(pasted) == text
    assert fold(pasted) == fold(text)
    assert search_terms(pasted) == search_terms(text)


def test_white_space_of_every_kind_becomes_one_blank():
    assert nfc(" \t Hợp\u00a0tác\u3000\u2009xã \r\n Đồng   Phúc\n") == "Hợp tác xã Đồng Phúc"


def test_lines_keep_their_breaks_and_lose_blanks_at_their_ends():
    assert nfc_lines("\n \u200b\nMột  \r\n\r\nHai\t\rBa \n\n") == "Một\n\nHai\nBa"


def test_a_text_of_invisible_characters_is_empty():
    assert nfc(" \u200b\ufeff\x00 ") == ""
    assert nfc_lines("\u200b\n\u2060\n ") == ""


@given(st.text())
def test_folding_twice_gives_what_folding_once_gave(text):
    assert fold(fold(text)) == fold(text)


@given(phrases)
def test_a_folded_vietnamese_text_is_plain_lower_case_without_y(text):
    assert set(fold(text)) <= set("abcdefghijklmnopqrstuvwxz ")
    assert fold(text.upper()) == fold(text)


@pytest.mark.parametrize("row", VOWELS)
def test_every_tone_of_a_vowel_folds_to_one_letter(row):
    plain = {"ă": "a", "â": "a", "ê": "e", "ô": "o", "ơ": "o", "ư": "u", "y": "i"}.get(row[0], row[0])
    assert [fold(char) for char in row] == [plain] * 6
    assert [fold(nfd(char.upper())) for char in row] == [plain] * 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sĩ Bình", "Sỹ Bình"),
        ("Hòa Mục", "Hoà Mục"),
        ("Thủy", "Thuỷ"),
        ("quý", "quí"),
        ("Mỹ Phương", "Mĩ Phương"),
        ("Đồng Phúc", "DONG PHUC"),
        ("Nà Phặc", "na-phac"),
        ("Hoàng Trĩ", "Hoàng Trỹ"),
    ],
)
def test_spellings_that_differ_in_tone_place_or_i_and_y_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_different_names_stay_different_when_folded():
    assert fold("Văn Lang") == fold("Văn Lăng")  # the one collision of the area, kept apart by district
    assert fold("Yên Thịnh") != fold("Yên Thượng")
    assert fold("Đồng Phúc") != fold("Đông Phú")


def test_a_search_without_accents_finds_the_name():
    key = search_key("Hợp tác xã Đồng Phúc", "4700990014", "Bàn Văn Páo")
    assert search_terms("hop tac xa dong phuc") == ["dong", "phuc"]
    assert all(term in key for term in search_terms("hop tac xa dong phuc"))
    assert all(term in key for term in search_terms("HTX ĐỒNG PHÚC"))
    assert all(term in key for term in search_terms(nfd("Hợp tác xã Đồng Phúc")))
    assert all(term in key for term in search_terms("pao dong"))
    assert not all(term in key for term in search_terms("hop tac xa dong phung"))


@given(phrases)
def test_every_word_of_a_name_finds_it_typed_without_accents(name):
    key = search_key(name)
    plain = nfd(name.replace("đ", "d").replace("Đ", "D"))
    typed = "".join(c for c in plain if not unicodedata.combining(c))
    assert all(term in key for term in search_terms(typed))


def test_the_kind_alone_is_still_a_search():
    assert search_terms("hợp tác xã") == ["hop", "tac", "xa"]
    assert search_terms("LHHTX") == ["lhhtx"]
    assert search_terms("  ") == []


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("phường Đức Xuân", "duc xuan"),
        ("phuong duc xuan", "duc xuan"),
        ("thị trấn Bằng Lũng", "bang lung"),
        ("THI TRAN BANG LUNG", "bang lung"),
        ("huyện Chợ Đồn", "cho don"),
        ("TP. Bắc Kạn", "bac kan"),
        ("tx bac kan", "bac kan"),
        (nfd("tỉnh Bắc Kạn"), "bac kan"),
        ("Nà Duồng, xã Bằng Vân, huyện Ngân Sơn", "na duong bang van ngan son"),
        ("Tổ hợp tác xã Bằng Vân", "bang van"),
        ("Hợp tác xã Thành Phố Xanh", "xanh"),
    ],
)
def test_what_a_place_is_called_by_before_its_name_is_not_asked_for(typed, asked):
    assert search_terms(typed) == asked.split()


@pytest.mark.parametrize(
    "typed",
    ["xã", "phường", "thị trấn", "xã phường", "Phương Đông", "phuong dong", "tinh dau", "tinh dầu quế", "quận 1",
     "bảo hiểm xã hội", "quy xa vien", "Nông Thị Phương"],
)  # fmt: skip
def test_a_word_that_may_be_one_of_the_name_or_stands_alone_is_asked_for(typed):
    assert search_terms(typed) == fold(typed).split()


@given(phrases, st.sampled_from(["xã", "phường", "thị trấn", "huyện", "TP.", "Thành Phố", "xa", "tinh"]))
def test_a_name_with_such_a_word_in_it_is_found_by_all_of_its_name(name, word):
    whole = f"Hợp tác xã {word} {name}"
    assert all(term in search_key(whole) for term in search_terms(whole))
    assert all(term in search_key(whole) for term in search_terms(fold(whole)))


def test_a_search_of_many_words_is_cut_to_eight():
    assert search_terms("mot hai ba bon nam sau bai tam chin muoi") == [
        "mot", "hai", "ba", "bon", "nam", "sau", "bai", "tam",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["0912 345 678", "0912.345.678", "+84 912-345-678", "84912345678", "0912345678"])
def test_a_phone_is_found_however_it_was_typed(typed):
    key = search_key("Hợp tác xã Đồng Phúc", "0912345678")
    assert search_terms(typed) == ["0912345678"]
    assert search_terms(typed)[0] in key


def test_a_tax_code_is_found_by_its_digits_in_groups():
    key = search_key("Hợp tác xã Đồng Phúc", "4700990014-001")
    assert search_terms("4700 9900 14")[0] in key
    assert search_terms("4700990014-001")[0] in key
    assert search_terms("4700990021")[0] not in key


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+84 912 345 678", "0912345678"),
        ("0084", "0084"),
        ("84 209 3870 123", "02093870123"),
        ("0209.3870.123", "02093870123"),
        ("(0912) 345-678", "0912345678"),
        ("０９１２ ３４５ ６７８", "0912345678"),
        ("0912\u200b345678", "0912345678"),
        ("84", "84"),
        ("", ""),
    ],
)
def test_a_phone_is_stored_as_its_digits_with_the_leading_zero(typed, stored):
    assert normal_phone(typed) == stored


def test_digits_of_any_script_are_kept_as_plain_digits():
    assert digits_only("Mã ４７-00 ٩") == "47009"


@given(st.lists(words, min_size=2, max_size=12))
def test_words_sort_as_in_a_vietnamese_dictionary(some):
    assert sorted(some, key=sort_key) == sorted(some, key=dictionary_order)


def test_the_alphabet_and_the_tones_stand_in_their_order():
    expected = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    shuffled = expected[:]
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key) == expected
    assert sorted(["bạ", "bá", "ba", "bã", "bà", "bả"], key=sort_key) == ["ba", "bà", "bả", "bã", "bá", "bạ"]


def test_shorter_words_digits_and_capitals_sort_as_people_expect():
    assert sorted(["Ánh", "anh"], key=sort_key) == ["anh", "Ánh"]
    assert sorted(["Đông", "Dương", "Ep", "Đồng"], key=sort_key) == ["Dương", "Đông", "Đồng", "Ep"]
    assert sorted(["An Bình", "anh", "an", "1 Tháng 5"], key=sort_key) == ["1 Tháng 5", "an", "An Bình", "anh"]
    assert sorted(["Số 10", "Số 2", "Số"], key=sort_key) == ["Số", "Số 10", "Số 2"]


@given(st.text())
@example("x²")
@example("٣")
def test_a_sort_key_is_plain_ascii_and_fits_its_column(text):
    assert sort_key(text).isascii()
    assert len(sort_key(text)) <= 260


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("Hợp tác xã Đồng Phúc", "Đồng Phúc"),
        ("HTX  Đồng Phúc", "Đồng Phúc"),
        ("LIÊN HIỆP HỢP TÁC XÃ Ba Bể", "Ba Bể"),
        (nfd("Tổ hợp tác Nà Phặc"), "Nà Phặc"),
        ("Hợp tác xã", "Hợp tác xã"),
        ("THTM Ba Bể", "THTM Ba Bể"),
    ],
)
def test_the_kind_is_left_out_of_the_specific_name(name, rest):
    assert specific_name(name) == rest


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.234.567", 1_234_567),
        ("1,234,567 đ", 1_234_567),
        ("1 234 567 đồng", 1_234_567),
        ("1234567", 1_234_567),
        ("1.500", 1_500),
        ("350tr", 350_000_000),
        ("350 triệu đồng", 350_000_000),
        ("1,5 tỷ", 1_500_000_000),
        ("1.5 tỉ", 1_500_000_000),
        (nfd("2 tỷ"), 2_000_000_000),
        ("500 nghìn", 500_000),
        ("0", 0),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed, amount):
    assert parse_dong(typed) == amount


@pytest.mark.parametrize("typed", ["", "abc", "1.23.456", "1,5", "12.34", "-5", "1e6", "0,0001 nghìn", "5 usd"])
def test_what_is_no_whole_amount_is_refused(typed):
    with pytest.raises(ValueError) as refusal:
        parse_dong(typed)
    assert str(refusal.value) == typed
