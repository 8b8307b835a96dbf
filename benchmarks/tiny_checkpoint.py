"""A language model made on the spot: two layers of random weights, a trained tokenizer, a chat template, in a folder.

It chats in words without sense. What loads it and generates with it cannot tell it from a large one.
"""

from __future__ import annotations

from pathlib import Path

TEXT = """
the disease is a rare condition of the joints and the skin . most people have pain , swelling and fever , and some lose
weight . a blood test and an image help to find it . treatment begins with rest and with medicines that ease the pain ;
surgery may follow . it runs in families when a gene is changed . children often grow well , while adults need more care
from year to year . question answer what are symptoms of how to diagnose who at risk for
"""

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|> {{ message['content'] }}{{ eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
STRICT_TEMPLATE = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('Only user and assistant roles are supported!') }}"
    "{% endif %}" + TEMPLATE
)
"""Refuses a system message, as the templates of Mistral-7B-Instruct did."""


def make_checkpoint(folder: Path, *, seed: int = 0, template: str = TEMPLATE) -> Path:
    """Write a chat model of some thirty thousand weights into the folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

    special = ["<unk>", "<pad>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>"]
    words = Tokenizer(models.WordLevel(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.train_from_iterator(TEXT.splitlines(), trainers.WordLevelTrainer(special_tokens=special))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", pad_token="<pad>", bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = template
    torch.manual_seed(seed)
    config = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        # Wide, so that what it has read weighs in what it says.
        initializer_range=0.2,
    )
    MistralForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
