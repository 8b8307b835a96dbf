"""What a MedQuAD question is about: a disease, a drug, or something else.

The column `category` says so for one source in nine; its values are written in lower case. Where it says nothing, the
first of these that tells decides:

| rule | category |
|---|---|
| UMLS semantic group `Disorders`; `Chemicals & Drugs`; any other | `disease`; `drug`; `other` |
| source: MedlinePlus Drugs, MedlinePlus Herbs and Supplements | `drug` |
| question type that is asked of a disease; of a drug (`ASKED_OF`) | `disease`; `drug` |
| none of these | `other` |

It is a heuristic: a disorder's group is given to "Fractures" and to "Bullying" alike.
"""

from __future__ import annotations

from .medquad import Row

GROUPS = {"disorders": "disease", "chemicals & drugs": "drug"}
SOURCES = {"MPlusDrugs": "drug", "MPlusHerbsSupplements": "drug"}

ASKED_OF: dict[str, frozenset[str]] = {
    "disease": frozenset(
        (
            "symptoms", "treatment", "inheritance", "frequency", "genetic changes", "causes", "exams and tests",
            "outlook", "susceptibility", "stages", "complications", "prevention", "support groups", "research",
        )
    ),
    "drug": frozenset(
        (
            "dose", "dosage", "usage", "side effects", "severe reaction", "brand names",
            "brand names of combination products", "forget a dose", "storage and disposal", "precautions", "dietary",
            "dietary instructions", "contraindication", "emergency or overdose", "interactions with medications",
            "interactions with foods", "interactions with herbs and supplements", "how does it work",
            "how effective is it", "why get vaccinated", "indication", "how can i learn more", "overdose",
            "other information",
        )
    ),
}  # fmt: skip


def category_of(row: Row) -> tuple[str, str]:
    """The category of a row, and what told it: `column`, `semantic group`, `source`, `question type` or `nothing`."""
    if row.category:
        return row.category, "column"
    if row.semantic_group:
        return GROUPS.get(row.semantic_group.lower(), "other"), "semantic group"
    if row.source in SOURCES:
        return SOURCES[row.source], "source"
    for category, types in ASKED_OF.items():
        if row.type in types:
            return category, "question type"
    return "other", "nothing"
