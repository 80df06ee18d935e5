"""Command line of the assistant: ask, chat, serve, replay, models.

    python -m assistant ask "Which six providers did METI certify?"
    python -m assistant chat --port 7860
    python -m assistant ask "..." --record answers.jsonl
    python -m assistant replay answers.jsonl

Answers go to standard output, progress and notes to standard error. Exit code 0: done (also an abstention);
1: a failure while running; 2: wrong use or bad input.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UsageError, exit_with

if TYPE_CHECKING:
    from assistant.config import AssistantConfig
    from assistant.records import Answer, Turn

_NO_HISTORY = '{} is not a history; it must be a JSON list of {{"role": ..., "content": "..."}}'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    run = {"ask": _ask, "chat": _chat, "serve": _serve, "replay": _replay, "models": _models}
    return run[options.command](options)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--index", metavar="DIR", help="an index made with python -m index build (default: the shipped documents)"
    )
    shared.add_argument("--server", metavar="NAME", help="auto, vllm, llama, none (extracts only), or http://HOST:PORT")
    shared.add_argument("--model", metavar="NAME", help="a model of the catalogue, or a hub name for vLLM")
    recording = argparse.ArgumentParser(add_help=False)
    recording.add_argument("--record", metavar="FILE", help="append each answer to this file, as a line of JSON")
    parser = argparse.ArgumentParser(
        prog="python -m assistant", description="Answers with the evidence for every sentence."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", parents=[shared, recording], help="answer one question")
    ask.add_argument("question", help="in French, English or Japanese; - reads standard input")
    ask.add_argument("--json", action="store_true", help="print the whole record")
    ask.add_argument("--history", metavar="FILE", type=Path, help='earlier turns: a JSON list of {"role", "content"}')
    for name, what in (("chat", "start the web page"), ("serve", "start the HTTP interface")):
        page = commands.add_parser(name, parents=[shared, recording], help=what)
        page.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
        page.add_argument("--port", type=_port, help="port to listen on (default: 7860)")
    replayed = commands.add_parser("replay", parents=[shared], help="ask recorded questions again, show differences")
    replayed.add_argument("file", metavar="FILE", type=Path, help="a record, made with --record")
    replayed.add_argument("--json", action="store_true", help="print the differences as JSON")
    models = commands.add_parser("models", help="list the models: licence, size, languages, source, whether here")
    models.add_argument("--json", action="store_true", help="print the list as JSON")
    return parser


def _ask(options: argparse.Namespace) -> int:
    history = _history(options.history)
    text = _standard_input() if options.question == "-" else options.question
    from assistant.opening import open_assistant, settings
    from assistant.question import parse

    config = settings(server=options.server, model=options.model, record=options.record)
    parse(text, history, longest=config.question_characters, turns=config.history_turns)  # before anything is loaded
    with open_assistant(options.index, config=config) as assistant:
        result = assistant.answer(text, history)
    if options.json:
        sys.stdout.write(json.dumps(result.to_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(plain_text(result) + "\n")
    return 0


def _chat(options: argparse.Namespace) -> int:
    from assistant import chat
    from assistant.opening import open_assistant

    config = _served(options)
    chat.require_free(config.host, config.port)
    with open_assistant(options.index, config=config) as assistant:
        chat.launch(assistant, config)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from assistant import chat, http_api
    from assistant.opening import open_assistant

    config = _served(options)
    chat.require_free(config.host, config.port)
    with open_assistant(options.index, config=config) as assistant:
        sys.stdout.write(f"Shoko answers at http://{config.host}:{config.port}/answer (documented at /docs)\n")
        sys.stdout.flush()
        http_api.serve(assistant, config.host, config.port)
    return 0


def _served(options: argparse.Namespace) -> "AssistantConfig":
    from assistant.opening import settings

    return settings(
        server=options.server, model=options.model, record=options.record, host=options.host, port=options.port
    )


def _replay(options: argparse.Namespace) -> int:
    from assistant.replay import print_report, read_record, replay, report

    recorded = read_record(options.file)  # before anything is loaded
    from assistant.opening import open_assistant, settings

    config = settings(server=options.server, model=options.model, record="")
    replayed = []
    with open_assistant(options.index, config=config) as assistant:
        for number, one in enumerate(replay(assistant, recorded), start=1):
            replayed.append(one)
            sys.stderr.write(f"{number} of {len(recorded)} asked again\n")
    if options.json:
        sys.stdout.write(json.dumps(report(replayed), ensure_ascii=False, indent=2) + "\n")
    else:
        print_report(replayed)
    return 0


def _models(options: argparse.Namespace) -> int:
    from assistant.model_list import print_models

    print_models(as_json=options.json)
    return 0


def plain_text(result: "Answer") -> str:
    """An answer for the terminal: the text, then each citation with its quote."""
    from assistant import wording

    lines = [result.text]
    if result.extractive and result.claims:
        gone = result.engine != "none"
        lines.insert(0, (wording.MODEL_GONE if gone else wording.EXTRACT)[result.language])
    shown = {citation.number: citation for claim in result.claims for citation in claim.citations}
    for number, citation in sorted(shown.items()):
        quote = " ".join(citation.quote.split())
        head = " · ".join(part for part in (citation.title, citation.date, citation.url) if part)
        lines += ["", f"[{number}] {head}", f"    “{quote}”"]
    if result.status == "abstained" and result.passages:
        lines += ["", *(f"  ~ {hit.passage.title} ({hit.passage.document_id})" for hit in result.passages[:3])]
    return "\n".join(lines)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("standard input is not UTF-8 text; convert it, for example with iconv") from error


def _history(file: Path | None) -> "list[Turn]":
    from assistant.records import Turn

    if file is None:
        return []
    try:
        content: Any = json.loads(file.read_text(encoding="utf-8-sig"))
        turns = [Turn(item["role"], item["content"]) for item in content]
    except OSError as error:
        raise UsageError(f"cannot read the history {file}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UsageError(_NO_HISTORY.format(file)) from error
    if not isinstance(content, list) or not all(isinstance(turn.content, str) for turn in turns):
        raise UsageError(_NO_HISTORY.format(file))
    if any(turn.role not in ("user", "assistant") for turn in turns):
        raise UsageError(f'{file}: a role is neither "user" nor "assistant"')
    return turns


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


if __name__ == "__main__":
    exit_with(main)
