"""Completions of a model that is being trained, for a probe of it between two steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BATCH = 64
"""Prompts at once."""


def sample_completions(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[list[dict[str, str]]],
    *,
    max_tokens: int,
    temperature: float,
    top_p: float = 1.0,
) -> list[str]:
    """One completion of each prompt (chat messages), drawn as training draws them; greedy at temperature 0."""
    import torch

    texts: list[str] = []
    was_training = model.training
    model.eval()
    try:
        for start in range(0, len(prompts), BATCH):
            rendered = [
                tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
                for prompt in prompts[start : start + BATCH]
            ]
            # The template has written what begins a text.
            inputs = tokenizer(rendered, return_tensors="pt", padding=True, add_special_tokens=False)
            inputs = inputs.to(model.device)
            drawn = {"do_sample": True, "temperature": temperature, "top_p": top_p} if temperature else {}
            with torch.no_grad():
                output = model.generate(
                    **inputs, max_new_tokens=max_tokens, use_cache=True, **(drawn or {"do_sample": False})
                )
            texts += tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    finally:
        model.train(was_training)
    return texts
