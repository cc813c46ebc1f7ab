"""A mail server for tests: takes what it is sent, or fails in the way it is told."""

import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Post:
    """One connection after the other. `account` is the only one it lets in, where it asks for one."""

    def __init__(self, *, account: tuple[str, str] | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.account, self.tls = account, tls
        self.mails: list[str] = []
        self.refuses: dict[str, bytes] = {}
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]

    @contextmanager
    def open(self) -> Iterator["Post"]:
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.listening.shutdown(socket.SHUT_RDWR)
            self.listening.close()
            thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            try:
                with connection:
                    connection.settimeout(5)
                    if self.tls is None:
                        self._talk(connection)
                    else:
                        with self.tls.wrap_socket(connection, server_side=True) as wrapped:
                            self._talk(wrapped)
            except OSError:
                continue

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        say = connection.sendall
        say(b"220 post\r\n")
        for raw in lines:
            words = raw.decode(errors="replace").strip()
            verb = words.upper().split(" ")[0].split(":")[0]
            if verb in self.refuses:
                say(self.refuses[verb] + b"\r\n")
            elif verb == "EHLO":
                say(b"250-post\r\n250 AUTH PLAIN\r\n" if self.account else b"250 post\r\n")
            elif verb == "AUTH":
                _blank, user, password = b64decode(words.split(" ")[2]).decode().split("\0")
                say(b"235 in\r\n" if (user, password) == self.account else b"535 not in\r\n")
            elif verb == "DATA":
                say(b"354 go on\r\n")
                mail = list(iter(lambda: lines.readline().decode(), ".\r\n"))
                self.mails.append("".join(mail))
                say(b"250 taken\r\n")
            elif verb == "QUIT":
                say(b"221 bye\r\n")
                return
            else:
                say(b"250 fine\r\n")


def certificate_for_nobody(folder: Path) -> ssl.SSLContext:
    """A certificate that no browser and no mailer trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somewhere.else")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    file = folder / "certificate.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
