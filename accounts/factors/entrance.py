"""The second step of signing in, and signing in with a passkey alone."""

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.utils import get_login_redirect_url, get_next_redirect_url, passthrough_next_redirect_url
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.stages import AuthenticateStage
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors import passkeys
from accounts.factors.proofs import Proofs, remember_passkey, status_of
from core import throttle


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """After a code, a password, a new password: nobody is signed in before this is answered."""
    stage: Any = request._login_stage  # type: ignore[attr-defined]  # set by the decorator
    proofs = Proofs(request, stage.login.user)
    # Taken away elsewhere in the meantime: then there is nothing left to ask for.
    if not proofs.exist or proofs.are_given():
        answer: HttpResponseBase = stage.exit()
        return answer
    return render(
        request, "mfa/authenticate.html", proofs.context(), status=status_of(request, request.method == "POST")
    )


@require_POST
@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """With a passkey that the browser knows whose it is: a device and a finger or PIN are two factors already."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(get_login_redirect_url(request))
    throttle.enforce(request, "passkey")
    try:
        passkey, given = passkeys.finish_sign_in(request, request.POST.get("credential", "")[: passkeys.LONGEST + 1])
    except ValidationError as error:
        messages.error(request, error.messages[0])
        back = passthrough_next_redirect_url(request, reverse("account_login"), REDIRECT_FIELD_NAME)
        return HttpResponseRedirect(back)
    remember_passkey(request, passkey, given)
    post_authentication(request, passkey, passwordless=True)
    login = Login(user=passkey.user, redirect_url=get_next_redirect_url(request))
    answer: HttpResponseBase = perform_login(request, login)
    return answer
