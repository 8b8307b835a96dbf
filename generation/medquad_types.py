"""The question types of MedQuAD: how each is asked, what answers it, what merely speaks of it.

Data only; `medquad_cues` reads it. Cues are for the English of the NIH pages; they know nothing of other
languages or styles.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """One question type."""

    questions: tuple[str, ...]
    """Wordings; `{x}` is the condition, `{is}`, `{does}` agree with it."""
    missing: tuple[str, ...]
    """What the gold answer says where the context is silent."""
    cues: tuple[tuple[str, float], ...]
    """Patterns of a sentence that answers, with a weight: 3 is a full answer, a negative one a look-alike."""
    touch: str | None
    """Anything that speaks of the matter. None: every passage about the condition says something of it (what
    it is), so no passage about it is a trap."""


ADVERB = (
    r"(?:\s(?:usually|often|typically|most often|generally|sometimes|also|primarily"
    r"|mainly|commonly|thought to be|believed to be))*"
)
BE = rf"(?:is|are|be|was|were|been){ADVERB}"

TYPES: dict[str, Asked] = {
    "information": Asked(
        ("What {is} {x}?", "How would you define {x}?"),
        ("The context does not say what {x} {is}.", "The passage gives no definition of {x}."),
        # The definition itself is found by `Judge`, which knows the name; here only what is not a definition.
        (
            (
                r"\b(?:condition|disorder|disease|syndrome|infection|cancer|tumou?r|type|form|defect"
                r"|problem)s?\b",
                1,
            ),
            # An aside on how often or how old it is does not say what it is.
            (r"\b(?:is|are) (?:a |an )?(?:rare|common|more common)\b[^,;]{0,30}\.$", -3),
            (r"\bone of the\b|\bthe (?:\w+ )?most\b|\brarest\b|\bleading cause", -3),
            (r"\b(?:caused by|inherited in|diagnosed|treated|estimated)\b", -1),
        ),
        None,
    ),
    "symptoms": Asked(
        (
            "What are the symptoms of {x}?",
            "Which signs and symptoms {does} {x} cause?",
            "What signs and symptoms do people with {x} have?",
        ),
        (
            "The context does not describe the symptoms of {x}.",
            "The passage does not say which signs and symptoms {x} {does} cause.",
        ),
        (
            # The matter is named and listed.
            (
                r"\b(?:signs?|symptoms?|features?|manifestations?)\b[^.;]{0,90}\b(?:include|are|is"
                r"|may be|can be|consist)\b",
                3,
            ),
            (r"\b(?:characteri[sz]ed|marked) by\b", 3),
            # Persons who have something: needs a finding (below) beside it.
            (
                r"\b(?:people|individuals|children|patients|infants|babies|men|women|those|males"
                r"|females)\b[^.;]{0,50}\b(?:have|develop|experience|suffer|show)\b",
                2,
            ),
            (
                r"\b(?:pain|fever|weakness|seizures?|fatigue|headaches?|swelling|rash|vomiting|nausea"
                r"|delay|disability|bleeding|cough|numbness|stiffness|loss|tremors?|short stature"
                r"|abnormalit\w+|difficult\w*|spasms?)\b",
                1,
            ),
            # How symptoms differ or when they come, not what they are.
            (
                r"\b(?:var(?:y|ies)|depend|differ|no symptoms|without symptoms|not cause|do not have|not have"
                r"|at what age|same symptoms|begin|appear|start|worsen|tend|onset)\b",
                -3,
            ),
            (r"\b(?:treat\w*|therap\w+|diagnos\w+|caused by|mutations?|inherit\w*|test)\b", -2),
        ),
        r"symptom|\bsigns?\b|features?\b|characteri[sz]|\bpain|fever|weakness|seizure|fatigue"
        r"|headache|swelling|rash|vomit"
        r"|nausea|delay|disabilit|bleed|cough|numb|stiff|\bloss\b|tremor|stature|abnormal"
        r"|difficult|spasm|problems?\b"
        r"|experienc|manifest|present(?:s|ed|ing)? with|malform|defect|impair|deform"
        r"|infections?\b|cysts?\b|tumou?rs?\b"
        r"|\b(?:have|has|develop\w*|become\w*)\b[^.]{0,40}\b(?:skin|hair|eyes?|head|face"
        r"|hands?|feet|bones?|hearing|vision|heart|muscles?|brain|liver|kidneys?)\b",
    ),
    "treatment": Asked(
        ("What are the treatments for {x}?", "How {is} {x} treated?", "What treatment is there for {x}?"),
        (
            "The context does not say how {x} {is} treated.",
            "The passage does not mention any treatment for {x}.",
        ),
        (
            (
                rf"\b{BE} (?:treated|managed|controlled|corrected|cured)\b[^.]{{0,30}}\b(?:with|by"
                rf"|using|surgically|through)\b",
                3,
            ),
            (
                r"\b(?:treatments?|therap(?:y|ies)|management)\b[^.;]{0,80}\b(?:includes?|involves?"
                r"|consists?|is|are|may be|can be|focuses|aims?|aimed)\b",
                3,
            ),
            # That there is none is an answer too.
            (
                r"\bno (?:known |specific |effective |standard |current )*(?:cure|treatments?"
                r"|therapy)\b",
                3,
            ),
            (
                r"\b(?:prescribed?|recommend(?:ed)?|used|given|needed|performed|required|beneficial"
                r"|effective)\b",
                1,
            ),
            (
                r"\b(?:surgery|surgical\w*|medications?|medicines?|drugs?|antibiotics?"
                r"|corticosteroids?|transplant\w*|chemotherapy|radiation|physical therapy|diet\w*"
                r"|supplement\w*|supportive|symptomatic|injections?|antiviral|hormone)\b",
                1,
            ),
            # What treatment hangs on, where to ask, and studies: not what it is.
            (
                r"\b(?:depends?|depending|goals?|clinical trials?|stud(?:y|ies)|researchers?"
                r"|option is|talk|ask|side effects?|decisions?|not used|follow-up|standard treatment"
                r"|being tested|being used|overseen|untreated|without treatment|determined by"
                r"|referral|specialists?|regular)\b",
                -3,
            ),
        ),
        r"treat|therap|manag|surg|medic(?:ation|ine)|\bdrugs?\b|transplant|\bcure|\bdos(?:e"
        r"|age)|vaccin|\bdiet|reliev"
        r"|supplement|steroid|antibiotic|prescri|remov|replac|rehabilit|inject|supportive"
        r"|hearing aids?|brace|hormone|chemo|radiat|help",
    ),
    "inheritance": Asked(
        (
            "How {is} {x} inherited?",
            "What is the inheritance pattern of {x}?",
            "{Is} {x} inherited, and if so, how?",
        ),
        (
            "The context does not say how {x} {is} inherited.",
            "The passage does not tell whether {x} {is} inherited.",
        ),
        (
            (
                r"\binherited\b[^.;]{0,50}\b(?:autosomal|x-linked|dominant|recessive|mitochondrial"
                r"|maternal|codominant|pattern|manner)",
                3,
            ),
            (
                r"\bautosomal (?:dominant|recessive) (?:pattern|manner|trait|condition|disorder"
                r"|fashion|inheritance)",
                1,
            ),
            (
                rf"\b{BE} (?:not|rarely|never|almost never)\b[^.;]{{0,20}}\b(?:inherited|hereditary"
                rf"|passed)\b",
                3,
            ),
            (
                r"\b(?:sporadic(?:ally)?|runs? in families|no history of the (?:disorder"
                r"|condition) in their family)\b",
                2,
            ),
            (r"\b(?:this|the) (?:condition|disorder|disease|syndrome|trait)\b", 1),
            # The general lesson on inheritance that follows: it holds for any condition.
            (
                r"\binheritance means\b|^(?:the parents of|a characteristic of|when two|in autosomal"
                r"|in x-linked|a condition is considered|in males|in females|one copy)",
                -4,
            ),
            (r"\b(?:if|when|parents?|carriers?|siblings?|each pregnancy|risk)\b", -2),
            (r"\b(?:susceptibility|predisposition|likely|genes? (?:are|is) inherited)\b", -1),
        ),
        r"inherit|autosomal|x-linked|dominant|recessive|sporadic|famil|heredit|parent"
        r"|carriers?\b|genetic|\bgenes?\b|passed"
        r"|de novo|mutation|chromosom|\bson\b|daughter|sibling|brother|sister|relative",
    ),
    "frequency": Asked(
        ("How common {is} {x}?", "How many people are affected by {x}?", "How often {does} {x} occur?"),
        (
            "The context does not say how common {x} {is}.",
            "The passage does not tell how many people have {x}.",
        ),
        (
            (
                r"\b(?:1|one) (?:in|per|of|out of)(?: every)? \d|\bper (?:\d|million|year)"
                r"|\d(?:\.\d+)? percent\b|\d%",
                3,
            ),
            (
                r"\b(?:about|approximately|fewer than|less than|more than|at least|only|nearly"
                r"|estimated|around|several|\d+|two|three|four|five|ten)\b[^.;]{0,40}\b(?:cases"
                r"|people|individuals|families|newborns|births|americans|children|men|women|patients"
                r"|males|females|adults)\b",
                3,
            ),
            (r"\b(?:prevalence|incidence)\b[^.;]{0,40}\b(?:is|are|of|estimated)\b", 2),
            (
                r"\b(?:is|are|appears to be|seems to be) (?:a |an )?(?:very |extremely |relatively "
                r"|fairly |most )?(?:rare|common|uncommon)\b",
                2,
            ),
            (r"\b(?:have|has) been (?:reported|described|identified|diagnosed)\b", 1),
            (r"\b(?:united states|worldwide|each year|population)\b", 1),
            # Shares within the affected say how often a form or finding is, not the condition.
            (
                r"\b(?:accounts? for|of (?:all )?(?:cases|people with|individuals with|affected)|risk"
                r"|carriers?|this form|subtype|times more|highest|symptoms?)\b",
                -2,
            ),
            (r"\btypes? [0-9IVAB]+\b", -1),
        ),
        r"\d+ in \d|\bper \d|prevalen|inciden|\brare|common|affects? |estimat|frequen"
        r"|worldwide|births?\b|newborn|reported"
        r"|number of|\bcases?\b|percent|%|million|thousand|population|occurs? in"
        r"|approximately|americans|unknown|few people|every year|each year",
    ),
    "genetic changes": Asked(
        ("Which genetic changes are related to {x}?", "What genetic changes are found in {x}?"),
        (
            "The context does not say which genetic changes are related to {x}.",
            "The passage does not mention the genetic changes behind {x}.",
        ),
        (
            (
                r"\b(?:mutations?|variants?|variations?|changes?)\b[^.;]{0,30}\b(?:in|of|within"
                r"|near)\b[^.;]{0,60}\bgenes?\b[^.]{0,40}\b(?:cause|result|are|have|can|account|lead"
                r"|increase)",
                3,
            ),
            (
                r"\b(?:caused by|results? from|due to|associated with)\b[^.;]{0,40}\b(?:mutations?"
                r"|deletion|duplication|extra|trisomy|abnormal\w*|changes?|rearrange\w*|translocation"
                r"|loss|missing)\b",
                3,
            ),
            (r"\bchromosome \d+|\b[A-Z][A-Z0-9]{2,}\b", 1),
            # What the gene does when healthy, and what the change leads to.
            (
                r"\bprovides? instructions\b|\bis involved in\b|\bplays? (?:a|an)\b"
                r"|\bresearchers? (?:believe|suspect|suggest|speculate)\b|\bunlikely\b",
                -3,
            ),
            (
                r"\b(?:this|these|most|some|many|other|the) (?:gene|mutations?|changes?|deletions?"
                r"|loss)\b",
                -2,
            ),
        ),
        r"\bgenes?\b|genetic|mutation|chromosom|deletion|duplication|\bDNA\b|inherit|heredit"
        r"|autosomal|x-linked|allele|unknown",
    ),
    "causes": Asked(
        ("What causes {x}?", "What is the cause of {x}?", "Why {does} {x} occur?"),
        ("The context does not say what causes {x}.", "The passage does not mention the cause of {x}."),
        (
            (rf"\b{BE} caused by\b", 3),
            (r"\bcauses? of\b[^.;]{0,70}\b(?:is|are|include)\b", 3),
            (
                r"\b(?:results? from|due to|develops? (?:when|because|as a result)|occurs? (?:when"
                r"|because)|happens? when|arises? (?:from|when))\b",
                2,
            ),
            (
                r"\b(?:mutations?|changes?|deletion|duplication|bacteri\w+|virus\w*|parasites?"
                r"|infections?|damage)\b[^.;]{0,60}\bcauses?\b",
                2,
            ),
            (r"\bmutations?|deletion|virus|bacteria|infection|toxins?|antibod\w+\b", 1),
            # Causes of single findings, of the severity, of other disorders.
            (
                r"\b(?:symptoms?|signs?|severity|complications?|other conditions|may also"
                r"|provides? instructions|treat\w*|pain is)\b",
                -2,
            ),
            (r"\b(?:researchers|scientists|stud(?:y|ies))\b", -1),
        ),
        r"caus|due to|mutation|\bgenes?\b|genetic|chromosom|result|lead|trigger|reason"
        r"|deletion|because|\baris|factor|inherit"
        r"|infect|associated|linked|develops?\b|occurs? when|when |origin|risk|sporadic"
        r"|autosomal|unknown|from ",
    ),
    "exams and tests": Asked(
        ("How {is} {x} diagnosed?", "How do doctors diagnose {x}?"),
        (
            "The context does not say how {x} {is} diagnosed.",
            "The passage does not mention how doctors diagnose {x}.",
        ),
        (
            (
                rf"\b{BE} (?:diagnosed|confirmed|detected|suspected)\b[^.]{{0,40}}\b(?:by|with|based"
                rf"|through|using|when|after|on)\b",
                3,
            ),
            (
                r"\bdiagnosis\b[^.;]{0,70}\b(?:based|made|confirmed|suspected|includes?|requires?"
                r"|established|involves?|relies)\b",
                3,
            ),
            (r"\bto (?:help )?(?:diagnose|confirm|detect)\b", 2),
            (r"\bused to (?:help )?(?:detect|diagnose|find)\b", 2),
            (
                r"\b(?:biops\w+|blood tests?|genetic test\w*|MRI|CT|ultrasound|x-?rays?"
                r"|physical exam\w*|imaging|medical history|urine|echocardiogra\w+|clinical)\b",
                1,
            ),
            (
                r"\b(?:treat\w*|laborator(?:y|ies) that|(?:is|may be) available|early diagnosis|cannot be|difficult"
                r"|prognosis|specialists?|at what age|sometimes mis\w+|following tests?|you should)\b",
                -3,
            ),
        ),
        r"diagnos|\btest|\bexam|biops|\bscans?\b|MRI|imaging|x-?rays?|screen|detect|identif"
        r"|ultraso|evaluat|confirm|blood|urine|suspect"
        r"|recogni[sz]|found (?:by|on|in)|noticed|apparent|characteri|signs?\b",
    ),
    "outlook": Asked(
        ("What is the outlook for people with {x}?", "What is the prognosis of {x}?"),
        (
            "The context does not tell the outlook for people with {x}.",
            "The passage does not mention the prognosis of {x}.",
        ),
        (
            (
                r"\b(?:prognosis|outlook)\b[^.;]{0,90}\b(?:is|are|varies|depends|remains|can be"
                r"|may be|poor|good|excellent)\b",
                3,
            ),
            (r"\b(?:life expectancy|life span|lifespan|survival|surviv\w+|mortality)\b", 3),
            (
                r"\b(?:fatal|die|death|live (?:in)?to|recover\w*|full recovery|normal li(?:fe|ves)"
                r"|permanent\w*|life-threatening)\b",
                3,
            ),
            (
                r"\b(?:progress\w*|improve\w*|worsen\w*|disabling|disability|recur\w*|remission"
                r"|resolve\w*)\b",
                1,
            ),
            (r"\bmost (?:people|individuals|patients|children)\b", 1),
            (r"\b(?:treatment options|clinical trials?|the following|researchers|stage of)\b", -3),
        ),
        r"prognos|outlook|surviv|life|\blive|\bdie|death|fatal|recover|progress|long-term"
        r"|mortality|lifespan|improve|worse"
        r"|chance|remission|recur|resolve|cure|permanent|years|severe|mild|normal|lifelong"
        r"|over time|adulthood|disab",
    ),
    "susceptibility": Asked(
        ("Who is at risk of {x}?", "Which people are at risk of {x}?"),
        (
            "The context does not say who is at risk of {x}.",
            "The passage does not mention which people are at risk of {x}.",
        ),
        (
            (
                r"\b(?:at|have an?|has an?|are at) (?:a |an |the )?(?:much )?(?:higher|increased"
                r"|greater|high|greatest|highest|special)? ?risk (?:for|of|than)\b",
                3,
            ),
            (
                r"\brisk factors?\b[^.;]{0,60}\b(?:include|are|is)\b|\b(?:is"
                r"|are)[^.;]{0,30}\brisk factors?\b",
                3,
            ),
            (r"\bmore (?:likely|common|often|frequent\w*)\b", 2),
            (r"\b(?:increases?|raises?|affects?|higher|increased?)\b[^.;]{0,20}\b(?:risk|chance)\b", 3),
            (r"\b(?:can affect|affects|anyone|people of (?:all|any)|all ages|most common in)\b", 2),
            (r"\b(?:older|age|men|women|children|people who|family history|smok\w+|male|female)\b", 1),
            (
                r"\b(?:does not mean|doesn't mean|screening|talk (?:to|with)|complications?"
                r"|clots from|anything that)\b",
                -4,
            ),
            # Says that something raises the risk, but not what.
            (r"^(?:certain|having certain|health history|many|several)\b", -3),
        ),
        r"risk|likely|suscept|predispos|\bage[sd]?\b|older|\bmen\b|women|family history"
        r"|anyone|factor|people who|male|more (?:common|often)"
        r"|children|adults?|ethnic|ancestr|smok|expos|infants|boys|girls|population|common",
    ),
    "prevention": Asked(
        ("How can {x} be prevented?", "What can be done to prevent {x}?"),
        (
            "The context does not say how {x} can be prevented.",
            "The passage does not mention any way to prevent {x}.",
        ),
        (
            (r"\b(?:can|may|could|to|help|best way)\b[^.;]{0,30}\b(?:prevent|avoid)\b", 3),
            (
                r"\b(?:can't|cannot|can not|no (?:known )?way to"
                r"|not possible to)\b[^.;]{0,20}\bprevent",
                3,
            ),
            (r"\b(?:lower|reduce|decrease)s?\b[^.;]{0,25}\b(?:risk|chance)\b", 3),
            (r"\bvaccin\w+\b[^.;]{0,60}\b(?:available|prevent\w*|protect\w*|recommended)\b", 3),
            (r"^(?:avoid|wash|do not|use|wear|keep|eat|drink|never|always|cook)\b", 2),
            (r"\bprevent\w*\b", 1),
            (
                r"\b(?:not known|stud(?:y|ies|ied)|clinical trials?|recurr\w+|complications?"
                r"|protective factors?|screening|treat\w*|researchers?|prevent all"
                r"|no vaccine|increased risk|scientists|other factors|taking action)\b",
                -3,
            ),
        ),
        r"prevent|avoid|reduc|protect|vaccin|\bwash|lower|decrease|immuni|hygiene|safe|healthy|limit",
    ),
}
"""Every type asked. `research`, `considerations`, `stages`, `complications` and `support groups` are not:
their answers are lists, summaries of all other types, or about institutions."""
