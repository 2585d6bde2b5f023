"""How models say that they do not know, that they will not say, or nothing at all: patterns.

Each pattern is matched at the beginning of a sentence, after its lead-in ("I'm sorry, but") has been taken off.
"""

import re
from functools import cache

_KNOWN = r"(?:provided|given|supplied|retrieved|available|above|cited|numbered|allowed|listed|presented|included|other)"
# Any of these words names what the model was given; "documents" only with a word such as "provided" before it.
_SOURCES = (
    rf"(?:(?:the|these|those|my|any|all|any of the|all of the) )?(?:{_KNOWN} )?(?:sources?|passages?|excerpts?|"
    rf"search results|contexts?|snippets?)(?: {_KNOWN})?(?: \d{{1,3}})?(?:(?:,|,? and|,? or) (?:passage |"
    r"source )?\d{1,3}){0,9}"
    rf"|(?:the|these|those|any) {_KNOWN} (?:documents?|texts?|materials?|information|articles?|records?|references?|"
    r"data)"
    rf"|(?:the )?(?:documents?|information|texts?|materials?) (?:{_KNOWN}|i (?:have|was given)|at hand)(?: to me)?"
)
_TELL = (
    r"(?:contain|provide|mention|include|address|specify|state|say|discuss|give|cover|answer|indicate|identify|offer|"
    r"supply|disclose|explain|describe|list|have|establish|tell|show|define|clarify|refer|speak|appear|seem|support|"
    r"allow)"
)
_FACTS = r"(?:information|info|details?|data|context|knowledge|facts|answers?|material|record)"
_CANNOT = (
    r"(?:cannot|can not|can't|could not|couldn't|(?:am |was |'m )?(?:currently )?unable to|"
    r"(?:am |was |'m )?not able to|wasn't able to)(?: \w+ly)?"
)
_NOT = r"(?:do not|does not|did not|don't|doesn't|didn't|cannot|can't|fail to|fails to)"
_SETTLED = r"(?:determined|answered|established|ascertained|inferred|verified|concluded|known|found)"
_TOLD = (
    r"(?:specified|mentioned|stated|provided|given|available|found|addressed|included|contained|known|disclosed|"
    r"present)"
)

LEAD = (
    r"(?:(?:i'?m|i am|we are) (?:very |truly |so )?(?:sorry|afraid)|sorry|i apologi[sz]e|apologies|unfortunately|"
    r"regrettably|"
    r"however|therefore|thus|hence|so|but|as such|in (?:short|summary|conclusion)|overall|(?:final |short )?answer|"
    r"the answer is|to be honest|honestly|at this time|in this case|i think|i believe|"
    r"as an? (?:ai|large)(?: language)?(?: model| assistant)?|(?:based|relying|going)(?: solely| only)? (?:on|"
    r"upon) [^,]{1,80}|"
    r"(?:from|given|according to|in|within) (?:only )?(?:the|these|those|any of the|all) [^,]{1,80}|"
    r"without [^,]{1,80}|after [^,]{1,80})(?:[,:;.!]+ ?|(?<=sorry) (?=but|i )|(?<=afraid) (?=that|i )|(?<=think) |"
    r"(?<=ai) (?=i )|(?<=model) (?=i )|(?<=assistant) (?=i )|(?<=believe) |"
    r"(?<=apologize) (?=but))(?:(?:but|that|and) )?"
)

# Permission or role is what lacks: stronger than any abstention that the sentence resembles.
FIRM_REFUSAL = (
    rf"i ?(?:{_CANNOT}|won't|will not|must not|am not allowed to|am not permitted to)"
    r" (?:help|assist|comply|fulfil+|do that|do this|engage|participate|diagnose|prescribe|in good conscience)\b",
    rf"i ?(?:{_CANNOT}|won't|will not|must not|am not allowed to|should not|am not qualified to) (?:provide|give|"
    r"offer|share)"
    r" (?:\S+ ){0,4}?(?:advice|diagnos[ei]s|opinions?|recommendations?|instructions|assistance|(?:information|"
    r"guidance|details) on how to)\b",
    r"i (?:must|have to|need to|will have to) (?:respectfully |politely )?(?:decline|refuse)\b|"
    r"i (?:respectfully )?(?:decline|refuse) to\b",
    r"(?:it|this|that|your request|doing so)(?: would be| would| is|'s| goes)? (?:inappropriate|unethical|"
    r"against (?:my|the)|a violation of|"
    r"violates?)\b",
    r"(?:i'm|i am) not (?:qualified|licensed|a (?:doctor|lawyer|physician|medical|legal|licensed|healthcare)|"
    r"allowed|permitted|programmed|designed|comfortable)\b",
    r"(?:my|the) (?:guidelines|policies|programming) (?:do not|don't|prevent|prohibit|forbid)\b",
)
REFUSAL = (
    rf"i ?(?:{_CANNOT}|won't|will not|must not) (?:discuss|recommend|advise|support|share|create|generate|write|"
    r"provide|"
    r"give|offer|respond|continue|answer that kind)\b",
)
ABSTENTION = (
    r"i (?:really |simply |just |honestly |still )?(?:do not|don't|did not|didn't) (?:really |actually |"
    r"currently )?know\b",
    rf"i (?:do not|don't|did not) (?:currently )?have (?:\S+ ){{0,5}}?{_FACTS}\b|i lack (?:\S+ ){{0,4}}?{_FACTS}\b",
    rf"i have (?:no|insufficient) (?:\w+ ){{0,2}}?(?:idea|way of knowing|evidence|{_FACTS})\b",
    r"(?:i am|i'm) (?:really |quite )?(?:not (?:entirely |quite |at all )?(?:sure|certain|aware of|familiar with)|"
    r"unsure|uncertain|unaware of)\b",
    rf"(?:i ?)?{_CANNOT} (?:answer|determine|find|say|tell|know|confirm|verify|establish|identify|locate|conclude|"
    r"ascertain|state)\b",
    rf"(?:i ?)?{_CANNOT} (?:provide|give|offer|generate|write|create|produce|make) (?:\S+ ){{0,8}}?"
    r"(?:answer|response|bio|biography|information|details?|figure|summary|guidance|determination)\b",
    rf"(?:{_SOURCES}) (?:that i \w+ )?{_NOT} (?:\w+ly )?{_TELL}\b",
    rf"(?:none|neither) of (?:{_SOURCES})\b|nothing in (?:{_SOURCES})\b|no (?:source|passage|provided (?:source|"
    rf"passage|document))s? {_TELL}s?\b",
    rf"(?:{_SOURCES}) (?:contains?|provides?|has|have|offers?|gives?|includes?) (?:no|insufficient|not enough|"
    r"too little)\b",
    rf"(?:{_SOURCES}) (?:is|are) (?:silent|insufficient|inconclusive|not (?:sufficient|enough|relevant)|irrelevant|"
    r"unrelated)\b",
    rf"(?:none|nothing)(?: \w+)? (?:mentioned|stated|provided|given|found|specified)(?: \w+)? in (?:{_SOURCES})\b",
    r"there (?:is|are|was|were)(?: simply)?(?: not enough| insufficient| not sufficient| too little|"
    rf" no)(?: \w+){{0,3}}? {_FACTS}\b",
    r"there (?:is|was) (?:not enough|insufficient|not sufficient|no) evidence (?:to (?:answer|determine|say)|"
    rf"in (?:{_SOURCES}))",
    rf"(?:not enough|insufficient) (?:\w+ )?{_FACTS}\b",
    r"no (?:\w+ )?(?:information|details?|answer)(?: [^.]{0,80})? (?:is|are|was|were|can be|could be) "
    r"(?:available|provided|given|found|mentioned|included|stated)\b",
    r"(?:(?:it|this|that|the answer|(?:this|the|your) question)(?: to [^.]{1,80})? )?(?:cannot|can not|can't|"
    r"could not) be"
    rf" (?:\w+ly )?{_SETTLED}\b",
    rf"[^.]{{1,160}} (?:cannot|can not|can't|could not) be (?:\w+ly )?{_SETTLED} (?:\w+ )?(?:from|based on|using|"
    rf"with|by|in|on) (?:{_SOURCES})\b",
    rf"[^.]{{0,160}}\bnot (?:\w+ly )?{_TOLD}(?: anywhere)? (?:in|by|from|within) (?:any of )?(?:{_SOURCES})\b",
    rf"(?:the )?(?:answer|information) (?:is|was) (?:not (?:\w+ly )?{_TOLD}|unknown|unclear|unavailable)\b",
    rf"it is (?:unclear|not clear|unknown)[^.]{{0,120}} (?:from|based on|in|given|with) (?:{_SOURCES})\b",
    rf"(?:from|based on) (?:{_SOURCES}) it is (?:unclear|not clear|unknown)\b|it remains unclear\b",
    rf"(?:based on|from|according to|given|in) (?:{_SOURCES}),? [^.]{{1,160}} (?:cannot|can not|can't|"
    rf"could not) be (?:\w+ly )?{_SETTLED}\b",
    rf"(?:based on|from|according to|given|in) (?:{_SOURCES}),? [^.]{{1,160}} (?:is|are) (?:unclear|unknown|"
    rf"not (?:\w+ly )?{_TOLD})\b",
    r"it is (?:not possible|impossible) to (?:say|tell|know|determine|answer|establish|provide)\b",
    r"(?:this|that|it) (?:is|falls|lies) (?:beyond|outside) (?:the scope of )?(?:what )?(?:my|"
    r"the) (?:\w+ )?(?:knowledge|sources|passages|information)\b",
    r"i (?:must |will |choose to )?abstain\b|i (?:would rather|prefer|'d rather) not (?:to )?(?:say|answer|guess)\b",
    r"(?:unknown|unanswerable|unsure|uncertain|not (?:known|sure|certain|specified|mentioned|stated|provided|"
    r"available|found|"
    r"answerable|given)|n/a|no answer|no idea|abstain|idk|cannot say|can't say|unable to answer)\W*\Z",
)
META = (
    rf"(?:{_SOURCES}|they|it|this information) (?:\w+ly |only |does |do )?(?:not )?(?:provides?|discuss(?:es)?|"
    r"focus(?:es)?|talks?|"
    r"mentions?|describes?|contains?|covers?|concerns?|deals?|relates?|addresse?s?|(?:is|"
    r"are) (?:only )?about)\b(?! that)",
    r"(?:it is|it's) (?:also )?possible that (?:this|the) (?:person|name|individual|question|case)\b",
    r"there (?:is|are) (?:likely |probably )?(?:many|several|multiple) (?:individuals|people|persons)\b|there (?:is|"
    r"are) no (?:mention|reference)\b",
    r"(?:more|additional|further) (?:information|context|details?)\b[^.]{0,60}\b(?:needed|required|necessary)\b",
    r"i would need (?:more|additional|further)\b|without (?:more|additional|further)\b|it's difficult for me\b",
    r"(?:please )?note that (?:this|the|my) answer\b|this answer is\b|to answer (?:this|that|the) question\b|"
    r"the question (?:asks|is about|concerns)\b",
)
EMPTY = (
    r"(?:could|can|would) you\b|please\b|(?:i'm|i am) (?:very |so )?sorry\W*\Z|thank you\b|(?:sure|certainly|"
    r"of course|yes|no|great question|that's (?:it|all)|done)\W*\Z",
    r"(?:sure|certainly|of course|absolutely|yes)?\W{0,2}i(?:'m| am| can| will|'ll| would| do)?(?: be)? (?:can |"
    r"be )?(?:able to |happy to |glad to |do my best|help you|help with|"
    r"answer (?:the|your|this) question|provide (?:you|an answer))",
    r"let me know\b|feel free\b|i hope (?:this|that|it)\b|(?:if you have|is there) any(?:thing)? (?:other|more|"
    r"further|else)?|i(?:'d| would|'ll| will) be happy\b",
    r"(?:based on|according to|in|from) [^.]{1,200}:\Z|here (?:is|are|'s)\b[^.]{0,200}:\Z|[^.]{0,120}\b(?:answer|"
    r"follows|following|steps)\b[^.]{0,120}:\Z",
)
ADVICE = (
    r"if you (?:have|can|could|need|are|would|provide|want)\b|i hope\b",
    r"you (?:should|may|might|can|could) (?:want to |wish to |also )?(?:consult|contact|speak|seek|ask|refer)\b",
    r"(?:consult|contact|seek|speak|talk|check|see) (?:a|an|your|with|to|the) (?:doctor|lawyer|physician|attorney|"
    r"pharmacist|qualified|"
    r"licensed|healthcare|medical|legal|professional)\b",
    r"i (?:would )?(?:recommend|suggest|advise|encourage) (?:that you |you )?(?:to )?(?:consult|contact|speak|check|"
    r"seek|see)",
    r"a (?:qualified|licensed) \w+ (?:should|can|could)\b",
    r"it (?:is|would be) (?:best|advisable|recommended|important) (?:to|that you) (?:consult|contact|seek|speak|"
    r"check)\b",
)
# Knowledge lacks, not permission: an abstention although it reads like a refusal.
LACKING = (
    r"[^.]{0,300}\bwithout (?:(?:any|some|the) )?(?:more|additional|further|knowing|specific|context)\b",
    rf"[^.]{{0,300}}\b(?:as|because|since) (?:there (?:are|is)|i (?:do not|don't|lack)|(?:{_SOURCES}) {_NOT})",
    rf"[^.]{{0,300}}\b(?:based on|from|in|with) (?:{_SOURCES})\b",
)


@cache
def pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern that matches where any of `phrases` does."""
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)
