"""The pages of whoever runs the place. They show sizes and health, never contents. And its imprint, for everybody."""

from django.urls import path

from operations import accounts, groups_pages, legal_pages, mail_pages, settings_pages, views
from operations.legal import KINDS
from operations.settings_pages import CHANGES
from operations.setup import views as setup_views

urlpatterns = [
    # Once the place has been set up there are none of these.
    path("setup/", setup_views.setup, name="setup"),
    path("setup/language/", setup_views.language, name="setup_language"),
    path("setup/<slug:step>/", setup_views.step, name="setup_step"),
    path("operations/", views.health, name="operations"),
    path("operations/groups/", views.groups, name="operations_groups"),
    path("operations/groups/<int:number>/invitation/", groups_pages.invitation, name="operations_invitation"),
    path("operations/settings/", settings_pages.overview, name="operations_settings"),
    path("operations/settings/mail/", mail_pages.mail, name="operations_mail"),
    path("operations/settings/mail/test/", mail_pages.mail_test, name="operations_mail_test"),
    path("operations/settings/mail/keep/", mail_pages.mail_keep, name="operations_mail_keep"),
    path("mail-server/<str:ticket>/cancel/", mail_pages.refuse_mail_switch, name="refuse_mail_switch"),
    *(
        path(f"operations/settings/{act}/", settings_pages.change, {"act": act}, name=f"operations_{act}")
        for act in CHANGES
    ),
    *(path(f"{kind}/", legal_pages.legal, {"kind": kind}, name=kind) for kind in KINDS),
    path("operations/accounts/", accounts.accounts, name="operations_accounts"),
    path("operations/accounts/<uuid:account>/", accounts.account, name="operations_account"),
    path("operations/accounts/<uuid:account>/factor-reset/", accounts.factor_reset, name="operations_factor_reset"),
    path(
        "operations/accounts/<uuid:account>/factor-reset/cancel/", accounts.keep_factors, name="operations_keep_factors"
    ),
]
