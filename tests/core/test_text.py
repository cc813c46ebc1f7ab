"""Names: what is refused, what is tidied, and which two look alike."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.text import LONGEST_NAME, LONGEST_SKELETON, is_storable, skeleton, tidy_name

INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff\u202e\u2066\u061c\u034f\u115f\u3164\ufe0f\U000e0101"
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
letters = st.text(st.characters(categories=["L", "N", "Z", "P"]), min_size=1, max_size=40)


@pytest.mark.parametrize(
    "twin",
    [
        "mira albrecht",
        "MIRA ALBRECHT",
        "Mir\u0430 Albrecht",  # Cyrillic a
        "\u041cira Albrecht",  # Cyrillic M
        "MiraAlbrecht",
        "Mira-Albrecht",
        "Mira  Albrecht.",
        "Mira\u00a0Albrecht",
        "Mira\u200bAlbrecht",
        "Mira\u202eAlbrecht",
        "Mira\u3164Albrecht",
        "M1ra Albrecht",
        "Mlra A1brecht",
        "Ｍｉｒａ Ａｌｂｒｅｃｈｔ",
        "Míra Älbrécht",
        "M\u0131ra Albrecht",  # dotless i
        "𝐌𝐢𝐫𝐚 𝐀𝐥𝐛𝐫𝐞𝐜𝐡𝐭",
        "Mira Albrecht 🌿",
    ],
)
def test_names_that_look_alike_have_one_skeleton(twin: str) -> None:
    assert skeleton(twin) == skeleton("Mira Albrecht")


@pytest.mark.parametrize(("one", "other"), [("Ole", "Olé"), ("Søren", "Soren"), ("Łukasz", "Lukasz"), ("Jörg", "Jorg")])
def test_accents_of_latin_letters_do_not_make_another_name(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Uwe", "Ute"),
        ("Jonas", "Jörg"),
        ("Мария", "Марина"),
        ("王芳", "王伟"),
        ("محمد", "أحمد"),
        ("कि", "कु"),
        ("か", "が"),
    ],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("name", ["Наташа", "محمد", "王芳", "יעל", "ขวัญ", "김민수", "7", "Ada 🌿", "अनिता", "陽菜"])
def test_names_of_every_script_are_welcome(name: str) -> None:
    assert tidy_name(name) == name
    assert skeleton(name)


@pytest.mark.parametrize(
    "name", ["", "   ", "\u3000\u00a0", "\u200b", "🌿", "🌿👋", "—", "\u3164", "\u0301", "\u02bc", "|"]
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
    assert 0 < len(skeleton("\ufdfa" * LONGEST_NAME)) <= LONGEST_SKELETON


@given(names)
def test_a_tidy_name_is_tidy(name: str) -> None:
    try:
        tidy = tidy_name(name)
    except ValidationError:
        return
    assert tidy_name(tidy) == tidy
    assert 0 < len(tidy) <= LONGEST_NAME
    assert 0 < len(skeleton(tidy)) <= LONGEST_SKELETON
    assert skeleton(tidy) == skeleton(tidy_name(tidy))
    assert is_storable(tidy)
    assert not any(unicodedata.category(c) in {"Cf", "Cc", "Cs", "Co", "Cn"} or c in INVISIBLE for c in tidy)


@given(letters)
def test_case_never_makes_a_new_skeleton(name: str) -> None:
    assert skeleton(name.upper()) == skeleton(name)
    assert skeleton(name.casefold()) == skeleton(name)


@given(letters, st.text(" \t\u00a0\u3000.-_" + INVISIBLE, max_size=5), st.integers(0, 40))
def test_blanks_and_invisible_characters_never_make_a_new_skeleton(name: str, dust: str, place: int) -> None:
    assert skeleton(name[:place] + dust + name[place:]) == skeleton(name)
