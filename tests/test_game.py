"""What each side of self-play earns, by the real filter and the real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dipg_safety_gym.client.errors import ServerUnavailable
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.error_answer import render_error_answer
from dipg_safety_gym.core.injection import Injection, note_task, render_injection
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import PlantedError
from dipg_safety_gym.generation.change_filter import rule_on
from dipg_safety_gym.training.game import BELOW_ALL, SEATS, Game, Round
from dipg_safety_gym.training.reward_function import EnvironmentReward
from dipg_safety_gym.training.tiny_notes import (
    ILLNESSES,
    PLACES,
    QUESTION,
    TinyNote,
    compose_tiny_chats,
    compose_tiny_notes,
)

NOTES = compose_tiny_notes(3, 4)
CLEAR = render_response(think="", proof="", answer="CORRECT")


@pytest.fixture
def reward(live_server: str) -> Iterator[EnvironmentReward]:
    made = EnvironmentReward(live_server, risk_threshold=0.5)
    with made.client:
        yield made


def planted(note: TinyNote) -> str:
    return render_injection(Injection(note.sentence, note.changed))


def found(note: TinyNote, correction: str = "") -> str:
    error = PlantedError(sentence=note.changed, correction=correction or note.sentence)
    answer = render_error_answer(note_task("t", note.injected, error).gold.verdict)
    return render_response(think="", proof=note.changed, answer=answer)


def played(reward: EnvironmentReward) -> Round:
    """The first note's error is found, the last one's missed with a false alarm; the others were refused."""
    game = Game(rule_on, reward, QUESTION)
    second, third = NOTES[1], NOTES[2]
    written = [
        planted(NOTES[0]),
        render_injection(Injection(second.sentence, second.sentence.upper())),
        f"{third.sentence} {third.changed}",
        planted(NOTES[3]),
    ]
    asked = game.plant([note.text for note in NOTES], written)
    assert [message[1]["content"].count(QUESTION) for message in asked] == [1] * 8
    assert NOTES[0].injected in asked[0][1]["content"] and NOTES[0].text in asked[1][1]["content"]
    # Of a refused injection the note as it was is asked about, and counts for nothing.
    assert all(NOTES[1].text in message[1]["content"] for message in asked[2:4])
    alarm = render_response(
        think="", proof=NOTES[3].sentence, answer=f"INCORRECT\nSentence: {NOTES[3].sentence}\nCorrection: x"
    )
    return game.settle([found(NOTES[0]), CLEAR, CLEAR, CLEAR, CLEAR, CLEAR, CLEAR, alarm])


def test_rewards_of_both_sides_sum_to_zero_over_what_was_accepted(reward: EnvironmentReward) -> None:
    round_ = played(reward)
    assert round_.rewards == pytest.approx([-1, 1, 1, -1.3, 0, 0, -1.3, 0, 0, 1, -1, -1])
    assert round_.played == [True, True, True, True, False, False, True, False, False, True, True, True]
    assert round_.roles == list(SEATS) * 4
    for place, ruling in enumerate(round_.rulings):
        injector, finder, _ = round_.rewards[3 * place : 3 * place + 3]
        if ruling.refusal is None:
            assert injector + finder == 0.0
        else:
            assert injector < -1.0 and finder == 0.0


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.75])
def test_being_refused_is_worse_than_being_found_at_every_threshold(
    reward: EnvironmentReward, threshold: float
) -> None:
    reward.risk_threshold = threshold
    round_ = played(reward)
    earned = list(zip(round_.rewards[::3], round_.rulings, strict=True))
    assert max(reward for reward, ruling in earned if ruling.refusal) <= BELOW_ALL
    assert min(reward for reward, ruling in earned if not ruling.refusal) >= -1.0 > BELOW_ALL


def test_the_log_holds_counts_and_reasons_and_no_text(reward: EnvironmentReward) -> None:
    row = played(reward).row(7, 0.25)
    assert (row.step, row.notes, row.accepted, row.accept_rate, row.kl) == (7, 4, 2, 0.5, 0.25)
    assert row.refusals == {"typography alone": 1, "not the form": 1}
    assert (row.detection_rate, row.correction_rate, row.false_alarms) == (0.5, 0.5, 0.5)
    assert row.injector_reward == pytest.approx(-0.65) and row.assessor_reward == 0.0
    assert row.assessor and row.assessor.n == 4 and len(row.hashes) == 2 and row.environment_s > 0
    written = row.model_dump_json()
    for note in NOTES:
        assert note.sentence not in written and note.changed not in written


def test_a_round_in_which_nothing_is_accepted(reward: EnvironmentReward) -> None:
    game = Game(rule_on, reward)
    game.plant([note.text for note in NOTES], ["no form"] * 4)
    round_ = game.settle([CLEAR] * 8)
    assert round_.scores == [] and round_.rewards == pytest.approx([-1.3, 0, 0] * 4)
    row = round_.row(1, 0.0)
    assert row.accept_rate == 0.0 and row.detection_rate is None and row.assessor is None


def test_a_server_that_is_away_is_no_reward() -> None:
    with DIPGClient("http://127.0.0.1:9", retries=0) as nowhere:
        game = Game(rule_on, EnvironmentReward(client=nowhere, patience_s=0))
        game.plant([NOTES[0].text], [planted(NOTES[0])])
        with pytest.raises(ServerUnavailable):
            game.settle([CLEAR, CLEAR])


def test_every_change_of_a_tiny_note_is_accepted_and_can_be_told() -> None:
    notes = compose_tiny_notes(1, 300)
    assert all(rule_on(note.text, Injection(note.sentence, note.changed)).refusal is None for note in notes)
    assert notes == compose_tiny_notes(1, 300) and notes[:5] != compose_tiny_notes(2, 5)
    assert len({(note.sentence.split()[0], note.changed) for note in notes}) > len(PLACES)
    assert {illness.drug for illness in ILLNESSES} <= {word.strip(".") for note in notes for word in note.text.split()}


def test_worked_examples_of_both_sides_hold_what_earns_most(reward: EnvironmentReward) -> None:
    notes = compose_tiny_notes(0, 30, "start")
    chats = compose_tiny_chats(0, 30)
    game = Game(rule_on, reward, QUESTION)
    for place in range(0, 30, 3):
        chosen = [notes[place]]
        game.plant([note.text for note in chosen], [chats[place].conversations[2].value])
        assert game.settle([CLEAR, CLEAR]).rulings[0].refusal is None
    tasks = [
        note_task(f"t-{place}", note.injected, PlantedError(sentence=note.changed, correction=note.sentence), QUESTION)
        if place % 3 == 1
        else note_task(f"t-{place}", note.text, None, QUESTION)
        for place, note in enumerate(notes)
    ]
    assessed = [place for place in range(30) if place % 3]
    scores = reward.scores_of_tasks(
        [chats[place].conversations[2].value for place in assessed], [tasks[place] for place in assessed]
    )
    assert {score.reward for score in scores} == {1.0}
