"""A model with its tokenizer and chat template, from a local folder or by its name on a hub, through transformers.

A folder may hold a whole model, or a LoRA adapter that names its base. What a folder must hold is looked for before
anything is loaded, so that what is missing is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFIX = "transformers/"
"""Before the name of a model on a hub: `transformers/Qwen/Qwen2.5-7B-Instruct`."""

SYSTEM_KEY, LEFT_OUT = "system_message", "left out"
"""In a tokenizer's configuration: the model was trained without the system message, which its template drops."""

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_ADAPTER = "adapter_config.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "tekken.json")
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 16


class CheckpointError(ValueError):
    """A model cannot be loaded. The message says what is missing, and the remedy."""


def is_local(name: str) -> bool:
    """True where a name on the command line means a model of this machine, and not one that LiteLLM calls."""
    return name.startswith((PREFIX, "/", "./", "../", "~")) or Path(name).is_dir()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is loaded."""

    model: Any
    tokenizer: Any
    fingerprint: str
    """Tells two states of one folder apart, such as before and after more training; of a hub's model its revision."""
    takes_system: bool
    """Whether its chat template has a place for a system message, or drops it on purpose."""


def load_checkpoint(name: str, device: str | None = None) -> Checkpoint:
    """Load a model for inference, in the precision of its weights.

    Args:
        name: A folder, or a hub's name, with or without `PREFIX`.
        device: Where to; by default the first GPU, or the CPU where there is none.

    Raises:
        CheckpointError: a part of it is missing, or cannot be read.
        ModuleNotFoundError: transformers or torch is not installed, or peft for an adapter.
    """
    folder = Path(name.removeprefix(PREFIX)).expanduser()
    local = folder.is_dir() or is_local(name.removeprefix(PREFIX))
    if local and (folder / _ADAPTER).is_file():
        return _load_adapter(folder, device)
    if local:
        _check_folder(folder)
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    source = str(folder) if local else name.removeprefix(PREFIX)
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    with _told(name, local):
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        model = transformers.AutoModelForCausalLM.from_pretrained(source, dtype="auto").to(place).eval()
    _check_template(tokenizer, name)
    revision = getattr(model.config, "_commit_hash", None) or "unknown"
    fingerprint = fingerprint_of(folder) if local else str(revision)
    return Checkpoint(model, tokenizer, fingerprint, _takes_system(tokenizer))


def _load_adapter(folder: Path, device: str | None) -> Checkpoint:
    """The base that the adapter names, with the adapter on it; the adapter's own tokenizer, where it has one."""
    base = _base_of(folder)
    import peft
    import transformers

    under = load_checkpoint(base, device)
    with _told(str(folder), local=True):
        model = peft.PeftModel.from_pretrained(under.model, str(folder)).eval()
        own = bool(_found(folder, _TOKENIZERS))
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder)) if own else under.tokenizer
    _check_template(tokenizer, str(folder))
    return Checkpoint(model, tokenizer, f"{fingerprint_of(folder)}+{under.fingerprint}", _takes_system(tokenizer))


def _base_of(folder: Path) -> str:
    about = folder / _ADAPTER
    try:
        base = json.loads(about.read_bytes())["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{about} names no base model; save the adapter with `save_pretrained`") from error
    if not _found(folder, _WEIGHTS):
        raise CheckpointError(f"the adapter folder {folder} has no weights ({_WEIGHTS[0]}); is it whole?")
    return str(base)


@contextmanager
def _told(name: str, local: bool) -> Iterator[None]:
    """Say in a sentence what loading raises."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        said = " ".join(str(error).split())[:300]
        remedy = "is the folder whole?" if local else "is the name right, and is the model here or the hub reachable?"
        raise CheckpointError(f"{name} cannot be loaded: {type(error).__name__}: {said}; {remedy}") from error


def _check_template(tokenizer: Any, name: str) -> None:
    if not tokenizer.chat_template:
        raise CheckpointError(
            f"the tokenizer of {name} has no chat template, so that it is no model to chat with; put one into the "
            "folder as chat_template.jinja, or take an instruction-tuned checkpoint"
        )


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise CheckpointError(f"there is no checkpoint folder {folder}; expected one that `save_pretrained` wrote")
    needed = {
        "configuration (config.json)": ("config.json",),
        f"tokenizer ({', '.join(_TOKENIZERS[:2])} or another)": _TOKENIZERS,
        f"weights ({' or '.join(_WEIGHTS)})": _WEIGHTS,
    }
    missing = [what for what, patterns in needed.items() if not any(_found(folder, patterns))]
    if missing:
        found = ", ".join(sorted(one.name for one in folder.iterdir())[:12]) or "nothing"
        raise CheckpointError(
            f"the checkpoint folder {folder} has no {' and no '.join(missing)}; found: {found}. Save model and "
            "tokenizer into it with `save_pretrained`"
        )


def _found(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


def fingerprint_of(folder: Path) -> str:
    """A hash of a folder's small files, and of its weights their size and samples: 16 hexadecimal digits.

    Reading all weights would take longer than loading them.
    """
    hashed = hashlib.sha256()
    weights = _found(folder, _WEIGHTS)
    for path in sorted(one for one in folder.iterdir() if one.suffix in (".json", ".jinja", ".model")):
        hashed.update(json.dumps([path.name, hashlib.sha256(path.read_bytes()).hexdigest()]).encode())
    for path in weights:
        size = path.stat().st_size
        hashed.update(json.dumps([path.name, size]).encode())
        with path.open("rb") as file:
            for sample in range(_SAMPLES):
                file.seek(max(0, size - _SAMPLE_BYTES) * sample // (_SAMPLES - 1))
                hashed.update(file.read(_SAMPLE_BYTES))
    return hashed.hexdigest()[:16]


def _takes_system(tokenizer: Any) -> bool:
    """Some templates refuse a system message (Mistral's first ones), some drop it."""
    from jinja2 import TemplateError

    if tokenizer.init_kwargs.get(SYSTEM_KEY) == LEFT_OUT:
        return True
    mark = "what the system message says"
    chat = [{"role": "system", "content": mark}, {"role": "user", "content": "a question"}]
    try:
        return mark in tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    except TemplateError:
        return False
