"""Step 8, first half: what the model wrote → drafted claims with the codes they cite.

The model is asked for one JSON object, {"K3": "sentence ...", "M7": "sentence ..."}, or {"none": ""} where the passages
lack the answer, and the engines enforce it. An attached server may not: plain text with [K3], 【K3】 or [[K3]] is read,
too. A code that was not offered is dropped and recorded.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from index.sentences import sentence_spans

NONE = "none"
_STRING = r'"((?:[^"\\]|\\.)*)"'
_PAIR = re.compile(rf"{_STRING}\s*:\s*{_STRING}", re.DOTALL)
_OPEN_PAIR = re.compile(rf'{_STRING}\s*:\s*"((?:[^"\\]|\\.)*)\\?$', re.DOTALL)
_ONE = "[A-ZＡ-Ｚ][0-9０-９]"
_LISTED = rf"\s*({_ONE}(?:\s*[,;、，；]\s*{_ONE})*)\s*"
_CODE = re.compile(rf"[ \u00a0\u3000]*[\[【［]{{1,2}}{_LISTED}[\]】］]{{1,2}}")
_ROUND_CODE = re.compile(rf"[ \u00a0\u3000]*[(（]{_LISTED}[)）]")  # "(A4)" may also be part of a sentence
_CODES_AFTER_END = re.compile(rf"([.!?。！？]+)((?:\s*(?:{_CODE.pattern}|{_ROUND_CODE.pattern}))+)")
_BARE_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9](?![A-Za-z0-9])")
_JSON_TEXT = re.compile(r'(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_LIST_MARK = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Draft:
    """One drafted claim: a sentence and the codes it cites, before any check."""

    text: str
    codes: tuple[str, ...]


@dataclass
class DraftReader:
    """Reads a stream of model output and hands out the claims of each passage as soon as they are complete.

    Attributes:
        codes: the codes that were offered.
        answerable: False once the model has said that the passages lack the answer.
        faults: codes that were not offered, and malformed output.
    """

    codes: Collection[str]
    answerable: bool = True
    faults: list[str] = field(default_factory=list)
    _buffer: str = ""
    _position: int = 0
    _drafts: int = 0

    def feed(self, delta: str) -> Iterator[Draft]:
        """Add text from the stream; yields the claims that it completes."""
        self._buffer += delta
        while match := _PAIR.search(self._buffer, self._position):
            self._position = match.end()
            yield from self._read(_unescaped(match.group(1)), _unescaped(match.group(2)))

    def partial(self) -> str:
        """The text that is being written and not handed out yet, as far as it goes."""
        return self._open()[1]

    def finish(self) -> Iterator[Draft]:
        """Call at the end of the stream: yields what can be read from output that was cut, or not the asked JSON."""
        code, cut = self._open()
        if cut:  # the length limit fell inside a sentence: the whole ones before it still count
            *whole, last = _sentences(cut) or [cut]
            self.faults.append(f"cut off: {last[:80]}")
            for sentence in whole:
                yield from self._draft(sentence, [code])
        elif "{" not in self._buffer:
            for sentence in _sentences(self._buffer):
                yield from self._draft(_LIST_MARK.sub("", sentence), [])
        elif not self._drafts and self.answerable and not self.faults:
            self.faults.append(f"not as asked: {self._buffer[:80]}")

    def _open(self) -> tuple[str, str]:
        """Code and text of the claim that is not complete; empty where there is none."""
        match = _OPEN_PAIR.search(self._buffer, self._position)
        if match is None or match.group(1) == NONE:
            return "", ""
        return _unescaped(match.group(1)), self._without_codes(_unescaped(match.group(2)))[0]

    def _read(self, code: str, text: str) -> Iterator[Draft]:
        if code == NONE:
            self.answerable = self._drafts > 0
            return
        for sentence in _sentences(text):
            yield from self._draft(sentence, [code])

    def _draft(self, sentence: str, named: Sequence[str]) -> Iterator[Draft]:
        text, found = self._without_codes(sentence)
        if not re.search(r"\w", text):
            return
        read = [code for key in named for code in _codes_in(key) or [key]] + found
        self.faults += [f"unknown citation {code[:20]}" for code in dict.fromkeys(read) if code not in self.codes]
        self._drafts += 1
        yield Draft(text, tuple(dict.fromkeys(code for code in read if code in self.codes)))

    def _without_codes(self, text: str) -> tuple[str, list[str]]:
        """A sentence and the codes that stood in it. In round brackets only what was offered is taken for a code."""
        found: list[str] = []

        def take(match: re.Match[str]) -> str:
            codes = _codes_in(match.group(1))
            if match.re is _ROUND_CODE and not set(codes) <= set(self.codes):
                return match.group()
            found.extend(codes)
            return ""

        return _ROUND_CODE.sub(take, _CODE.sub(take, text)).strip(), found


def answer_schema(codes: Sequence[str]) -> dict[str, object]:
    """The JSON schema of a generation: sentences under the code of the passage they come from, or "none"."""
    text = {"type": "string", "maxLength": 500}
    return {
        "type": "object",
        "properties": dict.fromkeys((*codes, NONE), text),
        "additionalProperties": False,
        "minProperties": 1,
    }


def _codes_in(written: str) -> list[str]:
    """The codes in "K3", "[K3]", "Ｋ３" or "K3, M7"."""
    return _BARE_CODE.findall(unicodedata.normalize("NFKC", written))


def _unescaped(raw: str) -> str:
    """The text of a JSON string, as far as its escapes are sound; half of an escaped pair is left out."""
    sound = _JSON_TEXT.match(raw)
    text = str(json.loads(f'"{sound.group()}"', strict=False)) if sound else ""
    return text.encode("utf-8", "ignore").decode("utf-8")


def _sentences(text: str) -> list[str]:
    """The sentences, each with the codes in it; codes after the final point belong to the sentence before."""
    text = text.strip()
    if not _CODE.match(text):  # "[K3] One. [M7] Two." has them in front
        text = _CODES_AFTER_END.sub(r"\2\1 ", text)
    parts = (text[start:end].strip() for start, end in sentence_spans(text))
    return [part for part in parts if part]
