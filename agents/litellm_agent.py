"""Any model that LiteLLM reaches: `litellm:openai/gpt-5`, `litellm:anthropic/...`, `litellm:hosted_vllm/...`.

Keys come from the environment, by the names LiteLLM documents (`OPENAI_API_KEY` and so on). Limits:

- LiteLLM cuts a leading `<think>` block out of the text and hands it over as `reasoning_content`. It is put
  back, since a response without it is not of the strict form. A leading `<thinking>` is cut in the same way
  and cannot be told from `<think>`. A model that reasons in a channel of its own and writes no `<think>`
  block is given that channel.
- A parameter that a model does not take (`temperature`, for some) is left out, not refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ..client.errors import MissingExtra
from ..core.litellm_import import import_litellm
from .base import AgentError, Message


class LiteLLMAgent:
    """Asks a chat model through LiteLLM."""

    def __init__(
        self,
        model: str,
        *,
        api_base: str | None = None,
        temperature: float = 0.0,
        max_tokens: int | None = None,
        timeout_s: float = 120.0,
        retries: int = 3,
        longest_wait_s: float = 30.0,
    ) -> None:
        """
        Args:
            model: As LiteLLM names it, provider first.
            api_base: Address of an OpenAI-compatible server, with its `/v1`.
            max_tokens: Longest completion; the provider's own limit where None.
            timeout_s: Limit for one request.
            retries: Requests after the first, where the connection, the rate limit or the provider fails.
            longest_wait_s: Longest pause before one of these.

        Raises:
            MissingExtra: LiteLLM is not installed.
        """
        self.name = f"litellm:{model}"
        try:
            self._litellm = import_litellm()
        except ModuleNotFoundError as error:
            raise MissingExtra.of("an agent litellm:MODEL", "agents", error) from error
        self._longest_wait_s = longest_wait_s
        self._attempts = 1 + retries
        self._request: dict[str, Any] = {
            "model": model,
            "api_base": api_base,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "timeout": timeout_s,
            # Tries are counted here alone; those of the provider's own library would multiply them.
            "max_retries": 0,
            "drop_params": True,
        }

    async def answer(self, context: str, question: str, messages: Sequence[Message]) -> str:
        """The model's text. Raises LiteLLM's error after the last try, AgentError where a filter struck."""
        passing = (
            self._litellm.APIConnectionError,
            self._litellm.InternalServerError,
            self._litellm.RateLimitError,
            self._litellm.ServiceUnavailableError,
            self._litellm.Timeout,
        )
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_random_exponential(multiplier=0.5, max=self._longest_wait_s),
            retry=retry_if_exception_type(passing),
            reraise=True,
        ):
            with attempt:
                reply = await self._litellm.acompletion(messages=list(messages), **self._request)
        return _text(reply)


def _text(reply: Any) -> str:
    if not reply.choices:
        raise AgentError("the provider's answer holds no choice")
    choice = reply.choices[0]
    if choice.finish_reason == "content_filter":
        raise AgentError("the provider's content filter withheld the response")
    # No content at all is the model's own response (its budget went into the thought), and is graded as such.
    content = choice.message.content or ""
    thought = getattr(choice.message, "reasoning_content", None)
    # An empty thought is one: LiteLLM cut an empty block out.
    if thought is not None and "<think>" not in content:
        return f"<think>{thought}</think>{content}"
    return content
