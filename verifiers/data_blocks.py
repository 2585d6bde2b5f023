"""Hostile text inside a prompt: blocks that the text cannot close, because it cannot know how.

Sources and answers are written by others, some of them to be read by a judge. Each text stands between an opening and
a closing line that bear a key. The key is a hash of everything in the prompt and of the seed: a text that held it would
change it. Besides, whatever in a text looks like the beginning of a tag is broken by a backslash, and signs that are
read but not seen (zero-width, bidirectional, tag characters) are left out, so that no text looks other than it reads.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from .folding import CONTROL, UNSEEN

_KEY_LENGTH = 20
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile(f"[{UNSEEN}]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(f"[{CONTROL}]")
_ANGLE = "<\uff1c\ufe64\u2039\u3008\u27e8\u2329\u276e\u02c2\u1438\u227a"
# "<b", "</data", "< / data", "<!--", "<?xml", "<|im_start|>", with any number of backslashes; not "p < 0.05".
_TAG = r"(?=\\*[^\W\d_]|[\s\\]*[!?|/\uff0f\u2215\u2044])"
_TAG_LIKE = re.compile(rf"([{_ANGLE}]){_TAG}")
_BROKEN = re.compile(rf"([{_ANGLE}])\\{_TAG}")


def block_key(texts: Sequence[str], seed: str) -> str:
    """A key that stands in none of `texts`, the same for the same texts and seed: twenty hexadecimal digits.

    A text can hold the key of its own prompt only by solving the hash for itself; should that ever happen, another
    key is taken.
    """
    hashed = sha256(seed.encode("utf-8", "surrogatepass"))
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        hashed.update(b"\0%d\0" % len(raw) + raw)
    plain = [_readable(text).casefold() for text in texts]
    while any(hashed.hexdigest()[:_KEY_LENGTH] in text for text in plain):
        hashed.update(b"\0again")
    return hashed.hexdigest()[:_KEY_LENGTH]


def block(key: str, name: str, text: str) -> str:
    """`text` as the data called `name` (ours, e.g. "passage 2"), in lines that only `key` closes."""
    return f"<data-{key} {name}>\n{neutral(text)}\n</data-{key}>\n"


def blocks(key: str, named: Iterable[tuple[str, str]]) -> str:
    """Several texts, one block after another."""
    return "\n".join(block(key, name, text) for name, text in named)


def neutral(text: str) -> str:
    """`text` as it may stand in a block: nothing unseen, no control signs, nothing that looks like a tag."""
    return _TAG_LIKE.sub(r"\1\\", _readable(text))


def as_written(quoted: str) -> str:
    """What stood in the text before `neutral`, for words that a model copied from a block."""
    return _BROKEN.sub(r"\1", quoted)


def _readable(text: str) -> str:
    seen = _UNSEEN.sub("", _SURROGATE.sub("\ufffd", text))
    return _CONTROL.sub(" ", _LINE_END.sub("\n", seen))
