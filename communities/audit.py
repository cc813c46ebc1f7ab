"""Writing into the audit log: every act that changes who may do what, who is here, or what holds for all."""

from typing import Any

from communities.models import AuditDetail, AuditEntry, Community, Membership

Act = AuditEntry.Act


def record(
    act: AuditEntry.Act,
    *,
    actor: Membership | None,
    community: Community,
    subject: Membership | None = None,
    object_id: object = "",
    codes: dict[str, Any] | None = None,
    words: dict[str, str] | None = None,
) -> AuditEntry:
    """Call it inside the transaction of the act, so that neither is without the other.

    `actor` is None for whoever operates the server and for the clock. `codes` are ids, choices and numbers; what
    anybody typed stands in `words`, which age out.
    """
    entry: AuditEntry = AuditEntry.objects.create(
        act=act,
        actor=actor,
        community=community,
        subject=subject,
        object_id=str(object_id),
        codes=codes or {},
    )
    if words:
        AuditDetail.objects.create(entry=entry, words=words)
    return entry
