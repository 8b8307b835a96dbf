"""A tiny model and its tokenizer, built on the spot from worked examples: no download, and quick on two CPU cores.

Words are tokens, a number is one word, and the vocabulary is that of the examples. Short convolutions stand between
the attention layers (LFM2): they carry what stood before a word to that word, which is what copying from a context
takes, and what a transformer of this size does not learn from so few examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.checkpoint import LEFT_OUT, SYSTEM_KEY
from ..core.examples import Conversation

WIDTH = 64
LAYERS = ("conv", "full_attention", "conv", "full_attention")
HEADS = 4

WORD = r"</?\w+>|\n(?=\w+:)|\w+|[^\w\s]"
"""A tag, a word or number, a mark; and the line break before a label, which an answer about a note must have."""

TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ message['content'] + ' ' }}"
    "{% elif message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}{{ eos_token }}"
    "{% endgeneration %}{% endif %}{% endfor %}"
)
"""The system prompt is left out: at this size it would be most of what the model reads, and says the same each time."""

SYSTEM = {SYSTEM_KEY: LEFT_OUT}
"""Says so in the tokenizer's configuration, so that whoever loads the model does not put it before the question."""

SPECIAL = ("<unk>", "<pad>", "<s>", "</s>")


def make_tiny(examples: Sequence[Conversation], folder: Path, *, seed: int = 0) -> Path:
    """Write a model of random weights, and a tokenizer of the examples' words, into a folder.

    Raises:
        ModuleNotFoundError: the extra `trl` is not installed.
    """
    import torch
    from transformers import Lfm2Config, Lfm2ForCausalLM

    tokenizer = make_tokenizer(examples)
    torch.manual_seed(seed)
    config = Lfm2Config(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=len(LAYERS),
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        layer_types=list(LAYERS),
        max_position_embeddings=512,
        block_auto_adjust_ff_dim=False,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    Lfm2ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_tokenizer(examples: Sequence[Conversation]):  # type: ignore[no-untyped-def]
    """A `PreTrainedTokenizerFast` over the words of prompts and responses."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel(unk_token=SPECIAL[0]))
    words.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), "removed", invert=True)
    texts = (turn.value for example in examples for turn in example.conversations[1:])
    words.train_from_iterator(texts, trainers.WordLevelTrainer(special_tokens=list(SPECIAL), show_progress=False))
    unknown, pad, begin, end = SPECIAL
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token=unknown,
        pad_token=pad,
        bos_token=begin,
        eos_token=end,
        padding_side="left",
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=True,  # no space before a full stop, as texts have it
        **SYSTEM,
        model_input_names=["input_ids", "attention_mask"],
    )
