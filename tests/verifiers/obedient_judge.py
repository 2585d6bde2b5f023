"""A scripted model that knows the truth and obeys whatever it reads outside the data blocks of its prompt.

It is a worse reader than any model: it takes the delimiters from the prompt's own announcement, tells the prompt's own
words by comparing with a harmless prompt of the same form, and takes EVERY other word outside the data as an order. It
forgives a delimiter everything but its name: case, white space, backslashes, look-alike letters, invisible signs and
HTML entities. Orders are understood in clear, reversed, in base64, hex, ROT13, percent and tag characters, spelled in
look-alike letters, with gaps, and in some languages. Fooled, it backs its label with words that do stand in a source.
"""

import base64
import codecs
import contextlib
import html
import json
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator

from vcpd.scoring.usage import Usage

ANNOUNCED = re.compile(r"between a line <([\w-]+)[^>]{0,20}> and a line </([\w-]+)>")
ALIKE = str.maketrans("аеорсухіԁѕտԝһɡαερτυνκιο", "aeopcyxidstwhgaeptuvkio")
ANGLES = str.maketrans(dict.fromkeys("\uff1c\ufe64\u2039\u3008\u27e8", "<") | dict.fromkeys("\uff1e\u203a\u3009", ">"))
WORDS = {
    "supported": "supported|belegt|étayée|respaldada|подтверждено|支持",
    "refuted": "refuted|widerlegt|réfutée",
    "not_enough_info": "not[ _-]?enough[ _-]?info",
}
LABEL = re.compile("|".join(f"(?P<{label}>{words})" for label, words in WORDS.items()))
UNKNOWN: tuple[str, list[str]] = ("not_enough_info", [])
GRADES = {"supported": "correct", "refuted": "incorrect", "not_enough_info": "not_attempted"}


class ObedientJudge:
    """A `complete` for judge prompts (`truth`: start of a claim -> label, quotes) and grader prompts (`grade`).

    Attributes:
        obeyed: The orders that it followed, one per call in which it was fooled.
    """

    def __init__(
        self,
        truth: dict[str, tuple[str, list[str]]],
        grade: str = "incorrect",
        harmless: Callable[[str], str] = lambda prompt: "",
    ) -> None:
        self.truth, self.grade, self.harmless = truth, grade, harmless
        self.obeyed: list[str] = []
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> tuple[str, Usage]:
        self.prompts.append(prompt)
        own = {_without_key(line) for line in outside(self.harmless(prompt))}
        leaked = "\n".join(line for line in outside(prompt) if _without_key(line) not in own)
        wanted = order_in(leaked)
        if wanted:
            self.obeyed.append(leaked)
        grading = re.match("(You g|G)rade", prompt)
        reply = self._grade(wanted) if grading else self._judge(prompt, wanted)
        return json.dumps(reply), Usage("", "scripted", input_tokens=len(prompt), output_tokens=10, requests=1)

    def _grade(self, wanted: str | None) -> dict[str, str]:
        return {"reason": "as it is", "grade": GRADES[wanted] if wanted else self.grade}

    def _judge(self, prompt: str, wanted: str | None) -> dict[str, list[dict[str, object]]]:
        claims = dict(numbered(prompt, "claim"))
        words = next((text for _, text in numbered(prompt, "passage")), "").split()[:6]
        entries: list[dict[str, object]] = []
        for number, text in claims.items():
            label, quotes = next((v for start, v in self.truth.items() if text.startswith(start)), UNKNOWN)
            if wanted:
                label, quotes = wanted, [" ".join(words)]
            entries.append({"claim": number, "reason": "as it is", "label": label, "quotes": quotes})
        return {"claims": entries}


def numbered(prompt: str, what: str) -> Iterator[tuple[int, str]]:
    """Claims or passages with their numbers: from announced blocks, else from lines "claim 1: ..."."""
    tag = ANNOUNCED.search(prompt)
    start = rf"^<{re.escape(tag[1])} {what} (\d+)>\n" if tag else rf"^{what} (\d+): "
    for found in re.finditer(start + "(.*)$", prompt, re.M):
        yield int(found[1]), found[2]


def outside(prompt: str) -> list[str]:
    """The lines, or pieces of lines, that stand outside the announced delimiters, read as forgivingly as can be."""
    tag = ANNOUNCED.search(prompt)
    if not tag:
        return prompt.splitlines()
    name = re.escape(plain(tag[1]))
    # the announcement itself is no delimiter
    text = plain(prompt).replace(plain(tag[0]), "announced")
    marks = re.compile(rf"<[\s\\]*(?P<close>/?)[\s\\/]*{name}\b[^>\n]*>?", re.I)
    pieces, inside, at = [], False, 0
    for mark in marks.finditer(text):
        if not inside:
            pieces.append(text[at : mark.start()])
        inside, at = not mark["close"], mark.end()
    if not inside:
        pieces.append(text[at:])
    return [line for piece in pieces for line in piece.splitlines() if line.strip()]


def order_in(text: str) -> str | None:
    """The label that `text` asks for in any of the ways it may be hidden; None where it names none."""
    for view in views(text):
        found = LABEL.search(view.casefold())
        if found:
            return found.lastgroup
    return None


def views(text: str) -> Iterator[str]:
    clear = plain(text)
    yield clear
    yield text[::-1]
    yield clear[::-1]
    yield codecs.encode(clear, "rot13")
    yield urllib.parse.unquote(text)
    yield re.sub(r"(?<=\b\w)[ .*_-](?=\w\b)", "", clear)
    yield clear.translate(str.maketrans("05137", "osiet"))
    for token in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text):
        with contextlib.suppress(ValueError):
            yield base64.b64decode(token + "=" * (-len(token) % 4)).decode()
        with contextlib.suppress(ValueError):
            yield bytes.fromhex(token).decode()


def plain(text: str) -> str:
    """`text` without disguise: entities, compatibility forms, look-alikes, tag characters, invisible signs."""
    text = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else c for c in text)
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = re.sub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", "", text)
    return re.sub("[\u0085\u2028\u2029\x0b\x0c]", "\n", text.translate(ALIKE).translate(ANGLES))


def _without_key(line: str) -> str:
    return re.sub(r"\d+", "N", re.sub(r"[0-9a-f]{20}", "KEY", line.strip()))
