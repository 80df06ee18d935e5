"""Thirty answers whose verdicts are known, ten in each language, and an assistant that gives them without any model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

from assistant.config import AssistantConfig
from assistant.records import Answer, CheckedFigure, Citation, Claim, Turn
from eval.questions import EvalQuestion, Evidence
from index.errors import UsageError
from index.records import Document, Passage, RetrievedPassage

EN, FR, JA, OTHER = "en/softbank.md", "fr/softbank.md", "ja/kddi.md", "en/highreso.md"
INVEST_EN = "SoftBank plans to invest ¥150 billion in computing by 2025."
GRANT_EN = "The ministry grants up to ¥42.1 billion."
SITE_EN = "The first site stands in Tomakomai."
OPENING_EN = "Sharp, HPE and Hitachi attended the opening on 22 January 2026."
INVEST_FR = "SoftBank prévoit d'investir 150 milliards de yens dans le calcul."
GRANT_FR = "Le ministère accorde jusqu'à 42,1 milliards de yens."
INVESTS_FR = "SoftBank prévoit d'investir 150 milliards de yens."
AIM_FR = "Le but est d'éloigner les centres de données des grandes villes."
GRANT_JA = "KDDIは経済産業省から最大102億円の助成を受ける。"
SITE_JA = "データセンターは大阪府堺市にある。"
INVEST_JA = "設備投資は約1,000億円である。"
SCHOOL = "Highreso runs a data centre in a closed school in Kagawa."
OPENED = "It opened in 2024."

DOCUMENTS = {
    document_id: Document(document_id, title, text, language)
    for document_id, title, language, text in (
        (EN, "SoftBank", "en", " ".join((INVEST_EN, GRANT_EN, SITE_EN, OPENING_EN))),
        (FR, "SoftBank", "fr", " ".join((INVEST_FR, GRANT_FR, AIM_FR))),
        (JA, "KDDI", "ja", GRANT_JA + SITE_JA + INVEST_JA),
        (OTHER, "Highreso", "en", f"{SCHOOL} {OPENED}"),
    )
}


class Shelf:
    """The documents of the sample."""

    generation = "sample:1"

    def document(self, document_id: str) -> Document:
        if document_id not in DOCUMENTS:
            raise UsageError(f"no document {document_id}")
        return DOCUMENTS[document_id]


@dataclass(frozen=True)
class Row:
    """A question, what the assistant says to it, and the outcome that a person gives it."""

    question: EvalQuestion
    claims: tuple[Claim, ...]
    outcome: str
    found: tuple[str, ...] = ()  # document ids of the retrieved passages, best first
    extractive: bool = False


def cite(document_id: str, quote: str, *, number: int = 1, shift: int = 0) -> Citation:
    """A citation of a sentence; `shift` moves its offsets away from where it stands."""
    document = DOCUMENTS[document_id]
    start = document.text.index(quote) + shift
    end = start + len(quote)
    return Citation(number, f"{document_id}#1", document_id, document.title, "", "", None, quote, start, end)


def claim(text: str, *citations: Citation, support: str = "supported", wrong: str = "") -> Claim:
    """A sentence of an answer; `wrong` is a figure that the assistant itself marked."""
    figures = (CheckedFigure(wrong, "0", "", "not found"),) if wrong else ()
    return Claim(text, support, figures, citations)  # type: ignore[arg-type]


def ask(
    question_id: str,
    text: str,
    answer: str,
    aliases: Sequence[str] = (),
    *,
    kind: str = "number",
    relevant: Sequence[str] = (),
    evidence: tuple[str, str] | None = None,
) -> EvalQuestion:
    """A question; without an answer it is one that the documents do not answer."""
    return EvalQuestion(
        id=question_id,
        lang={"e": "en", "f": "fr", "j": "ja"}[question_id[0]],
        question=text,
        answerable=bool(answer),
        answer=answer,
        answer_aliases=tuple(aliases),
        kind=kind if answer else "unanswerable",
        relevant_document_ids=tuple(relevant),
        evidence=(Evidence(*evidence),) if evidence else (),
        split="dev" if question_id[1:] in "12345" else "test",
    )


def _invest(question_id: str) -> EvalQuestion:
    text, gold, document_id, sentence = {
        "e": ("How much does SoftBank invest?", "¥150 billion", EN, INVEST_EN),
        "f": ("Combien SoftBank investit-il ?", "150 milliards de yens", FR, INVEST_FR),
        "j": ("設備投資はいくらですか", "約1,000億円", JA, INVEST_JA),
    }[question_id[0]]
    return ask(question_id, f"{text} ({question_id})", gold, relevant=[document_id], evidence=(document_id, sentence))


_COMPANIES = ask(
    "e4", "Which companies attended?", "Sharp, HPE, Hitachi", kind="list", relevant=[EN], evidence=(EN, OPENING_EN)
)
_ALL_COMPANIES = ask(
    "e5", "Who attended?", "Hitachi, HPE, Sharp", kind="list", relevant=[EN], evidence=(EN, OPENING_EN)
)
_CITIES = "éloigner les centres de données des grandes villes"

ROWS = (
    Row(_invest("e1"), (claim("SoftBank plans to invest 150 billion yen.", cite(EN, INVEST_EN)),), "correct", (EN,)),
    Row(
        ask("e2", "How much does the ministry grant?", "Up to ¥42.1 billion", relevant=[EN]),
        (claim("The ministry grants up to ¥421 billion.", cite(EN, GRANT_EN)),),
        "wrong",
        (EN,),
    ),
    Row(
        ask("e3", "Where does the first site stand?", "Tomakomai", kind="name", relevant=[EN], evidence=(EN, SITE_EN)),
        (claim("The first site stands in Tomakomai.", cite(OTHER, SCHOOL)),),
        "correct",
        (OTHER, EN),
    ),
    Row(_COMPANIES, (claim("Sharp and Hitachi attended the opening.", cite(EN, OPENING_EN)),), "wrong", (EN,)),
    Row(_ALL_COMPANIES, (claim("Sharp, HPE and Hitachi attended it.", cite(EN, OPENING_EN)),), "correct", (EN,)),
    Row(
        ask("e6", "When was the opening?", "22 January 2026", kind="date", relevant=[EN], evidence=(EN, OPENING_EN)),
        (claim("The opening was on January 22, 2026.", cite(EN, OPENING_EN)),),
        "correct",
        (EN,),
    ),
    Row(_invest("e7"), (), "false refusal"),
    Row(ask("e8", "How many GPUs does KDDI have?", ""), (), "right refusal"),
    Row(
        ask("e9", "How many GPUs does Highreso have?", ""),
        (claim("Highreso has 3,000 GPUs.", cite(OTHER, OPENED)),),
        "false answer",
        (OTHER,),
    ),
    Row(_invest("e10"), (), "failed"),
    Row(
        replace(_invest("f1"), history=(Turn("user", "Que fait SoftBank au Japon ?"),)),
        (claim(INVESTS_FR, cite(FR, INVEST_FR)),),
        "correct",
        (FR,),
    ),
    Row(
        ask("f2", "Combien KDDI reçoit-il ?", "10,2 milliards de yens", relevant=[JA], evidence=(JA, GRANT_JA)),
        (claim("KDDI reçoit jusqu'à 10,2 milliards de yens.", cite(JA, GRANT_JA)),),
        "correct",
        (JA,),
    ),
    Row(
        ask("f3", "Pourquoi aider ce site ?", f"Pour {_CITIES}.", [_CITIES], kind="why", relevant=[FR]),
        (claim("Le but est d'éloigner les centres de données des grandes villes.", cite(FR, AIM_FR)),),
        "correct",
        (FR,),
    ),
    Row(ask("f4", "Pourquoi payer ?", _CITIES, kind="why", relevant=[FR]), (), "false refusal", (FR,)),
    Row(
        ask("f5", "Où se trouve le premier site ?", "Tomakomai", kind="name", relevant=[EN], evidence=(EN, SITE_EN)),
        (claim("The first site stands in Tomakomai.", cite(EN, SITE_EN)),),
        "correct",
        (EN,),
    ),
    Row(
        _invest("f6"),
        (
            claim(INVESTS_FR, cite(FR, INVEST_FR)),
            claim("Le ministère accorde jusqu'à 42,1 milliards de yens.", support="unchecked"),
        ),
        "correct",
        (FR,),
    ),
    Row(
        _invest("f7"),
        (claim(INVESTS_FR, cite(FR, INVEST_FR, shift=1)),),
        "correct",
        (FR,),
    ),
    Row(ask("f8", "Combien de GPU possède KDDI ?", ""), (), "right refusal"),
    Row(
        ask("f9", "Qui dirige Highreso ?", ""),
        (claim("Highreso est dirigée par son fondateur.", support="unchecked"),),
        "false answer",
    ),
    Row(
        _invest("f10"),
        (
            claim(
                INVESTS_FR,
                cite(FR, INVEST_FR),
                cite(FR, AIM_FR, number=2),
            ),
        ),
        "correct",
        (FR,),
    ),
    Row(
        ask("j1", "KDDIへの助成はいくらですか", "最大102億円", relevant=[JA], evidence=(JA, GRANT_JA)),
        (claim("最大102億円の助成を受ける。", cite(JA, GRANT_JA)),),
        "correct",
        (JA,),
    ),
    Row(
        replace(_invest("j2"), history=(Turn("user", "KDDIは何をしますか"),)),
        (claim("設備投資は約1,000億円である。", cite(JA, GRANT_JA)),),
        "correct",
        (JA,),
    ),
    Row(
        ask("j3", "どこにありますか", "大阪府堺市", ["堺市"], kind="name", relevant=[JA], evidence=(JA, SITE_JA)),
        (claim("データセンターは堺市にある。", cite(JA, SITE_JA)),),
        "correct",
        (JA,),
    ),
    Row(
        ask("j4", "ソフトバンクの投資額はいくらですか", "1,500億円", relevant=[EN, FR], evidence=(EN, INVEST_EN)),
        (claim("ソフトバンクは1,500億円を投資する。", cite(EN, INVEST_EN)),),
        "correct",
        (JA, OTHER, FR),
    ),
    Row(
        ask("j5", "助成の上限はいくらですか", "最大102億円", relevant=[JA], evidence=(JA, GRANT_JA)),
        (claim("助成の上限は10億円である。", cite(JA, GRANT_JA)),),
        "wrong",
        (JA,),
    ),
    Row(_invest("j6"), (claim(INVEST_JA, cite(JA, INVEST_JA)),), "correct", (JA,), extractive=True),
    Row(_invest("j7"), (), "false refusal", (JA,)),
    Row(ask("j8", "KDDIのGPUは何基ですか", ""), (), "right refusal", (JA,)),
    Row(ask("j9", "ハイレゾの社長は誰ですか", ""), (), "right refusal", (JA,)),
    Row(
        ask("j10", "堺市のほかにどこにありますか", "大阪府堺市", kind="name", relevant=[JA], evidence=(JA, SITE_JA)),
        (claim("ヨコハマにある。", cite(OTHER, OPENED)),),
        "wrong",
        (OTHER,),
    ),
)
QUESTIONS = tuple(row.question for row in ROWS)
FAILED = "e10"


@dataclass
class SampleAssistant:
    """Gives the answers of the sample by the text of the question, and breaks where the sample says so."""

    mark: str = "f"
    stop_after: int | None = None  # raises KeyboardInterrupt at the next question, as Ctrl-C does
    asked: list[str] = field(default_factory=list)
    histories: dict[str, tuple[Turn, ...]] = field(default_factory=dict)
    answers: Mapping[str, Answer] | None = None

    generator = None
    retriever = Shelf()
    embedder = SimpleNamespace(name="toy@0", dimension=1, max_tokens=1, query_prefix="", passage_prefix="")
    config = AssistantConfig()

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        if self.stop_after is not None and len(self.asked) >= self.stop_after:
            raise KeyboardInterrupt
        row = next(row for row in ROWS if row.question.question == question)
        self.asked.append(row.question.id)
        self.histories[row.question.id] = tuple(history)
        if row.question.id == FAILED:
            raise RuntimeError("no answer today")
        return to_answer(row, self.fingerprint(row.question.lang))

    def fingerprint(self, language: str) -> str:
        return f"{self.mark}-{language}"


def to_answer(row: Row, fingerprint: str = "f") -> Answer:
    """The record that the assistant gives; question number n takes n seconds and its first token n / 10."""
    number = QUESTIONS.index(row.question) + 1
    hits = tuple(
        RetrievedPassage(_passage(document_id), 0.9 - 0.01 * rank, None, 1.0 / (rank + 1))
        for rank, document_id in enumerate(row.found)
    )
    return Answer(
        question=row.question.question,
        standalone_question=row.question.question,
        language=row.question.lang,
        status="answered" if row.claims else "abstained",
        abstention_reason="" if row.claims else "nothing relevant",
        text=" ".join(item.text for item in row.claims),
        claims=row.claims,
        passages=hits,
        engine="none",
        model="none",
        extractive=row.extractive,
        timings_s={"total": float(number)} | ({"first_token": number / 10} if row.claims else {}),
        fingerprint=fingerprint,
    )


def _passage(document_id: str) -> Passage:
    document = DOCUMENTS[document_id]
    text = document.text
    return Passage(f"{document_id}#1", document_id, document.title, "", text, 0, len(text), document.language)
