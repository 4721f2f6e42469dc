"""A small real IMAP server (RFC 9051, as far as a reader of mail asks for it), with the faults of mailboxes. In the test's loop."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes

from booking import clock

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass
class Kept:
    uid: int
    content: bytes
    came_on: date
    flags: set[str] = field(default_factory=set)


@dataclass
class ImapStandIn:
    """`mails` is the folder INBOX. `faults` are for the next times a command is given, such as "FETCH cut": the line is cut,
    "SEARCH no": refused, "FETCH garbage": an answer that is none, "LOGIN hold": says nothing more. `commands` is what was asked."""

    user: str = "bounces"
    password: str = "pass word"
    validity: int = 700
    mails: list[Kept] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    is_uid_last: bool = False  # Exchange names it behind the literal
    is_read_only: bool = False

    async def __aenter__(self) -> "ImapStandIn":
        self._next_uid, self._lines = 1, set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._lines:
            writer.transport.abort()
        await asyncio.sleep(0.01)

    def put(self, content: bytes, came_on: date | None = None) -> int:
        """A mail arrives; returns its UID."""
        uid, self._next_uid = self._next_uid, self._next_uid + 1
        self.mails.append(Kept(uid, content, came_on or clock.today()))
        return uid

    def build_anew(self) -> None:
        """The folder is restored from a backup: other UIDs under another validity."""
        self.validity += 1
        for number, mail in enumerate(self.mails, start=1):
            mail.uid = number
        self._next_uid = len(self.mails) + 1

    def seen(self) -> set[int]:
        return {mail.uid for mail in self.mails if "\\Seen" in mail.flags}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(b"* OK [CAPABILITY IMAP4rev1] stand-in\r\n")
            is_open = True
            while is_open and (line := (await reader.readline()).decode()):
                is_open = await self._answer(line.strip(), writer)
                await writer.drain()
        writer.close()

    async def _answer(self, line: str, writer: asyncio.StreamWriter) -> bool:
        """Answers one command; whether the line stays open."""
        tag, _, command = line.partition(" ")
        verb = command.removeprefix("UID ").split(" ")[0].upper()
        self.commands.append(command if verb != "LOGIN" else "LOGIN")
        fault = self._fault(verb)
        if fault == "hold":
            await asyncio.sleep(60)
        if fault == "cut":
            return False
        if fault == "no":
            writer.write(f"{tag} NO not now\r\n".encode())
            return True
        if fault == "garbage":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n<html>\r\n")
            return False
        status = getattr(self, f"_{verb.lower()}")(command.removeprefix("UID "), writer)
        writer.write(f"{tag} {status or 'OK'} {verb}\r\n".encode())
        return verb != "LOGOUT"

    def _fault(self, verb: str) -> str:
        for fault in self.faults:
            if fault.startswith(f"{verb} "):
                self.faults.remove(fault)
                return fault.removeprefix(f"{verb} ")
        return ""

    def _capability(self, command: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* CAPABILITY IMAP4rev1\r\n")

    def _login(self, command: str, writer: asyncio.StreamWriter) -> str:
        given = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', command)[1:]]
        return "OK" if given == [self.user, self.password] else "NO [AUTHENTICATIONFAILED]"

    def _select(self, command: str, writer: asyncio.StreamWriter) -> str:
        if '"INBOX"' not in command:
            return "NO no such folder"
        writer.write(f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] valid\r\n".encode())
        return "OK"

    def _search(self, command: str, writer: asyncio.StreamWriter) -> None:
        found = self.mails
        if since := re.search(r"SINCE (\d+)-(\w+)-(\d+)", command):
            day = date(int(since[3]), MONTHS.index(since[2]) + 1, int(since[1]))
            found = [mail for mail in found if mail.came_on >= day]
        if after := re.search(r"UID (\d+):\*", command):  # "n:*" always names the last mail, whatever n is
            found = [mail for mail in found if mail.uid >= int(after[1])] or self.mails[-1:]
        writer.write(f"* SEARCH {' '.join(str(mail.uid) for mail in found)}\r\n".encode())

    def _fetch(self, command: str, writer: asyncio.StreamWriter) -> None:
        for mail in self._named(command.split(" ")[1]):
            number = self.mails.index(mail) + 1
            name, content = "BODY[]<0>", mail.content
            if "HEADER.FIELDS" in command:
                told = message_from_bytes(mail.content)["Content-Type"]
                name = "BODY[HEADER.FIELDS (CONTENT-TYPE)]"
                content = f"Content-Type: {told}\r\n\r\n".encode("utf-8", "replace") if told else b"\r\n"
            elif part := re.search(r"<0\.(\d+)>", command):
                content = content[: int(part[1])]
            uid = f"UID {mail.uid}"
            before, behind = ("", f" {uid}") if self.is_uid_last else (f"{uid} ", "")
            writer.write(f"* {number} FETCH ({before}{name} {{{len(content)}}}\r\n".encode() + content)
            writer.write(f"{behind})\r\n".encode())

    def _store(self, command: str, writer: asyncio.StreamWriter) -> str:
        if self.is_read_only:
            return "NO read-only"
        for mail in self._named(command.split(" ")[1]):
            mail.flags |= set(re.findall(r"\\\w+", command))
        return "OK"

    def _expunge(self, command: str, writer: asyncio.StreamWriter) -> None:
        self.mails = [mail for mail in self.mails if "\\Deleted" not in mail.flags]

    def _noop(self, command: str, writer: asyncio.StreamWriter) -> None:
        pass

    def _logout(self, command: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* BYE\r\n")

    def _named(self, numbers: str) -> list[Kept]:
        wanted = {int(number) for number in numbers.split(",")}
        return [mail for mail in self.mails if mail.uid in wanted]
