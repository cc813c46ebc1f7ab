from django.urls import path

from communities import (
    founding_pages,
    invitation_pages,
    joining_pages,
    operators,
    people,
    profile_pages,
    settings_pages,
    slip_pages,
)

urlpatterns = [
    path("i/", joining_pages.enter_invitation, name="enter_invitation"),
    path("i/declined/", joining_pages.declined, name="declined"),
    path("i/<str:token>/", joining_pages.invitation, name="invitation"),
    path("join/", joining_pages.join_community, name="join"),
    path("communities/new/", founding_pages.new_community, name="new_community"),
    path("c/<slug:slug>/rules/first/", founding_pages.first_rules, name="first_rules"),
    path("c/<slug:slug>/people/", people.people, name="people"),
    path("c/<slug:slug>/people/<uuid:person>/", people.person, name="person"),
    path("c/<slug:slug>/rules/", people.rules, name="rules"),
    path("c/<slug:slug>/me/", profile_pages.my_membership, name="my_membership"),
    path("pictures/<uuid:picture>/", people.picture, name="picture"),
    path("c/<slug:slug>/me/presence/", profile_pages.my_presence, name="my_presence"),
    path("c/<slug:slug>/settings/", settings_pages.community_settings, name="community_settings"),
    path("c/<slug:slug>/invitations/", invitation_pages.invitations, name="invitations"),
    path("c/<slug:slug>/invitations/slips/", slip_pages.slips, name="invitation_slips"),
    path(
        "c/<slug:slug>/invitations/<uuid:invitation>/revocation/", invitation_pages.revocation, name="revoke_invitation"
    ),
    path("c/<slug:slug>/invitations/<uuid:invitation>/consent/", operators.consent, name="consent"),
    path(
        "c/<slug:slug>/interventions/<uuid:intervention>/seen/",
        operators.put_intervention_aside,
        name="put_intervention_aside",
    ),
]
