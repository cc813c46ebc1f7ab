"""One's own passkeys, authenticator app and recovery codes."""

import time

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.factors import actions, passkeys, secrets
from accounts.factors.forms import NewAppForm, NewPasskeyForm, PasskeyNameForm
from accounts.factors.overview import Passkey, factors_of, passkey_of, suggested_name
from accounts.factors.proofs import remember_passkey, status_of
from accounts.models import User
from accounts.reauthentication import FACTOR, asked_again, person, record_proof
from core.qr import qr
from core.sealing import SealBroken

Type = Authenticator.Type
#: In the session, sealed: the secret that an app shall take over, and codes that have just been made.
NEW_APP, NEW_CODES = "new_app", "new_recovery_codes"
#: How long both wait. Units: seconds.
SHOWN = 30 * 60

page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {
        "factors": factors_of(user, request),
        "new_codes": NEW_CODES in request.session,
        "passkeys_are_possible": passkeys.are_possible(request),
    }
    return render(request, "mfa/index.html", context)


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


# ---- Passkeys ----


@asked_again
@page
@never_cache
def add_passkey(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = NewPasskeyForm(posted(request), initial={"name": suggested_name(user, request)})
    if form.is_valid():
        try:
            credential = passkeys.finish_making(request, form.cleaned_data["credential"])
            made = actions.add_passkey(
                request=request, user=user, name=form.cleaned_data["name"], credential=credential
            )
        except ValidationError as error:
            form.add_error("credential", error)
        else:
            remember_passkey(request, made, credential)
            messages.success(request, words_for(passkey_of(made)))
            return after_adding(request, user)
    options = passkeys.begin_making(request, user) if passkeys.are_possible(request) else None
    context = {"form": form, "passkey_options": options}
    return render(request, "mfa/add_passkey.html", context, status=status_of(request, form.errors))


def words_for(passkey: Passkey) -> str:
    if passkey.signs_in:
        return _("You can sign in with this passkey now.")
    return _("From now on this passkey is asked for as the second step.")


@asked_again
@page
@never_cache
def rename_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    passkey = get_object_or_404(Authenticator, user=person(request), type=Type.WEBAUTHN, pk=pk)
    form = PasskeyNameForm(posted(request), initial={"name": passkey.data["name"]})
    if form.is_valid():
        actions.rename_passkey(passkey=passkey, name=form.cleaned_data["name"])
        return redirect("mfa_index")
    context = {"form": form, "passkey": passkey_of(passkey)}
    return render(request, "mfa/rename_passkey.html", context, status=status_of(request, form.errors))


@asked_again
@page
@never_cache
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    passkey = get_object_or_404(Authenticator, user=person(request), type=Type.WEBAUTHN, pk=pk)
    if request.method == "POST":
        actions.remove_factor(request=request, factor=passkey)
        messages.success(request, _("The passkey is removed."))
        return redirect("mfa_index")
    return render(request, "mfa/remove_factor.html", removal(request, person(request), passkey))


# ---- The authenticator app ----


@asked_again
@page
@never_cache
def activate_app(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if Authenticator.objects.filter(user=user, type=Type.TOTP).exists():
        return redirect("mfa_index")
    secret = pending_secret(request, user)
    form = NewAppForm(posted(request), user=user, secret=secret)
    if form.is_valid():
        try:
            actions.activate_app(request=request, user=user, secret=secret, step=form.step)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            del request.session[NEW_APP]
            messages.success(request, _("The app is set up. From now on its digits are asked for when you sign in."))
            return after_adding(request, user)
    url = secrets.app_url(user, secret)
    context = {"form": form, "qr": qr(url, _("QR code for your authenticator app")), "url": url}
    context["key"] = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render(request, "mfa/activate_app.html", context, status=status_of(request, form.errors))


def pending_secret(request: HttpRequest, user: User) -> str:
    """The same one for half an hour: a page that is loaded again must not undo what the app has taken over."""
    kept = request.session.get(NEW_APP)
    if kept and time.time() - kept["at"] < SHOWN:
        try:
            return secrets.unseal_secret(user, kept["secret"])
        except SealBroken:
            pass  # somebody else's, who was signed in here before
    secret = secrets.new_secret()
    request.session[NEW_APP] = {"secret": secrets.seal_secret(user, secret), "at": time.time()}
    return secret


@asked_again
@page
@never_cache
def remove_app(request: HttpRequest) -> HttpResponse:
    app = get_object_or_404(Authenticator, user=person(request), type=Type.TOTP)
    if request.method == "POST":
        actions.remove_factor(request=request, factor=app)
        messages.success(request, _("The app is removed."))
        return redirect("mfa_index")
    return render(request, "mfa/remove_factor.html", removal(request, person(request), app))


def removal(request: HttpRequest, user: User, factor: Authenticator) -> dict[str, object]:
    """What taking it away means: for the last one, that a code or a password is enough again."""
    others = Authenticator.objects.filter(user=user).exclude(type=Type.RECOVERY_CODES).exclude(pk=factor.pk)
    is_passkey = factor.type == Type.WEBAUTHN
    return {"passkey": passkey_of(factor) if is_passkey else None, "is_last": not others.exists()}


# ---- Recovery codes ----


def after_adding(request: HttpRequest, user: User) -> HttpResponse:
    """Whoever adds a factor has shown it. The first one leads to the codes that open where it is lost."""
    record_proof(request, FACTOR)
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return redirect("mfa_index")
    return show(request, user, actions.make_recovery_codes(request=request, user=user))


def show(request: HttpRequest, user: User, codes: list[str]) -> HttpResponse:
    request.session[NEW_CODES] = {"codes": secrets.seal_codes(user, codes), "at": time.time()}
    return redirect("mfa_view_recovery_codes")


def shown(request: HttpRequest, user: User) -> list[str]:
    """The codes that were just made, until their owner says that they are kept; nobody has them afterwards."""
    kept = request.session.get(NEW_CODES)
    if kept and time.time() - kept["at"] < SHOWN:
        try:
            return secrets.unseal_codes(user, kept["codes"])
        except SealBroken:
            pass  # as above
    request.session.pop(NEW_CODES, None)
    return []


@asked_again
@page
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Once, after they are made. A POST says that they are printed or written down."""
    user = person(request)
    codes = shown(request, user)
    if not codes:
        return redirect("mfa_index")
    if request.method == "POST":
        actions.note_that_codes_are_kept(user=user)
        del request.session[NEW_CODES]
        messages.success(request, _("Keep your codes where you find them without this device."))
        return redirect("mfa_index")
    return render(request, "mfa/recovery_codes.html", {"codes": codes})


@asked_again
@require_POST
@never_cache
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    user = person(request)
    actions.check_change_factor(request, user)
    codes = actions.make_recovery_codes(request=request, user=user)
    if not codes:
        raise Http404
    return show(request, user, codes)
