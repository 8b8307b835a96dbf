"""Documents of the train split: headings, sections and the sentences around what is asked about."""

from __future__ import annotations

from ..forms import Form, Section
from .ward_train import SENTENCES

FORMS: dict[str, Form] = {
    "vignette": Form(
        headings=(),
        sections=(
            Section(
                "",
                (
                    "The child had been well until a teacher noticed that drawings and letters were getting shakier.",
                    "Falls on flat ground became common, mostly when the child turned quickly or was tired in the "
                    "evening.",
                    "At mealtimes the grandparents saw that drinks were being coughed up and meat was left on the "
                    "plate.",
                    "Speech grew thick and slow over a few weeks, so that friends on the telephone asked for words to "
                    "be repeated.",
                    "Tiredness was at first put down to a cold that had gone round the whole family.",
                    "Morning headaches woke the child before the rest of the house and eased once breakfast was over.",
                    "On the stairs the child had begun to hold the banister tightly and to bring both feet to each "
                    "step.",
                    "A swimming coach mentioned that the child had started to veer across the lane and to swallow "
                    "water.",
                    "The general practitioner watched the child walk along the corridor and telephoned the hospital "
                    "straight away.",
                    "There had been no head injury, no fever and no travel abroad in the time before the illness.",
                    "Buttons, zips and cutlery became a struggle, although the child had always been quick with both "
                    "hands.",
                    "Sleep had been restless for some time, with loud snoring that the family had never heard before.",
                    "An unusually tearful and short-tempered mood puzzled the parents, who wondered about trouble with "
                    "friends.",
                    "Pregnancy and birth had been straightforward, and the early milestones were reached when they "
                    "were expected.",
                    "An optician looked at the back of both eyes, found nothing amiss there and advised a hospital "
                    "visit.",
                    "In the emergency department the doctors suspected a problem in the brain stem and asked for a "
                    "scan.",
                ),
            ),
            Section(
                "",
                (
                    "On examination the child was alert and friendly and told a long joke in slurred words.",
                    "Walking heel to toe was not possible without a helping hand, and the feet were set wide apart.",
                    "Tendon reflexes in the legs were brisk, and both plantar responses were upgoing.",
                    "Reaching for the examiner's finger overshot the mark, more so when the child tried to hurry.",
                    "The gag reflex was weak, and drinks were thickened on the advice of the speech therapist.",
                    "Visual fields were full when tested with a toy, and both pupils reacted briskly to light.",
                    "MRI showed bright T2 signal in the pons, which the radiologist took for a diffuse midline glioma.",
                    "Heart, lungs and abdomen were unremarkable, and the skin bore no birthmarks or pale patches.",
                    "Sensation to light touch and to a cold tuning fork was preserved in the arms and legs.",
                    "Tongue movements were slow, and the palate rose only a little when the child said aah.",
                    "Hearing was judged normal with whispered words, so no audiogram was asked for at that stage.",
                    "A lumbar puncture was not done because the team saw no benefit that would outweigh its risks.",
                    "Trembling of the outstretched hands made drinking from a full cup a messy affair.",
                    "During the stay the child played cards with the nurses and kept asking after the rabbit at home.",
                    "Constipation became a nuisance, and macrogol stirred into juice put matters right within days.",
                    "Muscle tone was raised in the legs, and a few beats of clonus were felt at the ankles.",
                ),
                takes=True,
            ),
            Section(
                "",
                (
                    "The parents live with the child and an elder brother in a terraced house with a small garden.",
                    "The mother drives a bus and has been given leave from work by a helpful depot manager.",
                    "Nobody in the wider family has had a brain tumour or another cancer at a young age.",
                    "Classmates have sent a box of letters, and the child hopes to be well enough for the school play.",
                    "It was agreed that the child should hear the truth in small steps and in plain words.",
                    "The brother asked whether the illness was catching and was much relieved by the answer.",
                    "The father wishes to have copies of every letter and keeps them in a green folder.",
                    "The head teacher offered shorter days, a seat near the door and a helper in the corridors.",
                    "A named nurse will telephone once a week, and the parents may ring the ward at any hour.",
                    "Community children's nurses have been told about the family and will call at the house.",
                    "Prayer gives the family strength, and members of their congregation have offered help with the "
                    "shopping.",
                    "Surgery cannot remove the tumour, and the parents asked for time to take in what they had been "
                    "told.",
                ),
                takes=True,
            ),
        ),
    ),
    "radiology": Form(
        headings=(
            "MRI OF THE BRAIN, REPORT",
            "NEURORADIOLOGY REPORT",
            "REPORT OF THE CHILDREN'S IMAGING DEPARTMENT",
            "MAGNETIC RESONANCE IMAGING OF THE HEAD",
            "IMAGING REPORT FOR THE NEURO-ONCOLOGY CLINIC",
        ),
        sections=(
            Section(
                "CLINICAL DETAILS",
                (
                    "A diffuse midline glioma in the pons is known, and the child is under the neuro-oncology clinic.",
                    "The parents have noticed unsteady walking and slurred words, most of all in the evening.",
                    "Coughing at drinks and a softer voice have been noted, and the lower cranial nerves are in "
                    "question.",
                    "The clinical team would like to know whether the flow of cerebrospinal fluid is held up anywhere.",
                    "Headaches on waking have troubled the patient, who is otherwise lively and free of fever.",
                    "Please comment on any spread to the coverings of the brain or to the walls of the ventricles.",
                ),
            ),
            Section(
                "TECHNIQUE",
                (
                    "Sagittal and axial T1 images were obtained on the children's scanner before contrast was given.",
                    "Axial T2 and FLAIR sequences cover the whole brain from the vertex to the foramen magnum.",
                    "Diffusion imaging was done in the axial plane, and the maps were calculated at the console.",
                    "Gd contrast was injected through a cannula in the hand, and T1 images were repeated afterwards.",
                    "Single-voxel spectroscopy was placed over the pons, taking care to stay clear of the skull base.",
                    "A perfusion series was acquired during the passage of contrast and processed with the usual "
                    "software.",
                    "The child lay still with a film playing in the goggles, so no anaesthetic was needed.",
                    "A susceptibility sequence was added to look for blood products and for calcification.",
                    "One sequence was repeated because of a cough, and the second attempt is free of movement.",
                ),
            ),
            Section(
                "FINDINGS",
                (
                    "The pons is occupied by an ill-defined mass that is bright on T2 and dark on T1.",
                    "The basilar artery is surrounded by tumour at the front of the pons, and its flow void is "
                    "preserved.",
                    "The fourth ventricle is flattened from the front, yet its outline can be followed on every slice.",
                    "Abnormal FLAIR signal fades gradually towards the midbrain without a sharp border.",
                    "The lower medulla and the top of the cervical cord keep their normal shape and signal.",
                    "On the diffusion maps water moves freely through most of the tumour, as is usual in infiltrating "
                    "gliomas.",
                    "Perfusion of the mass resembles that of normal white matter, without any hot spot on the colour "
                    "maps.",
                    "Spectroscopy shows a tall choline peak and a low peak of N-acetylaspartate within the tumour.",
                    "A lactate peak can just be made out in the spectrum, close to the level of noise.",
                    "No spread is seen along the pial surfaces or the linings of the ventricles after contrast.",
                    "The thalami, the basal ganglia and the corpus callosum are of normal signal on both sides.",
                    "Cortex and white matter of the cerebral hemispheres look as they should in childhood.",
                    "The pituitary gland and its stalk lie in their usual place and take up contrast evenly.",
                    "Mucosal thickening is present in the maxillary sinuses, a common finding in children with a cold.",
                    "Both mastoids are well aerated, and the inner ears have a normal fluid signal.",
                    "The optic nerves and the chiasm are slender, and no excess fluid collects in their sheaths.",
                    "Contrast fills the dural venous sinuses evenly, and nothing suggests a clot.",
                    "Fine dark specks on the susceptibility images stand for traces of old blood within the pons.",
                    "The cerebellar tonsils sit above the foramen magnum, and the cisterna magna is open.",
                    "The vermis and both cerebellar hemispheres are normal in signal and in the pattern of their "
                    "folia.",
                    "No bone lesion is seen in the skull base or in the upper part of the cervical spine.",
                    "The belly of the pons bulges forwards and narrows the prepontine cistern.",
                ),
                takes=True,
            ),
            Section(
                "IMPRESSION",
                (
                    "The appearances are typical of a diffuse midline glioma that arises within the pons.",
                    "An abscess or a demyelinating illness would not explain the pictures and is considered most "
                    "unlikely.",
                    "The images show no fresh bleeding and no infarct that would call for action today.",
                    "The spectrum supports a glial tumour but cannot, by itself, tell its grade.",
                    "Imaging of the whole spine is suggested, should back pain or trouble with the bladder arise.",
                    "Surgical removal is not feasible, given the way in which the tumour blends with the brain stem.",
                    "The pictures will be shown at the next tumour board, where the clinical story can be heard "
                    "alongside.",
                    "Incidental swelling of the sinus lining needs treatment only if the child has complaints.",
                    "The next scan should use the same sequences in the same planes to allow a fair comparison.",
                    "The findings were passed by telephone to the registrar on call, who will speak to the family.",
                ),
                takes=True,
            ),
        ),
        closings=(
            "Reported by the consultant paediatric neuroradiologist",
            "Checked and released by the children's imaging department",
            "The duty neuroradiologist will gladly answer questions by telephone",
        ),
    ),
    "pathology": Form(
        headings=(
            "NEUROPATHOLOGY REPORT",
            "REPORT ON A TISSUE SAMPLE OF THE PONS",
            "INTEGRATED PATHOLOGY REPORT",
            "HISTOLOGY AND MOLECULAR PATHOLOGY, REPORT",
            "REPORT OF THE BRAIN TUMOUR LABORATORY",
        ),
        sections=(
            Section(
                "CLINICAL DETAILS",
                (
                    "The patient is a child with a diffuse tumour of the pons seen on MRI.",
                    "Unsteady gait, slurred speech and coughing at drinks are given as symptoms on the request form.",
                    "The surgeons ask for the type and grade of the tumour and for its H3 status.",
                    "No earlier tissue from the patient is held in the department.",
                    "The family has agreed that spare tissue may be kept for research into midline gliomas.",
                    "A stereotactic needle was passed through the cerebellar peduncle to reach the pons.",
                ),
            ),
            Section(
                "SPECIMEN",
                (
                    "A few thin cores of soft, pale tissue arrived fresh on a moist swab.",
                    "A smear was made at once and stained with toluidine blue to confirm that tumour was present.",
                    "One core was snap-frozen for molecular work, and the other cores went into formalin.",
                    "All of the fixed tissue was embedded, and nothing was thrown away.",
                    "The container and the form carried matching labels, which were checked by two members of staff.",
                    "A flake of blood clot lay beside the tissue and was processed together with it.",
                    "Sections were cut at several levels, with unstained slides kept in between.",
                    "Fixation took place overnight, and the blocks were ready for cutting on the following morning.",
                ),
            ),
            Section(
                "MICROSCOPY",
                (
                    "The sections show a glial tumour that spreads as single cells through the tissue of the brain "
                    "stem.",
                    "The nuclei are elongated, dark and unequal in shape, with little visible cytoplasm around them.",
                    "Trapped nerve cells lie between the tumour cells in each of the cores.",
                    "Mitotic figures are found without difficulty in the more crowded fields.",
                    "Microvascular proliferation is absent from the levels examined, which does not argue against a "
                    "high grade.",
                    "Palisading necrosis is not seen, although small cores may well miss it.",
                    "The density of cells varies from one core to the next and falls off towards normal tissue.",
                    "Some cells carry fine processes and resemble astrocytes, while others are small and rounded.",
                    "Tumour cells gather around neurons and along small vessels, a pattern known as secondary "
                    "structures.",
                    "Rosenthal fibres and eosinophilic granular bodies were looked for and not found.",
                    "A few lymphocytes lie in the spaces around the vessels, whose walls are thin.",
                    "There is no sign of an embryonal tumour, of an ependymoma or of an inflammatory process.",
                ),
            ),
            Section(
                "IMMUNOHISTOCHEMISTRY",
                (
                    "The antibody against H3 K27M marks the nuclei of nearly all tumour cells strongly.",
                    "H3 K27me3 is lost from the tumour nuclei, while vessels and neurons keep their staining.",
                    "GFAP is positive in the processes of many tumour cells and in the background brain.",
                    "Most tumour nuclei are labelled by OLIG2, as one would expect in a diffuse glioma.",
                    "Staining for ATRX remains visible in the nuclei of the tumour.",
                    "The p53 stain is faint and scattered, which is read as the normal pattern.",
                    "Ki-67 marks a good share of the nuclei, most of all where the cells are crowded.",
                    "The antibody against mutant IDH1 gives no reaction in any of the cores.",
                    "Synaptophysin is confined to the trapped neuropil and leaves the tumour cells unstained.",
                    "Neurofilament brings out axons running between the tumour cells and so confirms infiltrating "
                    "growth.",
                    "All control tissues mounted beside the sections reacted as they should.",
                ),
            ),
            Section(
                "MOLECULAR FINDINGS",
                (
                    "DNA of good quality was obtained from the frozen core, with tumour cells clearly in the majority.",
                    "Sequencing found the K27M change in a gene for histone H3.1, in agreement with the stain.",
                    "By its methylation profile the tumour falls into the class of diffuse midline gliomas.",
                    "A PIK3CA hotspot change, known from other gliomas of the pons, was detected in the tumour.",
                    "No change was found in TP53, and both copies of the gene are present.",
                    "PDGFRA is not amplified, and its coding sequence shows no relevant change.",
                    "The last exon of PPM1D was read in full and shows the normal sequence.",
                    "The search for gene fusions in the tumour RNA found none that could guide treatment.",
                    "The promoter of the MGMT gene is unmethylated in the assay of our laboratory.",
                    "Blood of the child was sequenced for comparison and gave no hint of an inherited tumour syndrome.",
                ),
                takes=True,
            ),
            Section(
                "COMMENT",
                (
                    "Taken together, the results establish a diffuse midline glioma of the H3-altered type.",
                    "By definition such a tumour is given the highest grade of the WHO scheme, whatever its look.",
                    "Histology and molecular results agree well, so no further stains are planned.",
                    "Counting mitoses more closely would add nothing to the outlook in the presence of the H3 change.",
                    "Spare blocks remain in the department and can be released on written request.",
                    "The result was explained to the treating oncologist by telephone before the report went out.",
                    "We thank the surgeons for the careful handling of a sample from such a delicate place.",
                    "The array data may be shared with the national registry under the consent given by the parents.",
                    "Questions about targeted drugs are best taken to the molecular board, which meets every other "
                    "week.",
                ),
                takes=True,
            ),
        ),
        closings=(
            "Signed by the consultant neuropathologist on behalf of the laboratory",
            "Released by the brain tumour laboratory",
            "With thanks for the referral, the department of neuropathology",
        ),
    ),
    "board": Form(
        headings=(
            "NEURO-ONCOLOGY BOARD, RECORD OF THE MEETING",
            "TUMOUR BOARD FOR CHILDREN, SUMMARY",
            "MULTIDISCIPLINARY MEETING, BRAIN TUMOURS",
            "BRAIN TUMOUR MEETING, OUTCOME SHEET",
            "NOTES OF THE WEEKLY TUMOUR BOARD",
        ),
        sections=(
            Section(
                "CASE",
                (
                    "The oncology registrar presents a child whose diffuse midline glioma arises from the pons.",
                    "The child walks with a hand held and speaks slowly but can be understood by strangers.",
                    "Both parents know the diagnosis and have asked what can be offered close to home.",
                    "The illness had begun with falls, a softer voice and difficulty on the stairs.",
                    "Other illnesses are not known, and no regular medicines were taken before the tumour was found.",
                    "The latest MRI pictures were loaded before the meeting and can be seen on the screen.",
                    "The clinical psychologist has met the family several times and is present at the board today.",
                ),
            ),
            Section(
                "DISCUSSION",
                (
                    "The neuroradiologist walked the board through the T2 images and pointed out the encased basilar "
                    "artery.",
                    "The neurosurgeon explained that resection would harm the brain stem without any gain.",
                    "The neuropathologist reminded everyone that the loss of H3 K27me3 settles the type of tumour.",
                    "The radiation oncologist described how play preparation can spare a child the anaesthetic for the "
                    "mask.",
                    "Fatigue, rather than weakness, decides how far the child can walk, said the physiotherapist.",
                    "The speech therapist advised upright sitting, slow sips and a thickened texture for every drink.",
                    "The palliative care nurse hopes to be introduced early, so that the family knows a familiar face.",
                    "Side effects of steroids were talked over, with mood and sleep named as the chief burdens.",
                    "A teacher has asked the team what to do if the child chokes at lunch.",
                    "Vaccines were brought up, and inactivated ones may go ahead as the family doctor sees fit.",
                    "Nobody in the room saw a reason for a lumbar puncture in the present situation.",
                    "The psychologist described the elder sister as worried and much quieter than before.",
                    "The pharmacist listed the interactions of herbal remedies that the grandparents have bought "
                    "online.",
                    "The geneticist saw no ground for testing relatives, as the family tree is free of early cancers.",
                    "The dietitian would like the texture of meals looked at again whenever swallowing changes.",
                    "One parent fears for a job after many missed shifts, as the social worker told the board.",
                    "The ward sister spoke of nights broken by worry and asked for a calm single room.",
                ),
                takes=True,
            ),
            Section(
                "OUTCOME",
                (
                    "The board agrees that surgery to remove the tumour is not to be offered.",
                    "The consultant will speak to both parents on Thursday, with the nurse specialist at hand.",
                    "The secretary will book the next MRI on the children's list and send the letter by post.",
                    "Palliative care colleagues in the community are to be told about the family this week.",
                    "The speech therapist will visit at home and write a plan for safe meals.",
                    "School is to receive a letter about choking, fatigue and the use of the lift.",
                    "A leaflet on herbal remedies and cancer medicines goes to the family with the next letter.",
                    "The sister is to be offered a place in the sibling group, which starts after the holidays.",
                    "The family doctor gets a copy of the minutes together with the number of the on-call team.",
                    "Frozen tissue stays in the biobank, as the parents have wished.",
                    "The wheelchair service will be asked for a light chair with a firm head support.",
                    "An open-access card for the ward is to be issued, so that nobody has to wait downstairs.",
                    "The case comes back to the board after the next scan, or earlier if the child is unwell.",
                    "Help with the claim for disability benefits will be given by the social worker.",
                ),
            ),
        ),
        listed=True,
    ),
    "letter": Form(
        headings=(
            "LETTER FROM THE NEURO-ONCOLOGY CLINIC",
            "DISCHARGE LETTER FROM THE CHILDREN'S WARD",
            "OUTPATIENT LETTER, PAEDIATRIC ONCOLOGY",
            "LETTER TO THE GENERAL PRACTITIONER",
            "SUMMARY OF CARE FOR THE FAMILY DOCTOR",
        ),
        sections=(
            Section(
                "",
                (
                    "Dear colleague, thank you for looking after the child so closely between the visits to us.",
                    "We are writing to tell you how the child has fared under our care at the brain tumour clinic.",
                    "You will remember that the tumour lies in the pons and cannot be removed by surgery.",
                    "The child came to us with both parents, a favourite blanket and a long list of questions.",
                    "A copy of the letter goes to the parents, the school nurse and the community team.",
                    "It was a pleasure to see the family, who are coping with great warmth and good sense.",
                    "Please forgive the length of the letter, as much has been talked over and arranged.",
                ),
            ),
            Section(
                "",
                (
                    "The child was in good spirits and showed the doctors a card trick learned from an uncle.",
                    "Walking is possible over short distances with a rollator, and rests are taken on the way.",
                    "Speech is slow and nasal, but sentences are complete and full of humour.",
                    "Thin drinks still cause coughing, whereas thickened ones go down without trouble.",
                    "We found the chest clear and saw nothing to suggest that food had been inhaled.",
                    "Reflexes are brisk throughout, with clonus at both ankles, as at the previous visits.",
                    "Coordination of the hands is poor, and a cup with a handle on each side has helped.",
                    "The central line was flushed, its exit site was clean, and the dressing was changed.",
                    "Headaches have been rare and settle with a cool cloth and a rest in a darkened room.",
                    "Constipation was treated with macrogol and more fruit, and the tummy is now soft.",
                    "Irritability and broken sleep were put down to the steroids, which the parents were relieved to "
                    "hear.",
                    "The mouth was moist and free of thrush, and the teeth had been brushed with care.",
                    "There have been no seizures at any time in the course of the illness.",
                    "The psychologist met the child alone and heard about bad dreams and missing friends.",
                    "Several writing aids were tried in occupational therapy, and a thick pen with a grip was "
                    "favoured.",
                    "Our physiotherapist taught the parents how to help with turning in bed and standing up.",
                    "We talked openly about what may lie ahead, and the parents wished to take one week at a time.",
                    "Skin over the hips and heels is intact, thanks to the careful nursing by the family.",
                    "A mild cold ran its course without fever and needed no antibiotics.",
                    "Hearing was tested in the sound booth and proved normal in both ears.",
                ),
                takes=True,
            ),
            Section(
                "",
                (
                    "The family has moved the bed downstairs, next to the kitchen, to avoid the steep stairs.",
                    "School is attended in the mornings, with a helper who knows how to thicken drinks.",
                    "The parents should ring us at once about drowsiness, repeated vomiting or noisy breathing.",
                    "The community nurse calls on Tuesdays and brings fresh supplies for the care of the line.",
                    "Steroids are taken with food and must never be stopped suddenly without asking us.",
                    "A steroid card is kept in the mother's purse and shown to every doctor they meet.",
                    "Contact with chickenpox should be reported to the ward the same day, even at the weekend.",
                    "Live vaccines should not be given for now, whereas the flu jab is welcome for the whole "
                    "household.",
                    "A shower stool and grab rails have been fitted, and a ramp to the front door is pending.",
                    "The little sister sleeps at the grandparents' on school nights and comes home for the weekend.",
                    "We should be grateful if you would keep an eye on the parents, who sleep very little.",
                    "Please continue the laxative and the mouth care as set out in the enclosed plan.",
                    "The family hopes to spend some days by the sea, and we have given them a travel letter.",
                    "Meals are soft and moist and are taken at the table without hurry or television.",
                ),
                takes=True,
            ),
        ),
        closings=(
            "With kind regards, the children's neuro-oncology clinic",
            "Yours sincerely, the paediatric oncology team",
            "With best wishes from all of us on the children's cancer ward",
            "With many thanks for your help, the neuro-oncology doctors and nurses",
        ),
    ),
    "sheet": Form(
        headings=(
            "PROTOCOL SHEET OF THE CHILDREN'S CANCER UNIT",
            "HOUSE RULES FOR SAFE TREATMENT",
            "EXTRACT FROM THE UNIT'S GUIDELINE",
            "CHEMOTHERAPY ON THE CHILDREN'S WARD, RULES",
            "WORKING INSTRUCTIONS, PAEDIATRIC ONCOLOGY",
        ),
        sections=(
            Section(
                "",
                (
                    "Cytotoxic medicines are prepared in the pharmacy only and reach the ward in sealed bags.",
                    "Gloves and a long-sleeved apron are worn whenever chemotherapy is hung up or taken down.",
                    "Two nurses check the name band, the prescription and the label at the bedside before an infusion "
                    "starts.",
                    "Written consent from a person with parental responsibility is needed before the first course "
                    "begins.",
                    "The child is asked for agreement too, in words that suit what a child can understand.",
                    "Before an anaesthetic the child takes no solid food from the time stated on the fasting card.",
                    "Sips of clear fluid may be offered until the anaesthetic team sends for the child.",
                    "Any child with a central line who runs a fever comes straight to the ward as an emergency.",
                    "Antibiotics for fever are started without delay, once cultures have been taken from every lumen.",
                    "If a vesicant leaks under the skin, the infusion is stopped at once and the cannula left in "
                    "place.",
                    "The extravasation kit hangs in the treatment room and is restocked by the nurse in charge.",
                    "Central lines are handled with a non-touch technique, and every hub is scrubbed before use.",
                    "Dressings over a line are changed once a week, or sooner if they are wet or loose.",
                    "Steroids are given with food, and preferably not late in the day because they disturb sleep.",
                    "Capsules are swallowed whole, and nobody opens or crushes them on the ward.",
                    "Nappies and vomit are treated as hazardous while chemotherapy is being given and for some days "
                    "after.",
                    "Spills are covered with the absorbent pad, and everyone else leaves the room until it is clean.",
                    "Children who cough on water get no thin drinks until the speech therapist has given advice.",
                    "Visitors with a cough, a rash or an upset stomach are asked to stay at home.",
                    "Pregnant members of staff do not handle chemotherapy or the body fluids of children who receive "
                    "it.",
                    "Pain is asked about at each round with the faces scale and treated before it builds up.",
                    "New drowsiness, irregular breathing or repeated vomiting is reported to the doctor on call at "
                    "once.",
                    "Every change to a prescription is signed, and telephone orders are not accepted for chemotherapy.",
                    "Parents receive the emergency card and the ward's telephone number before the first night at "
                    "home.",
                    "Rectal medicines and rectal temperatures are avoided in all children on chemotherapy.",
                    "Liquid medicines are drawn up in oral syringes that do not fit a drip line.",
                    "Herbal remedies are shown to the pharmacist first, because some of them alter the effect of "
                    "medicines.",
                ),
                takes=True,
            ),
        ),
        listed=True,
    ),
    "ward": Form(
        headings=(
            "NOTES FROM THE CHILDREN'S WARD",
            "NURSING NOTES, DAY AND NIGHT",
            "DAILY NOTES OF THE WARD TEAM",
            "WARD DIARY",
            "NOTES OF THE MORNING ROUND",
            "RUNNING NOTES, ONCOLOGY WARD",
        ),
        sections=(Section("", SENTENCES, takes=True),),
    ),
}
