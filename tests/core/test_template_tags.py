"""Signs, faces, circles, moments and fields as the templates write them."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import lucide
import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import timezone, translation

from core.forms import HouseRenderer


@dataclass
class Person:
    display_name: str = 'Mira "Mi" <b>'
    initials: str = "MA"
    hue: int = 152
    picture_id: uuid.UUID | None = None


def render(source: str, **context: object) -> str:
    return Template("{% load kreis %}" + source).render(Context(context)).strip()


def test_a_picture_stands_over_the_initials() -> None:
    html = render("{% avatar person %}", person=Person(picture_id=uuid.UUID(int=7)))
    assert re.search(r'>MA<img src="/pictures/[0-9a-f-]{36}/" alt=""', html)


def test_icon_beside_words_is_silent() -> None:
    html = render('{% icon "mail" %}')
    assert html.startswith("<svg")
    assert 'class="icon"' in html
    assert 'aria-hidden="true"' in html
    assert "style=" not in html
    assert 'width="18"' in html


def test_icon_alone_carries_its_label_escaped() -> None:
    html = render('{% icon "mail" 22 css="icon-s" label=words %}', words='<"Post">')
    assert 'role="img"' in html
    assert "aria-hidden" not in html
    assert 'class="icon icon-s"' in html
    assert "<&quot;Post" not in html
    assert "&lt;&quot;Post" in html


@override_settings(DEBUG=True)
def test_unknown_icon_fails_while_developing() -> None:
    with pytest.raises(lucide.IconDoesNotExist):
        render('{% icon "no-such-sign" %}')


@override_settings(DEBUG=False, TEST=False)
def test_unknown_icon_takes_no_page_down() -> None:
    assert render('{% icon "no-such-sign" %}') == ""


def test_avatar_beside_a_name_is_silent_and_escaped() -> None:
    html = render("{% avatar member %}", member=Person(initials="<i>"))
    assert html == '<span class="avatar" data-size="md" data-hue="152" aria-hidden="true">&lt;i&gt;</span>'


def test_avatar_alone_carries_the_name() -> None:
    html = render('{% avatar member "sm" alt=True you=True %}', member=Person())
    assert 'role="img" aria-label="Mira &quot;Mi&quot; &lt;b&gt;"' in html
    assert "data-you" in html


def test_free_seat_is_no_person() -> None:
    html = render('{% avatar_kind "open" %}')
    assert 'data-kind="open"' in html
    assert "data-hue" not in html


def test_seats_are_faceless_but_one() -> None:
    html = render(
        '{% seats 12 d="l" open_at=2 label="Ein Kreis" %}<strong>{{ word }}</strong>{% endseats %}',
        word="<b>",
    )
    assert html.count("<li>") == 12
    assert html.count("data-faceless") == 11
    assert html.count("data-open") == 1
    assert 'data-n="12"' in html
    assert 'role="img" aria-label="Ein Kreis"' in html
    assert '<div class="seats-mid"><strong>&lt;b&gt;</strong></div>' in html


def test_an_empty_circle_has_only_free_seats() -> None:
    html = render('{% seats 9 open_at="all" %}{% endseats %}')
    assert html.count("data-open") == 9
    assert "seats-mid" not in html


def test_ring_draws_done_now_and_todo() -> None:
    html = render('{% ring 4 2 size="l" sign="mail" now=True label="Schritt 3 von 4" %}')
    assert [html.count(f'class="{kind}"') for kind in ("done", "now", "todo")] == [2, 1, 1]
    assert 'data-d="l"' in html
    assert 'aria-label="Schritt 3 von 4"' in html
    assert "ring-mid" in html


def test_ring_with_one_part_is_a_circle() -> None:
    assert "<circle" in render("{% ring 1 1 closed=True %}")
    assert "<path" not in render("{% ring 1 1 %}")


@pytest.mark.parametrize(("language", "words"), [("de", "3. Mai 2024"), ("en", "3 May 2024")])
def test_old_moment_is_a_date_in_the_readers_language(language: str, words: str) -> None:
    with translation.override(language), timezone.override("Europe/Berlin"):
        html = render("{% moment at %}", at=datetime(2024, 5, 3, 21, 15, tzinfo=UTC))
    assert f">{words}</time>" in html
    assert 'datetime="2024-05-03T21:15:00+00:00"' in html
    assert f'title="{words}, 23:15"' in html


def test_moment_of_today_is_a_time() -> None:
    now = timezone.now()
    assert f">{timezone.localtime(now):%H:%M}</time>" in render("{% moment at %}", at=now)
    assert ":" not in render('{% moment at "date" %}', at=now).split(">")[1]


def test_plain_date_is_never_shifted() -> None:
    html = render("{% moment day %}", day=date(2024, 1, 1) + timedelta(days=1))
    assert 'datetime="2024-01-02"' in html
    assert "data-moment" not in html


class EveryKind(forms.Form):
    name = forms.CharField(label="Name", help_text="So sprechen dich die anderen an.")
    words = forms.CharField(label="Worte", widget=forms.Textarea, required=False)
    role = forms.ChoiceField(label="Rolle", choices=[("m", "Mitglied")])
    rooms = forms.ChoiceField(label="Räume", widget=forms.RadioSelect, choices=[("a", "alle"), ("b", "einige")])
    agreed = forms.BooleanField(label="Ich bin einverstanden.", help_text="Fassung 1")
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"class": "code-in"}))
    secret = forms.CharField(widget=forms.HiddenInput, required=False)

    default_renderer = HouseRenderer

    def clean(self) -> None:
        raise forms.ValidationError("So passt es nicht zusammen.")


def test_field_joins_label_hint_and_error() -> None:
    html = str(EveryKind({})["name"].as_field_group())
    assert '<label for="id_name">Name' in html
    assert 'class="input"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_field_without_error_says_nothing_of_errors() -> None:
    html = str(EveryKind()["name"].as_field_group())
    assert "error" not in html
    assert "aria-invalid" not in html


def test_each_kind_of_control_has_its_layout() -> None:
    form = EveryKind()
    assert 'class="check"' in str(form["agreed"].as_field_group())
    assert str(form["rooms"].as_field_group()).count('class="choice"') == 2
    assert "<legend>" in str(form["rooms"].as_field_group())
    assert 'class="input code-in"' in str(form["code"].as_field_group())
    assert "optional" in str(form["words"].as_field_group())
    assert "<label" not in str(form["secret"].as_field_group())


def test_long_form_lists_its_errors_with_links() -> None:
    with translation.override("de"):
        html = str(EveryKind({"name": "Swantje"}))
    assert "So passt es nicht zusammen." in html
    assert 'href="#id_role"' in html
    assert 'href="#id_name"' not in html
    assert 'type="hidden"' in html


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_pages_of_last_resort_need_nothing(page: str) -> None:
    with override_settings(STORAGES={"staticfiles": {"BACKEND": "no.such.Storage"}}):
        html = render_to_string(page)
    assert 'lang="de"' in html
    assert 'lang="en"' in html
    assert "style=" not in html
    assert "<style" not in html
