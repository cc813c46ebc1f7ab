"""A mail server that refuses: the page says so, and the log does not say to whom."""

from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from accounts.models import User


@pytest.mark.django_db
def test_the_log_names_the_kind_of_failure_and_no_address(
    guest: Client, nell: User, caplog: pytest.LogCaptureFixture
) -> None:
    refused = SMTPRecipientsRefused({nell.email: (550, b"no such person " + nell.email.encode())})
    with patch.object(EmailBackend, "send_messages", side_effect=refused):
        answer = guest.post(reverse("account_reset_password"), {"email": nell.email}, follow=True)
    assert "The mail could not be sent" in answer.content.decode()
    assert "SMTPRecipientsRefused" in caplog.text
    assert nell.email not in caplog.text
    assert nell.email not in str([record.exc_info for record in caplog.records])
