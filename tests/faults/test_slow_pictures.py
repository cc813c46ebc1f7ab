"""Pictures made to be slow cost those who give them; everybody else's pages are there as before."""

import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from communities.models import Membership, Picture
from tests.realtime.conftest import session_of
from tests.servers import Server
from tests.slow_pictures import jpeg_of_many_scans

pytestmark = pytest.mark.django_db(transaction=True)

#: More than a process has connections to the database (`core.postgres.options`).
EACH = 12
TOKEN, BOUNDARY = "x" * 32, "between"


def asked(server: Server, session: str, path: str, body: bytes | None = None) -> int:
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    headers = {"Cookie": cookies, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(server.url + path, body, headers), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code


def form(name: str, picture: bytes) -> bytes:
    parts = [
        ("display_name", name.encode()),
        ("csrfmiddlewaretoken", TOKEN.encode()),
        ('picture"; filename="me', picture),
    ]
    heads = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() for name, _ in parts]
    whole = b"\r\n".join(head + value for head, (_, value) in zip(heads, parts, strict=True))
    return whole + f"\r\n--{BOUNDARY}--\r\n".encode()


def test_pages_come_while_slow_pictures_are_drawn(
    server: Server, ada: Membership, mel: Membership, mo: Membership
) -> None:
    page = f"/c/{ada.community.slug}/people/"
    picture = jpeg_of_many_scans(200)
    reader = session_of(ada)
    assert asked(server, reader, page) == 200
    with ThreadPoolExecutor(2 * EACH) as many:
        given = [
            many.submit(asked, server, session_of(member), f"/c/{ada.community.slug}/me/", body)
            for member, body in ((member, form(member.display_name, picture)) for member in (mel, mo))
            for _time in range(EACH)
        ]
        read, waited = [], []
        while not all(answer.done() for answer in given):
            began = time.monotonic()
            read.append(asked(server, reader, page))
            waited.append(time.monotonic() - began)
    assert len(read) > 2, "they were slow"
    assert set(read) == {200}
    assert max(waited) < 4, "nobody waited for a connection"
    # One of each was drawn, for as long as it may take; most of the others did not get so far.
    answers = Counter(answer.result() for answer in given)
    assert set(answers) <= {422, 429}
    assert answers[429] >= EACH
    assert not Picture.objects.exists()
