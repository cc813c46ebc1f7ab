"""A forgotten password is replaced once everything that signing in asks for is answered, a second factor too.

Until then the new one waits, hashed, beside what allauth notes of the sign-in: a mailbox alone changes nothing.
"""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.password_reset import finalize_password_reset
from allauth.account.models import Login
from allauth.account.stages import LoginStage
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.views.decorators.cache import never_cache

#: In the state of a sign-in: the hash of the password that it sets.
NEW_PASSWORD = "new_password"  # noqa: S105  # nosec B105  # the name of a place


class NewPasswordStage(LoginStage):
    """The last one: whoever comes here is signed in next."""

    key = "new_password"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Emits: password_reset, by which all other sessions end."""
        hashed = self.login.state.pop(NEW_PASSWORD, None)
        if hashed is not None:
            person: Any = self.login.user
            person.password = hashed
            person.save(update_fields=["password"])
            finalize_password_reset(self.request, person, email=self.login.email)
        return None, True


class CompletePasswordResetView(allauth_views.CompletePasswordResetView):
    def form_valid(self, form: forms.Form) -> HttpResponse:
        process, request = self._process, self.request
        person, email = process.user, process.state["email"]
        process.abort()
        if request.user.is_authenticated:
            logout(request)  # or nobody would be asked for a second factor
        record_authentication(request, person, method="password_reset", email=email)
        state = {NEW_PASSWORD: make_password(form.cleaned_data["password1"])}
        answer: HttpResponse = perform_login(request, Login(user=person, email=email, state=state))
        return answer


complete_password_reset = never_cache(CompletePasswordResetView.as_view())
