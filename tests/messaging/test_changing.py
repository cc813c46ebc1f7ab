"""Editing and deleting one's own messages."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from communities.models import Membership, Room
from messaging.actions import Draft, Refusal, delete_message, edit_message, post_messages
from messaging.models import Message


@pytest.fixture
def words(mel: Membership, hall: Room) -> Message:
    message = post_messages([Draft(mel, hall, uuid.uuid4(), "first **words**")])[0]
    assert isinstance(message, Message)
    return message


@pytest.mark.django_db
def test_an_edit_changes_text_and_html_and_says_so(mel: Membership, words: Message) -> None:
    edit_message(actor=mel, message=words, text="_second_")
    words.refresh_from_db()
    assert (words.text, words.html) == ("_second_", "<p><em>second</em></p>")
    assert words.edited_at is not None
    assert (words.sequence, words.change) == (1, 2)


@pytest.mark.django_db
def test_an_edit_without_a_change_is_none(mel: Membership, words: Message) -> None:
    edit_message(actor=mel, message=words, text=words.text)
    words.refresh_from_db()
    assert words.edited_at is None
    assert words.change == 1


@pytest.mark.django_db
def test_an_empty_edit_is_refused_and_changes_nothing(mel: Membership, words: Message) -> None:
    assert isinstance(edit_message(actor=mel, message=words, text=" "), Refusal)
    words.refresh_from_db()
    assert words.text == "first **words**"


@pytest.mark.django_db
def test_nobody_else_edits_or_deletes_a_message(ada: Membership, words: Message) -> None:
    with pytest.raises(PermissionDenied):
        edit_message(actor=ada, message=words, text="mine now")
    with pytest.raises(PermissionDenied):
        delete_message(actor=ada, message=words)


@pytest.mark.django_db
def test_deleting_takes_the_words_and_leaves_a_line(mel: Membership, words: Message) -> None:
    assert delete_message(actor=mel, message=words)
    words.refresh_from_db()
    assert (words.text, words.html) == ("", "")
    assert words.deleted_at is not None
    assert not delete_message(actor=mel, message=words)


@pytest.mark.django_db
def test_a_deleted_message_cannot_be_edited(mel: Membership, words: Message) -> None:
    delete_message(actor=mel, message=words)
    with pytest.raises(PermissionDenied):
        edit_message(actor=mel, message=words, text="back")
