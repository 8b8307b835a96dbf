"""REINFORCE++ on TRL: advantages normalised over the whole batch, the KL penalty in the reward of each token, a clipped
ratio.

Hu, Liu, Xu, Shen: REINFORCE++, arXiv 2501.03262 (2025). A completion's reward stands at its last token, and every token
pays for its own distance to the model at the start, so that the return at token t is

    A_t = R - kl * sum over i >= t of (log policy(i) - log reference(i))

and A is normalised by mean and standard deviation over all tokens of the batch, where GRPO takes those of the group of
one prompt. In a game of two sides each side has a mean and a deviation of its own: their rewards have opposite signs,
and one mean for both would praise whatever the side that is ahead does (the role-conditioned advantages of SPIRAL, Liu
et al. 2025).

TRL 1.16 has no trainer of that name. Of its own, `RLOOTrainer` (`trl/trainer/rloo_trainer.py`) puts the KL into the
reward, but of a whole sequence, and clips the ratio of sequences; `GRPOTrainer` (`trl/trainer/grpo_trainer.py`) clips
by token, takes advantages of shape (rows, tokens) "to support subclasses" (`_compute_loss`), masks rows by `tool_mask`
and has checkpoints, vLLM and LoRA. So this is a `GRPOTrainer` with three methods put differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from trl import GRPOTrainer

from .game import SEATS, Game, Round

EPSILON = 1e-4
"""Added to a standard deviation, as TRL does."""


def token_returns(rewards: torch.Tensor, distance: torch.Tensor, mask: torch.Tensor, kl: float) -> torch.Tensor:
    """The return at each token.

    Args:
        rewards: of each row, (rows,).
        distance: log policy minus log reference of each token, (rows, tokens).
        mask: 1 where a token was written by the policy and counts, (rows, tokens).
    """
    still_to_pay = (distance * mask).flip(1).cumsum(1).flip(1)
    return (rewards.unsqueeze(1) - kl * still_to_pay) * mask


def normalised(
    returns: torch.Tensor,
    mask: torch.Tensor,
    sides: torch.Tensor,
    total: Callable[[torch.Tensor], torch.Tensor] = lambda sums: sums,
) -> torch.Tensor:
    """Advantages: returns less the mean of their side, over its deviation; 0 where the mask is.

    Args:
        sides: the side of each row, as a number from 0 on, (rows,).
        total: adds up sums over the processes of a run.
    """
    found = torch.zeros_like(returns)
    for side in range(len(set(SEATS))):
        own = mask * (sides == side).unsqueeze(1)
        values = returns.double() * own
        count, added, squared = total(torch.stack([own.double().sum(), values.sum(), (values**2).sum()]))
        mean = added / count.clamp(min=1.0)
        deviation = (squared / count.clamp(min=1.0) - mean**2).clamp(min=0.0).sqrt()
        found += ((returns - mean) / (deviation + EPSILON) * own).to(returns.dtype)
    return found


class ReinforceTrainer(GRPOTrainer):  # type: ignore[misc]
    """Trains both sides of a game in one model. Rows of the dataset hold a `note` and the Injector's `prompt`.

    TRL repeats each row as often as there are seats at a note; the Injector writes for the first of them, and the
    Assessor for the others once it is known what was planted.
    """

    beta: float

    def __init__(self, game: Game, on_round: Callable[[Round], None], **options: Any) -> None:
        """
        Args:
            game: rules on injections, and says what every row earns.
            on_round: is told of each round once it is settled.
            options: those of `GRPOTrainer`, whose `num_generations` is that of the seats.
        """
        super().__init__(reward_funcs=[self._earned], **options)
        self._game = game
        self._on_round = on_round
        self._notes: list[str] = []
        self.round: Round | None = None
        """The last one."""
        self.kl = 0.0
        """Mean over the tokens of the last round."""

    def _earned(self, completions: Sequence[Any], **_: Any) -> list[float]:
        assert self.round is not None and len(self.round.rewards) == len(completions)
        return self.round.rewards

    def _generate(self, prompts: list[Any]) -> tuple[Any, ...]:
        """Two turns in place of one: the Assessor is asked about what the Injector wrote."""
        each = len(SEATS)
        planted = super()._generate(prompts[::each])
        questions = self._game.plant(self._notes[::each], planted[3])
        answered = super()._generate(questions)
        self.round = self._game.settle(answered[3])
        self._on_round(self.round)
        ids, completion_ids, completions, logprobs = (_seated(planted[part], answered[part]) for part in (0, 1, 3, 4))
        # TRL leaves out of loss and counts what its mask of tools does; so a row that was not played.
        mask = [[int(played)] * len(row) for row, played in zip(completion_ids, self.round.played, strict=True)]
        return ids, completion_ids, mask, completions, logprobs, *planted[5:]

    def _generate_single_turn(
        self, prompt_ids: Any, images: Any, multimodal_fields: Any, num_generations: int, **more: Any
    ) -> Any:
        # No prompt of a turn stands there twice.
        return super()._generate_single_turn(prompt_ids, images, multimodal_fields, 1, **more)

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self._notes = [row["note"] for row in inputs]
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        assert self.round is not None
        mask = (output["completion_mask"] * output["tool_mask"]).float()
        rewards = torch.tensor(self.round.rewards, device=mask.device)
        sides = torch.tensor([int(role != SEATS[0]) for role in self.round.roles], device=mask.device)
        distance = self._distance(output) if self.beta else torch.zeros_like(mask)
        paid, count = self._total(torch.stack([(distance * mask).sum(), mask.sum()]))
        self.kl = (paid / count.clamp(min=1.0)).item()
        returns = token_returns(rewards, distance, mask, self.beta)
        output["advantages"] = normalised(returns, mask, sides, self._total)
        return output

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        # The KL penalty stands in the advantages; GRPO would add it to the loss a second time.
        beta, self.beta = self.beta, 0.0
        try:
            return super()._compute_loss(model, inputs)
        finally:
            self.beta = beta

    def _distance(self, output: dict[str, Any]) -> torch.Tensor:
        """Log policy minus log reference of each token, as it was written."""
        policy = output.get("old_per_token_logps")
        if policy is None:
            # TRL spares them where completions are trained on once.
            both = torch.cat([output["prompt_ids"], output["completion_ids"]], dim=1)
            seen = torch.cat([output["prompt_mask"], output["completion_mask"]], dim=1)
            tokens = output["completion_ids"].size(1)
            with torch.no_grad():
                policy, _, _ = self._get_per_token_logps_and_entropies(
                    self.model, both, seen, tokens, batch_size=self.args.per_device_train_batch_size
                )
        distance: torch.Tensor = policy - output["ref_per_token_logps"]
        return distance

    def _total(self, sums: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = self.accelerator.reduce(sums, reduction="sum")
        return added


def _seated(planted: Any, answered: Any) -> Any:
    """What both turns gave, in the order of the rows; None where a turn gives none."""
    if planted is None or answered is None:
        return None
    each = len(SEATS) - 1
    return [one for place, first in enumerate(planted) for one in (first, *answered[each * place : each * (place + 1)])]
