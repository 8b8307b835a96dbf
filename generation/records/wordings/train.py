"""Wordings of the train split."""

from __future__ import annotations

NOUNS: dict[str, tuple[str, ...]] = {
    "who": ("the {sex} in bed {number}",),
    "lesions": (
        "the T2-bright part of the tumour",
        "the enhancing part of the tumour",
        "the cyst in the tumour",
        "the nodule in the cerebellar peduncle",
        "the exophytic part of the tumour",
    ),
    "starts": (
        "the first MRI",
        "the stereotactic biopsy",
        "the end of radiotherapy",
        "the referral to oncology",
    ),
    "ends": (
        "the progression on MRI",
        "the insertion of the shunt",
        "the start of re-irradiation",
        "the second opinion",
        "the swallowing assessment",
        "the change to comfort care",
        "the placement of the gastrostomy",
    ),
}
"""What children, parts of a tumour, and events from which and to which days are counted are called."""

PATTERNS: dict[str, tuple[str, ...]] = {
    "opening": (
        "This note is about {who}, {age} years old, with a diffuse midline glioma of the {place}.",
        "We report on {who}, aged {age} years, in whom a diffuse intrinsic glioma of the {place} was diagnosed.",
    ),
    "source": ("Registrar {which} wrote: {text}", "Put down by registrar {which}: {text}"),
    "steroid.s": (
        "On {date} {who} was taking dexamethasone at {value}.",
        "Dexamethasone for {who} stood at {value} on {date}.",
    ),
    "steroid.q": (
        "What dose of dexamethasone was {who} taking on {date}?",
        "How much dexamethasone did {who} get on {date}?",
    ),
    "weight.s": ("On {date} {who} weighed {value}.", "The scales showed {value} for {who} on {date}."),
    "weight.q": ("How much did {who} weigh on {date}?", "What was the weight of {who} on {date}?"),
    "palsy.s": (
        "When seen on {date}, {who} had a facial weakness on the {value}.",
        "The face of {who} was weak on the {value} side on {date}.",
    ),
    "palsy.q": (
        "On which side was the face of {who} weak on {date}?",
        "Which side of the face was affected in {who} on {date}?",
    ),
    "squint.s": (
        "An inward squint of the {value} eye was found in {who} on {date}.",
        "On {date} the {value} eye of {who} turned inwards.",
    ),
    "squint.q": ("Which eye of {who} squinted on {date}?", "Which eye of {who} was turned inwards on {date}?"),
    "nausea.s": (
        "For nausea {who} was given {value} on {date}.",
        "Nausea on {date} was treated with {value} in {who}.",
    ),
    "nausea.q": (
        "Which drug was {who} given for nausea on {date}?",
        "What did {who} receive against nausea on {date}?",
    ),
    "variant.s": (
        "Sequencing of the tumour of {who} found the ACVR1 variant {value}.",
        "In the tumour tissue of {who} the laboratory read ACVR1 {value}.",
    ),
    "variant.q": (
        "Which ACVR1 variant was found in the tumour of {who}?",
        "What did sequencing of ACVR1 show in the tumour of {who}?",
    ),
    "biopsy.s": ("The biopsy of {who} was done on {value}.", "Surgeons took the biopsy from {who} on {value}."),
    "biopsy.q": ("When was the biopsy of {who} done?", "On what date was {who} biopsied?"),
    "given.s": (
        "A total of {value} was delivered to the tumour of {who}.",
        "In all, {who} received {value} of radiotherapy.",
    ),
    "given.q": ("What radiation dose did {who} receive in all?", "Which total dose was delivered to {who}?"),
    "planned.s": (
        "A total of {value} was prescribed for the tumour of {who}.",
        "The radiotherapy plan of {who} provides for {value}.",
    ),
    "planned.q": (
        "What radiation dose was prescribed for {who}?",
        "Which total dose does the plan of {who} provide for?",
    ),
    "surface.order": (
        "The unit's protocol sheet orders {drug} at {rate} mg/m² a dose.",
        "According to the protocol sheet of the unit, one dose of {drug} is {rate} mg/m².",
    ),
    "surface.measured": (
        "On {date} {who} was {height} cm tall and weighed {weight} kg, which the formula turned into a body surface of "
        "{surface} m².",
        "The body surface of {who} was {surface} m² on {date}.",
    ),
    "surface.rounding": (
        "Every dose is rounded to the nearest {step} mg.",
        "Doses on this unit are given to the nearest {step} mg.",
    ),
    "surface.q": (
        "How many milligrams of {drug} make one dose for {who}, rounded as the record says?",
        "By the protocol sheet and its rounding, what is one dose of {drug} for {who}?",
    ),
    "cumulative.limit": (
        "No child on this plan gets more than {limit} mg of {drug} in all.",
        "The plan caps {drug} at a total of {limit} mg.",
    ),
    "cumulative.given": (
        "Up to {date} {who} had received {count} doses of {drug}, {amount} mg each.",
        "By {date}, {count} doses of {amount} mg of {drug} had gone into {who}.",
    ),
    "cumulative.rest": (
        "How many milligrams of {drug} may {who} still get after {date} under the limit?",
        "What amount of {drug} is left to {who} under the cap after {date}?",
    ),
    "cumulative.total": (
        "How many milligrams of {drug} had {who} received in all by {date}?",
        "What was the total of {drug} given to {who} up to {date}?",
    ),
    "interval.start": ("In the case of {who}, {event} took place on {date}.", "{event} of {who} is dated {date}."),
    "interval.end": (
        "In the further course of {who}, {event} followed on {date}.",
        "Later came {event} of {who}, on {date}.",
    ),
    "interval.q": (
        "How many days lie between {first} and {event} of {who}?",
        "How many days after {first} did {event} of {who} follow?",
    ),
    "eligibility.least": (
        "Study {study} takes children from {low} to {high} years of age whose {name} is {limit} or more.",
    ),
    "eligibility.most": (
        "Study {study} takes children from {low} to {high} years of age whose {name} is {limit} or less.",
    ),
    "eligibility.age": ("At the last birthday {who} turned {age} years.", "{who} is {age} years old."),
    "eligibility.value": (
        "On {date} the {name} of {who} was {value}.",
        "The {name} of {who} came back as {value} on {date}.",
    ),
    "eligibility.q": (
        "Is {who} eligible for study {study}?",
        "Going by the criteria in the record, can {who} enter study {study}?",
    ),
    "eligibility.besides": ("Study {study} also asks that the {name} be {bound} {limit}.",),
    "safety.least": ("House rule for safety: {act} is withheld while the {name} is below {limit}.",),
    "safety.most": ("House rule for safety: {act} is withheld while the {name} is above {limit}.",),
    "safety.value": (
        "On {date} the {name} of {who} was measured at {value}.",
        "The {name} measured in {who} on {date} was {value}.",
    ),
    "safety.q": (
        "Does the house rule for safety allow {act} for {who} on {date}?",
        "By the house rule for safety, may {act} go ahead for {who} on {date}?",
    ),
    "change.before": (
        "On {date} {lesion} measured {a} mm by {b} mm in {who}.",
        "The scan of {who} on {date} showed {lesion} with diameters of {a} mm and {b} mm.",
    ),
    "change.after": (
        "By {date} {lesion} had come to {a} mm by {b} mm in {who}.",
        "Scanned again on {date}, {who} had {lesion} at {a} mm and {b} mm.",
    ),
    "change.q": (
        "By how many per cent did the product of the two diameters of {lesion} change in {who} between {before} and "
        "{after}, to the nearest whole number?",
        "Multiply the two diameters of {lesion} of {who}: what is the change in per cent from {before} to {after}, "
        "as a whole number?",
    ),
    "superseded.one": (
        "The first reader of the scan of {who} of {date} makes {lesion} {size} mm wide.",
        "In the scan of {date} of {who}, the first reader measured {lesion} at {size} mm.",
    ),
    "superseded.two": (
        "The second reader of the scan of {who} of {date} makes {lesion} {size} mm wide.",
        "In the scan of {date} of {who}, the second reader measured {lesion} at {size} mm.",
    ),
    "superseded.new": (
        "Addendum of {date}: measured afresh by both readers, {lesion} of {who} is {size} mm, which replaces what they "
        "wrote before.",
    ),
    "superseded.settled": (
        "Addendum of {date}: for {lesion} of {who} both now agree that the figure of the {reader} reader holds.",
    ),
    "superseded.q": (
        "How wide is {lesion} of {who} on the scan of {date}, as the record now stands?",
        "Which size of {lesion} of {who} is valid for the scan of {date}?",
    ),
}
