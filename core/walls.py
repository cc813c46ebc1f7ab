"""What every answer tells a browser not to do, whoever gives the answer: a page, a file, an error, a refused handshake.

Where a view says something else of its own page (an invitation: no referrer at all), that counts.
"""

from collections.abc import Iterator

#: Off for this site and whatever it would show in a frame. What Chromium does not know is left out: it complains.
_OFF = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
#: Passkeys, and links that a button copies.
_OWN = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")

STANDING: dict[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Nobody else's page may show a face or a file of ours, nor measure whether there is one.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join([*(f"{name}=()" for name in _OFF), *(f"{name}=(self)" for name in _OWN)]),
}
#: Of answers that are no pages of ours: those of the server itself.
BARE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def of_server() -> Iterator[tuple[str, str]]:
    """Headers for what the server answers by itself."""
    yield from STANDING.items()
    yield "Content-Security-Policy", BARE_POLICY
    yield "Cache-Control", "no-store, private"
