"""Loading a model to train: with unsloth where there is a GPU, else with transformers and peft."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any, NamedTuple

from ..core.checkpoint import ADAPTER, base_of, check_folder, is_local
from .config import ModelSettings
from .failures import TrainingError, told_failures


class Trainable(NamedTuple):
    """A model with the weights to train, and its tokenizer with padding on the left."""

    model: Any
    tokenizer: Any


def load_trainable(settings: ModelSettings, name: str, *, seed: int) -> Trainable:
    """Load a model by hub name or folder; a folder may hold an adapter, which is trained on.

    Raises:
        CheckpointError: a folder lacks a part.
        TrainingError: it cannot be loaded; the message says why, and the remedy.
        ModuleNotFoundError: the extra `trl` is not installed.
    """
    _quiet_bars()
    with told_failures(name):
        loaded = _with_unsloth(settings, name, seed) if uses_unsloth(settings) else _with_transformers(settings, name)
    tokenizer = loaded.tokenizer
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        raise TrainingError(
            f"the tokenizer of {name} has no pad token; set one that is not its end token, which is to be learnt"
        )
    # Cached keys are of no use in training, and with them packed examples would see one another.
    loaded.model.config.use_cache = False
    return loaded


def _quiet_bars() -> None:
    """In a log, bars of loading and tokenizing are pages of noise."""
    if not sys.stderr.isatty():
        import transformers

        import datasets

        transformers.utils.logging.disable_progress_bar()
        datasets.disable_progress_bars()


def prepare_unsloth(settings: ModelSettings) -> None:
    """Import unsloth, if it is to load the model, before transformers and TRL are: it changes both."""
    if uses_unsloth(settings):
        import unsloth  # noqa: F401


def uses_unsloth(settings: ModelSettings) -> bool:
    """Whether unsloth loads the model: asked for, or `auto` on a machine that has a GPU and unsloth.

    Raises:
        TrainingError: it is asked for and cannot be had.
    """
    import torch

    has_gpu, has_unsloth = torch.cuda.is_available(), importlib.util.find_spec("unsloth") is not None
    if settings.loader == "unsloth" and not (has_gpu and has_unsloth):
        lacking = "a GPU" if not has_gpu else 'the extra: pip install "dipg-safety-gym[unsloth]"'
        raise TrainingError(f"model.loader is unsloth, which needs {lacking}; or set model.loader to transformers")
    return settings.loader != "transformers" and has_gpu and has_unsloth


def _with_unsloth(settings: ModelSettings, name: str, seed: int) -> Trainable:
    # FastModel takes text models and those that also see, such as MedGemma; only the layers of text are trained.
    from unsloth import FastModel

    model, processor = FastModel.from_pretrained(
        model_name=name,
        max_seq_length=settings.max_prompt_tokens + settings.max_completion_tokens,
        load_in_4bit=settings.load_in_4bit,
        full_finetuning=settings.lora_rank == 0,
        random_state=seed,
    )
    if settings.lora_rank and not hasattr(model, "peft_config"):
        model = FastModel.get_peft_model(
            model,
            r=settings.lora_rank,
            lora_alpha=settings.lora_alpha,
            finetune_vision_layers=False,
            finetune_language_layers=True,
            random_state=seed,
        )
    return Trainable(model, getattr(processor, "tokenizer", processor))


def _with_transformers(settings: ModelSettings, name: str) -> Trainable:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    has_gpu = torch.cuda.is_available()
    if settings.load_in_4bit and not has_gpu:
        raise TrainingError("model.load_in_4bit needs a GPU, and none was found; set model.load_in_4bit=false")
    is_adapter = (Path(name) / ADAPTER).is_file()
    base = base_of(Path(name)) if is_adapter else name
    if is_local(base):
        check_folder(Path(base))
    options: dict[str, Any] = {"dtype": torch.bfloat16 if has_gpu else torch.float32}
    if settings.load_in_4bit:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
        )
    if has_gpu:
        options["device_map"] = {"": 0}
    model = AutoModelForCausalLM.from_pretrained(base, **options)
    tokenizer = AutoTokenizer.from_pretrained(name)
    if is_adapter:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, name, is_trainable=True)
    elif settings.lora_rank:
        from peft import LoraConfig, get_peft_model

        lora = LoraConfig(
            r=settings.lora_rank, lora_alpha=settings.lora_alpha, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        model = get_peft_model(model, lora)
    return Trainable(model, tokenizer)
