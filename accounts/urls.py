"""Signing in, signing up, one's own account. Of allauth's pages only those that can be reached."""

from allauth.account import views as allauth_views
from django.urls import path

from accounts import asking, code_pages, link_views, new_password, views
from accounts.factors import entrance
from accounts.factors import views as factors
from accounts.reauthentication import asked_again, asked_again_by_factor
from accounts.views import house_form

urlpatterns = [
    path("language/", views.language, name="language"),
    path("me/", views.account, name="account"),
    path("me/appearance/", views.appearance, name="appearance"),
    path("me/devices/others/end/", views.end_others, name="end_other_devices"),
    path("me/devices/<slug:mark>/end/", views.end_device, name="end_device"),
    path("me/factor-reset/cancel/", link_views.cancel_factor_reset, name="cancel_factor_reset"),
    # ---- what links in mails open ----
    path("accounts/address/<str:ticket>/undo/", link_views.undo_address_change, name="undo_address_change"),
    path("accounts/device/<str:ticket>/end/", link_views.end_unknown_device, name="end_unknown_device"),
    path("accounts/stop/<str:ticket>/", link_views.shut_out, name="shut_out"),
    path("accounts/factor-reset/<str:ticket>/cancel/", link_views.refuse_factor_reset, name="refuse_factor_reset"),
    # ---- signing in and up ----
    path("accounts/login/", house_form(views.login), name="account_login"),
    path("accounts/login/code/", house_form(allauth_views.request_login_code), name="account_request_login_code"),
    path("accounts/login/code/confirm/", house_form(code_pages.confirm_login_code), name="account_confirm_login_code"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/logout/everywhere/", views.logout_everywhere, name="account_logout_everywhere"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/signup/", house_form(allauth_views.signup), name="account_signup"),
    path("accounts/confirm/", house_form(code_pages.confirm_email), name="account_email_verification_sent"),
    path("accounts/other-address/", code_pages.other_address, name="account_other_address"),
    path("accounts/reauthenticate/", house_form(asking.ask_again), name="account_reauthenticate"),
    path(
        "accounts/reauthenticate/code/",
        house_form(asking.ask_again_by_code),
        name="account_reauthenticate_by_code",
    ),
    path("accounts/second-factor/", entrance.second_factor, name="mfa_authenticate"),
    path("accounts/passkey/", entrance.sign_in, name="mfa_login_webauthn"),
    path("me/security/", factors.security, name="mfa_index"),
    path("me/security/passkeys/new/", factors.add_passkey, name="mfa_add_webauthn"),
    path("me/security/passkeys/<int:pk>/name/", factors.rename_passkey, name="mfa_edit_webauthn"),
    path("me/security/passkeys/<int:pk>/removal/", factors.remove_passkey, name="mfa_remove_webauthn"),
    path("me/security/app/", factors.activate_app, name="mfa_activate_totp"),
    path("me/security/app/removal/", factors.remove_app, name="mfa_deactivate_totp"),
    path("me/security/codes/", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("me/security/codes/new/", factors.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/email/", house_form(asked_again(allauth_views.email)), name="account_email"),
    path(
        "accounts/password/change/",
        house_form(asked_again_by_factor(allauth_views.password_change)),
        name="account_change_password",
    ),
    path("accounts/password/set/", house_form(asked_again(allauth_views.password_set)), name="account_set_password"),
    path("accounts/password/reset/", house_form(allauth_views.password_reset), name="account_reset_password"),
    path(
        "accounts/password/reset/confirm/",
        house_form(code_pages.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path(
        "accounts/password/reset/complete/",
        house_form(new_password.complete_password_reset),
        name="account_complete_password_reset",
    ),
]
