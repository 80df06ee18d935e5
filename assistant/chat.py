"""The web page: a Gradio chat over `Assistant.stream`. The only importer of gradio; no logic of its own.

Formatting is in `evidence.py`. Sources open in place, below the answer. Public interface of the page: the chat itself
and `/answer`, which takes a question and returns the answer as JSON (the contract's record).
"""

import html
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

from assistant import wording
from assistant.config import AssistantConfig
from assistant.evidence import answer_html, draft_html
from assistant.pipeline import Assistant
from assistant.records import Claim, Turn
from index.errors import ShokoError, UsageError

TITLE = "Shoko 証拠"
DESCRIPTION = (
    '<div class="shoko-about">'
    "L’initiative japonaise d’IA souveraine : chaque phrase montre sa preuve.<br>"
    "Japan’s sovereign-AI initiative: every sentence shows its evidence.<br>"
    "日本のソブリンAI政策について、一文ごとに根拠を示して答えます。</div>"
)
EXAMPLES = [
    "Combien SoftBank prévoit-il d’investir dans ses infrastructures d’IA ?",
    "Which six providers did METI certify?",
    "経済産業省が認定した6社はどこですか。",
]
_CSS = """
.shoko-answer { font-size: 1.05em; line-height: 1.7; margin: 0 0 .6em; }
.shoko-answer sup { font-weight: 600; margin-left: .1em; }
.shoko-draft { opacity: .55; }
.shoko-note { font-size: .9em; opacity: .8; }
.shoko-sources, .shoko-passages, .shoko-others {
  border-top: 1px solid var(--border-color-primary); padding-top: .5em; margin-top: .6em; font-size: .92em; }
.shoko-others .shoko-passages { border: 0; padding: 0; margin: 0; font-size: 1em; }
.shoko-others > summary { opacity: .8; }
.shoko-citation { margin: .35em 0; }
.shoko-citation summary, .shoko-others summary { cursor: pointer; overflow-wrap: anywhere; }
.message .shoko-citation blockquote {
  margin: .5em 0 !important; padding: .2em .8em !important; border-left: 3px solid var(--color-accent);
  max-height: 40vh; overflow-y: auto; overflow-wrap: anywhere; }
.message .shoko-citation blockquote p { margin: 0 !important; }
.shoko-citation small { overflow-wrap: anywhere; }
#shoko-chat { min-height: 20rem; }
#shoko-chat .example { border: 1px solid var(--border-color-primary); }
footer { display: none !important; }
@media (max-width: 600px) {
  h1 { font-size: 1.2em !important; margin: 0 !important; }
  .shoko-about { font-size: .8em; line-height: 1.4; }
  #shoko-chat .message-row > * { padding: .5rem !important; }
}
"""
_CONCURRENT_QUESTIONS = 4


def launch(assistant: Assistant, config: AssistantConfig, *, block: bool = True) -> Any:  # noqa: ANN401
    """Start the page and print its address on standard output.

    Args:
        assistant: built and ready.
        config: host and port.
        block: wait until the page is stopped; False returns the running Blocks (for tests).

    Raises:
        UsageError: the port is taken or the host is not an address of this machine.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    import gradio

    require_free(config.host, config.port)
    page = build(assistant)
    page.queue(default_concurrency_limit=_CONCURRENT_QUESTIONS)
    page.launch(
        server_name=config.host,
        server_port=config.port,
        prevent_thread_lock=True,
        quiet=True,
        show_error=True,
        share=False,
        run_history=False,
        ssr_mode=False,
        max_file_size=1,
        css=_CSS,
        theme=gradio.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        footer_links=[],
    )
    sys.stdout.write(f"Shoko is ready: http://{config.host}:{config.port}\n")
    sys.stdout.flush()
    if block:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:  # how a page is stopped
            sys.stderr.write("stopping\n")
        finally:
            page.close(verbose=False)
    return page


def build(assistant: Assistant) -> Any:  # noqa: ANN401
    """The page as a gradio Blocks, not started yet."""
    import gradio

    class Conversation(gradio.ChatInterface):  # type: ignore[misc]
        """Shows what a person typed as text; gradio would render HTML in it."""

        def _append_message_to_history(self, message: Any, history: Any, role: str = "user") -> Any:  # noqa: ANN401
            if role == "user" and isinstance(message, str):
                message = html.escape(html.unescape(message), quote=False)  # on a retry it is escaped already
            return super()._append_message_to_history(message, history, role)

    def respond(message: str, history: list[dict[str, Any]]) -> Iterator[str]:
        yield from reply(assistant, html.unescape(message), history)

    def answer(question: str) -> dict[str, Any]:
        try:
            return assistant.answer(question).to_json()
        except ShokoError as error:
            raise gradio.Error(str(error), print_exception=False) from None

    page = Conversation(
        respond,
        title=TITLE,
        description=DESCRIPTION,
        examples=[[example] for example in EXAMPLES],
        cache_examples=False,
        run_examples_on_click=True,
        # No copy button: it would copy the HTML.
        chatbot=gradio.Chatbot(
            scale=1,
            elem_id="shoko-chat",
            show_label=False,
            layout="panel",
            buttons=[],
            latex_delimiters=[],
            placeholder=" ",
        ),
        textbox=gradio.Textbox(
            placeholder=wording.PLACEHOLDER,
            show_label=False,
            lines=1,
            max_lines=6,
            autofocus=True,
            submit_btn=True,
            stop_btn=True,
        ),
        flagging_mode="never",
        save_history=False,
        analytics_enabled=False,
        fill_height=True,
        api_name="chat",
    )
    with page:
        gradio.api(answer, api_name="answer")
    return page


def reply(assistant: Assistant, message: str, history: list[dict[str, Any]]) -> Iterator[str]:
    """The states of one reply of the page, as HTML: progress, drafts, the answer."""
    claims: list[Claim] = []
    language = "en"
    try:
        for event in assistant.stream(message, turns(history)):
            language = event.language or language
            if event.kind == "stage":
                yield f'<p class="shoko-note">{html.escape(event.text)}</p>'
            elif event.kind == "draft":
                yield draft_html(claims, event.text, language)
            elif event.kind == "claim" and event.claim is not None:
                claims.append(event.claim)
                yield draft_html(claims, "", language)
            elif event.answer is not None:
                yield answer_html(event.answer)
    except ShokoError as error:
        yield f'<p class="shoko-note">{html.escape(str(error))}</p>'


def turns(history: list[dict[str, Any]]) -> list[Turn]:
    """The conversation so far, as text. The browser sends lists of blocks, a program plain strings: both are read."""
    found = []
    for message in history:
        content = message["content"]
        if not isinstance(content, str):
            content = " ".join(block.get("text", "") for block in content if isinstance(block, dict))
        content = _text_of_answer(content) if message["role"] == "assistant" else html.unescape(content)
        if content.strip():
            found.append(Turn(message["role"], content.strip()))
    return found


def _text_of_answer(page_html: str) -> str:
    """The sentences of a shown answer, without sources and notes."""
    match = re.search(r'<p class="shoko-(?:answer|abstained)"[^>]*>(.*?)</p>', page_html, re.DOTALL)
    return html.unescape(re.sub(r"<sup>.*?</sup>|<[^>]+>", "", match.group(1))) if match else ""


def require_free(host: str, port: int) -> None:
    """Raise a UsageError where the port is taken, before anything slow is started."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port"
            ) from error
