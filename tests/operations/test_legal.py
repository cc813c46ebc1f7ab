"""Imprint, privacy text and terms: at the foot of every page, in both languages, and nothing but text."""

import pytest
from django.core.checks import run_checks
from django.test import Client, override_settings

from accounts.models import User
from communities.actions import invite
from communities.models import Community, Membership, Room
from core.models import Installation
from operations.checks import TAG
from operations.legal import render
from tests.operations.test_checks import PRODUCTION
from tests.operations.test_settings import IN_ENGLISH, decide

TEXTS = {
    "contact": "post@example.org",
    "imprint_de": "Verein Kreis",
    "imprint_en": "Kreis, an association",
    "privacy_de": "## Was wir speichern\n\nWenig.",
    "privacy_en": "## What we store\n\nLittle.",
    "terms_de": "Seid freundlich.",
    "terms_en": "Be kind.",
}


@pytest.fixture
def written(db: None) -> None:
    decide(**TEXTS)


def test_what_nobody_has_written_is_not_there_and_not_named(db: None) -> None:
    assert [Client().get(f"/{kind}/").status_code for kind in ("imprint", "privacy", "terms")] == [404] * 3
    assert "/imprint/" not in Client().get("/accounts/login/").content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_is_read_in_ones_own_language(written: None, language: str) -> None:
    for kind in ("imprint", "privacy", "terms"):
        page = Client().get(f"/{kind}/", headers={"accept-language": language}).content.decode()
        assert TEXTS[f"{kind}_{language}"].splitlines()[-1] in page


def test_what_is_there_in_one_language_is_shown_as_such(db: None) -> None:
    decide(terms_de="Seid freundlich.")
    page = Client().get("/terms/", headers={"accept-language": "en"}).content.decode()
    assert '<div lang="de">' in page
    assert "Seid freundlich." in page


def test_they_stand_at_the_foot_of_every_page(
    written: None, circle: Community, hall: Room, ada: Membership, opal: User
) -> None:
    visitor, member, operator = Client(), Client(), Client()
    member.force_login(ada.user)  # type: ignore[arg-type]
    operator.force_login(opal)
    token = invite(community=circle)[1]
    seen = {
        visitor: ["/accounts/login/", "/accounts/signup/", f"/i/{token}/", "/i/wrong/", "/nowhere/", "/imprint/"],
        member: ["/c/circle/", f"/c/circle/rooms/{hall.pk}/", "/c/circle/rules/", "/me/", "/c/nothing/"],
        operator: ["/", "/operations/", "/operations/settings/"],
    }
    for client, addresses in seen.items():
        for address in addresses:
            page = client.get(address).content.decode()
            for kind in ("imprint", "privacy", "terms"):
                assert f'href="/{kind}/"' in page, (address, kind)


def test_a_page_that_breaks_names_them_too(written: None, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Client(raise_request_exception=False)
    monkeypatch.setattr("communities.joining_pages.find_open_invitation", lambda **_arguments: 1 / 0)
    answer = page.get("/i/some-token/")
    assert answer.status_code == 500
    assert 'href="/imprint/"' in answer.content.decode()


def test_who_enters_reads_what_they_agree_to(written: None, circle: Community) -> None:
    client, token = Client(headers=IN_ENGLISH), invite(community=circle)[1]
    assert "you agree to the <a" in client.get(f"/i/{token}/").content.decode()
    client.post(f"/i/{token}/", {"agree": "on"})
    assert "you agree to the <a" in client.get("/accounts/signup/").content.decode()


def test_a_text_is_text() -> None:
    html = render("# Title\n\n<script>alert(1)</script> [x](javascript:alert(1)) [y](https://example.org) post@a.org")
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<h2>Title</h2>" in html
    assert '<a href="https://example.org" rel="noopener noreferrer">y</a>' in html
    assert 'href="mailto:post@a.org"' in html


def test_headings_stand_under_the_page_s_title() -> None:
    assert render("## One\n\n### Two\n\nwords").count("<h2>") == 1
    assert "<h3>Two</h3>" in render("### Two")


# ---- check --deploy ----


def complaints() -> set[str]:
    with override_settings(**PRODUCTION):
        return {str(message.id) for message in run_checks(tags=[TAG], include_deployment_checks=True)}


def test_deploying_fails_while_something_is_unwritten(db: None) -> None:
    assert {"kreis.E030", "kreis.E031", "kreis.E032", "kreis.E033"} <= complaints()


def test_deploying_is_well_once_all_is_written(written: None) -> None:
    assert not {number for number in complaints() if number.startswith("kreis.E03")}


@pytest.mark.parametrize("name", ["contact", "imprint_de", "imprint_en", "privacy_de", "terms_en"])
def test_each_text_is_wanted_in_each_language(written: None, name: str) -> None:
    decide(**{name: " "})
    assert len({number for number in complaints() if number.startswith("kreis.E03")}) == 1


def test_a_purely_private_place_needs_no_imprint(written: None) -> None:
    decide(imprint_de="", imprint_en="", private_since="2026-11-01T00:00Z")
    assert "kreis.E031" not in complaints()
    assert Installation.objects.get(pk=1).private_since is not None
