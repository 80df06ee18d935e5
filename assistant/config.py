"""Settings of the assistant. `index.config.read_table` fills them from `config.toml`, the environment and flags."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AssistantConfig:
    """How a question becomes a verified answer."""

    # the model server
    server: str = "auto"  # auto (vLLM where nvidia-smi answers, else llama.cpp), vllm, llama, none, or http://HOST:PORT
    model: str = "auto"  # auto, a name in the catalogue, or a hub name for vLLM
    api_key_variable: str = "SHOKO_API_KEY"  # environment variable that holds the key of an attached server
    served_context_tokens: int = 8192  # context length asked of a server that we start
    gpu_memory_utilization: float = 0.85  # share of GPU memory for vLLM
    prefill: str = (
        "auto"  # auto (where the CPU has AMX and memory for it), always or never: PyTorch reads for llama.cpp
    )
    startup_timeout_s: float = 600.0
    # one question
    question_characters: int = 2000  # a longer question is refused
    history_turns: int = 20  # older turns are left out
    retrieved_passages: int = 12  # passages kept after fusion
    candidate_passages: int = 12  # of these, whose sentences compete for the context
    context_passages: int = 3  # at most this many reach the model
    context_budget_tokens: int = 300  # estimated tokens of all the sentences that the model reads
    answer_tokens: int = 120  # longest generation
    own_words: str = "auto"  # auto (where vLLM serves), always or never: the model words what it could quote
    claims: int = 3  # most sentences in an answer
    # abstention before generation: the best passage must reach one of the two
    least_dense_score: float = 0.80  # cosine of the embedder
    least_lexical_share: float = 0.5  # share of the question's content words found in one passage
    judged_sentences: int = 6  # the closest ones, of each of which the model says whether it answers
    judged_sentences_fast: int = 8  # the same where reading is cheap: vLLM, or `prefill`
    judged_sentences_probed: int = 12  # the same where a probe tells, which needs two thirds of the model
    # abstention by the model's doubt: least log(p("yes") / p("no")), of two ways of asking together, of what answers
    least_margin_fr: float = -0.2
    least_margin_en: float = -0.5
    least_margin_ja: float = -0.1
    least_margin_abroad: float = -0.2  # of a sentence in another language than the question's
    least_logit: float = 0.5  # the same where a probe tells: log-odds that the best sentence answers
    least_logit_abroad: float = 0.5  # of a sentence in another language than the question's
    least_claim_cosine: float = 0.80  # cosine of a claim and its quote
    record: str = ""  # file that gets a line of JSON per answer; empty: none
    # the web page and the HTTP interface
    host: str = "127.0.0.1"
    port: int = 7860
