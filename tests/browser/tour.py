"""A walk past every page that a person can see, for the tests that look at all of them.

Each part is one person's way through the site, by real forms and real mailed codes. It names the addresses it will
show, so that one that is missing is noticed without walking; walking it notices one that was named and not shown.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page

from accounts.actions import ask_factor_reset, cancel_factor_reset
from accounts.devices import devices_of
from accounts.letters.addresses import UNDO
from accounts.letters.changes import shut_out_url
from accounts.letters.devices import END_SESSION
from accounts.letters.factors import CANCEL_RESET
from accounts.models import AddressChange, User
from accounts.tickets import ticket
from communities.actions import create_room, invite, start_joining
from communities.models import Community, Invitation, Membership, Room, Rule
from core.mail import MailServer
from core.models import Installation
from messaging.actions import Draft, delete_message, edit_message, mark_read, post_messages
from messaging.models import Message, ReadMark
from operations.mail import choose_mail_server
from operations.switching import CANCEL_SWITCH, ask_for_server
from tests import factories
from tests.accounts.doors import digits, with_passkey
from tests.browser.conftest import Visit, elsewhere, mailed_code
from tests.servers import Server

PASSWORD = "vier ruhige Worte hier"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle"
LONG_LINE = "https://example.org/" + "a-very-long-path-without-a-blank/" * 4
#: A group, a room and a person whose names are as long as the site allows.
LONG_NAMES = ("Nachbarschaftsverein Obergiesing", "Kleingartengemeinschaftsversammlung", "Maximiliane-Friederike Ott")


@dataclass(frozen=True, slots=True)
class Stop:
    """A page on the way: the name of its address, and what is to be seen on it."""

    name: str
    what: str
    page: Page
    #: Without script axe cannot look; how wide a page is can be asked all the same.
    has_script: bool = True


@dataclass
class Scene:
    """Who and what there is to be seen. `demo` is a web process in demo mode."""

    visit: Visit
    demo: Server
    language: str
    circle: Community
    ada: Membership
    mel: Membership
    hall: Room
    attic: Room
    token: str

    def open(self, path: str, member: Membership | None = None, **options: object) -> Page:
        return self.visit(path, member, locale=self.language, **options)

    def address(self, who: str) -> str:
        """Never used before: mails of other tests lie in the same folder."""
        return f"{who}.{uuid.uuid4().hex[:8]}@example.org"


Walk = Callable[[Scene], Iterator[Stop]]


def build(visit: Visit, demo: Server, language: str, circle: Community) -> Scene:
    """A circle with long names, long words and something of everything that a page can show."""
    circle.name = LONG_NAMES[0]
    circle.purpose = f"Wir reden. {LONG_WORD}"
    circle.save()
    Rule.objects.create(community=circle, number=2, title=LONG_WORD, text=LONG_LINE)
    ada = factories.member(circle, LONG_NAMES[2], role="owner", user=factories.account("ada", language))
    mel = factories.member(circle, "Mel", user=factories.account("mel", language))
    hall = create_room(community=circle, name=LONG_NAMES[1])
    Room.objects.filter(pk=hall.pk).update(purpose=f"{LONG_WORD} {LONG_LINE}"[:200])
    attic = factories.room(circle, "Attic", chosen=[ada, mel])
    note = f"Komm dazu. {LONG_WORD} {LONG_LINE}"
    token = invite(community=circle, inviter=ada, label=LONG_WORD[:60], note=note, max_uses=9)[1]
    # Of all kinds on the list: open, withdrawn, expired, used up.
    states: list[dict[str, object]] = [
        {},
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"uses": 1},
    ]
    for number, state in enumerate(states):
        made = invite(community=circle, inviter=ada, label=f"Nr. {number}")[0]
        Invitation.objects.filter(pk=made.pk).update(**state)
    return Scene(visit, demo, language, circle, ada, mel, hall, attic, token)


def talk(scene: Scene) -> list[Message]:
    """Messages of both in the hall, of every shape: marked up, long, edited, deleted, partly unread."""
    texts = ["first", "second", "**bold** and `code`\n\n> said\n\n- one\n- two", f"{LONG_WORD} {LONG_LINE}"]
    texts += ["```\n" + "x = 1 " * 60 + "\n```", "gone soon", "changed soon", "last"]
    said: list[Message] = []

    def speak() -> None:
        for number, text in enumerate(texts):
            said.append(_say((scene.ada, scene.mel)[number % 2], scene.hall, text))
        delete_message(actor=said[-3].author, message=said[-3])
        edit_message(actor=said[-2].author, message=said[-2], text="changed")
        mark_read(member=scene.ada, room=scene.hall, sequence=said[-4].sequence)

    elsewhere(speak)
    return said


def fill(scene: Scene) -> None:
    """More messages in the attic than one page shows."""
    # In turn, because nobody may write so much at once.
    both = (scene.ada, scene.mel)
    elsewhere(lambda: [_say(both[number % 2], scene.attic, f"number {number}") for number in range(53)])


def _say(author: Membership, room: Room, text: str) -> Message:
    outcome = post_messages([Draft(author, room, uuid.uuid4(), text)])[0]
    assert isinstance(outcome, Message)
    return outcome


# ---- Steps ----


def send(page: Page, within: str = "main form", *, as_typed: bool = True, **fields: str) -> None:
    """Fill in and send the page's form; also what the browser itself would hold back, where `as_typed` is off."""
    form = page.locator(within).first
    if not as_typed:
        form.evaluate("form => form.noValidate = true")
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    with page.expect_navigation():
        form.locator("button[type=submit]:visible:not(.vh)").first.click()


def wrong(code: str) -> str:
    return "".join(str((int(digit) + 1) % 10) for digit in code)


# ---- The parts ----


def strangers(scene: Scene) -> Iterator[Stop]:
    """What anyone may open without an account, and the ways to be refused."""
    page = scene.open("/accounts/login/")
    yield Stop("account_login", "sign in", page)
    send(page, "#sign-in", as_typed=False, login="nobody")
    yield Stop("account_login", "sign in, an address that is none", page)
    page.locator("details summary").click()
    page.locator("[name=login]").fill("nobody@example.org")
    page.locator("[name=password]").fill("not the password")
    with page.expect_navigation():
        page.locator("details button[type=submit]").click()
    yield Stop("account_login", "sign in, wrong password", page)
    page.goto("/accounts/signup/")
    yield Stop("account_signup", "no account without an invitation", page)
    page.goto("/accounts/inactive/")
    yield Stop("account_inactive", "account closed", page)
    page.goto("/i/")
    yield Stop("enter_invitation", "paste an invitation", page)
    send(page, as_typed=False, link=" ")
    yield Stop("enter_invitation", "paste an invitation, nothing pasted", page)
    page.goto("/i/wrong/")
    yield Stop("invitation", "invitation that does not work", page)
    page.goto("/i/declined/")
    yield Stop("declined", "declined", page)
    page.goto("/nowhere/")
    yield Stop("", "404", page)
    page.goto("/accounts/login/")
    page.context.clear_cookies()
    send(page, "#sign-in", login="nobody@example.org")
    yield Stop("account_login", "CSRF failure", page)
    page.goto("/accounts/login/")
    page.evaluate(
        """() => {
            const form = document.querySelector("#sign-in")
            for (let n = 0; n < 250; n++) {
                const field = document.createElement("input")
                field.name = "f" + n
                form.append(field)
            }
        }"""
    )
    with page.expect_navigation():
        page.locator("#sign-in").evaluate("form => form.submit()")
    yield Stop("account_login", "400", page)
    yield from _broken(page)
    yield from _crowded(scene, page)


def _broken(page: Page) -> Iterator[Stop]:
    """Something really breaks: the table of invitations is away for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE communities_invitation RENAME TO away")
        try:
            page.goto("/i/anything/")
        finally:
            cursor.execute("ALTER TABLE away RENAME TO communities_invitation")
    yield Stop("invitation", "500", page)


def _crowded(scene: Scene, page: Page) -> Iterator[Stop]:
    token = invite(community=scene.circle)[1]
    for _number in range(5):
        start_joining(token=token)
    page.goto(f"/i/{token}/")
    page.locator("[name=agree]").check()
    send(page)
    yield Stop("invitation", "too many begun", page)


def newcomer(scene: Scene) -> Iterator[Stop]:
    """From the link to the room, with everything that can be mistyped on the way."""
    page = scene.open(f"/i/{scene.token}/")
    yield Stop("invitation", "invitation", page)
    send(page, as_typed=False)
    yield Stop("invitation", "invitation, not agreed", page)
    page.locator("[name=agree]").check()
    send(page)
    yield Stop("account_signup", "sign up", page)
    page.locator("details summary").click()
    send(page, as_typed=False, email="nia@", password1="short")
    yield Stop("account_signup", "sign up, mistyped", page)
    address = scene.address("nia")
    send(page, email=address, password1="")
    yield Stop("account_email_verification_sent", "code of signing up", page)
    code = mailed_code(address)
    send(page, code=wrong(code))
    yield Stop("account_email_verification_sent", "code of signing up, wrong", page)
    page.goto("/i/declined/")
    yield Stop("declined", "declined on the way", page)
    page.goto("/accounts/confirm/")
    send(page, code=code)
    yield Stop("join", "one's name", page)
    send(page, display_name="Mel", introduction="x")
    yield Stop("join", "one's name, taken", page)
    send(page, display_name=f"Nia {scene.language}")
    yield Stop("community", "the first visit", page)
    yield from _at_home_in_none(scene)


def _at_home_in_none(scene: Scene) -> Iterator[Stop]:
    """Somebody with an account who is not in the circle."""
    user = factories.account(f"olga.{scene.language}", scene.language)
    olga = Membership(user=user)
    page = scene.open("/", olga)
    yield Stop("home", "in no group", page)
    page.goto(f"/i/{scene.token}/")
    yield Stop("invitation", "invitation, signed in", page)


def forgetful(scene: Scene) -> Iterator[Stop]:
    """Signing in by code, and a new password."""
    # Two people, because each looks for the newest code that went to an address.
    first, second = scene.address("flo"), scene.address("fay")
    for address in (first, second):
        User.objects.create_user(address, language=scene.language, password=PASSWORD)
    page = scene.open("/accounts/login/code/")
    yield Stop("account_request_login_code", "ask for a code", page)
    send(page, as_typed=False, email="flo")
    yield Stop("account_request_login_code", "ask for a code, mistyped", page)
    send(page, email=first)
    yield Stop("account_confirm_login_code", "code of signing in", page)
    send(page, as_typed=False, code="12")
    yield Stop("account_confirm_login_code", "code of signing in, too short", page)
    page.goto("/accounts/password/reset/")
    yield Stop("account_reset_password", "forgotten password", page)
    send(page, email=second)
    yield Stop("account_confirm_password_reset_code", "code of a new password", page)
    send(page, code=wrong(mailed_code(second)))
    yield Stop("account_confirm_password_reset_code", "code of a new password, wrong", page)
    send(page, code=mailed_code(second))
    yield Stop("account_complete_password_reset", "a new password", page)
    send(page, password1="short")
    yield Stop("account_complete_password_reset", "a new password, too short", page)


def account_holder(scene: Scene) -> Iterator[Stop]:
    """One's own account, with and without a password."""
    member = scene.mel
    assert member.user is not None
    page = scene.open("/me/", member)
    yield Stop("account", "account without a password", page)
    page.goto("/accounts/reauthenticate/")
    yield Stop("account_reauthenticate", "is it you, no password", page)
    address = scene.address("mel")
    User.objects.filter(pk=member.user.pk).update(email=address)
    page.goto("/accounts/password/set/")
    send(page)
    yield Stop("account_reauthenticate_by_code", "is it you, by code", page)
    send(page, code=wrong(mailed_code(address)))
    yield Stop("account_reauthenticate_by_code", "is it you, wrong code", page)
    send(page, code=mailed_code(address))
    yield Stop("account_set_password", "set a password", page)
    send(page, password1="password")
    yield Stop("account_set_password", "set a password, too easy", page)
    send(page, password1=PASSWORD)
    yield Stop("account", "account, password set", page)
    page.goto("/accounts/email/")
    page.goto("/accounts/reauthenticate/?next=/accounts/email/")
    yield Stop("account_reauthenticate", "is it you", page)
    send(page, password="not this one")
    yield Stop("account_reauthenticate", "is it you, wrong password", page)
    send(page, password=PASSWORD)
    yield Stop("account_email", "another address", page)
    send(page, as_typed=False, email="mel@")
    yield Stop("account_email", "another address, mistyped", page)
    send(page, email=scene.address("mel"))
    yield Stop("account_email_verification_sent", "code of another address", page)
    page.goto("/accounts/password/change/")
    yield Stop("account_change_password", "change password", page)
    send(page, oldpassword="wrong", password1="short")
    yield Stop("account_change_password", "change password, mistyped", page)
    member.user.refresh_from_db()  # the password is another one
    yield from _links_of_mails(scene, member.user, page)
    page.goto("/accounts/logout/")
    yield Stop("account_logout", "sign out", page)
    harbour = factories.community("harbour")
    factories.member(harbour, "Someone else", user=member.user)
    page.goto("/")
    yield Stop("home", "in two groups", page)


def _links_of_mails(scene: Scene, person: User, page: Page) -> Iterator[Stop]:
    """What one can say no to: a changed address, a sign-in, an operator's reset; and its banner."""
    change = AddressChange.objects.create(user=person, old_email=f"{LONG_WORD}@example.org", new_email=person.email)
    page.goto(f"/accounts/address/{ticket(UNDO, change.pk.hex)}/undo/")
    yield Stop("undo_address_change", "take a change of address back", page)
    page.goto("/accounts/address/nothing/undo/")
    yield Stop("undo_address_change", "a link of a mail that does not work", page)
    person.refresh_from_db()  # whose password was set in the browser
    number = devices_of(person, None)[0].number
    page.goto(f"/accounts/device/{ticket(END_SESSION, f'{person.pk.hex}.{number}')}/end/")
    yield Stop("end_unknown_device", "sign an unknown browser out", page)
    page.goto(f"/accounts/device/{ticket(END_SESSION, f'{person.pk.hex}.gone')}/end/")
    yield Stop("end_unknown_device", "an unknown browser is signed out", page)
    other = User.objects.create_user(scene.address("other"), PASSWORD, language=scene.language)
    away = scene.open(urlsplit(shut_out_url(other)).path)
    yield Stop("shut_out", "sign everybody out", away)
    send(away, "main form.card")
    yield Stop("shut_out", "everybody is signed out", away)
    Authenticator.objects.create(user=person, type="totp", data={})
    reset = ask_factor_reset(user=person, asked_by=None)
    page.goto("/me/")
    yield Stop("account", "account whose second factor is going to be removed", page)
    page.goto(f"/accounts/factor-reset/{ticket(CANCEL_RESET, reset.pk.hex)}/cancel/")
    yield Stop("refuse_factor_reset", "say no to a reset", page)
    send(page, "main form.card")
    yield Stop("refuse_factor_reset", "said no to a reset", page)
    Authenticator.objects.filter(user=person).delete()


def careful(scene: Scene) -> Iterator[Stop]:
    """Second factors: none yet, set up, asked for, taken away."""
    user = User.objects.create_user(scene.address("cara"), PASSWORD, language=scene.language)
    page = scene.open("/me/security/", Membership(user=user))
    yield Stop("mfa_index", "no factor", page)
    page.goto("/me/security/app/")
    send(page, password=PASSWORD)
    yield Stop("mfa_activate_totp", "set up an app", page)
    send(page, code="123456")
    yield Stop("mfa_activate_totp", "set up an app, wrong", page)
    key = page.locator(".secret-key").inner_text().replace(" ", "")
    send(page, code=digits(key))
    yield Stop("mfa_view_recovery_codes", "codes to print", page)
    page.goto("/me/security/passkeys/new/")
    yield Stop("mfa_add_webauthn", "a passkey, at an address without a name", page)
    passkey = with_passkey(user, LONG_WORD[:40])
    page.goto(f"/me/security/passkeys/{passkey.pk}/name/")
    yield Stop("mfa_edit_webauthn", "rename a passkey", page)
    send(page, as_typed=False, name=" ")
    yield Stop("mfa_edit_webauthn", "rename a passkey, no name", page)
    page.goto("/me/security/")
    yield Stop("mfa_index", "all factors", page)
    page.goto(f"/me/security/passkeys/{passkey.pk}/removal/")
    yield Stop("mfa_remove_webauthn", "remove a passkey", page)
    page.goto("/accounts/reauthenticate/")
    yield Stop("account_reauthenticate", "is it you, with factors", page)
    Authenticator.objects.filter(pk=passkey.pk).delete()
    page.goto("/me/security/app/removal/")
    yield Stop("mfa_deactivate_totp", "remove the last factor", page)
    page = scene.open("/accounts/login/")
    page.locator("details summary").click()
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("details button[type=submit]").click()
    page.wait_for_url("**/accounts/second-factor/")
    yield Stop("mfa_authenticate", "the second step", page)
    page.locator("details summary").click()
    page.locator("[name=recovery_code]").fill("aaaaa-aaaaa")
    with page.expect_navigation():
        page.locator("details button[type=submit]").click()
    yield Stop("mfa_authenticate", "the second step, wrong", page)


def owner(scene: Scene) -> Iterator[Stop]:
    """Inside, as somebody who may do most."""
    page = scene.open("/c/circle/", scene.ada)
    yield Stop("community", "nothing new", page)
    page.goto(f"/c/circle/rooms/{scene.hall.pk}/")
    yield Stop("room", "empty room", page)
    page.goto("about:blank")  # an open room would have read what comes
    said = talk(scene)
    base = f"/c/circle/rooms/{scene.hall.pk}/"
    fill(scene)
    page.goto("/c/circle/")
    yield Stop("community", "today", page)
    page.locator(".digest button").first.click()
    page.locator(".digest [data-read]").wait_for()
    yield Stop("community", "today, one read", page)
    ReadMark.objects.filter(membership=scene.ada).update(last_sequence=said[-4].sequence)
    page.goto(f"/c/circle/rooms/{scene.attic.pk}/messages/?before=53")
    yield Stop("messages", "older messages", page)
    page.goto("/c/circle/rooms/")
    yield Stop("rooms", "rooms, one unread", page)
    page.goto(base)
    page.locator("#unread").wait_for()
    yield Stop("room", "room with news", page)
    page.locator("#log").evaluate("log => log.scrollTop = log.scrollHeight")
    page.locator(".msg[data-mine]").last.hover()
    yield Stop("room", "room, tools of one's own message", page)
    page.locator(".msg[data-mine] [data-edit]:visible").last.click()
    page.locator(".edit-form").wait_for()
    yield Stop("room", "room, editing in place", page)
    page.locator("[data-cancel]").click()
    page.locator(".msg[data-mine]").last.hover()
    page.locator(".msg[data-mine] [data-delete]:visible").last.click()
    page.locator("#delete-dialog[open]").wait_for()
    yield Stop("room", "room, asking before deleting", page)
    page.locator("#delete-dialog [value=keep]").click()
    page.locator("[popovertarget=group-menu]:visible").click()
    yield Stop("room", "room, group menu open", page)
    mine = next(message for message in said if message.author_id == scene.ada.pk)
    page.goto(f"{base}messages/{mine.pk}/edition/")
    yield Stop("edition", "edit", page)
    send(page, as_typed=False, text=" ")
    yield Stop("edition", "edit, nothing left", page)
    page.goto(f"{base}messages/{mine.pk}/deletion/")
    yield Stop("deletion", "delete", page)
    page.goto("/c/circle/invitations/")
    yield Stop("invitations", "invitations", page)
    send(page, "#invite form", label="Nia", note="Come in.")
    yield Stop("invitations", "invitations, a new link", page)
    send(page, "#invite form", as_typed=False, max_uses="0", days="9999")
    yield Stop("invitations", "invitations, mistyped", page)
    yield from _looking_around(scene, page)
    page.goto("/c/circle/me/")
    yield Stop("my_membership", "oneself in the circle", page)
    send(page, display_name="Mel")
    yield Stop("my_membership", "oneself in the circle, name taken", page)
    page.goto("/c/circle/settings/")
    yield Stop("community_settings", "settings of the circle", page)
    send(page)
    yield Stop("community_settings", "settings of the circle, saved", page)
    yield from _with_others(scene, base)


def _looking_around(scene: Scene, page: Page) -> Iterator[Stop]:
    """Who is here, what they agreed on, and what they said."""
    page.goto("/c/circle/people/")
    yield Stop("people", "people", page)
    page.goto("/c/circle/people/?q=nobody+of+that+name")
    yield Stop("people", "people, none found", page)
    page.goto(f"/c/circle/people/{scene.mel.pk}/")
    yield Stop("person", "another person", page)
    page.goto(f"/c/circle/people/{scene.ada.pk}/")
    yield Stop("person", "oneself as others see one", page)
    page.goto("/c/circle/rules/")
    yield Stop("rules", "rules", page)
    page.goto("/c/circle/search/")
    yield Stop("search", "search, nothing asked yet", page)
    page.goto("/c/circle/search/?q=number")
    yield Stop("search", "search, found", page)
    page.goto(f"/c/circle/search/?q=from:mel+{LONG_WORD}")
    yield Stop("search", "search, a long word found", page)
    page.goto("/c/circle/search/?q=nothing+like+it")
    yield Stop("search", "search, nothing found", page)
    page.goto("/c/circle/search/?q=number+in:nowhere+before:soon&after=never")
    yield Stop("search", "search, not understood", page)
    page.keyboard.press("Control+k")
    page.locator("#palette [role=option]:visible").first.wait_for()
    yield Stop("search", "palette", page)
    page.keyboard.type("m")
    page.locator("#palette [data-found] [role=option]").first.wait_for()
    yield Stop("search", "palette, found", page)
    page.keyboard.press("Escape")


def _with_others(scene: Scene, room: str) -> Iterator[Stop]:
    """Others are here and write; one looks who it is."""
    members = Membership.objects.filter(pk__in=[scene.ada.pk, scene.mel.pk])
    members.update(shows_presence=True, shows_typing=True)
    other, page = scene.open(room, scene.mel), scene.open(room, scene.ada)
    page.locator(".here:visible", has_text="2").wait_for(timeout=30_000)
    other.locator("#composer-text").press_sequentially("hm")
    page.locator("[data-typing]").wait_for()
    yield Stop("room", "room, others are here and write", page)
    page.locator(".here:visible").click()
    page.locator("#people-here").wait_for()
    yield Stop("room", "room, who is here", page)


def member(scene: Scene) -> Iterator[Stop]:
    """Inside, as somebody who may do little."""
    talk(scene)
    Membership.objects.filter(pk=scene.mel.pk).update(muted_until=timezone.now() + timedelta(days=1))
    page = scene.open(f"/c/circle/rooms/{scene.hall.pk}/", scene.mel)
    yield Stop("room", "room, muted", page)
    Membership.objects.filter(pk=scene.mel.pk).update(muted_until=None)
    page.reload()
    Membership.objects.filter(pk=scene.mel.pk).update(muted_until=timezone.now() + timedelta(days=1))
    page.locator("#composer-text").fill(f"too late {LONG_WORD}")
    page.locator("#composer-text").press("Enter")
    page.locator("[data-state=failed]").wait_for()
    yield Stop("room", "room, not sent", page)
    page.goto("/c/circle/invitations/")
    yield Stop("invitations", "403", page)
    page.goto(f"/c/circle/rooms/{uuid.uuid4()}/")
    yield Stop("room", "404 inside", page)
    plain = scene.open(f"/c/circle/rooms/{scene.hall.pk}/", scene.mel, java_script_enabled=False)
    yield Stop("room", "room without script", plain, has_script=False)
    guest = factories.member(scene.circle, "Gus", role="guest", user=factories.account("gus", scene.language))
    page = scene.open("/c/circle/", guest)
    yield Stop("community", "no room to enter", page)
    page.goto("/c/circle/rooms/")
    yield Stop("rooms", "no room to enter", page)


def another_mail_server(page: Page, user: User) -> Iterator[Stop]:
    """One is asked for where mail leaves already, and one says no to it."""
    old = MailServer("mail.example.org", 465, "tls", "us", "", "kreis@place.example")
    choose_mail_server(old)
    switch = ask_for_server(actor=user, server=replace(old, host=f"{LONG_WORD.lower()}.example"))
    assert switch is not None
    page.goto("/operations/settings/mail/")
    yield Stop("operations_mail", "settings, another mail server waits", page)
    page.goto("/operations/settings/")
    yield Stop("operations_settings", "settings, another mail server waits", page)
    page.goto(f"/mail-server/{ticket(CANCEL_SWITCH, switch.pk.hex)}/cancel/")
    yield Stop("refuse_mail_switch", "say no to another mail server", page)
    send(page, "main form.card")
    yield Stop("refuse_mail_switch", "said no to another mail server", page)
    Installation.objects.update(mail_host="")


def operator(scene: Scene) -> Iterator[Stop]:
    """Whoever runs the place, and is in no group."""
    # An address never used before: the code is looked for by it.
    user = factories.account(scene.address("opal").partition("@")[0], scene.language)
    User.objects.filter(pk=user.pk).update(is_operator=True)
    page = scene.open("/me/", Membership(user=user))
    yield Stop("account", "account of an operator", page)
    page.goto("/operations/")
    yield Stop("operations", "health", page)
    page.goto("/operations/groups/")
    yield Stop("operations_groups", "groups by size", page)
    page.goto(f"/operations/groups/{scene.circle.number}/invitation/")
    yield Stop("account_reauthenticate", "is it you, before a group is asked", page)
    send(page)
    send(page, code=mailed_code(user.email))
    yield Stop("operations_invitation", "ask a group", page)
    send(page, label="Nora", reason=LONG_WORD)
    yield Stop("operations_invitation", "a group was asked", page)
    page.goto("/operations/settings/mail/")
    yield Stop("operations_mail", "settings, mail", page)
    page.goto("/operations/settings/")
    yield Stop("operations_settings", "settings, nothing written", page)
    yield from another_mail_server(page, user)
    for act in ("access", "place", "imprint", "privacy", "terms"):
        page.goto(f"/operations/settings/{act}/")
        yield Stop(f"operations_{act}", f"settings, {act}", page)
    send(page, as_typed=False)
    yield Stop("operations_settings", "settings, unchanged", page)
    page.goto("/operations/settings/privacy/")
    send(page, privacy_de="[[Name]]", privacy_en="")
    yield Stop("operations_privacy", "settings, something left to fill in", page)
    text = f"## {LONG_WORD}\n\n- one\n- two\n\n{LONG_LINE}"
    send(page, privacy_de=text, privacy_en=text)
    page.goto("/operations/settings/terms/")
    send(page, terms_de=text, terms_en=text)
    page.goto("/operations/settings/imprint/")
    send(page, contact=f"post@example.org\n{LONG_LINE}", imprint_de=text, imprint_en=text)
    yield Stop("operations_settings", "settings, all written", page)
    for kind in ("imprint", "privacy", "terms"):
        page.goto(f"/{kind}/")
        yield Stop(kind, kind, page)
    page.goto("/communities/new/")
    yield Stop("new_community", "found a group", page)
    send(page, as_typed=False, name="", display_name="")
    yield Stop("new_community", "found a group, something missing", page)
    send(page, name=LONG_NAMES[1], slug=f"new-{uuid.uuid4().hex[:8]}", display_name="Opal")
    yield Stop("first_rules", "the first rules", page)
    page.goto("/operations/accounts/")
    yield Stop("operations_accounts", "one account", page)
    send(page, email="nobody")
    yield Stop("operations_accounts", "one account, not found", page)
    assert scene.mel.user is not None
    Authenticator.objects.create(user=scene.mel.user, type="totp", data={})
    page.goto(f"/operations/accounts/{scene.mel.user_id}/")
    yield Stop("operations_account", "an account with a second factor", page)
    ask_factor_reset(user=scene.mel.user, asked_by=None)
    page.reload()
    yield Stop("operations_account", "an account whose second factor is going to be removed", page)
    cancel_factor_reset(user=scene.mel.user, by=None)


def paper(scene: Scene) -> Iterator[Stop]:
    """Invitations to cut out."""
    page = scene.open("/c/circle/invitations/slips/", scene.ada)
    yield Stop("invitation_slips", "slips, for whom", page)
    page.locator("[name=names_group]").check()
    send(page, name_1=LONG_WORD[:60], name_2="Beate")
    yield Stop("invitation_slips", "slips to cut out", page)


def first_run(scene: Scene) -> Iterator[Stop]:
    """A place that nobody has set up yet, from its door to the day after it."""
    elsewhere(lambda: Installation.objects.update(set_up_at=None, setup={}))
    page = scene.open("/", extra_http_headers={"X-Forwarded-For": "203.0.113.7"})
    while "/setup/" not in page.url:  # until the web process asks again
        page.goto("/")
    yield Stop("setup", "where the token is", page)
    page = scene.open("/setup/server/")
    page.locator("button[name=language]:not([aria-current])").click()
    page.locator("button[name=language]:not([aria-current])").click()
    send(page, as_typed=False, name=" ")
    yield Stop("setup_step", "the place, without a name", page)
    send(page, name="Obergiesing")
    page.locator("[name=mail_host]").fill("no-such-host.invalid")
    send(page, mail_from="kreis@example.org", test_to="op@example.org")
    yield Stop("setup_step", "a mail server that is none", page)
    with page.expect_navigation():
        page.locator("button[value=skip]").click()
    send(page, email=scene.address("op"), password="kurz")
    yield Stop("setup_step", "account, with a short password", page)
    send(page, password=PASSWORD)
    yield Stop("setup_step", "the account stands", page)
    page.goto("/setup/group/")
    page.locator("[name=name]").press_sequentially("Über den Fluß")
    assert page.locator("[name=slug]").input_value() == "ueber-den-fluss"
    send(page, slug="über den fluß", display_name=LONG_NAMES[2])
    yield Stop("setup_step", "group, with a wrong address", page)
    send(page, slug="ueber-den-fluss")
    send(page, as_typed=False, title_1="")
    yield Stop("setup_step", "a rule without a title", page)
    send(page, title_1=LONG_WORD)
    yield Stop("setup_step", "who comes first", page)
    send(page, name_1=LONG_WORD[:60], name_2="Beate")
    yield Stop("setup_step", "first invitations", page)
    page.goto("/setup/keys/")
    send(page, as_typed=False)
    yield Stop("setup_step", "keys, not put away", page)
    page.locator("[name=kept]").check()
    send(page)
    yield Stop("community", "the first group, just set up", page)


def demo(scene: Scene) -> Iterator[Stop]:
    """What exists in demo mode only."""
    from operations.demo import links

    at = scene.demo.url
    person = User.objects.create_user(f"mira.{uuid.uuid4().hex[:8]}@{links.DOMAIN}", language=scene.language)
    mira = factories.member(scene.circle, "Mira", role="owner", user=person)
    page = scene.open(f"{at}/demo/sign-in/wrong/")
    yield Stop("demo_sign_in", "a link that no longer works", page)
    page.goto(f"{at}/demo/sign-in/{links.sign(mira)}/")
    yield Stop("demo_sign_in", "into the demo", page)
    page.goto(f"{at}/accounts/login/code/")
    send(page, email=person.email)
    yield Stop("account_confirm_login_code", "code, in the demo", page)
    page.goto(f"{at}/demo/mail/")
    yield Stop("demo_mails", "outgoing mail", page)
    with page.expect_navigation():
        page.locator("main .list a").first.click()
    yield Stop("demo_mail", "one mail", page)
    page.goto(f"{at}/demo/mail/nothing/")
    yield Stop("demo_mail", "404 in the demo", page)
    yield from _too_often(page, at)


def _too_often(page: Page, at: str) -> Iterator[Stop]:
    """Counted for all web processes together, and forgotten before each test: the last stop, for nothing is left."""
    page.goto(f"{at}/i/")
    form: dict[str, str | float | bool]
    form = {"csrfmiddlewaretoken": page.locator("[name=csrfmiddlewaretoken]").last.input_value(), "link": "nothing"}
    while page.context.request.post(page.url, form=form, max_redirects=0).status != 429:
        pass
    send(page, link="nothing")
    yield Stop("enter_invitation", "429", page)


OPERATIONS = {"new_community", "first_rules", "operations_invitation", "operations_mail", "refuse_mail_switch"}
OPERATIONS = {"operations_accounts", "operations_account"}
OPERATIONS |= {"new_community", "first_rules", "operations_invitation", "operations_mail"}
OPERATIONS |= {"operations", "operations_groups", "operations_settings", "imprint", "privacy", "terms"}
OPERATIONS |= {f"operations_{act}" for act in ("access", "place", "imprint", "privacy", "terms")}
#: Part → (its walk, the names of the addresses whose pages it shows).
PARTS: dict[str, tuple[Walk, set[str]]] = {
    "strangers": (
        strangers,
        {"account_login", "account_signup", "account_inactive", "enter_invitation", "invitation", "declined"},
    ),
    "newcomer": (
        newcomer,
        {"invitation", "account_signup", "account_email_verification_sent", "declined", "join", "community", "home"},
    ),
    "forgetful": (
        forgetful,
        {
            "account_request_login_code",
            "account_confirm_login_code",
            "account_reset_password",
            "account_confirm_password_reset_code",
            "account_complete_password_reset",
        },
    ),
    "account holder": (
        account_holder,
        {
            "account",
            "account_reauthenticate",
            "account_reauthenticate_by_code",
            "account_set_password",
            "account_email",
            "account_email_verification_sent",
            "account_change_password",
            "account_logout",
            "home",
            "undo_address_change",
            "end_unknown_device",
            "shut_out",
            "refuse_factor_reset",
        },
    ),
    "careful": (
        careful,
        {
            "mfa_index",
            "mfa_activate_totp",
            "mfa_view_recovery_codes",
            "mfa_add_webauthn",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
            "mfa_deactivate_totp",
            "mfa_authenticate",
            "account_reauthenticate",
        },
    ),
    "owner": (
        owner,
        {
            "community",
            "room",
            "messages",
            "rooms",
            "edition",
            "deletion",
            "invitations",
            "people",
            "person",
            "rules",
            "search",
            "my_membership",
            "community_settings",
        },
    ),
    "operator": (
        operator,
        OPERATIONS
        | {"account", "account_reauthenticate", "operations_accounts", "operations_account", "refuse_mail_switch"},
    ),
    "member": (member, {"community", "room", "invitations", "rooms"}),
    "demo": (demo, {"demo_sign_in", "demo_mails", "demo_mail", "account_confirm_login_code", "enter_invitation"}),
    "paper": (paper, {"invitation_slips"}),
    "first run": (first_run, {"setup", "setup_step", "community"}),
}
#: Addresses without a page of their own: they lead on, or answer scripts.
NO_PAGE = {
    "setup_language",
    "healthz",
    "readyz",
    "leave",
    "today_reading",
    "jump",
    "message",
    "changes",
    "reading",
    "revoke_invitation",
    "consent",
    "put_intervention_aside",
    "operations_mail_test",
    "operations_mail_keep",
    "my_presence",
    "picture",
    "language",
    "appearance",
    "account_other_address",
    "account_logout_everywhere",
    "cancel_factor_reset",
    "operations_factor_reset",
    "operations_keep_factors",
    "end_device",
    "end_other_devices",
    "mfa_login_webauthn",
    "mfa_generate_recovery_codes",
}
