"""Words which the edits put in place of one another. A line is a group: any two words of it exclude one another, or,
in the lists of spelling and inflection, are one word in two forms. Nothing here is known to the scorer."""

from __future__ import annotations

Groups = tuple[tuple[str, ...], ...]


def _groups(text: str) -> Groups:
    return tuple(tuple(word.strip() for word in line.split("|")) for line in text.strip().splitlines())


def listed(text: str) -> tuple[str, ...]:
    """Words of a text."""
    return tuple(text.split())


DRUGS = _groups("""
amoxicillin|ampicillin|azithromycin|erythromycin|clarithromycin
ciprofloxacin|levofloxacin|moxifloxacin
cefazolin|ceftriaxone|ceftazidime|cefepime
vancomycin|gentamicin|tobramycin|clindamycin|doxycycline|penicillin
prednisone|prednisolone|methylprednisolone|dexamethasone|hydrocortisone
hydroxyzine|hydralazine|hydrochlorothiazide|hydroxychloroquine
metformin|metoprolol|metronidazole|methotrexate
lisinopril|losartan|amlodipine|furosemide|spironolactone|atenolol
carbamazepine|oxcarbazepine|levetiracetam|lamotrigine|phenytoin|valproate|phenobarbital
vincristine|vinblastine|cisplatin|carboplatin|oxaliplatin
temozolomide|lomustine|irinotecan|etoposide
bevacizumab|nimotuzumab|cetuximab|rituximab|trastuzumab
vorinostat|panobinostat|entinostat
dordaviprone|dabrafenib|trametinib|erlotinib|dasatinib|everolimus
omeprazole|esomeprazole|pantoprazole|ranitidine
midazolam|lorazepam|diazepam|clonazepam
morphine|fentanyl|hydromorphone|oxycodone|ibuprofen|acetaminophen|aspirin
warfarin|heparin|enoxaparin|insulin|levothyroxine
fluoxetine|paroxetine|sertraline|citalopram|escitalopram
""")

ORGANISMS = _groups("""
Staphylococcus aureus|Staphylococcus epidermidis|Streptococcus pneumoniae|Streptococcus pyogenes
Haemophilus influenzae|Neisseria meningitidis|Neisseria gonorrhoeae|Chlamydia trachomatis
Escherichia coli|Klebsiella pneumoniae|Pseudomonas aeruginosa|Proteus mirabilis|Salmonella typhi
Candida albicans|Aspergillus fumigatus|Cryptococcus neoformans|Pneumocystis jirovecii
Pneumocystis|Aspergillus|Candida|Cryptococcus
Clostridium|Campylobacter|Helicobacter|Enterobacter
Salmonella|Shigella|Klebsiella|Pseudomonas|Listeria|Legionella
staphylococcal|streptococcal|pneumococcal|meningococcal
cytomegalovirus|adenovirus|rotavirus|parvovirus|norovirus
measles|mumps|rubella|varicella
hepatitis A|hepatitis B|hepatitis C
HIV-1|HIV-2
""")

GENES = _groups("""
K27M|G34R|G34V
p.K27M|p.G34R|p.G34V
H3.1|H3.3
H3F3A|HIST1H3B|H3C2
BRCA1|BRCA2
TP53|TP63|TP73
ACVR1|PDGFRA|PIK3CA|PTEN|EGFR|MYCN|NF1|ATRX
p.R206H|p.G328V|p.G328E|p.R258G
p.H1047R|p.E545K|p.E542K
PDGFRA|PDGFRB
V600E|V600K
IDH1|IDH2
MLH1|MSH2|MSH6|PMS2
TSC1|TSC2
MEN1|MEN2
FGFR1|FGFR2|FGFR3
COL1A1|COL1A2|COL2A1|COL5A1
SCN1A|SCN2A|SCN8A
X-linked|Y-linked
autosomal dominant|autosomal recessive
""")

SIDES = _groups("""
left|right
bilateral|unilateral
upper|lower
anterior|posterior
proximal|distal
medial|lateral
dorsal|ventral
superior|inferior
left-sided|right-sided
ipsilateral|contralateral
""")

DIRECTIONS = _groups("""
increase|decrease
increases|decreases
increased|decreased
increasing|decreasing
higher|lower
high|low
elevated|reduced
raised|lowered
more|less
greater|smaller
larger|smaller
longer|shorter
better|worse
improved|worsened
improves|worsens
improve|worsen
rise|fall
rose|fell
gain|loss
above|below
over|under
faster|slower
positive|negative
""")

TIMES = _groups("""
before|after
prior to|following
earlier|later
first|last
first|second|third
early|late
begins|ends
started|stopped
start|stop
during|after
previous|next
until|since
morning|evening
today|yesterday
""")

QUANTIFIERS = _groups("""
all|some|most|none
many|few
every|no
always|sometimes|rarely|never
often|rarely
usually|rarely
both|neither
most|few
several|no
common|rare
commonly|rarely
majority|minority
""")

MODALS = _groups("""
may|must
can|cannot
should|may
might|will
possible|certain
possibly|certainly
probable|proven
suspected|confirmed
likely|unlikely
recommended|contraindicated
""")

FREQUENCIES = _groups("""
once|twice
daily|weekly|monthly|hourly
once daily|twice daily|three times daily
a day|a week
per day|per week
every day|every week
each day|each week
annually|monthly
""")

COMPARISONS = _groups("""
<|>
≤|≥
less than|more than
at least|at most
fewer than|more than
younger than|older than
below|above
within|beyond
""")

BODY_PARTS = _groups("""
heart|liver|kidney|lung|brain|spleen
hearts|livers|kidneys|lungs|brains
arm|leg|hand|foot|knee|elbow|shoulder|ankle|wrist|hip
arms|legs|hands|feet|knees|elbows|shoulders
chest|abdomen|neck|back|head
eye|ear|nose|mouth
eyes|ears
pons|medulla|midbrain|cerebellum|thalamus
cervical|thoracic|lumbar|sacral
stomach|colon|oesophagus|esophagus|bladder
skin|bone|muscle|nerve
artery|vein
arteries|veins
renal|hepatic|cardiac|pulmonary
ventricle|atrium
uterus|ovary|prostate|testis
blood|urine|plasma|serum
""")

PERSONS = _groups("""
mother|father|brother|sister
boy|girl
man|woman
men|women
males|females
male|female
she|he
her|his
adults|children|infants
patient|physician
nurse|doctor
parents|siblings
""")

NUMBER_WORDS = _groups("""
one|two|three|four|five|six|seven|eight|nine|ten
half|third|quarter
twenty|thirty|forty
single|double
first|second|third|fourth
""")

UNITS = _groups("""
mg|g|mcg|kg
µg|mg
ml|l|dl
mL|L|dL
mg/dL|g/dL|mcg/dL
mg/kg|g/kg|mcg/kg
mg/m²|g/m²
mmol/l|mol/l|µmol/l
mmol/L|µmol/L
mEq/L|mmol/dL
g/dl|mg/dl
mm|cm|m
mm²|cm²
mm Hg|cm H2O
inches|feet
pounds|ounces
seconds|minutes|hours|days|weeks|months|years
second|minute|hour|day|week|month|year
Gy|cGy
ms|s
/min|/h
/mm3|/L
percent|per mille
""")

CONFUSABLES = _groups("""
ileum|ilium
mucous|mucus
perineal|peroneal|peritoneal
afferent|efferent
abduction|adduction
dysphagia|dysphasia
arteritis|arthritis
prostate|prostrate
hypertrophy|hyperplasia
carcinoma|sarcoma
adenoma|adenocarcinoma
neutropenia|neutrophilia
thrombocytopenia|thrombocytosis
leukopenia|leukocytosis
anuria|dysuria
palpitation|palpation
cystitis|colitis
gastritis|gastroenteritis
osteoporosis|osteomalacia|osteomyelitis
meningitis|meningioma
pancreatitis|pancytopenia
acidosis|alkalosis
systolic|diastolic
tumor|tremor
pain|pallor
rash|rush
diabetes mellitus|diabetes insipidus
hemoptysis|hematemesis
sign|symptom
signs|symptoms
cause|effect
causes|prevents
treatment|prevention
incidence|prevalence
survival|mortality
sensitivity|specificity
progression|regression
progression-free|event-free
median|mean
acute|chronic
benign|malignant
primary|secondary
systemic|localized
congenital|acquired
type 1|type 2
type I|type II
""")

NEAR_WORDS = _groups("""
dehydration|rehydration
intubation|incubation
infection|injection
infected|injected
infections|injections
infectious|infections
fetal|fatal|fecal
dental|mental
viral|vital
atrial|trial
focal|local|vocal
basal|nasal
anal|canal
tests|testes
four|for
hour|four
quite|quit
fever|never|fewer
dose|nose
doses|noses
loss|less
lung|long
bone|done
tissues|issues
material|maternal
area|urea
lactase|lactate|lactose
weight|height
mouth|month
months|mouths
brain|drain
right|light
left|cleft
care|cure
rare|care
prevent|present
prevents|presents
cases|causes
affect|effect
affects|effects
nuclear|unclear
atypical|typical
atopic|topic
topical|typical
toxic|topic
aplastic|plastic
statins|stains
marrow|narrow
thick|think
stable|table
contract|contrast|contact
biliary|ciliary
maturation|saturation
actin|action
wrist|waist
ankles|angles
stool|tool
mother|other
ovary|vary
found|wound
wounds|sounds
stage|state
later|layer
early|nearly
treat|great
tear|year
years|ears
week|weak
healing|hearing
walking|talking
clotting|clothing
fasting|wasting
acids|aids
breath|breadth
bowel|vowel
cancer|canker
""")
"""Real words one letter apart: no slip of the pen, though they look like one. Drawn from the words of the corpora."""

TOO_COMMON = frozenset(listed("for other present right less later long great found fever age weight history early"))
"""Words of that list which stand in every other note: they would crowd out the rest of its slice."""

PREFIXED = _groups("""
hyper|hypo
tachy|brady
intra|extra|inter
pre|post
macro|micro
endo|exo
supra|infra
ante|retro
poly|oligo
""")

PREFIXED_STEMS = listed(
    "tension tensive glycemia glycemic glycaemia kalemia kalaemia natremia calcemia thyroidism thermia trophy trophic "
    "cardia cardic pnea pnoea ventricular vascular cellular cranial "
    "cranially uterine muscular axial operative operatively natal partum "
    "menopausal treatment treated existing term cytic cephaly scopic crine genous spinal tentorial orbital clavicular "
    "uria dipsia hydramnios capnia volemia volemic active pigmentation reflexia tonia tonic plasia fractionated "
    "fractionation parathyroidism lipidemia xemia xia emesis natal surgical"
)

NEGATED_WORDS = _groups("""
stable|unstable
remarkable|unremarkable
sufficient|insufficient
active|inactive
complete|incomplete
operable|inoperable
resectable|unresectable
regular|irregular
able|unable
common|uncommon
likely|unlikely
normal|abnormal
symptomatic|asymptomatic
febrile|afebrile
tender|nontender
distended|nondistended
adequate|inadequate
effective|ineffective
known|unknown
treated|untreated
related|unrelated
changed|unchanged
equal|unequal
eventful|uneventful
responsive|unresponsive
controlled|uncontrolled
conscious|unconscious
usual|unusual
affected|unaffected
healthy|unhealthy
continued|discontinued
specific|nonspecific
significant|insignificant
appropriate|inappropriate
possible|impossible
appear|disappear
appears|disappears
cancerous|noncancerous
harmful|harmless
painful|painless
invasive|noninvasive
reversible|irreversible
productive|nonproductive
aware|unaware
""")

QUALIFIERS = listed(
    "probable probably possible possibly mild mildly slight slightly severe suspected only partial partially "
    "approximately nearly almost rarely sometimes mostly usually often partly mainly potentially occasionally "
    "relatively moderately presumed temporary recurrent"
)

INSERTED = listed("severe mild chronic probable suspected bilateral recurrent possible additional extensive metastatic")
INSERTED_ADVERBS = listed("probably possibly definitely rarely never usually previously")

SPELLINGS = _groups("""
tumour|tumor
tumours|tumors
oedema|edema
haemorrhage|hemorrhage
haemorrhages|hemorrhages
haemoglobin|hemoglobin
haematuria|hematuria
haematology|hematology
haemolysed|hemolyzed
haemolytic|hemolytic
anaemia|anemia
anaemic|anemic
ischaemia|ischemia
ischaemic|ischemic
leukaemia|leukemia
septicaemia|septicemia
hypoglycaemia|hypoglycemia
hyperglycaemia|hyperglycemia
paediatric|pediatric
paediatrician|pediatrician
diarrhoea|diarrhea
dyspnoea|dyspnea
apnoea|apnea
oesophagus|esophagus
oesophageal|esophageal
oestrogen|estrogen
foetus|fetus
foetal|fetal
faeces|feces
gynaecological|gynecological
orthopaedic|orthopedic
anaesthesia|anesthesia
anaesthetic|anesthetic
caesarean|cesarean
caecum|cecum
coeliac|celiac
centre|center
centres|centers
fibre|fiber
fibres|fibers
litre|liter
litres|liters
metre|meter
colour|color
coloured|colored
behaviour|behavior
behavioural|behavioral
favourable|favorable
labour|labor
odour|odor
hospitalised|hospitalized
localised|localized
randomised|randomized
generalised|generalized
characterised|characterized
recognised|recognized
diagnosing|diagnosing
stabilised|stabilized
organised|organized
minimise|minimize
analyse|analyze
analysed|analyzed
programme|program
grey|gray
sulphate|sulfate
judgement|judgment
ageing|aging
labelled|labeled
travelled|traveled
signalling|signaling
swollen lymph glands|swollen lymph glands
neighbouring|neighboring
mould|mold
haemophilia|hemophilia
hypoxaemia|hypoxemia
""")
SPELLINGS = tuple(group for group in SPELLINGS if len(set(group)) > 1)

NOUNS = listed(
    "lesion symptom patient test result cell tissue sign problem week month day year drug dose tumor tumour scan "
    "treatment infection episode headache seizure muscle nerve bone joint disorder disease condition gene mutation "
    "parent doctor hospital risk factor cause effect level rate type case report study visit finding sample fraction "
    "complication reaction complaint injury wound rash fever cough physician medication medicine group sister brother "
    "mother father examination exam feature defect syndrome trait "
    "female male adult infant person organ vessel artery vein"
)

VERBS = listed(
    "show reveal develop occur affect cause improve appear remain report receive need treat complain return follow "
    "help start require result involve include contain happen indicate suggest experience produce resolve "
    "confirm demonstrate deny progress recover vomit respond consult"
)

COMMON_WORDS = frozenset(
    listed("""
    patient patients physician because emergency department history examination symptoms normal several medical family
    mother father brother sister hospital temperature pressure shows laboratory studies severe weeks months
    years blood clinic office during pregnancy treatment treated infection disease condition people person children
    increased different between without usually including problems doctor doctors health cancer muscle muscles weakness
    tissue changes develop affected individuals generally certain
    another through during against common genetic inherited
    parents number possible previous recently medication medications medicine physical vaccine immune system weight
    appears breath breathing abdominal shoulder morning evening minutes visit headache headaches vomiting
    diagnosis diagnosed diagnostic results research clinical surgery therapy response recovery important information
    available required received started stopped reported following followed performed revealed remains improved progress
    survival overall radiation median summary section
    reading second centre morning between decision consent council present presents presented brought complains pain
    together example sometimes helpful prevent prevention smoking alcohol exercise eating healthy pregnant stomach
    bladder growth tumors abnormal function features learning hearing vision bleeding fluid swelling trouble feeling
    currently evaluation consistent remarkable discharge admitted admission examined significant history position
    movement movements reaction failure pressure infant infants
    produce produced production control nervous spinal central signals process provide provided support supports
    """)
)
"""Words in which any reader sees a slip of the pen at once."""

NEGATIONS = frozenset(
    listed(
        "no not non never nor neither none cannot without "
        "denies denied denying negative absent absence lacks lacking lack "
        "excludes excluded fails failed unlikely against "
    )
)
"""An honest cut or ellipsis may not touch any of these."""
