"""Names: what is refused, what is tidied, and which two look alike."""

import string
import sys
import unicodedata

import pytest
from confusable_homoglyphs import confusables
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.text import LONGEST_NAME, LONGEST_SKELETON, is_storable, skeleton, spelling, tidy_name

INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff\u202e\u2066\u061c\u034f\u115f\u3164\ufe0f\U000e0101"
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
letters = st.text(st.characters(categories=["L", "N", "Z", "P"]), min_size=1, max_size=40)


@pytest.mark.parametrize(
    "twin",
    [
        "mira albrecht",
        "MiRA ALBRECHT",
        "Mir\u0430 Albrecht",  # Cyrillic a
        "\u041cira Albrecht",  # Cyrillic M
        "MiraAlbrecht",
        "Mira-Albrecht",
        "Mira  Albrecht.",
        "Mira\u00a0Albrecht",
        "Mira\u200bAlbrecht",
        "Mira\u202eAlbrecht",
        "Mira\u3164Albrecht",
        "Mira A1brecht",
        "Mira AIbrecht",
        "Ｍｉｒａ Ａｌｂｒｅｃｈｔ",
        "Míra Älbrécht",
        "M\u0131ra Albrecht",  # dotless i
        "𝐌𝐢𝐫𝐚 𝐀𝐥𝐛𝐫𝐞𝐜𝐡𝐭",
        "Mira Albrecht 🌿",
    ],
)
def test_names_that_look_alike_have_one_skeleton(twin: str) -> None:
    assert skeleton(twin) == skeleton("Mira Albrecht")


@pytest.mark.parametrize(("greek", "latin"), list(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC", strict=True)))
def test_greek_capitals_count_as_the_latin_ones_they_look_like(greek: str, latin: str) -> None:
    assert skeleton(greek + "nna") == skeleton(latin + "nna")


@pytest.mark.parametrize(
    ("twin", "name"),
    [
        ("E\u03bda", "Eva"),  # Greek small nu: looks like v, its capital like N
        ("\u03a5vonne", "Yvonne"),
        ("\u03f9arla", "Carla"),
        ("Ale×", "Alex"),
        ("\u212eva", "Eva"),
        ("Pau|", "Paul"),
        ("Pau1", "Paul"),
        ("PauI", "Paul"),
        ("Pau\u0406", "Paul"),  # Cyrillic capital i
        ("Pau\u0399", "Paul"),  # Greek capital iota
        ("Pau\u04c0", "Paul"),  # palochka
        ("Pau\u04cf", "Paul"),  # small palochka
        ("PauÍ", "Paul"),
        ("Pau🇮", "Paul"),
        ("Pau🅘", "Paul"),
        ("lan", "Ian"),
        ("EIia", "Elia"),
        ("EIIa", "Ella"),
        ("Ma\u0456", "Mai"),  # Cyrillic small i
        ("Ma\u0131", "Mai"),  # dotless i
        ("Ma\u03b9", "Mai"),  # Greek small iota
        ("∪we", "Uwe"),
        ("🅰da", "Ada"),
        ("🅐da", "Ada"),
        ("Ⓐda", "Ada"),
        ("🄰da", "Ada"),
        ("🇦da", "Ada"),
        ("🆔a", "Ida"),
        ("Ma⨯", "Max"),
        ("Ma✖", "Max"),
        ("⭕ma", "Oma"),
        ("⓿ma", "Oma"),
        ("🄋ma", "Oma"),
        ("\u01c0lse", "Ilse"),
        ("❶lse", "Ilse"),
    ],
)
def test_signs_that_are_drawn_as_letters_count_as_them(twin: str, name: str) -> None:
    assert skeleton(twin) == skeleton(name)


def test_every_sign_with_a_latin_twin_has_its_skeleton() -> None:
    table = confusables.confusables_data.items()
    twins = [(sign.strip("\u200e"), twin["c"]) for sign, listed in table for twin in listed]
    pairs = [(sign, twin) for sign, twin in twins if len(sign) == len(twin) == 1 and not sign.isascii()]
    alike = [(sign, twin) for sign, twin in pairs if twin.isascii() and twin.isalnum()]
    assert len(alike) > 1000
    # The table has the small palochka beside i; it is drawn as l.
    assert [(sign, twin) for sign, twin in alike if skeleton(sign) != skeleton(twin)] == [("\u04cf", "i")]


#: Not given to anything yet, halves, and for private use.
EMPTY = {"Cn", "Cs", "Co"}


def test_every_character_has_a_skeleton_of_small_letters() -> None:
    """Of a hundred that mean nothing yet, one: they are all treated alike."""
    codes = range(sys.maxunicode + 1)
    every = [chr(code) for code in codes if unicodedata.category(chr(code)) not in EMPTY or not code % 100]
    assert [c for c in every if any(letter in string.ascii_uppercase for letter in skeleton(c) + spelling(c))] == []


@pytest.mark.parametrize("other", ["ADA", "ada", "A d a", "Ada ×", "Ada 🇩🇪", "| Ada |", "Ada ⭕", "Àda 🌿"])
def test_case_and_signs_beside_it_make_no_other_spelling(other: str) -> None:
    assert spelling(other) == spelling("Ada")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ILSE", "ilse"),
        ("IDA", "Ida"),
        ("ida", "Ida"),
        ("ELIA", "Elia"),
        ("MIRA ALBRECHT", "Mira Albrecht"),
        ("\u0406da", "\u0456da"),  # Cyrillic i
        ("\u0406da", "Ida"),
        ("\u0131da", "Ida"),  # dotless i
        ("\u0130da", "Ida"),  # dotted capital I
        ("🄸da", "Ida"),
    ],
)
def test_an_i_is_spelt_alike_in_capitals(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


@pytest.mark.parametrize(("one", "other"), [("Νίνα", "ΝΙΝΑ"), ("Γιάννης", "ΓΙΑΝΝΗΣ"), ("Υρώ", "υρω")])
def test_greek_in_capitals_is_spelt_alike(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


@pytest.mark.parametrize(("one", "other"), [("Ole", "Olé"), ("Søren", "Soren"), ("Łukasz", "Lukasz"), ("Jörg", "Jorg")])
def test_accents_of_latin_letters_do_not_make_another_name(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Uwe", "Ute"),
        ("Elia", "Ella"),
        ("Elias", "Ellas"),
        ("Celia", "Cella"),
        ("Delia", "Della"),
        ("Neil", "Nell"),
        ("Leila", "Lella"),
        ("Lili", "Illi"),
        ("Ali", "Ail"),
        ("Mia", "Mla"),
        ("El\u0456a", "Ella"),  # Cyrillic small i
        ("El\u0131a", "Ella"),  # dotless i
        ("Jonas", "Jörg"),
        ("Anna", "Anya"),
        ("Ina", "Iva"),
        ("Uma", "Yma"),
        ("Мария", "Марина"),
        ("王芳", "王伟"),
        ("محمد", "أحمد"),
        ("कि", "कु"),
        ("か", "が"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)
    assert spelling(one) != spelling(other)


@pytest.mark.parametrize("name", ["Наташа", "محمد", "王芳", "יעל", "ขวัญ", "김민수", "7", "Ada 🌿", "अनिता", "陽菜"])
def test_names_of_every_script_are_welcome(name: str) -> None:
    assert tidy_name(name) == name
    assert skeleton(name)
    assert spelling(name)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "\u3000\u00a0", "\u200b", "🌿", "🌿👋", "—", "\u3164", "\u0301", "\u02bc", "|", "×", "🅰", "🇦🇩", "⭕"],
)
def test_a_name_needs_a_letter_or_digit(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        tidy_name(name)
    assert refused.value.code == "empty"


@pytest.mark.parametrize("name", ["Ada\x00", "A\x1bda", "A\ud800da", "\x7fAda"])
def test_control_characters_are_refused(name: str) -> None:
    assert not is_storable(name)
    with pytest.raises(ValidationError) as refused:
        tidy_name(name)
    assert refused.value.code == "unstorable"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ada \t\n Lovelace ", "Ada Lovelace"),
        ("\u202eAda\u202c", "Ada"),
        ("A\u2067da", "Ada"),
        ("Ada\u200b\u200d", "Ada"),
        ("Jo\u0308rg", "Jörg"),
        ("Jo\u200b\u0308rg", "Jörg"),
        ("Z" + "\u0335" * 30 + "o", "Z\u0335\u0335o"),
        ("\u0335Ada", "Ada"),
    ],
)
def test_names_are_tidied(typed: str, stored: str) -> None:
    assert tidy_name(typed) == stored


def test_length_counts_after_tidying() -> None:
    assert tidy_name("  " + "a" * LONGEST_NAME + "\u200b" * 50) == "a" * LONGEST_NAME
    with pytest.raises(ValidationError) as refused:
        tidy_name("a" * (LONGEST_NAME + 1))
    assert refused.value.code == "long"


def test_one_sign_that_stands_for_many_letters_still_fits() -> None:
    for key in (skeleton, spelling):
        assert 0 < len(key("\ufdfa" * LONGEST_NAME)) <= LONGEST_SKELETON


@given(names)
def test_a_tidy_name_is_tidy(name: str) -> None:
    try:
        tidy = tidy_name(name)
    except ValidationError:
        return
    assert tidy_name(tidy) == tidy
    assert 0 < len(tidy) <= LONGEST_NAME
    for key in (skeleton, spelling):
        assert 0 < len(key(tidy)) <= LONGEST_SKELETON
        assert key(unicodedata.normalize("NFD", tidy)) == key(tidy)
    assert is_storable(tidy)
    assert not any(unicodedata.category(c) in {"Cf", "Cc", "Cs", "Co", "Cn"} or c in INVISIBLE for c in tidy)


@given(letters)
def test_case_never_makes_a_new_spelling(name: str) -> None:
    assert spelling(name.upper()) == spelling(name)
    assert spelling(name.casefold()) == spelling(name)


@given(st.text(st.characters(max_codepoint=0xFF, categories=["L", "N", "Z"], exclude_characters="IÌÍÎÏ"), max_size=40))
def test_case_of_latin_letters_never_makes_a_new_skeleton(name: str) -> None:
    assert skeleton(name.casefold()) == skeleton(name)


@given(letters, st.text(" \t\u00a0\u3000.-_" + INVISIBLE, max_size=5), st.integers(0, 40))
def test_blanks_and_invisible_characters_never_make_another_name(name: str, dust: str, place: int) -> None:
    for key in (skeleton, spelling):
        assert key(name[:place] + dust + name[place:]) == key(name)
