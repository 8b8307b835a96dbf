"""The JSON Schemas of the data files, printed from the models with which every reader and validator reads them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from .examples import GrpoPrompt, SftExample
from .tasks import Task

MODELS: dict[str, type[BaseModel]] = {"task": Task, "sft": SftExample, "prompt": GrpoPrompt}
"""Rows by the name of their schema."""

_PAGE = """# The data files

JSON Lines in UTF-8, one row a line, plain or gzip. `dipg-gym tasks schema` prints this page from the models with which
`dipg-gym tasks validate`, the server and the trainers read the files, so that it cannot fall behind them.

| file | row | schema |
|---|---|---|
| `dipg_train.jsonl`, `dipg_eval.jsonl`, any task file | a task | [task](#task) |
| `dipg_sft_v1.jsonl` | a worked example in the ShareGPT layout | [sft](#sft) |
| `dipg_grpo_prompts.jsonl` | a prompt without gold | [prompt](#prompt) |

What a JSON Schema cannot say, and is checked all the same; each fault is told with file, line, field and remedy:

- `id` is unique in its file.
- Each span of `gold.evidence`, and `gold.error.sentence`, stand letter by letter in the context.
- Only a task of kind `error_detection` has a `gold.error`: `sentence`, `correction` and, if it is known, `type`. Its
  `gold.answer` is `CORRECT` where there is none, and else three lines: `INCORRECT`, `Sentence: ...`, `Correction: ...`.
- A response has the strict form: `<think>`, `<proof>`, `<answer>` once each, in this order, and nothing else.
- The user message of an example is laid out as `core/prompts/user.txt` says.
"""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a row: `task`, `sft` or `prompt`."""
    return MODELS[name].model_json_schema(by_alias=True)


def schema_page() -> str:
    """All schemas as one Markdown page: `datasets/DATA_SCHEMA.md`."""
    blocks = (f"\n## {name}\n\n```json\n{json.dumps(schema_of(name), indent=2)}\n```\n" for name in MODELS)
    return _PAGE + "".join(blocks)
