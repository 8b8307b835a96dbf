"""How a note on a study is laid out: the words of each split around the sentences of the fact base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .drafts import Split


@dataclass(frozen=True, slots=True)
class NoteWords:
    """The words of a split."""

    headings: tuple[str, ...]
    """Above a note in running text; an empty one is left out."""
    abstract: tuple[str, str]
    """Before what a study is and before what it found, in a structured abstract."""
    excerpts: tuple[str, ...]
    """Above numbered statements, as guidelines have them."""
    silent: tuple[str, ...]
    """Statements that a note does not tell."""
    apart: tuple[str, ...]
    """Statements that a text is about something else."""


WORDS: dict[Split, NoteWords] = {
    "train": NoteWords(
        headings=(
            "Reading note for the journal club of the ward.",
            "From the literature folder of the unit:",
            "Background for the tumour board, first draft.",
            "Abstract sheet, kept with the protocol binder.",
            "Hand-out for new colleagues.",
            "",
        ),
        abstract=("BACKGROUND", "RESULTS"),
        excerpts=(
            "GUIDELINE, WORKING VERSION: statements on the evidence",
            "STANDARD OF THE UNIT, ANNEX: what the literature says",
            "RECOMMENDATIONS, SECTION ON EVIDENCE",
        ),
        silent=("The note does not state this.", "This is not reported in the text.", "The text gives no such value."),
        apart=(
            "The text is about something else and does not answer this.",
            "This cannot be answered from the text, which concerns another matter.",
        ),
    ),
    "eval": NoteWords(
        headings=(
            "Evidence summary, prepared by the trials office.",
            "Literature appendix to the guideline draft:",
            "Notes taken at the teaching session.",
            "Entry in the review table (free-text column).",
            "What was found in the search of May.",
            "",
        ),
        abstract=("Objective", "Findings"),
        excerpts=(
            "Clinical guideline, excerpt, evidence statements",
            "Pathway document, key statements for panel vote",
            "Consensus text, second round, items",
        ),
        silent=("The summary does not tell.", "The record leaves this unstated.", "That is not given in the passage."),
        apart=(
            "The passage has nothing to do with the question and does not answer it.",
            "The passage concerns a different subject; the question cannot be answered from it.",
        ),
    ),
    "blind": NoteWords(
        headings=(
            "Annex to the protocol synopsis.",
            "Extract for the ethics submission:",
            "Slide text, without the pictures.",
            "Working paper of the registry group.",
            "Library request, answered.",
            "",
        ),
        abstract=("What was asked", "What came of it"),
        excerpts=(
            "House guideline under revision: points agreed",
            "Draft advice to the region, items in their order",
            "Manual, chapter on the evidence",
        ),
        silent=("The extract is silent on this.", "Nothing in the text answers this.", "It is not mentioned here."),
        apart=(
            "The text treats of other things, and no answer is to be had from it.",
            "Here something else is described; the question remains unanswered.",
        ),
    ),
}


def note(about: str, sentences: Sequence[str], heading: str) -> str:
    """Running text under a heading."""
    return "\n".join(filter(None, (heading, " ".join((about, *sentences)))))


def abstract(about: str, sentences: Sequence[str], labels: tuple[str, str]) -> str:
    """A structured abstract."""
    return f"{labels[0]}: {about}\n{labels[1]}: {' '.join(sentences)}"


def excerpt(about: str, sentences: Sequence[str], heading: str) -> str:
    """Lettered statements. Letters, as numbers would be read as values."""
    items = [f"({letter}) {text}" for letter, text in zip("abcdefghij", (about, *sentences), strict=False)]
    return "\n".join((heading, *items))
