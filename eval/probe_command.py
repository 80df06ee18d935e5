"""Command line of `eval probe`.

python -m eval probe --questions FILE [FILE ...] --index DIR [DIR ...]
    --unseen-questions FILE [FILE ...] --unseen-index DIR [DIR ...] --output probe.npz
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from index.errors import UsageError

if TYPE_CHECKING:
    from assistant.config import AssistantConfig
    from eval.probe import Close
    from index.config import IndexConfig

_FIRST, _LAST = 14, 19  # of the default model: from the first on layers are adapted, after the last the probe reads
_EPOCHS = 2
Item = TypeVar("Item")


def add_probe(commands: Any, positive: Callable[[str], int]) -> None:  # noqa: ANN401 - argparse does not name this type
    """Add the command to the parser of `python -m eval`."""
    probe = commands.add_parser("probe", help="fit the probe that tells which sentence answers, for the default model")
    probe.add_argument(
        "--questions", metavar="FILE", type=Path, nargs="+", required=True,
        help="questions with `evidence`; one file for each index",
    )  # fmt: skip
    probe.add_argument("--index", metavar="DIR", type=Path, nargs="+", required=True, help="indexes, in the same order")
    probe.add_argument(
        "--unseen-questions", metavar="FILE", type=Path, nargs="+", required=True,
        help="questions about other documents: how well it does, and what the rules should weigh beside it",
    )  # fmt: skip
    probe.add_argument("--unseen-index", metavar="DIR", type=Path, nargs="+", required=True, help="their indexes")
    probe.add_argument("--epochs", metavar="N", type=positive, default=_EPOCHS, help=f"default: {_EPOCHS}")
    probe.add_argument("--output", metavar="FILE", type=Path, required=True, help="where the probe goes, .npz")


def run_probe(options: argparse.Namespace) -> int:
    """Read the sentences, fit, report, save.

    Raises:
        UsageError: not as many indexes as question files, or a model that PyTorch cannot read.
    """
    if (len(options.questions), len(options.unseen_questions)) != (len(options.index), len(options.unseen_index)):
        raise UsageError("give as many --index as --questions, and --unseen-index as --unseen-questions, in order")
    from assistant.launch import prepare
    from assistant.opening import settings
    from assistant.prefill_model import PrefillModel
    from assistant.prefill_weights import prefill_folder
    from assistant.probe import CHOOSE, Probe
    from eval.adapting import Labelled, adapt
    from eval.conditional_logit import Choice
    from eval.packing import Layers
    from eval.probe import best_is_right, examples_of, fitted, weights_beside
    from index.config import IndexConfig, read_table
    from prompts import load

    config, index_config = settings(server="llama"), read_table(IndexConfig, "index")
    cache = Path(index_config.cache).expanduser()
    launch = prepare(config, cache)
    folder = prefill_folder(launch.weights, cache) if launch.weights else None
    if folder is None:
        raise UsageError("PyTorch cannot read this model, or the disk is full")
    layers = Layers(folder, _FIRST, _LAST)
    labelled = [
        Labelled(layers.packed(one.conversations), one.right)
        for one in _close(options.questions, options.index, config, index_config)
    ]
    start = fitted(
        [
            Choice(layers.last_states(one.packed).detach().numpy(), one.right)
            for one in _shown(labelled, "first look", len(labelled))
        ],
        load(CHOOSE, "en").hash,
    )
    adapter, head = adapt(layers, labelled, start, epochs=options.epochs, show=_told)
    probe = Probe(_LAST, launch.identity, head, adapter)
    probe.save(options.output)
    sys.stderr.write(f"\nwritten: {options.output}\n")
    model = PrefillModel(folder, probe)
    unseen = [
        examples_of(one, model) for one in _close(options.unseen_questions, options.unseen_index, config, index_config)
    ]
    right, area = best_is_right(unseen, head)
    answerable = sum(one.answerable for one in unseen)
    sys.stdout.write(
        f"of unseen questions the best sentence is right for {right} of {answerable} answerable ones; area under the "
        f"curve against {len(unseen) - answerable} unanswerable ones {area:.3f}\n"
    )
    weights = weights_beside(unseen, [head.logits(one.states) for one in unseen])
    sys.stdout.write("weights of `assistant.choosing.weighed`:\n")
    sys.stdout.writelines(f"  {name}: {value:.2f}\n" for name, value in weights.items())
    return 0


def _close(
    files: Sequence[Path], indexes: Sequence[Path], config: "AssistantConfig", index_config: "IndexConfig"
) -> Iterator["Close"]:
    """The close sentences of all questions, file by file."""
    from eval.probe import close_sentences
    from eval.questions import read_questions
    from index.embedder import load_embedder
    from index.retriever import Retriever

    embedder = load_embedder(index_config)
    for file, index in zip(files, indexes, strict=True):
        questions = read_questions(file).questions
        with Retriever.open(index, embedder, index_config) as retriever:
            yield from _shown(close_sentences(questions, retriever, embedder, config), str(file), len(questions))


def _shown(items: Iterable[Item], name: str, total: int) -> Iterator[Item]:
    """The items, with a progress bar."""
    from rich.console import Console
    from rich.progress import track

    yield from track(items, name, total=total, console=Console(file=sys.stderr), transient=True)


def _told(step: int, steps: int, loss: float) -> None:
    sys.stderr.write(f"\rfitting: step {step} of {steps}, mean loss {loss:.3f} ")
