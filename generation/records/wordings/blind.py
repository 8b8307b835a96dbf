"""Wordings of the blind split."""

from __future__ import annotations

NOUNS: dict[str, tuple[str, ...]] = {
    "who": ("the {sex} in box {number}",),
    "lesions": (
        "the bulk of the mass",
        "the bright rim",
        "the fluid pocket",
        "the outgrowth towards the ear",
        "the spot beside the aqueduct",
    ),
    "starts": (
        "the scan that led to the diagnosis",
        "surgery for a sample",
        "the closing session of radiation",
        "the intake interview",
    ),
    "ends": (
        "renewed growth on imaging",
        "the drain operation",
        "a second course of radiation",
        "the hearing test",
        "the hospice intake",
        "the feeding tube",
        "a family conference",
    ),
}
"""What children, parts of a tumour, and events from which and to which days are counted are called."""

PATTERNS: dict[str, tuple[str, ...]] = {
    "opening": (
        "{who} ({age} years) lives with a pontine-type diffuse midline glioma, extent on imaging: {place}.",
        "A diffuse midline glioma, {place}, brought {who} to us at the age of {age}.",
    ),
    "source": ("Resident {which}: {text}", "Carbon copy, sheet {which}: {text}"),
    "steroid.s": ("As for {who}, the steroid plan of {date} puts dexamethasone at {value}.",),
    "steroid.q": ("At what does the steroid plan of {date} put the dexamethasone of {who}?",),
    "weight.s": ("{who} came in at {value} when put on the balance, {date}.",),
    "weight.q": ("With what weight did {who} come in, {date}?",),
    "palsy.s": ("Lower and upper face drooped {value} in {who} at the visit dated {date}.",),
    "palsy.q": ("To which side did the face droop in {who} at the visit dated {date}?",),
    "squint.s": ("Abduction failed {value} in {who} as tested at the orthoptist's, {date}.",),
    "squint.q": ("Where did abduction fail in {who} at the orthoptist's, {date}?",),
    "nausea.s": ("To settle the stomach of {who}, {value} was picked, {date}.",),
    "nausea.q": ("To settle the stomach of {who}, what was picked, {date}?",),
    "variant.s": ("Genetics got back to us about {who} with {value} in ACVR1.",),
    "variant.q": ("With which change in ACVR1 did genetics get back about {who}?",),
    "biopsy.s": ("Neurosurgery sampled the pons of {who}; day of operation, {value}.",),
    "biopsy.q": ("Which day did neurosurgery operate to sample the pons of {who}?",),
    "given.s": ("By the machine's own log, {who} ended up with {value}.",),
    "given.q": ("With which dose did {who} end up by the machine's own log?",),
    "planned.s": ("Before the first session, {value} had been set down for {who}.",),
    "planned.q": ("Which dose had been set down for {who} before the first session?",),
    "surface.order": ("For {drug} our house rule reads {rate} mg for each square metre, per cycle day.",),
    "surface.measured": (
        "{who} stands {height} cm, weighs {weight} kg and so has {surface} m² of body surface ({date}).",
        "Square metres reckoned for {who}, {date}: {surface}.",
    ),
    "surface.rounding": ("House rule on rounding: up or down to the closest {step} mg.",),
    "surface.q": ("Following the house rules, which {drug} dose in mg falls to {who} per cycle day?",),
    "cumulative.limit": ("Once {limit} mg of {drug} have been reached, treatment with it ends for good.",),
    "cumulative.given": ("{who} has had {drug} {count} times, each time {amount} mg, counted through {date}.",),
    "cumulative.rest": ("Counted through {date}, what room in mg is there for further {drug} in {who}?",),
    "cumulative.total": ("Counted through {date}, to how many mg does the {drug} of {who} add up?",),
    "interval.start": ("Our calendar notes {event} for {who} against {date}.",),
    "interval.end": ("Against {date} the calendar has {event} for {who}.",),
    "interval.q": ("What is the gap in days, for {who}, from {first} until {event}?",),
    "eligibility.least": ("Protocol {study} asks for {low} to {high} years and, for {name}, no less than {limit}.",),
    "eligibility.most": ("Protocol {study} asks for {low} to {high} years and, for {name}, no more than {limit}.",),
    "eligibility.age": ("In years, {who} counts {age}.",),
    "eligibility.value": ("Laboratory slip of {date} for {who}: {name} {value}.",),
    "eligibility.q": ("Would protocol {study} admit {who}?",),
    "eligibility.besides": ("Protocol {study} wants, on top of that, {name} {bound} {limit}.",),
    "safety.least": ("Caution sheet, {act}: hold it back once the {name} falls below {limit}.",),
    "safety.most": ("Caution sheet, {act}: hold it back once the {name} rises above {limit}.",),
    "safety.value": ("Charted by us for {who}, {date}: {name}, {value}.",),
    "safety.q": ("Would the caution sheet let {who} have {act}, {date}?",),
    "change.before": ("Looking at {lesion} of {who}, {date} gave us {a} mm across and {b} mm down.",),
    "change.after": ("Looking once more at {lesion} of {who}, {date} gave {a} mm across and {b} mm down.",),
    "change.q": (
        "From across times down at {before} to across times down at {after}: how much, in whole per cent, did {lesion} "
        "of {who} grow or shrink?",
    ),
    "superseded.one": ("Sheet one on the images of {date}, {who}: we put {lesion} at {size} mm.",),
    "superseded.two": ("Sheet two on the images of {date}, {who}: we put {lesion} at {size} mm.",),
    "superseded.new": (
        "Postscript to both sheets, {date}: after review, put {lesion} of {who} at {size} mm and strike out the rest.",
    ),
    "superseded.settled": (
        "Postscript to both sheets, {date}: after review of {lesion} of {who}, keep the {reader} sheet and strike out "
        "its rival.",
    ),
    "superseded.q": ("Postscripts taken into account, at how many mm do the images of {date} put {lesion} of {who}?",),
}
