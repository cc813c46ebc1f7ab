"""How one appears in a community, and whether one is seen to be here."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from communities.actions import (
    choose_picture,
    choose_presence,
    rename_member,
)
from communities.actions.names import check_name_is_free
from communities.forms import (
    PresenceForm,
    ProfileForm,
    draw,
)
from communities.http import CommunityRequest, in_community
from communities.models import Membership
from core.bodies import MIB, takes_up_to
from core.limits import is_within
from core.pictures import Webp

#: Of one member; drawing one is dear.
MOST_PICTURES, PICTURES_SECONDS = 12, 600


@takes_up_to(11 * MIB)  # a picture of 10 MB, and what a browser puts around it
@never_cache
@in_community
@require_http_methods(["GET", "HEAD", "POST"])
def my_membership(request: CommunityRequest, slug: str) -> HttpResponse:
    """How one appears here: name, introduction, picture."""
    member = request.membership
    form = ProfileForm.of(member, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _save_profile(member, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("my_membership", slug)
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "display_name", error)
    is_too_much = any(form.has_error("picture", code) for code in ("many", "busy"))
    context = {"form": form, "presence_form": PresenceForm.as_chosen_by(member), "active": "me"}
    page = render(request, "communities/my_membership.html", context, status=422 if form.errors else 200)
    if is_too_much:
        page.status_code = 429
        page["Retry-After"] = str(PICTURES_SECONDS if form.has_error("picture", "many") else 2)
    return page


def _save_profile(
    member: Membership, *, picture: "UploadedFile[bytes] | None", removes_picture: bool, **texts: str
) -> None:
    """A picture is drawn once all else is known to be right: it is dear and counted, and with the page it is lost.

    Raises: ValidationError, of its field where it is about the picture.
    """
    check_name_is_free(community_id=member.community_id, name=texts["display_name"], user_id=member.user_id)
    webp = _drawn(member, picture) if picture else None
    rename_member(member=member, **texts)
    if webp or (removes_picture and member.picture_id):
        choose_picture(member=member, webp=webp)


def _drawn(member: Membership, picture: "UploadedFile[bytes]") -> Webp:
    if not is_within(f"picture:{member.pk}", times=MOST_PICTURES, seconds=PICTURES_SECONDS):
        reason = _("That was a lot of pictures at once. Wait ten minutes, then go on.")
        raise ValidationError({"picture": ValidationError(reason, code="many")})
    return draw(picture, member=member)


@in_community
@require_POST
def my_presence(request: CommunityRequest, slug: str) -> HttpResponse:
    """Whether others may see that one is here, and that one is writing."""
    form = PresenceForm(request.POST)
    if form.is_valid():
        choose_presence(member=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("my_membership", slug)
