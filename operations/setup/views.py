"""The steps up to the operator's account, and the way through all of them."""

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.known_devices import meet
from accounts.models import User
from core import throttle
from core.installation import site_name
from core.mail import is_said_by_environment
from core.models import Installation
from operations.mail import MailForm, MailTrouble, choose_mail_server, send_test_mail
from operations.setup import actions, group_views, steps
from operations.setup.doors import IN_SESSION, is_token, locked, may_set_up, operator_of, setup_page, unfinished
from operations.setup.forms import OperatorForm, ServerForm, TestAddressForm, TokenForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The way in: a token in the address or in the form goes into the session, and out of the address."""
    row = unfinished()
    given = request.GET.get("token", "")
    if request.method == "POST":
        form = TokenForm(request.POST)
        given = form.cleaned_data["token"] if form.is_valid() else ""
    if given and _is_right(request, row, given):
        request.session.cycle_key()
        request.session[IN_SESSION] = given
        return redirect("setup")
    is_wrong = bool(given) or request.method == "POST"
    if is_wrong or not may_set_up(request, row):
        return locked(request, is_wrong=is_wrong)
    return redirect("setup_step", steps.next_step(request, row))


def _is_right(request: HttpRequest, row: Installation, token: str) -> bool:
    """Only wrong ones count. Raises: Throttled."""
    use = throttle.enforce(request, "setup_token")
    is_right = is_token(row, token)
    if is_right:
        use.give_back()
    return is_right


@setup_page
def step(request: HttpRequest, row: Installation, step: str) -> HttpResponse:
    """One step; a step that needs an earlier one leads there."""
    view = VIEWS.get(step)
    if view is None:
        raise Http404
    try:
        return view(request, row)
    except actions.AlreadySetUp:
        raise Http404 from None


@setup_page
def language(request: HttpRequest, row: Installation) -> HttpResponse:
    """The switch at the top: the language of these pages is the place's from now on."""
    chosen = request.POST.get("language", "")
    back = redirect("setup")
    if request.method != "POST":
        return back
    if steps.is_step(wanted := request.POST.get("step", "")):
        back = redirect("setup_step", wanted)
    try:
        actions.choose_place_language(chosen)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return back
    except actions.AlreadySetUp:
        raise Http404 from None
    return in_language(back, chosen)


def in_language(answer: HttpResponse, language: str) -> HttpResponse:
    """From now on this browser is spoken to in it."""
    translation.activate(language)
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def server(request: HttpRequest, row: Installation) -> HttpResponse:
    """What the place is called, and its language."""
    here = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    initial = {"name": row.name or site_name(), "language": row.language or here}
    form = ServerForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        actions.name_place(**form.cleaned_data)
        return in_language(redirect("setup_step", "mail"), form.cleaned_data["language"])
    return steps.page(request, row, "server", {"form": form})


def mail(request: HttpRequest, row: Installation) -> HttpResponse:
    """By which server mail leaves, tried out by a mail; or without, for now."""
    if request.method == "POST" and request.POST.get("act") == "skip":
        actions.note_mail("skipped")
        return redirect("setup_step", "account")
    data = request.POST if request.method == "POST" else None
    form = None if is_said_by_environment() else MailForm.of(row, data)
    to = TestAddressForm(data)
    if data is not None and to.is_valid() and (form is None or form.is_valid()):
        try:
            _send(request, form, to.cleaned_data["test_to"])
            return redirect("setup_step", "mail")
        except MailTrouble as trouble:
            wrong = form if form is not None and trouble.field in form.fields else to
            wrong.add_error(trouble.field if trouble.field in wrong.fields else None, trouble.reason)
    context = {"form": form, "to": to, "host": settings.EMAIL_HOST, "state": row.setup.get("mail")}
    return steps.page(request, row, "mail", context, is_wrong=data is not None)


def _send(request: HttpRequest, form: MailForm | None, address: str) -> None:
    """Raises: MailTrouble; AlreadySetUp; Throttled."""
    throttle.enforce(request, "test_mail")
    chosen = form.server() if form else None
    send_test_mail(to=address, server=chosen)
    if chosen:
        choose_mail_server(chosen)
    actions.note_mail("sent")
    messages.success(request, _("The test mail is on its way to %(address)s.") % {"address": address})


def account(request: HttpRequest, row: Installation) -> HttpResponse:
    """The operator's account. In another browser it gets another password, or is signed in to where it has a factor."""
    operator = operator_of(row)
    is_here = operator is not None and request.user.pk == operator.pk
    must_sign_in = operator is not None and not is_here and is_mfa_enabled(operator)
    initial = {"email": operator.email if operator else ""}
    form = OperatorForm(request.POST if request.method == "POST" and not must_sign_in else None, initial=initial)
    if form.is_valid():
        try:
            language = row.language or translation.get_language() or settings.LANGUAGE_CODE
            _sign_in(request, actions.make_operator(language=language, **form.cleaned_data))
            return redirect("setup_step", "account")
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "operator": operator, "is_here": is_here, "must_sign_in": must_sign_in}
    return steps.page(request, row, "account", context)


def _sign_in(request: HttpRequest, operator: User) -> None:
    login(request, operator, backend="accounts.backends.AddressBackend")
    meet(request, operator)  # signing in here again is no news
    # As after signing in by hand: adding a passkey next need not ask for the password again.
    record_authentication(request, operator, method="password", email=operator.email)


VIEWS = {
    "server": server,
    "mail": mail,
    "account": account,
    "group": group_views.group,
    "rules": group_views.rules,
    "invitations": group_views.invitations,
    "keys": group_views.keys,
}
