"""What is mailed when a factor comes or goes, or recovery codes are made anew: in both languages, text and HTML."""

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.doors import newest_mail

KINDS = ["totp_activated", "totp_deactivated", "webauthn_added", "webauthn_removed", "recovery_codes_generated"]
FOREIGN = ("Sie ", "Two-Factor", "Hello from", "security key")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_is_told_in_the_persons_language(nell: User, kind: str, language: str) -> None:
    User.objects.update(language=language)
    client = Client(headers={"accept-language": "fr", "user-agent": "X/1.0 (Windows NT 10.0) Firefox/130.0"})
    request = client.get(reverse("account_login"), REMOTE_ADDR="203.0.113.9").wsgi_request
    with request_context(request):
        get_adapter(request).send_notification_mail(f"mfa/email/{kind}", nell)
    assert mail.outbox[-1].to == [nell.email]
    text, html = str(newest_mail().body), str(newest_mail().alternatives[0][0])
    assert f'<html lang="{language}"' in html
    for said in (text, html):
        assert str(newest_mail().subject) in said
        assert "Firefox" in said
        assert "203.0.113.x" in said
        assert not [word for word in FOREIGN if word in said]
    assert "203.0.113.9" not in str(newest_mail().message())
