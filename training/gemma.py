"""Gemma 3 in Tunix: loaded from a folder of Hugging Face's layout onto a mesh of devices, and written back to one.

A run starts from such a folder and ends with one, so that other trainers, servers and `evaluate` read what came of it.
With LoRA the weights learnt are merged into those of the start.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .config import MeshSettings, ModelSettings
from .failures import TrainingError, told_failures

WEIGHTS = "model.safetensors"

LORA_MODULES = r".*(q_einsum|kv_einsum|qkv_einsum|attn_vec_einsum|gate_proj|up_proj|down_proj)"
"""All matrices but the embedding."""

_LAYER = {
    "input_layernorm": ("pre_attention_norm", "scale"),
    "post_attention_layernorm": ("post_attention_norm", "scale"),
    "pre_feedforward_layernorm": ("pre_ffw_norm", "scale"),
    "post_feedforward_layernorm": ("post_ffw_norm", "scale"),
    "self_attn.q_norm": ("attn", "_query_norm", "scale"),
    "self_attn.k_norm": ("attn", "_key_norm", "scale"),
    "mlp.gate_proj": ("mlp", "gate_proj", "kernel"),
    "mlp.up_proj": ("mlp", "up_proj", "kernel"),
    "mlp.down_proj": ("mlp", "down_proj", "kernel"),
}
"""Weights of a layer that both sides hold one to one, a matrix transposed; attention is laid out otherwise."""


class Policy(NamedTuple):
    """A model on a mesh, with what is needed to speak to it."""

    model: Any
    tokenizer: Any
    """Of transformers."""
    mesh: Any
    folder: Path
    """Where its weights come from."""

    @property
    def end_id(self) -> int:
        """The token that ends the model's turn: what the chat template writes after a response."""
        marker = "response"
        turns = [{"role": "user", "content": "question"}, {"role": "assistant", "content": marker}]
        text = self.tokenizer.apply_chat_template(turns, tokenize=False)
        after = text[text.rindex(marker) + len(marker) :]
        return int(self.tokenizer.encode(after, add_special_tokens=False)[0])

    def prompt(self, messages: Sequence[dict[str, str]]) -> str:
        """What the model is given for chat messages."""
        return str(self.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))

    def prompt_ids(self, prompt: str) -> list[int]:
        """Tokens of a prompt, as Tunix's sampler makes them."""
        from tunix.generate.tokenizer_adapter import TokenizerAdapter

        adapter = TokenizerAdapter(self.tokenizer)
        begin = [adapter.bos_id()] if adapter.bos_id() else []
        return [int(token) for token in adapter.dedup_bos_ids(begin + adapter.encode(prompt))]


def make_mesh(settings: MeshSettings) -> Any:
    """The first `fsdp * tp` devices.

    Raises:
        TrainingError: there are fewer.
    """
    import jax
    import numpy as np
    from jax.sharding import Mesh

    needed = settings.fsdp * settings.tp
    devices = jax.devices()
    if len(devices) < needed:
        raise TrainingError(
            f"mesh.fsdp {settings.fsdp} x mesh.tp {settings.tp} needs {needed} devices and jax sees {len(devices)} "
            f"({devices[0].platform}); set mesh.fsdp and mesh.tp, or use a machine that has them"
        )
    return Mesh(np.array(devices[:needed]).reshape(settings.fsdp, settings.tp), ("fsdp", "tp"))


def load_policy(settings: ModelSettings, name: str, mesh: Any, *, seed: int) -> Policy:
    """Load a model by folder or hub name, with fresh LoRA weights where `lora_rank` asks for them.

    Raises:
        TrainingError: it cannot be loaded; the message says why, and the remedy.
        ModuleNotFoundError: the extra `tunix` is not installed.
    """
    from transformers import AutoTokenizer
    from tunix.models.gemma3.params_safetensors import create_model_from_safe_tensors
    from tunix.rl.reshard import reshard_model_to_mesh

    with told_failures(name):
        folder = _folder_of(name)
        config = _model_config(folder)
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
    if settings.lora_rank and not (folder / WEIGHTS).exists():
        raise TrainingError(
            f"{folder} holds no {WEIGHTS}: LoRA is merged into weights of one file; take a model that is stored so, "
            "such as google/gemma-3-1b-it"
        )
    try:
        model = create_model_from_safe_tensors(str(folder), config, mesh)
    except (AssertionError, KeyError, ValueError) as error:
        raise TrainingError(
            f"the weights in {folder} are not those of its config.json: {error}. Expected Gemma 3 for text, in "
            "safetensors"
        ) from error
    if settings.lora_rank:
        model = _with_lora(model, settings, seed)
    return Policy(reshard_model_to_mesh(model, mesh), tokenizer, mesh, folder)


def save_policy(policy: Policy, settings: ModelSettings, folder: Path) -> Path:
    """Write weights, configuration and tokenizer into a folder, in place of what it held.

    Returns:
        The folder.
    """
    from safetensors.numpy import save_file
    from tunix.models.gemma3.params import save_lora_merged_model_as_safetensors

    partly = folder.with_name(f"{folder.name}.partly")
    if settings.lora_rank:
        save_lora_merged_model_as_safetensors(
            str(policy.folder), str(partly), policy.model, settings.lora_rank, float(settings.lora_alpha)
        )
    else:
        shutil.rmtree(partly, ignore_errors=True)
        partly.mkdir(parents=True)
        save_file(hub_weights(policy.model), partly / WEIGHTS)
        shutil.copy(policy.folder / "config.json", partly)
        policy.tokenizer.save_pretrained(str(partly))
    shutil.rmtree(folder, ignore_errors=True)
    return partly.rename(folder)


def hub_weights(model: Any) -> dict[str, Any]:
    """All weights of a model by the names and shapes of Hugging Face's `Gemma3ForCausalLM`."""
    import numpy as np

    def matrix(weights: Any, rows: int) -> Any:
        return np.ascontiguousarray(np.asarray(weights).reshape(rows, -1).T)

    found = {
        "model.embed_tokens.weight": np.asarray(model.embedder.input_embedding[...]),
        "model.norm.weight": np.asarray(model.final_norm.scale[...]),
    }
    width = model.config.embed_dim
    for number, layer in enumerate(model.layers):
        name = f"model.layers.{number}"
        for theirs, ours in _LAYER.items():
            node: Any = layer
            for part in ours:
                node = getattr(node, part)
            found[f"{name}.{theirs}.weight"] = np.ascontiguousarray(np.asarray(node[...]).T)
        attention = layer.attn
        if attention.use_qkv_einsum:
            query, key, value = np.asarray(attention.qkv_einsum.w[...])
        else:
            query = np.asarray(attention.q_einsum.w[...])
            key, value = np.asarray(attention.kv_einsum.w[...])
        for letter, weights in (("q", query), ("k", key), ("v", value)):
            # Tunix has heads, width, head; the hub one row for each number of each head.
            found[f"{name}.self_attn.{letter}_proj.weight"] = matrix(weights.transpose(1, 0, 2), width)
        out = np.asarray(attention.attn_vec_einsum.w[...])
        found[f"{name}.self_attn.o_proj.weight"] = matrix(out, out.shape[0] * out.shape[1])
    return found


def _folder_of(name: str) -> Path:
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.safetensors", "*.json", "*.jinja", "tokenizer*"]))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise TrainingError(
            f"{name} cannot be loaded: no such folder, and no hub answers; check --model and the network"
        ) from error


def _model_config(folder: Path) -> Any:
    from transformers import AutoConfig
    from tunix.models.gemma3.model import ModelConfig, QueryPreAttentionNormalisation

    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    if kind not in ("gemma3_text", "gemma3"):
        raise TrainingError(f"{folder} holds a model of type {kind!r}; expected gemma3_text, such as gemma-3-1b-it")
    found = AutoConfig.from_pretrained(str(folder)).get_text_config()
    scales = {
        found.head_dim: QueryPreAttentionNormalisation.BY_ONE_OVER_SQRT_HEAD_DIM,
        found.hidden_size
        // found.num_attention_heads: QueryPreAttentionNormalisation.BY_ONE_OVER_SQRT_EMBED_DIM_DIV_NUM_HEADS,
    }
    if found.query_pre_attn_scalar not in scales:
        raise TrainingError(
            f"query_pre_attn_scalar in {folder / 'config.json'} is {found.query_pre_attn_scalar}; Tunix takes "
            f"{' or '.join(map(str, scales))}"
        )
    near, far = found.rope_parameters["sliding_attention"], found.rope_parameters["full_attention"]
    return ModelConfig(
        num_layers=found.num_hidden_layers,
        num_embed=found.vocab_size,
        embed_dim=found.hidden_size,
        hidden_dim=found.intermediate_size,
        num_heads=found.num_attention_heads,
        head_dim=found.head_dim,
        num_kv_heads=found.num_key_value_heads,
        sliding_window_size=found.sliding_window,
        local_base_frequency=int(near["rope_theta"]),
        global_base_frequency=int(far["rope_theta"]),
        local_scale_factor=float(near.get("factor", 1.0)),
        global_scale_factor=float(far.get("factor", 1.0)),
        query_pre_attn_norm=scales[found.query_pre_attn_scalar],
    )


def _with_lora(model: Any, settings: ModelSettings, seed: int) -> Any:
    import qwix
    from flax import nnx

    provider = qwix.LoraProvider(module_path=LORA_MODULES, rank=settings.lora_rank, alpha=float(settings.lora_alpha))
    return qwix.apply_lora_to_model(model, provider, **model.get_model_input(), rngs=nnx.Rngs(seed))
