"""Wordings of the eval split."""

from __future__ import annotations

NOUNS: dict[str, tuple[str, ...]] = {
    "who": ("the {sex} in room {number}",),
    "lesions": (
        "the FLAIR-positive area",
        "the contrast-enhancing focus",
        "the cystic component",
        "the satellite deposit",
        "the necrotic centre",
    ),
    "starts": (
        "diagnostic imaging",
        "tissue sampling",
        "the last radiation fraction",
        "first contact with oncology",
    ),
    "ends": (
        "radiological progression",
        "ventriculoperitoneal shunting",
        "the first fraction of repeat irradiation",
        "transfer to palliative care",
        "swallowing study by video",
        "gastric tube placement",
        "port implantation",
    ),
}
"""What children, parts of a tumour, and events from which and to which days are counted are called."""

PATTERNS: dict[str, tuple[str, ...]] = {
    "opening": (
        "Subject of this file: {who}, age {age}, diffuse midline glioma, site {place}.",
        "Presented here is the case of {who}, {age} years of age; a diffuse midline glioma occupies the {place}.",
    ),
    "source": ("Entry by consultant {which}: {text}", "Statement {which}, ward copy: {text}"),
    "steroid.s": (
        "Charted dexamethasone, {who}, {date}: {value}.",
        "{value} of dexamethasone is charted for {who} for {date}.",
    ),
    "steroid.q": ("Dexamethasone as charted for {who} for {date} amounts to what?",),
    "weight.s": ("Body weight of {who}, taken {date}: {value}.", "{date} saw a body weight of {value} in {who}."),
    "weight.q": ("State the body weight on file, {who}, {date}.",),
    "palsy.s": ("Examination of {who}, {date}: seventh nerve palsy, {value}.",),
    "palsy.q": ("Is the seventh nerve palsy of {who} at the examination of {date} left or right?",),
    "squint.s": ("Sixth nerve palsy with convergent strabismus in {who}, {date}: {value}.",),
    "squint.q": ("Sixth nerve palsy in {who}, {date}: left or right?",),
    "nausea.s": (
        "Antiemetic handed to {who}, {date}: {value}.",
        "{date}: {value} was the antiemetic chosen for {who}.",
    ),
    "nausea.q": ("Name the antiemetic of {who} for {date}.",),
    "variant.s": ("Molecular result, {who}: ACVR1 {value}.", "ACVR1 {value} is what the panel reports for {who}."),
    "variant.q": ("What does the panel report for ACVR1 in {who}?",),
    "biopsy.s": (
        "Date of stereotactic sampling, {who}: {value}.",
        "{value} is the day on which tissue was sampled in {who}.",
    ),
    "biopsy.q": ("Give the day of tissue sampling in {who}.",),
    "given.s": ("Radiotherapy actually administered, {who}: {value}.",),
    "given.q": ("How large a radiotherapy dose was actually administered in the case of {who}?",),
    "planned.s": ("Radiotherapy as ordered at the outset, {who}: {value}.",),
    "planned.q": ("How large a radiotherapy dose was ordered at the outset in the case of {who}?",),
    "surface.order": (
        "Per administration, the departmental sheet sets {drug} to {rate} mg/m².",
        "{rate} mg/m² per administration: that is how the departmental sheet has {drug}.",
    ),
    "surface.measured": (
        "Height {height} cm and weight {weight} kg give {who} {surface} m² by the formula, entered {date}.",
        "Body surface area, {who}, entered {date}: {surface} m².",
    ),
    "surface.rounding": ("Amounts go out from the pharmacy in whole multiples of {step} mg, whichever is nearest.",),
    "surface.q": (
        "Work out the amount of {drug} per administration in mg for {who}, applying the pharmacy's rounding.",
    ),
    "cumulative.limit": ("Ceiling for {drug} over the entire course: {limit} mg.",),
    "cumulative.given": ("Administrations of {drug} to {who} as of {date}: {count}, at {amount} mg apiece.",),
    "cumulative.rest": ("Given its ceiling, how much {drug} in mg remains open to {who} as of {date}?",),
    "cumulative.total": ("Sum the {drug} administered to {who} as of {date}, in mg.",),
    "interval.start": ("Entered for {who} as {event}: {date}.", "{date} is {event} in the timeline of {who}."),
    "interval.end": ("Timeline of {who}, {event}: {date}.", "{date} is entered for {event} in {who}."),
    "interval.q": ("Count the days from {first} to {event} for {who}.",),
    "eligibility.least": ("Entry to trial {study} requires: age {low} to {high}; {name}, minimum {limit}.",),
    "eligibility.most": ("Entry to trial {study} requires: age {low} to {high}; {name}, maximum {limit}.",),
    "eligibility.age": ("Age of {who} at screening: {age}.",),
    "eligibility.value": ("Screening of {who}, {date}, {name}: {value}.",),
    "eligibility.q": ("Does {who} fulfil the entry requirements of trial {study}?",),
    "eligibility.besides": ("Trial {study}, further requirement: {name} {bound} {limit}.",),
    "safety.least": ("Safety standard of the department: no {act} with {name} under {limit}.",),
    "safety.most": ("Safety standard of the department: no {act} with {name} over {limit}.",),
    "safety.value": ("Observation chart, {who}, {date}: {name} {value}.",),
    "safety.q": ("Applying the safety standard, is {act} permitted for {who} on {date}?",),
    "change.before": ("Baseline of {who}, {date}, {lesion}: {a} x {b} mm.",),
    "change.after": ("Follow-up of {who}, {date}, {lesion}: {a} x {b} mm.",),
    "change.q": (
        "Taking diameter times diameter for {lesion} of {who}, what was the percentage change, rounded to an integer, "
        "over the period {before} to {after}?",
    ),
    "superseded.one": ("MRI {date}, {who}, first report (Dr K): {lesion}, {size} mm.",),
    "superseded.two": ("MRI {date}, {who}, second report (Dr V): {lesion}, {size} mm.",),
    "superseded.new": (
        "Correction issued {date} and signed by Dr K and Dr V: size of {lesion}, {who}, is to be read as {size} mm.",
    ),
    "superseded.settled": (
        "Correction issued {date} and signed by Dr K and Dr V: concerning {lesion}, {who}, go by the {reader} report.",
    ),
    "superseded.q": ("Corrections included, what size in mm does the MRI of {date} assign to {lesion} of {who}?",),
}
