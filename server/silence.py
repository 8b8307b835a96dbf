"""How English says that a record does not tell: a grammar over the word classes of `lexicon`.

A rule is a row of classes with an example. `A/B` is a word of either class and `,` a comma or bracket; `?` makes it
optional; `>` wants the head of a noun phrase ("no dose", not "no dose reduction"); `!` forbids what follows. `_` is up
to five words that are no auxiliary, negation or person and hold no comma (`_2`: up to two), `=` the same without a
preposition, `~` up to nine words in which nobody says or shows anything, `..` up to sixteen of any sort; `^` begins a
clause and `$` ends it. ASKED is a content word of the question. No rule crosses a full stop, semicolon or colon.

A text is encoded as a string of one letter a word, a letter for each set of classes, and the rules become regular
expressions over that string: short, linear in its length, and blind to every word that is in no class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from .lexicon import CLASSES, IDIOMS

FINDINGS = (
    ("PERSON ADV? ADV? CAN/DO/DID/BE/WAS/HAVE/HAD/MAY NOT/NO !TELL/NAMED", "She does not say much."),
    ("PERSON _2 BE/WAS/MAY UNABLE/ABSTAIN/SILENT", "He was unable to name objects."),
    ("PERSON .. HAD NOT", "She had run out of it and had not taken any."),
    ("PERSON .. WAS UNABLE", "He was unsure and was unable to answer."),
    ("PERSON _2 OMIT/ABSTAIN !IN", "The mother omits a dose."),
    ("PERSON/STUDY/RECORD/THEY ADV? TELL/GIVE/SHOW/ADVISE THAT | ...", "The letter says that no scan is needed."),
    ("^ BECAUSE ... ,", "Because its safety has not been established, it is not recommended."),
    ("^ THAT PERSON/THE ...", "That he does not answer when spoken to."),
    ("NOT ADV? CONFLICT", "The two notes do not conflict."),
    ("^ .. , THE? STUDY ADVISE", "Its role is unclear, the authors conclude."),
    ("ACCORDING IN _2 RECORD", "According to the text, the cause is unknown."),
)
"""What speaks of the patient, or is reported speech, and so says nothing of the record: it is blanked out, or what is
behind `|` of it. `...` goes on to the end of the clause, or to a "but"."""

ALWAYS = (
    # The record is what is silent.
    (
        "RECORD/HISTORY ~ DO/DID/CAN/HAVE/MAY NOT ADV? ADV? !SHOW/ADVISE/ADV/CONFLICT",
        "The record does not state the dose.",
    ),
    ("RECORD/HISTORY ~ NEVER", "The record never states the dose."),
    ("RECORD ~ NOT ADV? SHOW _2 WH/VALUE/INFORMATION/KNOW", "The report does not show whether it grew."),
    ("RECORD ~ DO NOT ADV? SHOW $", "What it grew, the report does not show."),
    ("RECORD ~ NO TELL/GIVE/SHOW", "The note neither confirms nor excludes it."),
    ("STUDY ~ DO/DID/NOT NOT? ADV? TELL", "The authors do not specify the dose."),
    ("STUDY ~ DO/DID NOT ADV? GIVE WH/VALUE/INFORMATION", "The authors do not report how many."),
    ("IT DO/CAN/MAY NOT ADV? GIVE/TELL/HELP", "It does not present a dose."),
    ("NOT DO _3 RECORD/STUDY/IT", "Nowhere does the text tell."),
    ("RECORD/IT ~ GIVE/TELL/HAVE/OMIT/ADVISE US? NOTHING", "The leaflet says nothing about it."),
    ("RECORD/IT ~ GIVE/TELL/HAVE/OMIT ADV? NO =3 INFORMATION/VALUE>/ASKED/US", "The order gives no dose."),
    ("RECORD/IT ~ HOLD NO", "The letter gives no guidance."),
    ("STUDY ~ HOLD NO =3 INFORMATION/VALUE>", "The authors give no figure."),
    ("RECORD ~ NO", "The letter ventures no cause."),
    ("RECORD/STUDY ~ WITHHOLDS", "Which one, the note keeps to itself."),
    ("RECORD ~ BE ADV? SCANT", "The notes are incomplete."),
    ("RECORD ~ BE LEFT", "The reader is left wondering."),
    ("STUDY ~ GIVE/HOLD NOTHING", "The author supplies nothing on it."),
    ("RECORD ~ BEEN? GONE", "The page seems to be missing."),
    ("RECORD/HISTORY ~ OMIT/FAIL", "The sheet lacks the weight."),
    ("RECORD ~ HAVE _2 LOST", "The sheet has a blank there."),
    (
        "RECORD ~ BE/WAS/HAVE BEEN? NOT? ADV? SILENT/UNCLEAR/GONE/OPEN/OFF/ONLY/LOST/HIDDEN",
        "The chart is silent on this.",
    ),
    ("RECORD .. BUT/, ADV? DO/DID/CAN/HAVE NOT ADV? !SHOW/ADVISE/ADV", "The text describes it but does not date it."),
    ("RECORD .. BUT/, NEVER", "The text describes it and never dates it."),
    ("RECORD .. BUT/, ADV? GIVE/TELL/HAVE/OMIT/MEASURE NO/NOTHING", "The letter records it but gives no reason."),
    ("RECORD/STUDY .. BUT/, ADV? OMIT/FAIL/WITHHOLDS", "The report gives the place but leaves out the size."),
    ("RECORD/GIVE/TELL .. BUT/, NOT IN/WH/THE/VALUE/OFF", "The letter names a drug but not the dose."),
    ("RECORD/GIVE/TELL .. WITHOUT _2 TELL/GIVE/SHOW/THE/INFORMATION/VALUE", "The note mentions it without a dose."),
    ("WITHOUT THE? VALUE>", "It is called raised without a value."),
    ("WITHOUT TELL/GIVE", "It is mentioned without naming it."),
    ("RECORD .. GIVE/TELL/BE .. ONLY", "The abstract reports response only."),
    ("RECORD _3 ONLY GIVE/TELL/BE", "The abstract only reports response."),
    ("^ ONLY .. BE/HAVE GIVE/TELL/MEASURE/AVAILABLE", "Only the planned dose is given."),
    ("BE GIVE/TELL .. ONLY $", "It is given for the first scan only."),
    ("BE ALL _3 FIRST/RECORD/IT", "That is all the note says."),
    ("ONLY .. US", "Only the legend was given to me."),
    ("IT TELL/GIVE US? ONLY", "It tells us only that he exists."),
    ("MEASURE/GIVE/TELL .. BUT NOTHING OFF", "They charted his weight and nothing else."),
    ("ONE DO NOT ADV? GIVE/TELL", "The present one does not contain it."),
    ("NO/NOTHING _3 RECORD _3 TELL/GIVE/SHOW/HAVE/KNOW", "Neither report states the side."),
    ("NOTHING/NOT/NO _2 IN _3 RECORD", "Nothing in the record tells."),
    ("NIL _2 TELL/GIVE/KNOW WH/IN/IT/THE/RECORD", "Nothing says which is right."),
    ("NOTHING _2 TELL/GIVE/KNOW WH", "Nobody says which is right."),
    ("NOTHING _2 SHOW WH", "Nothing suggests which is right."),
    ("NOTHING WITHIN _5 TELL/GIVE/SHOW", "Nothing in the plan touches on it."),
    ("NOTHING WITHIN IT", "Nothing in it is about that."),
    ("NIL GIVE/TELL/AVAILABLE", "Details: none provided."),
    ("^ NOTHING IN SHOW IT/WH", "Nothing to indicate that."),
    ("WH .. BE OPEN", "Why remains unexplained."),
    ("NOTHING .. SETTLE", "Nothing I was shown settles it."),
    ("NOTHING _2 BE/HAVE BEEN? TELL/GIVE/AVAILABLE", "None is given."),
    ("^/THERE BE? _1 NIL ADV? ABOUT", "Nothing about allergies."),
    ("NO =3 VALUE IN IT/RECORD/HERE", "No endpoint figures in it."),
    ("BUT GIVE NOTHING IN", "She writes about it but says nothing of the floor."),
    ("WITH NO _5 GIVE/TELL/MEASURE $", "It is called avid with no value attached."),
    ("OMIT/FAIL IN TELL/WRITE/SAY", "The nurse forgot to record it."),
    ("BE NOT WITHIN IT $", "It is not in it."),
    ("NO _5 BE _5 IN _3 RECORD", "No dose is to be found in the notes."),
    ("NOTHING WAS TELL/GIVE ABOUT", "Nothing was said about it."),
    ("WH .. BE NOT ADV? SHOW $", "Whether he accepted is not revealed."),
    ("SILENT IN", "The chart, a single page, is silent on this."),
    ("LIE ADV? BEYOND IT", "Your question falls outside it."),
    ("LIE ADV? BEYOND _5 RECORD/VALUE/FIRST/WH", "This lies beyond the scope of the letter."),
    ("OMITS", "It omits the dose."),
    # What is asked is not told.
    ("DO/DID NOT ADV? TELL WH", "The registrar did not specify which."),
    ("BUT/,/THEY DO NOT ADV? TELL/GIVE/SHOW WH", "It names two, and they do not say which."),
    ("BE/WAS/HAVE ADV? NOT ADV? BEEN? ADV? TELL", "The dose is not stated."),
    ("BE/HAVE ADV? NOT ADV? BEEN? ADV? GIVE/AVAILABLE/RECORD", "The dose is not given."),
    ("NOT/NO/UNCLEAR/GONE/WITHHELD _9 IN _3 RECORD", "It was not found in the notes."),
    ("LOST IN .. RECORD/HISTORY", "It is absent from both of the two letters."),
    ("IN _3 RECORD .. NOT ADV? GIVE/TELL/AVAILABLE", "In this report the side is not given."),
    ("BE/WAS NOT _2 RECORD/SOMETHING", "Age is not something it goes into."),
    ("BE/WAS NOT IN _2 VALUE/RECORD/INFORMATION", "It is not among the values listed."),
    ("DO/DID NOT ADV? FEATURE", "The dose does not feature."),
    ("NEVER FEATURE", "The dose never comes up."),
    ("DO NOT ADV? APPEAR ADV? $", "The dose does not appear."),
    ("NOT ADV? APPEAR AMONG", "It does not appear among the markers."),
    ("GIVE NO =2 VALUE> $", "The sample was clotted and gave no value."),
    ("VALUE HAVE BEEN REMOVED", "Her name has been removed."),
    ("^ CAN NOT BEEN ASSESS", "Cannot be assessed."),
    ("SO .. CAN_NOW NOT BEEN ASSESS", "So tolerance cannot be assessed."),
    ("NOT IN HERE/THERE", "The dose is not in here."),
    ("BE/WAS/HAVE NOT ADV? BEEN? WRITTEN", "It was not written down."),
    ("NEVER APPEAR", "A height never appears."),
    ("NOT/NO/NOTHING _5 APPEAR _1 IN _3 RECORD/IT/HISTORY", "Neither dose nor date occurs in it."),
    ("^ JUST_NOT ADV? TELL/GIVE/AVAILABLE", "Not stated."),
    ("^/, _ NOT ADV? TELL/GIVE/AVAILABLE/MEASURE $", "Date not recorded."),
    ("RECORD/VALUE/INFORMATION/HISTORY ~ WAS NOT ADV? MEASURE/GIVE", "Her smoking status was not recorded."),
    ("HAVE YET IN BEEN", "It has yet to be agreed."),
    ("SO NO =3 VALUE>/INFORMATION", "So no figure for the east."),
    ("^ UNCLEAR $/,", "Undetermined, for want of a sample."),
    ("NO =3 VALUE EXIST", "No result exists for that day."),
    ("^/, LEFT GONE/OPEN", "Opening pressure (left blank)."),
    ("BE THE GAP", "Day 3 is a gap."),
    ("IT GIVE .. ONLY", "It contains the description only."),
    ("NO _5 WAS/BE/HAVE BEEN? WRITTEN", "No breakdown by sex was published."),
    ("YET IN BEEN? TELL/GIVE/KNOW/MEASURE/COME", "The dose has yet to be reported."),
    ("UNTOLD", "Unstated."),
    ("HIDDEN", "The name is redacted."),
    ("NO/WITHOUT =2 INFORMATION", "There is no information about it."),
    ("THERE BE/WAS NO =3 VALUE>", "There is no value for that day."),
    ("THERE BE NO TELLING", "There is no telling."),
    ("OMIT NO =3 VALUE/INFORMATION", "That leaves no figure to quote."),
    ("NO =3 VALUE/ASKED _8 BE/HAVE BEEN? ADV? GIVE/TELL/AVAILABLE", "No dose is given."),
    ("NO =3 VALUE GIVE/TELL/AVAILABLE/MEASURE", "No value recorded."),
    ("NO PERSON BE/HAVE BEEN? TELL", "No sister is mentioned."),
    ("NO _5 BE/HAVE BEEN? ADV? TELL", "No investigator is named."),
    ("OMIT _3 UNCLEAR/UNTOLD", "This leaves the dose unknown."),
    ("BEEN _2 ELSEWHERE", "It has to be sought elsewhere."),
    ("HAVE IN BE OPEN", "It has to remain open."),
    ("OFF _1 RECORD", "It must be on another page."),
    ("NEVER IN BEEN", "It is nowhere to be found."),
    ("VALUE/INFORMATION NOT AVAILABLE", "Requested, result not available."),
    ("NO _2 TELL $/,/IN", "There is an allergy, with no drug specified."),
    ("INFORMATION/VALUE> .. BEEN LOST/GONE", "The comment seems to have been lost."),
    ("^/, NO =3 VALUE/INFORMATION $/,", "Dose: no entry."),
    ("INFORMATION/VALUE/HISTORY GONE/LOST $/,/IN", "Information unavailable."),
    ("OMIT THE? INFORMATION/RECORD $/,/IN", "The site escapes mention."),
    ("NOT _1 INFORMATION ABOUT/WITHIN", "Not a word about it."),
    ("RECORD/IT/THEY BE SILENT", "On that it is silent."),
    ("NO =2 VALUE IN WH", "No record of where it came from."),
    ("BE NOT IN BEEN", "It is not to be found."),
    ("VALUE BE OPEN", "The reason is unexplained."),
    ("NOT AMONG", "It was not among the results."),
    ("BE WITHHELD", "Its nature is withheld."),
    ("YOU CAN/MAY NOT KNOW", "You will not find it there."),
    ("VALUE _5 BE/HAVE NOT $/,", "The reason behind it is not."),
    ("NO _5 WAS GIVE/TELL/MEASURE IN _3 RECORD", "No signs were given in the vignette."),
    ("WITH NOTHING", "It is described up to May, with nothing after that."),
    ("WITHOUT _1 WH", "It cites a review without relaying what it found."),
    ("OMIT IT OPEN", "That leaves it unresolved."),
    ("^ _3 PENDING $", "Histology awaited."),
    ("OMIT .. ABSTAIN", "That leaves the interval to guesswork."),
    ("NO =3 RECORD _5 HAVE BEEN", "No report of the film has been uploaded."),
    ("IMPOSSIBLE IN GIVE", "That makes a total impossible to give."),
    ("HAVE NOT ADV? COME", "The result has not come back."),
    ("TOO _1 IN KNOW", "The photograph is too blurred to read."),
    ("VALUE _5 BE LEFT IN", "The reason for it is left to the imagination."),
    ("THERE BE NO .. IN IT $", "There are no cell lines in it."),
    ("FIRST ADV? HAVE ONLY", "I have only been given the title page."),
    ("VALUE .. BE LACKING $", "A figure for it is lacking."),
    ("WAS NOT ENCLOSED", "The diagram would show it, but it was not supplied."),
    ("RECORD ~ ABSTAIN", "The passage refrains from a prognosis."),
    ("IT NEVER GIVE/TELL", "It never names the gene."),
    ("IN _3 RECORD , .. BE UNCLEAR", "From the given text, the route is unclear."),
    ("STUDY ~ DO NOT ADV? GIVE $", "The authors do not say."),
    ("IT BE ALL $", "There is one value and that is all."),
    ("NOT _2 HERE", "There is not one here."),
    ("^ NO _3 ABLE", "No comparison possible."),
    ("BUT .. BE NOT $", "Her scores are here, whereas her advice is not."),
    ("NO _5 HERE", "There is no dose here."),
    ("BE LEFT _1 UNCLEAR/OPEN/GONE", "Which drug is left open."),
    ("RECORD/VALUE ~ WAS LEFT _1 OPEN/GONE", "The box was left empty."),
    ("WH .. BE LEFT IN", "Which nerve is left to the reader."),
    ("QUESTION .. BE OPEN", "The question stays open."),
    ("BE NOT _2 INFORMATION", "There is not a word about it."),
    ("SCANT _2 INFORMATION", "Insufficient information."),
    ("NOT/NO _1 ENOUGH _2 INFORMATION", "There is not enough information."),
    ("IT BE NOT ENOUGH", "That is not enough to give a duration."),
    ("^ NOT ENOUGH", "Not enough to go on."),
    ("NOT ENOUGH HERE? IN KNOW", "There is not enough here to say."),
    ("RECORD ~ NOT ADV? ENOUGH", "The note is not sufficient."),
    ("INFORMATION .. BE/MAY _2 NEED/GONE/SCANT/LOST", "More information is needed."),
    ("VALUE _1 BE GONE/SCANT/LOST", "The dose is missing."),
    ("GONE IN RECORD/IT", "The dose is missing from it."),
    # It cannot be said.
    ("UNABLE IN _1 BEEN? _1 KNOW", "It is impossible to say."),
    ("NOT ABLE IN _1 KNOW", "It is not possible to say."),
    ("^ NOT ABLE", "Not possible to stage."),
    ("YOU ABSTAIN", "Your guess is as good as mine."),
    ("CAN NOT BEEN SURELY GIVE", "It cannot be reliably given."),
    ("CAN NOT ADV? BEEN ADV? KNOW", "The dose cannot be determined."),
    ("NOTHING CAN KNOW", "Nobody could say what it was."),
    ("CAN NO BEEN KNOW/GIVE", "It can neither be confirmed nor excluded."),
    ("NO _5 CAN_NOW BEEN ADV? KNOW/GIVE", "No figure can be given."),
    ("NO =5 VALUE CAN BEEN ADV? KNOW", "No number could be found."),
    ("VALUE/INFORMATION ~ CAN NOT BEEN GIVE", "A single value cannot be given."),
    ("VALUE/INFORMATION NOT SHOW", "Data not shown."),
    ("^ CAN/DO/DID NOT ADV? TELL/GIVE/SHOW/KNOW", "Cannot tell."),
    ("CAN NOT BEEN _2 IN IT $", "It cannot be taken from it."),
    ("CAN NOT BEEN _2 IN _3 RECORD", "It cannot be taken from the notes."),
    ("RECORD/IT/FIRST/ONE ~ CAN NOT ADV? KNOW", "One cannot tell from this."),
    ("NO/NOTHING WAY IN ADV? KNOW", "There is no way to tell."),
    ("IT BE OPEN $", "That is open."),
    ("IT BE ADV? UNCLEAR", "That remains unknown."),
    ("FIRST/US .. NOT/NO/UNABLE/NOTHING/GONE/UNCLEAR", "I looked and found no weight."),
    ("NOT/NO/NOTHING/GONE .. FIRST/US", "It is not in what I was given."),
    ("FIRST/ONE/YOU WOULD ADV? NEED/HAVE", "One would need the other notes."),
    ("RECORD/INFORMATION .. WOULD BEEN? NEED", "The full paper would be needed."),
    ("FIRST .. ABSTAIN", "I must decline."),
    ("SORRY .. NOT/NO/OFF/UNABLE", "Sorry, no dose."),
    ("NOT/NO .. SORRY", "No dose, sorry."),
    ("^ ABSTAIN $", "Abstain."),
    ("FIRST OMIT", "We lack a value."),
    ("MAY/BE ADV? BEEN? _3 ABSTAIN", "It would be a guess."),
    # It is of something else.
    ("RECORD ~ BE NOT ABOUT", "The text is not about this patient."),
    ("QUESTION .. OFF/BUT", "The question asks about another drug."),
)
CONFLICTS = (
    ("RECORD/STUDY ~ CONFLICT", "The two notes contradict each other."),
    ("RECORD ~ BE ADV? CONFLICTING", "The two notes are inconsistent."),
    ("BE INCONSISTENTLY", "The onset is inconsistently recorded."),
    ("BE _3 CONFLICTING", "The two are irreconcilable."),
    ("RECORD ~ GIVE OFF", "The notes give different doses."),
)
"""Sources differ: what follows spells the difference out, and is no answer."""

IF_A_VALUE_IS_ASKED = (
    ("WAS/HAVE/HAD NOT ADV? BEEN? MEASURE", "Sodium was not measured."),
    ("ASKED/VALUE _5 WAS NOT ADV? GIVE/TELL", "The dose before that was not given."),
    ("NO =3 VALUE>/ASKED WAS/BE/HAVE BEEN? MEASURE", "No sodium was measured."),
    ("CONTRAST/ALTHOUGH NO =3 VALUE>/ASKED/INFORMATION", "There is a dose but no date."),
    ("CONTRAST NOTHING IN", "There is a value for one minute but none for five."),
    ("^/, _3 UNCLEAR $", "Gestation unknown."),
    ("^ NO =3 VALUE IN", "No onset date for the rash."),
    ("GIVE/TELL/MEASURE .. BE/WAS NOT $", "The first dose is noted, but the second is not."),
    ("BE _1 GONE", "The page is missing."),
    ("VALUE/ASKED _3 HAVE/WAS BEEN? LEFT? OPEN/GONE", "The dose has been left blank."),
    (", NOTHING FOR", "It is charted for 4 March, nothing for 6 May."),
    ("ASKED _5 BE/HAVE NOT $/,", "Length is there; head circumference is not."),
    ("^ _ ASKED .. BE/HAVE NOT $", "Length is there; head circumference is not."),
    ("^ ONLY ~ WAS MEASURE/GIVE", "Only the second value was recorded."),
    ("ONLY _ IN _ RECORD", "Simply a statin on the chart."),
    ("^ CONFLICTING", "Contradictory: left in one note, right in the other."),
    ("BE/WAS _3 PENDING", "The result was still pending."),
    (", NOT ADV? TELL/GIVE/AVAILABLE $/,", "NR (not reported)."),
    ("ASKED/VALUE/MEASURE _2 NOT MEASURE/GIVE $", "Requested, value never entered."),
    ("^ GONE $/,/IN", "Missing."),
    ("^ _3 GONE $", "Laterality missing."),
    ("^ NO _3 GIVE/TELL/MEASURE $", "No sodium given."),
    ("VALUE/ASKED _5 BE NOT ADV? SHOW $", "The sex is not indicated."),
    ("VALUE> BE ADV? UNCERTAIN", "The side is uncertain."),
    ("SO .. BE ADV? UNCLEAR", "So the dose is unknown."),
)

END, COLON, COMMA, HYPHEN, NUMBER, ASKED, OTHER, PAST = ";:,-0q.v"
"""Codes of what is no word of a class; PAST is a word of none that ends in "ed"."""

_KINDS = sorted({tuple(sorted(names)) for names in CLASSES.values()} | {("ADV",)})
_CODE_OF = {kind: chr(0x100 + place) for place, kind in enumerate(_KINDS)}
_CODES = {word: _CODE_OF[tuple(sorted(names))] for word, names in CLASSES.items()}
_CODES |= dict.fromkeys(".;!?", END) | dict.fromkeys(",()", COMMA) | {":": COLON, "-": HYPHEN}
_ADVERB = _CODE_OF[("ADV",)]
_SPECIAL = {"ASKED": ASKED, "NUMBER": NUMBER, "PAST": PAST, ",": COMMA, ";": END, ":": COLON}

_TOKEN = re.compile(r"'(?:s|re|ve|ll|d)\b|[a-z]+(?:\d\w*|-\d\w*)*|\d(?:[\d,/x^·:-]*\d)?|[.,;:!?()-]")


@cache
def codes_of(names: str) -> str:
    """The codes of every word in one of these classes: "NOT/NO"."""
    return "".join(
        _SPECIAL.get(name, "") + "".join(code for kind, code in _CODE_OF.items() if name in kind)
        for name in names.split("/")
    )


_PERSONS, _BEFORE_PERSONS = frozenset(codes_of("PERSON")) - frozenset(codes_of("HE")), frozenset(codes_of("IN"))
_SPEAKERS = frozenset(codes_of("PERSON"))
_REPORTS = frozenset(codes_of("RECORD")) & frozenset(codes_of("GIVE"))
_SAYS_SO = _CODES["says"]
_NUMBERS = codes_of("NUMBER")
_GRADED = [[word] for word in ("stage", "grade", "type", "phase", "class")]


def read_idioms(text: str) -> str:
    """A folded text with its idioms read as words of the lexicon."""
    for phrase, reading in IDIOMS.items():
        text = text.replace(phrase, reading)
    return text


def encode(text: str, asked: frozenset[str] = frozenset()) -> str:
    """One code a word or mark of a folded text; `asked` are the content words of the question."""
    words = _TOKEN.findall(text)
    codes = [_CODES.get(word) or _code_of_other(word, asked) for word in words]
    for place, code in enumerate(codes):
        before = codes[max(0, place - 4) : place]
        if code in _PERSONS and not _BEFORE_PERSONS.isdisjoint(before):
            codes[place] = OTHER  # "the note on the girl": she is not who does something
        elif code in _REPORTS and (words[place + 1 : place + 2] == ["that"] or not _SPEAKERS.isdisjoint(before[-2:])):
            codes[place] = _SAYS_SO  # "she notes": no record
        elif words[place] == "i" and words[place - 1 : place] in _GRADED:
            codes[place] = OTHER  # of a stage or grade
        elif words[place] == "minutes" and codes[place - 1 : place] and codes[place - 1] in _NUMBERS:
            codes[place] = OTHER  # of time
        elif words[place] == "may" and NUMBER in codes[max(0, place - 1) : place + 2]:
            codes[place] = OTHER  # the month
    return "".join(codes)


def _code_of_other(word: str, asked: frozenset[str]) -> str:
    if word[0].isdigit():
        return NUMBER
    if word in asked:
        return ASKED
    if word.endswith("ly"):
        return _ADVERB
    return PAST if word.endswith("ed") else OTHER


_SAYS = "".join(
    code
    for kind, code in _CODE_OF.items()
    if {"THAT", "PERSON", "FIRST"} & set(kind)
    or ({"TELL", "GIVE", "SHOW", "ADVISE"} & set(kind) and not {"RECORD", "PASSED"} & set(kind))
)
_VERBS = codes_of("DO/CAN/GIVE/TELL/OMIT/HAVE/FAIL")
_PIECES = {
    "..": f"[^{END}{COLON}]{{0,16}}?",
    "~": f"[^{END}{COLON}{_SAYS}]{{0,9}}?",
    "...": f"(?:[^{END}{COLON}{codes_of('BUT/SO/WITHOUT')}]|[{codes_of('AND')}](?![{_VERBS}]))*",
    "|": "()",
}
_NOT_QUIET = codes_of("BE/WAS/HAVE/HAD/DO/DID/CAN/MAY/NOT/NO/NOTHING/PERSON/,/;/:")
_HEAD = f"(?![{codes_of('ASKED/PAST/NUMBER')}{OTHER}{HYPHEN}])"
_START, _STOP = f"(?:^|[{END}{COLON}]){COMMA}*", f"(?=[{END}{COLON}]|$)"


def compile_row(row: str) -> re.Pattern[str]:
    """The regular expression of a rule over encoded text."""
    return re.compile("".join(map(_piece, row.split())))


def _piece(item: str) -> str:
    """The regular expression of one item of a rule."""
    if item in _PIECES:
        return _PIECES[item]
    if item[0] in "_=":
        outside = _NOT_QUIET + codes_of("IN") if item[0] == "=" else _NOT_QUIET
        return f"[^{outside}]{{0,{item[1:] or 5}}}?"
    if item[0] == "!":
        return f"(?![{codes_of(item[1:])}])"
    if item[0] == "$" and len(item) > 1:
        return f"(?=[{END}{COLON}{codes_of(item[2:])}]|$)"
    ways = [_way(name) for name in item.rstrip("?").split("/")]
    return f"(?:{'|'.join(ways)})" + ("?" if item.endswith("?") else "")


def _way(name: str) -> str:
    if name == "^":
        return _START
    if name == "$":
        return _STOP
    return f"[{codes_of(name[:-1])}]{_HEAD}" if name.endswith(">") else f"[{codes_of(name)}]"


Kind = Literal["silence", "conflict"]


class Rule(NamedTuple):
    """A rule ready for use."""

    kind: Kind
    only_for_values: bool
    pattern: re.Pattern[str]
    keys: frozenset[str]
    """The codes of its rarest item; without one of them the rule cannot hold."""


def _compile(
    rules: Iterable[tuple[str, str]], kind: Kind = "silence", only_for_values: bool = False
) -> tuple[Rule, ...]:
    return tuple(Rule(kind, only_for_values, compile_row(row), _keys(row)) for row, _ in rules)


_COMMON = {
    *(
        "BE",
        "WAS",
        "BEEN",
        "HAVE",
        "HAD",
        "DO",
        "DID",
        "CAN",
        "MAY",
        "IN",
        "IT",
        "THEY",
        "THE",
        "BUT",
        "THAT",
        "THERE",
        "WH",
    ),
    *(
        "RECORD",
        "STUDY",
        "INFORMATION",
        "VALUE",
        "PERSON",
        "TELL",
        "GIVE",
        "SHOW",
        "ADVISE",
        "KNOW",
        "MEASURE",
        "FIRST",
    ),
    *("US", "AND", "AVAILABLE", "WITH", "WITHIN", "ASKED", "HOLD", ",", ";"),
}
"""Classes of words that are in every other sentence, and so do not tell that a rule may hold."""


def _keys(row: str) -> frozenset[str]:
    needed = [
        item.replace(">", "").split("/")
        for item in row.split()
        if item[0] not in "_=!.~|" and not set(item) & set("?^$")
    ]
    telling = min(needed, key=lambda names: (not _COMMON.isdisjoint(names), len(codes_of("/".join(names)))))
    return frozenset(codes_of("/".join(telling)))


_BLANKED = _compile(FINDINGS)
_RULES = (*_compile(ALWAYS), *_compile(CONFLICTS, "conflict"), *_compile(IF_A_VALUE_IS_ASKED, only_for_values=True))
_INDEX: dict[str, list[int]] = {}
for _place, _rule in enumerate(_RULES):
    for _key in _rule.keys:
        _INDEX.setdefault(_key, []).append(_place)


_SIGNS = frozenset(word for word, code in _CODES.items() if code in _INDEX)
_MARKS = str.maketrans(dict.fromkeys(".,;:!?()-'\"", " "))


def may_be_silent(text: str) -> bool:
    """False for most texts, and only where no rule can hold: a quick look before `encode`."""
    return not _SIGNS.isdisjoint(text.translate(_MARKS).split())


def read_silence(codes: str, asks_for_value: bool) -> Kind | None:
    """How an encoded sentence says that the record does not tell; None where it does not say so."""
    for blanked in _BLANKED:
        codes = blanked.pattern.sub(_blank, codes)
    places = {place for code in set(codes) for place in _INDEX.get(code, ())}
    for place in sorted(places):
        rule = _RULES[place]
        if (asks_for_value or not rule.only_for_values) and rule.pattern.search(codes):
            return rule.kind
    return None


def _blank(found: re.Match[str]) -> str:
    kept = found.start(1) - found.start() if found.lastindex else 0
    return found.group()[:kept] + OTHER * (len(found.group()) - kept)
