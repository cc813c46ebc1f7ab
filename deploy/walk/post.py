"""A mail server that delivers to nobody: each mail becomes a line of JSON in its log. Part of the walk only."""

import email
import email.policy
import json
import socketserver
from typing import ClassVar

PORT = 2525
GREETING, OK, GO_ON, BYE, UNKNOWN = "220 post", "250 ok", "354 go on", "221 bye", "502 not here"


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as Python's own client speaks."""

    answers: ClassVar[dict[str, str]] = {
        "EHLO": OK,
        "HELO": OK,
        "MAIL": OK,
        "RCPT": OK,
        "RSET": OK,
        "NOOP": OK,
        "DATA": GO_ON,
        "QUIT": BYE,
    }

    def handle(self) -> None:
        recipients: list[str] = []
        self.say(GREETING)
        while line := self.rfile.readline():
            verb = line[:4].decode("ascii", "replace").upper()
            if verb == "RCPT":
                recipients.append(line.decode("utf-8", "replace").partition(":")[2].split(">")[0].strip(" <\r\n"))
            self.say(self.answers.get(verb, UNKNOWN))
            if verb == "DATA":
                self.keep(recipients)
                recipients = []
                self.say(OK)
            if verb == "QUIT":
                return

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def keep(self, recipients: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        print(json.dumps({"to": recipients, "subject": str(mail["subject"]), "text": text}), flush=True)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("", PORT), Conversation) as server:
        server.serve_forever()
