"""What a model thinks of a question that it can answer by yes or no, from the probabilities of its first token."""

from collections.abc import Iterator, Sequence

from assistant.chat_protocol import TELLING_ENGINES, Message
from assistant.generation import GenerationStream
from assistant.generator import Generator

YES, NO = "yes", "no"


def margins(conversations: Sequence[Sequence[Message]], generator: Generator) -> Iterator[float]:
    """How much likelier "yes" is than "no" as the answer to each conversation: log(p("yes") / p("no")).

    Args:
        conversations: in the order of the margins; each is asked for as it is needed, or some together where that is
            faster.
        generator: the model server. The margins end where it does not tell the probabilities of its tokens.

    Raises:
        RunError: (while iterating) the server does not answer.
    """
    if generator.engine not in TELLING_ENGINES:
        return
    streams = [generator.stream(one, schema=None, max_tokens=1, language="en") for one in conversations]
    for stream in streams:
        for _ in stream:
            pass
        if not isinstance(stream, GenerationStream) or not stream.generation.opening:
            return
        _, listed = stream.generation.opening[0]
        least = min(listed.values(), default=0.0)
        said = {
            word: [value for token, value in listed.items() if token.strip().casefold() == word] for word in (YES, NO)
        }
        if not any(said.values()):
            return
        yield max(said[YES], default=least) - max(said[NO], default=least)
