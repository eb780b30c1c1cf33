"""Which continent is a country on, and which countries are the European Union?

Codes are ISO 3166-1 alpha-2, continents as in the United Nations' M49 list, members of the Union as of 2020-02-01 (the
last change). Written down on 2026-11-22: no well-kept package has them without a data-frame library behind it.
"""

from collections.abc import Mapping

_LISTED = {
    "africa": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW "
    "MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW IO",
    "antarctica": "AQ",
    "asia": "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM "
    "PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
    "europe": "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD "
    "ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
    "northAmerica": "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM "
    "PR SV SX TC TT US VC VG VI",
    "oceania": "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    "southAmerica": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
}
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EUROPEAN_UNION = frozenset(_MEMBERS.split())
COUNTRIES = frozenset(code for codes in _LISTED.values() for code in codes.split())

#: What people call a continent, in small letters, and its countries. `eu` is the Union and not the continent: who
#: writes it means the law that holds there. `us` is what it says.
CONTINENTS: Mapping[str, frozenset[str]] = {
    **{name.lower(): frozenset(codes.split()) for name, codes in _LISTED.items()},
    "af": frozenset(_LISTED["africa"].split()),
    "ap": frozenset(_LISTED["asia"].split()) | frozenset(_LISTED["oceania"].split()),
    "as": frozenset(_LISTED["asia"].split()),
    "eu": EUROPEAN_UNION,
    "na": frozenset(_LISTED["northAmerica"].split()),
    "oc": frozenset(_LISTED["oceania"].split()),
    "sa": frozenset(_LISTED["southAmerica"].split()),
    "us": frozenset({"US"}),
}
#: What people write, and ISO 3166 does not.
_OTHERWISE = {"UK": "GB", "EL": "GR"}


def country(text: str) -> str | None:
    """The code of what somebody wrote; None when there is no such country."""
    code = text.strip().upper()
    code = _OTHERWISE.get(code, code)
    return code if code in COUNTRIES else None


def continent(text: str) -> frozenset[str] | None:
    """The countries of a continent; None when there is none of that name."""
    return CONTINENTS.get("".join(text.lower().replace("-", " ").replace("_", " ").split()))
