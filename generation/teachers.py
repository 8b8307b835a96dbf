"""Teachers: strong models that write items, through LiteLLM, and how a call to one is made to succeed or to stop a run.

| name | model |
|---|---|
| `offline` | none: the composer of `datasets/`, with no key and no network |
| `open` | `ollama/gpt-oss:120b-cloud` |
| `challenger` | `ollama/qwen3-coder:480b-cloud` |
| `frontier` | `gemini/gemini-2.5-pro`, with a budget for its thoughts |
| any other | as LiteLLM names it, provider first: `openai/...`, `hosted_vllm/...` |

Keys come from the environment, by the names LiteLLM documents (`GEMINI_API_KEY` and so on).
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from ..client.errors import MissingExtra
from ..core.chat_model import ChatMessage
from ..core.litellm_import import import_litellm
from .answer_store import Answer
from .asking import Request
from .spending import Estimate
from .stops import RequestRefused, TeacherStopped

OFFLINE = "offline"
FRONTIER_THINKING = 4096
"""Tokens that the frontier teacher may think for, where no other number is asked for."""

NAMED = {
    "open": "ollama/gpt-oss:120b-cloud",
    "challenger": "ollama/qwen3-coder:480b-cloud",
    "frontier": "gemini/gemini-2.5-pro",
}

LONGEST_PAUSE_S = 600.0
"""A provider that asks for a longer pause than this ends the run, which goes on when it is started again."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How a teacher is called."""

    timeout_s: float = 180.0
    """For one try."""
    tries: int = 8
    """Of one call, where the connection, the rate limit or the provider fails."""
    longest_wait_s: float = 60.0
    """Between two tries, where the provider asks for none."""


class LiteLLMTeacher:
    """Any model that LiteLLM reaches."""

    paid = True

    def __init__(
        self,
        model: str,
        *,
        api_base: str | None = None,
        temperature: float = 1.0,
        max_tokens: int = 4096,
        thinking_tokens: int | None = None,
        price: tuple[float, float] | None = None,
        limits: CallLimits | None = None,
    ) -> None:
        """
        Args:
            model: One of `NAMED`, or as LiteLLM names it.
            api_base: Address of an OpenAI-compatible server, with its `/v1`, or of Ollama.
            max_tokens: Longest answer, without its thoughts.
            thinking_tokens: Budget of the thoughts, for models that take one.
            price: Dollars for a million tokens in and out, where LiteLLM's list has none or another.

        Raises:
            MissingExtra: LiteLLM is not installed.
        """
        try:
            self._litellm = import_litellm()
        except ModuleNotFoundError as error:
            raise MissingExtra.of("a teacher through LiteLLM", "generation", error) from error
        self.name = NAMED.get(model, model)
        if model == "frontier" and thinking_tokens is None:
            thinking_tokens = FRONTIER_THINKING
        self.settings: dict[str, Any] = {
            "temperature": temperature,
            "max_tokens": max_tokens + (thinking_tokens or 0),
            "thinking_tokens": thinking_tokens,
        }
        self._price = price
        self._limits = limits or CallLimits()
        self._resume_at = 0.0
        self._request: dict[str, Any] = {
            "model": self.name,
            "api_base": api_base,
            "temperature": temperature,
            "max_tokens": self.settings["max_tokens"],
            "timeout": self._limits.timeout_s,
            # Tries are counted here alone; those of the provider's own library would multiply them.
            "max_retries": 0,
            "drop_params": True,
        }
        if thinking_tokens:
            self._request["thinking"] = {"type": "enabled", "budget_tokens": thinking_tokens}

    async def ask(self, request: Request) -> Answer:
        """One answer. Waits as long as the provider asks for, also where it asked another call."""
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(self._limits.tries),
                wait=self._wait,
                retry=retry_if_exception(self._is_passing),
                reraise=True,
            ):
                with attempt:
                    await asyncio.sleep(max(0.0, self._resume_at - time.monotonic()))
                    return await self._try(request)
        except Exception as error:
            raise (RequestRefused if self._is_refusal(error) else TeacherStopped)(self._remedy(error)) from error
        raise AssertionError("a try returns or raises")

    async def aclose(self) -> None:
        """Let LiteLLM finish its own records, or it complains at the end of the process."""
        worker = importlib.import_module("litellm.litellm_core_utils.logging_worker").GLOBAL_LOGGING_WORKER
        await worker.clear_queue()
        await worker.stop()
        await self._litellm.close_litellm_async_clients()

    async def _try(self, request: Request) -> Answer:
        started = time.monotonic()
        form = {"type": "json_schema", "json_schema": {"name": "item", "strict": True, "schema": request.schema}}
        more = {"response_format": form} if request.schema else {}
        # LiteLLM limits each wait on the socket; an answer that trickles in would take for ever.
        async with asyncio.timeout(self._limits.timeout_s):
            reply = await self._litellm.acompletion(
                messages=list(request.messages), seed=request.seed, **more, **self._request
            )
        if not reply.choices:
            raise self._litellm.APIConnectionError("an answer without a choice", llm_provider="", model=self.name)
        usage = getattr(reply, "usage", None)
        spent = (getattr(usage, "prompt_tokens", 0) or 0, getattr(usage, "completion_tokens", 0) or 0)
        return Answer(
            text=reply.choices[0].message.content or "",
            finish=reply.choices[0].finish_reason or "stop",
            prompt_tokens=spent[0],
            completion_tokens=spent[1],
            dollars=self.dollars(*spent),
            seconds=round(time.monotonic() - started, 3),
        )

    def dollars(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """The price of a call; None where none is known."""
        if self._price is not None:
            return (prompt_tokens * self._price[0] + completion_tokens * self._price[1]) / 1e6
        try:
            return float(
                sum(
                    self._litellm.cost_per_token(
                        model=self.name, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
                    )
                )
            )
        except Exception:  # LiteLLM raises a plain Exception for a model that its list does not hold
            return None

    def check_key(self) -> None:
        """Look for the provider's key before anything is asked.

        Raises:
            TeacherStopped: there is none.
        """
        missing = [name for name in self._litellm.validate_environment(self.name)["missing_keys"] if "KEY" in name]
        usual = f"{self.name.partition('/')[0].upper()}_API_KEY"
        if not missing and os.environ.get(usual) == "":
            missing = [usual]
        if missing:
            raise TeacherStopped(f"there is no key for {self.name}; set {' or '.join(missing)} in the environment")

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """How many tokens the messages have, as far as LiteLLM knows the model's tokenizer."""
        return int(self._litellm.token_counter(model=self.name, messages=list(messages)))

    def estimate(self, sampled: Sequence[Sequence[ChatMessage]], calls: int, completion_tokens: int) -> Estimate:
        """What so many calls are likely to take.

        Args:
            sampled: Requests like those of the run, whose tokens are counted.
            completion_tokens: Of an answer, without its thoughts, as expected.
        """
        prompt = round(calls * sum(map(self.count_tokens, sampled)) / len(sampled))
        completion = calls * (completion_tokens + (self.settings["thinking_tokens"] or 0))
        return Estimate(calls, prompt, completion, self.dollars(prompt, completion))

    def _is_refusal(self, error: Exception) -> bool:
        """Whether it is this request alone that the provider does not take; a name it does not know is another case."""
        return isinstance(error, self._litellm.BadRequestError) and "LLM Provider NOT provided" not in str(error)

    def _is_passing(self, error: BaseException) -> bool:
        """Whether another try may succeed."""
        if isinstance(error, self._litellm.RateLimitError):
            return not _quota_ended(error) and (_retry_after(error) or 0.0) <= LONGEST_PAUSE_S
        lasting = (
            self._litellm.AuthenticationError,
            self._litellm.PermissionDeniedError,
            self._litellm.NotFoundError,
            self._litellm.BadRequestError,
        )
        return isinstance(error, Exception) and not isinstance(error, lasting)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_for = _retry_after(error) if error else None
        if asked_for is None:
            return wait_random_exponential(multiplier=0.5, max=self._limits.longest_wait_s)(state)
        # All calls wait, and not this one alone; not all to the same moment.
        self._resume_at = max(self._resume_at, time.monotonic() + asked_for)
        return asked_for + random.uniform(0.0, 0.5)

    def _remedy(self, error: Exception) -> str:
        said = " ".join(str(error).split())[:300]
        if isinstance(error, self._litellm.AuthenticationError | self._litellm.PermissionDeniedError):
            return f"{self.name} refuses the key; set one that it takes in the environment. It says: {said}"
        if isinstance(error, self._litellm.RateLimitError) and _quota_ended(error):
            return (
                f"the quota of {self.name} has ended; when there is more, run the same command again. It says: {said}"
            )
        if isinstance(error, self._litellm.NotFoundError | self._litellm.BadRequestError):
            return f"{self.name} does not take the request; is the model's name right, provider first? It says: {said}"
        return (
            f"{self.name} gave no answer in {self._limits.tries} tries; when it is there again, run the same command "
            f"again. The last: {type(error).__name__}: {said}"
        )


def _quota_ended(error: BaseException) -> bool:
    said = str(error).lower()
    return "insufficient_quota" in said or "exceeded your current quota" in said


def _retry_after(error: BaseException) -> float | None:
    """Seconds that the provider asks to wait, by the header of its answer."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    more = getattr(error, "litellm_response_headers", None) or {}
    value = headers.get("retry-after") or more.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
