"""The thought and the proof of a worked example, by construction from what its composer knows.

A thought names what is asked, quotes what tells it, goes the steps to the answer, and ends in it; or names what comes
nearest and why it does not tell, and ends in declining. Nothing is invented: each step comes from the draft.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .drafts import Draft

Pick = Callable[[str, Sequence[str]], str]
"""Chooses one of several, by a name that keeps the choices apart."""

_ASKED = (
    "I look for {what}.",
    "The answer hangs on {what}.",
    "What the text has to tell is {what}.",
    "Needed here: {what}.",
)
_ASKED_PLAIN = (
    "I look for the sentence that answers the question.",
    "I go through the text for what is asked, and for nothing else.",
    "The question wants one statement of the text.",
)
_TOLD = (
    'The text says: "{said}".',
    'I find: "{said}".',
    'This is told by the sentence "{said}".',
)
_TOLD_MORE = (
    "It takes more than one sentence: {said}.",
    "I need these together: {said}.",
    "Several places belong together here: {said}.",
)
_SO = (
    "So the answer is: {answer}.",
    "Hence I answer: {answer}.",
    "That gives the answer, {answer}.",
)
_NEAREST = (
    'What comes nearest is "{near}". It is not what is asked for.',
    'The sentence "{near}" looks like it, but it tells of something else.',
    'I find "{near}" in its place, which does not answer the question.',
)
_NO_MORE = (
    "I have read the rest and no other sentence tells it, so I decline and do not guess.",
    "Nothing else in the text tells it. A guess could harm; I say that the text does not tell.",
    "No other place gives it, and I must not fill the gap from what I know; so I decline.",
)
_APART = (
    "The text is about something else altogether, so it cannot answer this; I decline.",
    "Nothing in the text concerns what is asked. I decline instead of answering from memory.",
)
_ONE_SIDE = (
    'One source has "{one}", the other "{other}".',
    'Two sources speak of it: "{one}" and "{other}".',
)
_NO_JUDGE = (
    "They cannot both be right and nothing decides between them, so I report that they contradict one another.",
    "The text gives no ground to prefer one, so I report the contradiction and decline to choose.",
)


def think(draft: Draft, pick: Pick) -> str:
    """What leads to the response."""
    asked = pick("asked", _ASKED).format(what=draft.what) if draft.what else pick("asked", _ASKED_PLAIN)
    return " ".join([asked, *(_declining(draft, pick) if draft.gold.abstain else _answering(draft, pick))])


def proof(draft: Draft, pick: Pick) -> tuple[str, ...]:
    """What is quoted: the evidence; when declining, now and then what comes nearest."""
    if not draft.gold.abstain:
        return draft.gold.evidence
    return draft.near if len(draft.near) > 1 or pick("proof", ("near", "none")) == "near" else ()


def answer(draft: Draft) -> str:
    """What is answered: with the reason where the gold is a bare yes or no."""
    gold = draft.gold.answer or ""
    if gold in ("Yes", "No"):
        return max((alias for alias in draft.gold.aliases if alias.startswith(gold)), key=len, default=gold)
    return gold


def _answering(draft: Draft, pick: Pick) -> list[str]:
    evidence = draft.gold.evidence
    if len(evidence) == 1:
        told = pick("told", _TOLD).format(said=_bare(evidence[0]))
    else:
        told = pick("told", _TOLD_MORE).format(said=" and ".join(f'"{_bare(text)}"' for text in evidence))
    so = pick("so", _SO).format(answer=answer(draft).rstrip("."))
    return [told, *draft.steps, so]


def _declining(draft: Draft, pick: Pick) -> list[str]:
    if len(draft.near) > 1:
        one, other = map(_bare, draft.near[:2])
        return [pick("sides", _ONE_SIDE).format(one=one, other=other), pick("judge", _NO_JUDGE)]
    if draft.kind == "anti_knowledge":
        return [pick("apart", _APART)]
    return [*(pick("near", _NEAREST).format(near=_bare(near)) for near in draft.near), pick("more", _NO_MORE)]


def _bare(sentence: str) -> str:
    """Without its full stop, to stand in quotation marks."""
    return sentence.removesuffix(".")
