"""Prompts as data: one Markdown file per prompt and language (`answer.fr.md`), and a strict loader.

A prompt whose output no reader sees is the same for all languages (`choose.md`): what the model replies is compared.

The first line of a file declares its variables: `variables: passages, question`. In the body a variable stands as
`{{passages}}`. A missing or unknown variable is an error that names all of them. The part before the line `---user---`
is the system message and never contains variables, so that a server can cache it; the rest is the user message.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("fr", "en", "ja")
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_DIVIDER = "\n---user---\n"


class PromptError(Exception):
    """A prompt file is malformed, or was rendered with the wrong variables. Always a bug of ours."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in one language: a static system part and a user part with variables."""

    name: str
    language: str
    variables: tuple[str, ...]
    system: str
    user: str

    @property
    def hash(self) -> str:
        """SHA-256 (hex, 16 characters) of the text, for the record of a run."""
        return hashlib.sha256(f"{self.system}{_DIVIDER}{self.user}".encode()).hexdigest()[:16]

    def render(self, **values: str) -> list[dict[str, str]]:
        """Fill in the variables.

        Returns:
            The messages, system first: `[{"role": ..., "content": ...}, ...]`.

        Raises:
            PromptError: a declared variable is missing or an undeclared one was given.
        """
        if set(values) != set(self.variables):
            raise PromptError(
                f"prompt {self.name}.{self.language} takes {sorted(self.variables)}, got {sorted(values)}"
            )
        user = _VARIABLE.sub(lambda match: values[match.group(1)], self.user)
        return [{"role": "system", "content": self.system}, {"role": "user", "content": user}]


@cache
def load(name: str, language: str) -> Prompt:
    """Load the prompt `name` in a language ("fr", "en" or "ja"), or the one that all languages share.

    Raises:
        PromptError: there is no such prompt, or its declared variables differ from those in its text.
    """
    resource = files("prompts") / f"{name}.{language}.md"
    if language in LANGUAGES and name in shared_names():
        resource = files("prompts") / f"{name}.md"
    if not resource.is_file():
        raise PromptError(f"no prompt {name}.{language}; there are {', '.join(names())} in {', '.join(LANGUAGES)}")
    declaration, _, body = resource.read_text(encoding="utf-8").partition("\n")
    if not declaration.startswith("variables:"):
        raise PromptError(f"prompt {name}.{language}: the first line must declare its variables")
    variables = tuple(part.strip() for part in declaration.removeprefix("variables:").split(",") if part.strip())
    system, divider, user = body.partition(_DIVIDER)
    used = set(_VARIABLE.findall(user))
    if not divider or used != set(variables) or _VARIABLE.search(system):
        raise PromptError(
            f"prompt {name}.{language}: declared {sorted(variables)}, used {sorted(used)}; "
            "the system part must stand before ---user--- and have no variables"
        )
    return Prompt(name, language, variables, system.strip(), user.strip())


def names() -> list[str]:
    """The names of the prompts that each language has of its own, sorted."""
    return sorted({entry.name.split(".")[0] for entry in files("prompts").iterdir() if entry.name.count(".") == 2})


def shared_names() -> list[str]:
    """The names of the prompts that all languages share, sorted."""
    return sorted(
        entry.name.removesuffix(".md")
        for entry in files("prompts").iterdir()
        if entry.name.endswith(".md") and entry.name.count(".") == 1
    )
