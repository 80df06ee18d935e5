"""Title, author and dates that a file says of itself, without what programs put there unasked."""

import re
from typing import Any

_NO_TITLE = re.compile(
    r"about:blank|https?://.*|microsoft (?:word|powerpoint|excel)\s*-.*|untitled.*|無題.*|sans titre.*|"
    r"powerpoint[ -]?(?:presentation|プレゼンテーション)|"
    r"présentation(?: powerpoint)?|プレゼンテーション|スライド ?\d*|slide ?\d*|document\d*|文書 ?\d*|word document|"
    r".*\.(?:docx?|pptx?|xlsx?|indd|ai|pdf|dvi|tex|jtdc?|xdw|html?)",
    re.IGNORECASE,
)
_PROGRAMS = frozenset(("openpyxl", "python-docx", "microsoft office user", "user", "admin", "administrator"))


def real_title(title: str) -> str:
    """Give a title, or "" for a file name or the name that a program gives to every file."""
    title = " ".join(title.split())
    return "" if _NO_TITLE.fullmatch(title) else title


def office_properties(properties: Any) -> tuple[str, dict[str, object]]:  # noqa: ANN401  (of three libraries)
    """Take title, author, date and subject from the core properties of an Office file.

    Returns:
        The title, or ""; and the metadata. The date is that of the last change, else that of making the file.
    """
    metadata: dict[str, object] = {}
    author = str(getattr(properties, "author", None) or getattr(properties, "creator", None) or "").strip()
    if author and author.lower() not in _PROGRAMS:
        metadata["author"] = author
    for name in ("subject", "keywords", "category"):
        if value := str(getattr(properties, name, None) or "").strip():
            metadata[name] = value
    changed, made = properties.modified, properties.created
    if day := changed or made:
        metadata["date"] = day.date().isoformat()
    if made and changed and made.date() != changed.date():
        metadata["created"] = made.date().isoformat()
    return real_title(str(properties.title or "")), metadata
