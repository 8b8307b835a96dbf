"""A tiny Gemma 3 of random weights, built on the spot in the layout of Hugging Face: what Tunix trains where no
accelerator and no download is at hand.

It reads the words that `tiny.make_tokenizer` makes tokens of. Five layers look a few words back and one at the whole
chart, which is Gemma 3's own pattern, and what it takes to tie a value to its name and then to find it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.examples import Conversation
from .tiny import TEMPLATE, make_tokenizer

WIDTH = 64
LAYERS = 6
HEADS = 4
HEAD = 32
"""Wider than WIDTH / HEADS, as in Gemma 3: turned by position, the fast half of it cannot tell names apart."""

SHARPNESS = 0.5
"""Queries and keys are normalised; their scales begin with 1 + this, so that attention can single out a word."""

WINDOW = 8
"""Words that a local layer sees."""

VOCABULARY_STEP = 16
"""The vocabulary is rounded up to a multiple, so that devices of a mesh get equal shares."""


def make_tiny_gemma(examples: Sequence[Conversation], folder: Path, *, seed: int = 0) -> Path:
    """Write configuration, weights and tokenizer into a folder, and return it.

    Raises:
        ModuleNotFoundError: the extra `tunix` is not installed.
    """
    from safetensors.numpy import save_file

    from .gemma import WEIGHTS

    tokenizer = make_tokenizer(examples)
    # As Gemma's own does: Tunix begins every text so, and whoever else loads the model must as well.
    tokenizer.chat_template = "{{ bos_token }}" + TEMPLATE
    settings = _settings(tokenizer)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    save_file(_random_weights(settings, seed), folder / WEIGHTS)
    tokenizer.save_pretrained(str(folder))
    return folder


def _settings(tokenizer: Any) -> dict[str, Any]:
    return {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "vocab_size": -(-len(tokenizer) // VOCABULARY_STEP) * VOCABULARY_STEP,
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": 1,
        "head_dim": HEAD,
        "query_pre_attn_scalar": HEAD,
        "sliding_window": WINDOW,
        "rope_theta": 1_000_000.0,
        "rope_local_base_freq": 10000.0,
        "max_position_embeddings": 1024,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
    }


def _random_weights(settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """Normal, by the inputs of each matrix. Tunix's own start has gates of zero, through which nothing is learnt."""
    import numpy as np

    rng = np.random.default_rng(seed)
    wide, heads = settings["hidden_size"], settings["num_attention_heads"] * settings["head_dim"]
    inner, pairs = settings["intermediate_size"], settings["num_key_value_heads"] * settings["head_dim"]
    found = {
        "model.embed_tokens.weight": rng.normal(0.0, wide**-0.5, (settings["vocab_size"], wide)),
        "model.norm.weight": np.zeros(wide),
    }
    matrices = {
        "self_attn.q_proj": (heads, wide),
        "self_attn.k_proj": (pairs, wide),
        "self_attn.v_proj": (pairs, wide),
        "self_attn.o_proj": (wide, heads),
        "mlp.gate_proj": (inner, wide),
        "mlp.up_proj": (inner, wide),
        "mlp.down_proj": (wide, inner),
    }
    norms = {
        "input_layernorm": wide,
        "post_attention_layernorm": wide,
        "pre_feedforward_layernorm": wide,
        "post_feedforward_layernorm": wide,
        "self_attn.q_norm": settings["head_dim"],
        "self_attn.k_norm": settings["head_dim"],
    }
    for number in range(settings["num_hidden_layers"]):
        for name, shape in matrices.items():
            found[f"model.layers.{number}.{name}.weight"] = rng.normal(0.0, shape[1] ** -0.5, shape)
        for name, size in norms.items():
            begin = SHARPNESS if name.startswith("self_attn") else 0.0
            found[f"model.layers.{number}.{name}.weight"] = np.full(size, begin)
    return {name: weights.astype(np.float32) for name, weights in found.items()}
