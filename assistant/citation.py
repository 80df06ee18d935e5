"""Step 8, first half: what the model wrote → drafted claims with the codes they cite.

The model is asked for JSON and the engines enforce it, but an attached server may not: plain text with [K3], 【K3】 or
[[K3]] is read as well. A code that was not offered is dropped and recorded.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

_CODE = re.compile(r"[\[【［(]{1,2}\s*([A-Z][0-9])\s*[\]】］)]{1,2}")
_TEXT_KEY = re.compile(r'"text"\s*:\s*"')
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Draft:
    """One drafted claim: a sentence and the codes it cites, before any check."""

    text: str
    codes: tuple[str, ...]


@dataclass
class DraftReader:
    """Reads a stream of model output and hands out each claim as soon as its JSON object is complete.

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
        if re.search(r'"found"\s*:\s*false', self._buffer):
            self.answerable = False
        while (start := self._next_object()) is not None:
            try:
                item, end = json.JSONDecoder().raw_decode(self._buffer, start)
            except json.JSONDecodeError:
                return  # not complete yet
            self._position = end
            if (draft := self._draft(item)) is not None:
                yield draft

    def partial(self) -> str:
        """The text of the claim that is being written, as far as it goes."""
        match = _TEXT_KEY.search(self._buffer, self._position)
        if match is None:
            return ""
        raw = self._buffer[match.end() :]
        closed = re.search(r'(?<!\\)"', raw)
        raw = raw[: closed.start()] if closed else raw.rstrip("\\")
        try:
            return str(json.loads(f'"{raw}"', strict=False))
        except json.JSONDecodeError:  # a cut escape such as \u30
            return str(json.loads(f'"{raw[: raw.rindex(chr(92))]}"', strict=False))

    def finish(self) -> Iterator[Draft]:
        """Call at the end of the stream: yields what can be read from output that was not the asked JSON."""
        if self._drafts or not self.answerable:
            return
        if "{" in self._buffer:
            if cut := self.partial():  # the length limit fell inside a sentence
                self.faults.append(f"cut off: {cut[:80]}")
            return
        for sentence in _SENTENCE_END.split(self._buffer):
            found = tuple(match.group(1) for match in _CODE.finditer(sentence))
            text = _CODE.sub("", sentence).strip()
            if text and (draft := self._draft({"text": text, "sources": list(found)})) is not None:
                yield draft

    def _next_object(self) -> int | None:
        array = self._buffer.find("[") if self._position == 0 else self._position
        start = self._buffer.find("{", max(array, 1)) if array >= 0 else -1
        return start if start >= 0 else None

    def _draft(self, item: object) -> Draft | None:
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            self.faults.append(f"not a claim: {item!r}"[:120])
            return None
        named = item.get("sources", item.get("source", []))
        named = [named] if isinstance(named, str) else list(named)
        for code in named:
            if code not in self.codes:
                self.faults.append(f"unknown citation {code}")
        known = tuple(dict.fromkeys(code for code in named if code in self.codes))
        text = _CODE.sub("", item["text"]).strip()
        if not text:
            return None
        self._drafts += 1
        return Draft(text, known)
