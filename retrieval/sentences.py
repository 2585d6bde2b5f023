"""Sentences with exact offsets, by rule: abbreviations, brackets, line breaks and citation markers.

Statistical splitters cut legal citations ("Fed. / R. Civ. / P. 12(b)(6)") and need data files; these rules are
deterministic, need none, and run in time linear in the length of the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from .passages import Span


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# A full stop after one of these ends no sentence, whatever follows.
_TITLES = _words("Mr Mrs Ms Mx Dr DR dr Prof Messrs Mme Mlle Capt Lt Sgt")
_INNER = _words("v vs cf viz e.g i.e eg ie approx ca resp incl excl esp")
# Abbreviations only where a number, a numeral or a section sign follows: "No. 12-345", but "Is it lawful? No."
_NUMBERED = _words(
    "no nos fig figs eq eqs art arts sec secs ch chs vol vols p pp para paras pt pts cl cls ex exs amend amends tit "
    "tbl tab app r rr reg regs s ss n nn l ll q step max min § §§ ¶ ¶¶"
)
# End a sentence only where a common sentence starter follows: "by Acme Inc. The court held".
_OPEN = _words(
    "inc corp co ltd llc plc bros assn ass'n dept dep't jr sr esq etc al id ibid cit cir supp ed eds repl rptr st ave "
    "blvd mt ft int'l nat'l gov't univ inst est govt intl natl misc sp spp subsp var"
)
# Like _OPEN, but ordinary words when written small ("he fell ill.").
_OPEN_CAPITALISED = _words(
    "Ala Ariz Ark Cal Calif Colo Conn Del Fla Ga Haw Ill Ind Kan Ky La Mass Md Mich Minn Miss Mo Mont Neb Nev Okla Ore "
    "Pa Tenn Tex Va Vt Wash Wis Wyo Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Fed Civ Crim Evid Proc Bankr App "
    "Ct Cts Sup Super Dist Div Cong Sess Stat Const Rev Reg Regs Rep Exec Admin Adm Comm Commw Ch Eng Eur Int Am Amer "
    "Assoc Ann Atl So Med Engl Sci Acad Natl Lab Pharm Cl Ed Bull Harv Colum Op Def Pl Pet Br Tr Cert Mfg Ins Indus "
    "Elec Ry Educ Envtl Sec Serv Sys Tech Transp Util Twp Cnty Bd Dep Hosp Labs Mun Prot Soc Sch Litig Pub Gen Col Maj "
    "Sen Gov Pres Hon Supt Bus Prob Fam Veh Prac Jud"
)
_DOSING = _words("b.i.d t.i.d q.i.d q.d q.h q.o.d p.o p.r.n b.d o.d i.v i.m s.c")
# A letter after one of these is a name, not an initial: "hepatitis B. Vaccination is ...".
_LETTERED = _words(
    "vitamin vitamins hepatitis type types group class part section appendix exhibit schedule grade stage option plan "
    "influenza category factor phase level table figure title chapter counsel protein"
)
_STARTERS = _words(
    "a an the this that these those it its he she they we you his her their our my your there here in on at by for "
    "from with without within under over after before during since until when whenever while where whereas if "
    "unless as although though because however moreover furthermore therefore thus hence then also additionally "
    "nevertheless nonetheless instead meanwhile conversely finally first firstly second secondly third next later "
    "such some many most both each every all any no none not neither but so yet to what who whom whose why how "
    "which another other several few only even once see according given based despite like unlike upon between "
    "among through today plaintiff plaintiffs defendant defendants patients"
)
_COMPANY = _words("inc corp ltd llc co")

_MARKER = r"\[\^?\d{1,4}(?:[\s,;–-]{1,3}\d{1,4}){0,50}\]|【[^】\n]{1,80}】|[⁰¹²³⁴-⁹]{1,6}"
_STOP = re.compile(r"(?P<stop>\.(?:[ \u00a0]?\.)+|[.!?…؟۔।॥]+|[。！？]+)(?: ''(?!\S)|[\"'”’»)\]}*_]*)")
_MARKERS = re.compile(rf"(?:\s*(?:{_MARKER}))+")
_GAP = re.compile(r"\s*")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"“‘«—–/,;:]++\Z")
_NOUN_BEFORE = re.compile(r"([^\W\d_]{2,20})\s{1,3}\S\Z")
_WORD_AFTER = re.compile(r"[\s\"'`“‘«(\[{*_]*([^\W_]+(?:['’][^\W_]+)*)?(\.?)")
_CAN_OPEN = frozenset("\"'`“‘«([{-–—•*_#$£€§¶¿¡")
_BRACKET = re.compile(r"[()\[\]{}]")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_NUMERAL = re.compile(r"\d|[IVXLC]+\Z|[A-Z]\Z")
_ENUMERATOR = re.compile(r"\s*[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4})[)\]]?\Z")
_INLINE_ITEM = re.compile(r"[:;]\s{1,3}\(?(?:\d{1,2}|[a-z])\)?\Z")
_HARD_BREAK = re.compile(
    r"\n[^\S\n]*(?=\n)"  # an empty line
    r"|(?m:^)[^\S\n]{0,9}#{1,6}[ \t][^\n]*(?=\n)"  # a heading: the break is at its end
    r"|\n(?=[^\S\n]{0,80}(?:[-*+•‣◦▪·|]|#{1,6}|\d{1,3}[.)]|\[\^?\d{1,3}\]:?)[^\S\n])"  # a list item
    r"|(?:(?<=[.:;,!?\]\"”])|(?<=\bor)|(?<=\band))[^\S\n]{0,9}\n"  # a lettered one, where the line before has ended
    r"(?=[^\S\n]{0,80}(?:[a-z][.)]|[A-Z]\)|\([A-Za-z0-9]{1,5}\)|[ivx]{1,5}[.)])[^\S\n])"
    r"|[\f\v\x1c-\x1e\u2029]"
)
_LONGEST_BRACKET = 600  # a longer pair is taken for stray brackets, so that they cannot swallow a page
_LOOK = 64  # how far back or ahead the word beside a full stop is looked for


def split_sentences(text: str) -> list[Span]:
    """Spans of the sentences of `text`, in order.

    Every character that is not white space lies in exactly one span, and no span begins or ends with white space.
    A citation marker that follows the full stop ("... in 1954. [1] The ...") belongs to the sentence before it. An
    empty line, a heading and a list item always begin a new sentence. Linear in the length of `text`.
    """
    spans: list[Span] = []
    for start, end in _blocks(text):
        for cut in [*_cuts(text, start, end), end]:
            piece = text[start:cut]
            body = piece.strip()
            if body:
                first = start + len(piece) - len(piece.lstrip())
                spans.append(Span(first, first + len(body)))
            start = cut
    return spans


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of `text` that no sentence crosses: paragraphs, headings, list items."""
    start = 0
    for found in _HARD_BREAK.finditer(text):
        yield start, found.end()
        start = found.end()
    yield start, len(text)


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Where a sentence of the block [start, end) ends and another begins."""
    brackets = _brackets(text, start, end)
    opens = [opened for opened, _ in brackets]
    for found in _STOP.finditer(text, start, end):
        at = found.end()
        nearest = bisect_left(opens, at) - 1
        if nearest >= 0 and at <= brackets[nearest][1]:
            continue
        cut = _cut_after(text, found, start, end)
        if cut is not None:
            yield cut
            start = cut


def _brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Outermost matched brackets of bearable length: places of the opening and of the closing one."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for found in _BRACKET.finditer(text, start, end):
        sign, at = found.group(), found.start()
        if sign in "([{":
            stack.append((sign, at))
        elif stack and stack[-1][0] + sign in ("()", "[]", "{}"):
            opened = stack.pop()[1]
            if at - opened <= _LONGEST_BRACKET:
                while pairs and pairs[-1][0] > opened:
                    pairs.pop()
                pairs.append((opened, at))
    return pairs


def _cut_after(text: str, found: re.Match[str], start: int, end: int) -> int | None:
    """The end, citation markers included, of the sentence that the stop in `found` closes; None if it closes none."""
    at = found.end()
    markers = _MARKERS.match(text, at, end)
    after = markers.end() if markers else at
    gap = _GAP.match(text, after, end)
    ahead = gap.end() if gap else after
    if ahead >= end or (ahead == after and not markers and found["stop"][-1] not in "。！？"):
        return None
    next_word = _WORD_AFTER.match(text, ahead, min(end, ahead + _LOOK))
    word, dot = (next_word[1] or "", next_word[2]) if next_word else ("", "")
    if not word and text[ahead] not in _CAN_OPEN:
        return None
    if not _ends(text, found, start, word, starter=not dot and word.casefold() in _STARTERS):
        return None
    if not word[:1].islower() or any(sign.isupper() for sign in word[1:3]):  # "mRNA", "pH" may begin a sentence
        return after
    # "... in 1954. [1] says that ...": the marker is the subject of the next sentence.
    return at if markers is not None and text[at].isspace() else None


def _ends(text: str, found: re.Match[str], start: int, word: str, *, starter: bool) -> bool:
    """Whether the stop can end a sentence; `word` follows it, and is a common first word if `starter`."""
    stop, place = found["stop"], found.start()
    if stop != ".":
        if stop[-1] not in ".…":
            return word.casefold() not in _COMPANY  # "Yahoo! Inc."
        return starter or stop.count(".") > 3
    if place - start < 24 and _ENUMERATOR.match(text, start, place):
        return False
    window = text[max(start, place - _LOOK) : place]
    before = _WORD_BEFORE.search(window)
    last = before.group().strip("'’*_") if before else ""
    if not last:
        return starter or window[-1:].isspace()  # text that was tokenised: "in 1954 . Justice Warren"
    if _INLINE_ITEM.search(window):
        return False
    noun = _NOUN_BEFORE.search(window)
    if noun and noun[1].casefold() in _LETTERED:
        return True
    return _word_can_end(last, word, starter)


def _word_can_end(last: str, following: str, starter: bool) -> bool:
    """Whether a full stop after `last` can end a sentence that `following` would not continue."""
    small = last.casefold()
    if last in _TITLES or small in _INNER:
        return False
    if small in ("no", "nos"):
        return not following[:1].isdigit()
    if small in _NUMBERED and (not following or _NUMERAL.match(following)):
        return False
    if small in _DOSING:
        return True
    abbreviation = small in _OPEN or last in _OPEN_CAPITALISED or _DOTTED.fullmatch(last) is not None
    return starter if abbreviation or (len(last) == 1 and last.isalpha()) else True
