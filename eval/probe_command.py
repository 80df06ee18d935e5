"""Command line of `eval probe`.

python -m eval probe --questions FILE [FILE ...] --index DIR [DIR ...] --output probe.npz
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError

if TYPE_CHECKING:
    from eval.probe import Examples

_LAYER = 19


def add_probe(commands: Any, positive: Callable[[str], int]) -> None:  # noqa: ANN401 - argparse does not name this type
    """Add the command to the parser of `python -m eval`."""
    probe = commands.add_parser("probe", help="fit the probe that tells which sentence answers, for the default model")
    probe.add_argument(
        "--questions", metavar="FILE", type=Path, nargs="+", required=True,
        help="questions with `evidence`; one file for each index",
    )  # fmt: skip
    probe.add_argument("--index", metavar="DIR", type=Path, nargs="+", required=True, help="indexes, in the same order")
    probe.add_argument("--layer", metavar="N", type=positive, default=_LAYER, help=f"of the model (default: {_LAYER})")
    probe.add_argument("--output", metavar="FILE", type=Path, required=True, help="where the probe goes, .npz")


def run_probe(options: argparse.Namespace) -> int:
    """Read the sentences, fit, report, save.

    Raises:
        UsageError: not as many indexes as question files, or a model that PyTorch cannot read.
    """
    if len(options.questions) != len(options.index):
        raise UsageError("give as many --index as --questions, in the same order")
    from assistant.launch import prepare
    from assistant.opening import settings
    from assistant.prefill_weights import prefill_folder
    from assistant.probe import PROMPT
    from eval.probe import best_is_right, examples_of, fitted, logits_of, model_of, weights_beside
    from eval.questions import read_questions
    from index.config import IndexConfig, read_table
    from index.embedder import load_embedder
    from index.retriever import Retriever
    from prompts import load

    sets = [read_questions(one).questions for one in options.questions]
    config, index_config = settings(server="llama"), read_table(IndexConfig, "index")
    cache = Path(index_config.cache).expanduser()
    launch = prepare(config, cache)
    folder = prefill_folder(launch.weights, cache) if launch.weights else None
    if folder is None:
        raise UsageError("PyTorch cannot read this model, or the disk is full")
    embedder, model = load_embedder(index_config), model_of(folder, options.layer)
    read: list[list[Examples]] = []
    for questions, index in zip(sets, options.index, strict=True):
        with Retriever.open(index, embedder, index_config) as retriever:
            examples = examples_of(questions, retriever, embedder, model, config)
            read.append(_shown(examples, index.name, len(questions)))
    identity, prompt = launch.identity, load(PROMPT, "en").hash
    logits = []
    for place, own in enumerate(read) if len(read) > 1 else ():
        others = [one for other in (*read[:place], *read[place + 1 :]) for one in other]
        unseen = fitted(others, options.layer, identity, prompt)
        logits += [logits_of(one, unseen) for one in own]
        right, area = best_is_right(own, unseen)
        answerable = sum(one.answerable for one in own)
        sys.stdout.write(
            f"{options.questions[place]}: fitted on the others, the best sentence is right for {right} of {answerable} "
            f"answerable questions; area under the curve against {len(own) - answerable} unanswerable ones {area:.3f}\n"
        )
    if logits:
        weights = weights_beside([one for own in read for one in own], logits)
        sys.stdout.write("weights of `assistant.choosing.weighed`:\n")
        sys.stdout.writelines(f"  {name}: {value:.2f}\n" for name, value in weights.items())
    fitted([one for own in read for one in own], options.layer, identity, prompt).save(options.output)
    sys.stderr.write(f"written: {options.output}\n")
    return 0


def _shown(examples: Iterable["Examples"], name: str, total: int) -> list["Examples"]:
    """All examples, with a progress bar."""
    from rich.console import Console
    from rich.progress import track

    return list(track(examples, f"reading {name}", total=total, console=Console(file=sys.stderr), transient=True))
