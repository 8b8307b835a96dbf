"""Classes of words by which `silence` reads whether an answer declines.

A word may be of several classes: "report" names a record and is what a record does. Nouns and verbs are given in their
base form and stand for their other forms. The classes are closed lists: function words of English, kinds of documents
in a clinic, verbs of telling, holding and knowing. Drugs, diseases and findings are in none of them; a word that is
listed nowhere is OTHER, or ASKED if the question holds it.
"""

from __future__ import annotations

NOUNS = {
    # What one speaks of when one speaks of the record.
    "RECORD": """
        record context text passage note vignette report document abstract excerpt extract source letter article
        chart scenario list sheet log order table leaflet notice review survey handover protocol entry message email
        bulletin brochure poster digest registry documentation description account narrative addendum file paper
        paragraph guideline page box field printout appendix footnote synopsis database diary transcript memo card
        label manual register impression summary reader snippet material pamphlet attachment content monograph
        caption legend referral correspondence literature booklet wording publication manuscript dossier minutes
        consultation instruction transcript conversation screenshot methods assessment bundle packet paperwork""",
    # People who write one, who also find things: "the study did not find" is a finding.
    "STUDY": """
        study trial author investigator researcher team committee board pathologist radiologist writer laboratory
        lab reviewer expert""",
    # Pieces of information and of nothing else.
    "INFORMATION": """
        information detail mention statement data datum documentation answer reference explanation specification
        clue word hint particulars advice guidance rationale idea info bearing decision remark comment judgement
        judgment conclusion inference""",
    # What may be asked for; but a patient too may have "no result".
    "VALUE": """
        figure value number date dose rate result name age interval time duration size count weight volume level
        reading measurement measure status mean average range type make cause reason minimum maximum total median
        percentage proportion share finding entry record description definition report note schedule frequency
        amount breakdown side grade stage score outcome identity origin length height window threshold timing
        sequence regimen route section comparison plan temperature indication""",
    "PERSON": """
        patient child boy girl mother father parent family doctor physician nurse woman man infant baby sister
        brother teacher he she him participant surgeon oncologist consultant insurer adult therapist daughter son
        user""",
}
VERBS = {
    # What only a text does.
    "TELL": """
        state mention specify disclose address discuss clarify detail quantify spell answer stipulate elaborate
        explain explore name itemise itemize enumerate""",
    # What a text does, and people as well.
    "GIVE": """
        give provide record report describe document list note include contain offer hold cover supply present carry
        talk say tell identify cite quote define touch comment express refer concern pertain deal speak set capture
        chart register enter log reproduce enclose attach publish write resolve settle decide establish confirm
        extend print outline feature allude characterise characterize summarise summarize transcribe release add
        convey share assign count call bear paste copy forward bring""",
    # What a test does: by these a record is silent about "whether", "which" or a value alone.
    "SHOW": "show indicate reveal demonstrate support suggest find detect allow permit let enable suffice see",
    # What a guideline or an author does: not doing it says something.
    "ADVISE": """
        recommend advise require need apply favour favor endorse warn oppose conclude agree use change mean""",
    # What one would do with a record.
    "KNOW": """
        determine tell say answer establish infer conclude deduce derive calculate ascertain verify know decide
        judge state identify resolve settle confirm compute reconcile gather recover extract work pin fix name pick
        choose commit comment report guess compare discern gauge reconstruct quote supply respond clarify find
        locate specify list read""",
    # What is done to get a value on record.
    "MEASURE": """
        measure take test weigh repeat chart enter obtain record document report describe note draw send complete
        type collect state log count quantify capture list read""",
    "OMIT": "omit lack escape elude skip neglect forget leave predate",
    "FAIL": "fail",
}
WORDS = {
    "NOT": "not never nowhere hardly",
    "NEVER": "never nowhere",
    "NO": "no neither nor",
    "NOTHING": "nothing none nobody nil",
    "WITHOUT": "without",
    "BE": "is are am 're remains remain stays stay",
    "WAS": "was were",
    "BEEN": "been be being",
    "HAVE": "has have 've",
    "HAD": "had",
    "DO": "do does",
    "DID": "did",
    "CAN": "can could ca",
    "CAN_NOW": "can ca",
    "MAY": "may might will would should must shall 'd 'll wo",
    "FIRST": "i we",
    "ONE": "one",
    "US": "us me my",
    "YOU": "you your",
    "WOULD": "would 'd",
    "IT": "it this that",
    "THEY": "they it",
    "THAT": "that",
    "THERE": "there",
    "HE": "he she him her",
    "SOMETHING": "something anything",
    "UNABLE": "unable impossible difficult hard",
    "ABLE": "able possible",
    "SILENT": "silent mute",
    "OMITS": "omits",
    "WITHHELD": "withheld",
    "REMOVED": "removed",
    "SAY": "say tell give",
    "AS_AT": "as at",
    "UNCERTAIN": "unclear uncertain undetermined ambiguous",
    "LACKING": "lacking wanting",
    "ENCLOSED": "supplied included attached enclosed reproduced provided",
    "TOO": "too",
    "IMPOSSIBLE": "impossible",
    "ELSE": "different another elsewhere else unrelated belongs belong",
    "NAMED": "identified named",
    "NIL": "nothing none",
    "FOR": "for",
    "ELSEWHERE": "elsewhere",
    "GAP": "gap blank dash",
    "EXIST": "exist exists",
    "GIVE": "put puts",
    "KNOW": "gleaned",
    "COME": "come arrive follow",
    "ASSESS": "assess assessed evaluated judged separated teased made converted",
    "OMIT": "ends ended stops",
    "EXPLICITLY": "explicitly directly outright expressly",
    "AMONG": "among amongst",
    "JUST_NOT": "not",
    "WITHHOLDS": "skirts skirt sidesteps sidestep dodges withhold withholds keep keeps defer defers",
    "UNCLEAR": """
        unclear unknown uncertain undetermined ambiguous undefined unsettled unsure vague evasive noncommittal""",
    "UNTOLD": """
        unstated unspecified undocumented unrecorded unreported unanswerable undeterminable indeterminable
        undisclosed undiscussed unmentioned unnamed unsaid unanswered unquantified unlisted unaddressed undated
        unidentified unaccounted unobtainable""",
    "TELL": "dated",
    "SCANT": "insufficient inadequate incomplete little",
    "ENOUGH": "enough sufficient adequate",
    "HISTORY": "history",
    "LIE": "fall falls lie lies is are",
    "HELP": "help helps answer",
    "GONE": """
        missing omitted blank empty illegible unreadable pending outstanding awaited torn unavailable smudged
        unfilled truncated underway""",
    "PENDING": "pending outstanding awaited underway",
    "HIDDEN": """
        hidden stripped blanked cropped trimmed deleted redacted anonymised anonymized illegible unreadable omitted""",
    # What is said of records, and of patients as well.
    "LOST": """
        indeterminate inconclusive uninformative fragmentary sparse muddled garbled mute evasive anonymous absent
        lacking lost excluded limited confined restricted silent cut wanting gap blank placeholder""",
    "OPEN": """
        open undecided unresolved unanswered unsettled blank empty unsaid unstated unnamed unspecified unexplained""",
    "AVAILABLE": """
        informative derivable calculable computable answerable determinable ascertainable inferable legible
        discernible available clear accessible evident apparent obtainable certain there here known found""",
    "OFF": "belongs belong irrelevant unrelated different another else other elsewhere wrong",
    "BEYOND": "beyond outside",
    "CONFLICT": "conflict conflicts contradict contradicts disagree disagrees diverge clash differ",
    "CONFLICTING": """
        conflicting contradictory inconsistent discrepant irreconcilable incompatible discrepancy discrepancies
        contradiction contradictions inconsistency inconsistencies disagreement mismatch odds dispute""",
    "INCONSISTENTLY": "inconsistently",
    "ONLY": "only just alone merely solely simply exclusively purely",
    "ALL": "all",
    "NUMBER": """
        two three four five six seven eight nine ten eleven twelve fifteen eighteen twenty thirty forty fifty sixty
        hundred dozen twice half""",
    "WH": "whether which what how when who why where whose whom if",
    "WITHIN": "in within on from throughout",
    "IN": """
        in from by within on of to at for about with as among between under into per against regarding concerning
        corresponding relating pertaining re""",
    "WITH": "with",
    "WRITE": "write record document note chart enter",
    "ABOUT": "about on regarding concerning",
    "ACCORDING": "according",
    "BUT": "but yet though although while whilst whereas however and",
    "SO": "so therefore hence thus consequently",
    "BECAUSE": "because since",
    "NEED": "needed required necessary require requires need",
    "YET": "yet remains remain",
    "ABSTAIN": """
        abstain abstaining abstained decline declining declined refrain refrains guess guessing guesses speculate
        speculating withhold speculation guesswork conjecture speculative arbitrary invention inventing fabrication
        fabricating""",
    "LEFT": "left",
    "TELLING": "telling saying knowing",
    "LIKELY": "probably presumably likely typically usually generally normally commonly assume assuming suppose",
    "CONTRAST": "but however nevertheless nonetheless",
    "TURN": "however yet still so therefore whereas while though although thus hence",
    "PREVAIL": """
        precedence supersedes supersede superseded prevails prevail void final settles settled corrected corrects
        holds overrules""",
    "RIGHT": "right correct valid",
    "PLEASE": "please ring call see ask check contact consult",
    "ACTION": "begins starts goes comes began took went came got fell rose grew became underwent ran put wrote",
    "HERE": "here",
    "AND": "and",
    "ALTHOUGH": "although though while whilst",
    "MEANS": "means meaning amounts corresponds makes equals comes implies",
    "RECORD": "form panels",
    "HOLD": """
        gives give offers offer provides provide contains contain includes include holds hold makes make carries
        carry supplies supply contained included""",
    "OR": "or either versus",
    "BOTH": "both",
    "SURELY": "reliably confidently meaningfully",
    "SORRY": "sorry afraid",
    "WAY": "way means grounds basis",
    "APPEAR": "appear appears appeared occur occurs",
    "FEATURE": "feature features figure figures",
    "WRITTEN": "published printed tabulated filled written charted entered transcribed typed copied pasted filed",
    "THE": "the a an its their his her our your any this that these those one each all",
    "QUESTION": "question",
    "PASSED": "provided supplied given shared available quoted attached pasted uploaded sent",
    "ADV": """
        actually itself even ever yet anywhere explicitly directly outright expressly further either here still too
        therefore thus reliably confidently meaningfully""",
}
IDIOMS = {
    "n't": " not",
    "cannot": "can not",
    "'m ": " am ",
    "it's": "it is",
    "that's": "that is",
    "there's": "there is",
    "what's": "what is",
    "he's": "he is",
    "on account of": "because of",
    "under way": "underway",
    "left off": "omitted",
    "left out": "omitted",
    "leaves out": "omits",
    "cut off": "omitted",
    "at all": "ever",
    "made clear": "clear",
    "made available": "available",
    "no. of": "number of",
    "visual field": "vision",
    "breaks off": "ends",
    "goes no further": "stops",
    "blacked out": "redacted",
    "n/a": "unavailable",
    "make it into": "appear in",
    "makes it into": "appears in",
    "made it into": "appeared in",
    "come up": "feature",
    "comes up": "features",
    "of note": "notable",
    "best guess": "probably",
    "in the dark": "unsure",
    "i·e.": "that is",
    "is as far as": "is all",
    "no indication of": "no information on",
    "___": " blank",
    "n/d": "unavailable",
    "out of reach": "unavailable",
    "is as specific as": "is all",
    "is as precise as": "is all",
    "passes over": "omits",
    "in most cases": "usually",
    "general medical knowledge": "presumably",
    "no longer": "formerly",
    "write-up": "report",
    "sheds no light": "says nothing",
    "shed no light": "say nothing",
    "go into": "address",
    "goes into": "addresses",
    "i would say": "presumably",
    "i would put": "presumably",
    "i would take": "presumably",
    "i would trust": "presumably",
    "i would follow": "presumably",
    "i go with": "presumably",
    "i arrive at": "presumably",
    "may assume": "presumably",
    "general knowledge": "presumably",
    "passed on": "given",
    "cuts off": "ends",
    "making it up": "guessing",
    "falls short of": "omits",
    "nothing more": "nothing else",
    "from what i know": "probably",
    "in so many words": "explicitly",
    "in those words": "explicitly",
    "a mystery": "unclear",
    "nothing to go on": "no information",
    "that of": "another of",
    "made out": "read",
    "make out": "read",
    "break off": "ends",
    "making things up": "guessing",
    "goes unexplained": "is unexplained",
    "tight-lipped": "mute",
    "get into": "cover",
    "to hand": "available",
    "keep quiet about": "is silent on",
    "keeps quiet about": "is silent on",
    "loses track": "omits",
    "the last we hear of": "all we know of",
    "part of": "in",
    "cut from": "omitted from",
    "that said": "however",
    "even so": "however",
}
"""Phrases that are read as one word of `CLASSES`, or as two."""

_IRREGULAR = {
    "give": "gave given",
    "say": "said",
    "tell": "told",
    "hold": "held",
    "speak": "spoke spoken",
    "deal": "dealt",
    "write": "wrote written",
    "show": "showed shown",
    "find": "found",
    "see": "saw seen",
    "let": "let",
    "know": "knew known",
    "lack": "",
    "read": "read",
    "choose": "chose chosen",
    "set": "set",
    "leave": "leaving",
    "take": "took taken",
    "draw": "drew drawn",
    "send": "sent",
    "bring": "brought",
    "pin": "pinned",
    "forget": "forgot forgotten",
    "spell": "spelled spelt",
    "omit": "omitted",
    "permit": "permitted",
    "infer": "inferred",
    "refer": "referred",
    "log": "logged",
    "mean": "meant",
    "bear": "bore borne",
}


def _forms_of_noun(noun: str) -> list[str]:
    if noun[-1] == "y" and noun[-2] not in "aeiou":
        return [noun, noun[:-1] + "ies"]
    return [noun, noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")]


def _forms_of_verb(verb: str) -> list[str]:
    """Base form, third person, -ing and past forms."""
    stem = verb.removesuffix("e")
    if verb[-1] == "y" and verb[-2] not in "aeiou":
        third, past = verb[:-1] + "ies", verb[:-1] + "ied"
    else:
        third, past = verb + ("es" if verb.endswith(("s", "x", "ch", "sh")) else "s"), stem + "ed"
    doubled = [stem + verb[-1] + "ing"] if verb[-1] in "tgpr" else []
    return [verb, third, stem + "ing", *doubled, *_IRREGULAR.get(verb, past).split()]


def _classes() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for lists, forms in ((WORDS, lambda word: [word]), (NOUNS, _forms_of_noun), (VERBS, _forms_of_verb)):
        for name, words in lists.items():
            for word in words.split():
                for form in forms(word):
                    found.setdefault(form, set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


CLASSES = _classes()
"""The classes of each word."""
