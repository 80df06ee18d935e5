"""Prompts are read together, with what they share computed once, and tell the same as each read alone."""

from pathlib import Path

import pytest

from assistant.prefill_model import PrefillModel
from tests.tiny_model import SYSTEM, conversation


@pytest.fixture
def model(tiny_model: Path) -> PrefillModel:
    return PrefillModel(tiny_model)


ASKED = ["Is the sea blue ?", "Is the sea red or green or blue ?", "Is the sky a b c ?", "Is it ?", "Is the sea 1 ?"]


class TestPrefillModel:
    def test_together_prompts_tell_the_same_as_each_alone(self, model: PrefillModel) -> None:
        together = model.read([conversation(asked) for asked in ASKED])
        for asked, found in zip(ASKED, together, strict=True):
            [alone] = model.read([conversation(asked)])
            [(token, listed)], [(_, listed_alone)] = found.opening, alone.opening
            assert listed[token] == max(listed.values())
            assert listed.keys() == listed_alone.keys()
            assert [listed[one] for one in listed_alone] == pytest.approx(list(listed_alone.values()), abs=0.05)

    def test_tells_what_the_whole_prompt_read_at_once_tells(self, model: PrefillModel, tiny_model: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        plain = AutoModelForCausalLM.from_pretrained(str(tiny_model), dtype=torch.bfloat16).eval()
        tokenizer = AutoTokenizer.from_pretrained(str(tiny_model))
        for asked, found in zip(ASKED, model.read([conversation(asked) for asked in ASKED]), strict=True):
            whole = tokenizer.apply_chat_template(
                conversation(asked), add_generation_prompt=True, return_dict=True, return_tensors="pt"
            )
            with torch.inference_mode():
                expected = torch.log_softmax(plain(whole["input_ids"]).logits[0, -1].float(), dim=-1)
            for token, value in found.opening[0][1].items():
                assert value == pytest.approx(expected[tokenizer.convert_tokens_to_ids(token)].item(), abs=0.05)
            assert found.prompt_tokens == whole["input_ids"].shape[1]

    def test_another_system_message_has_a_beginning_of_its_own(self, model: PrefillModel) -> None:
        [one], [other] = model.read([conversation("Is it ?")]), model.read([conversation("Is it ?", "Say a or b .")])
        assert one.opening != other.opening
        assert model.read([conversation("Is it ?")]) == [one]

    def test_the_kept_beginning_counts_as_cached(self, model: PrefillModel) -> None:
        model.keep(SYSTEM)
        [found] = model.read([conversation("Is the sea blue ?")])
        assert 0 < found.cached_tokens < found.prompt_tokens

    def test_the_same_prompts_twice_are_no_trouble(self, model: PrefillModel) -> None:
        one, other = model.read([conversation("Is it ?"), conversation("Is it ?")])
        assert one.opening[0][1] == pytest.approx(other.opening[0][1], abs=0.05)
