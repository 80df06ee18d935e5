"""A language model of a few thousand random weights that knows two dozen words, as a folder of transformers."""

from pathlib import Path

from assistant.chat_protocol import Message

SYSTEM = "Say yes or no ."
TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}> {{ message['content'] }} </s> {% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
VOCABULARY = "<pad> <unk> </s> <system> <user> <assistant> Say yes or no . Is it a b c red blue green 1 the sea sky ?"
WORDS = VOCABULARY.split()


def conversation(asked: str, system: str = SYSTEM) -> list[Message]:
    return [{"role": "system", "content": system}, {"role": "user", "content": asked}]


def write_tiny_model(place: Path) -> None:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    inner = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>", chat_template=TEMPLATE)
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=len(WORDS),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        initializer_range=0.3,
    )
    Qwen2ForCausalLM(config).save_pretrained(place)
    tokenizer.save_pretrained(place)
