"""Units of measure in legal and medical text, and what they are in base units."""

import re

# name -> (dimension, size in the base unit of that dimension). Base units: g, L, s, month, mol, eq, IU, m, degC, mmHg,
# cal, Hz, money by currency. Months and seconds do not convert: a month has no fixed length. Mass and amount of
# substance do not convert: that takes the molar mass.
_TABLE: dict[str, tuple[str, float, str]] = {
    "kg": ("g", 1e3, "kilogram kilograms kilo kilos kilogramme kilogrammes kgs"),
    "g": ("g", 1.0, "gram grams gramme grammes gm gms"),
    "mg": ("g", 1e-3, "milligram milligrams milligramme milligrammes mgs"),
    "mcg": ("g", 1e-6, "\u00b5g \u03bcg ug microgram micrograms microgramme microgrammes mcgs"),
    "ng": ("g", 1e-9, "nanogram nanograms"),
    "lb": ("g", 453.59237, "lbs pound pounds"),
    "oz": ("g", 28.349523125, "ounce ounces"),
    "tonne": ("g", 1e6, "tonnes"),
    "l": ("L", 1.0, "liter liters litre litres"),
    "dl": ("L", 0.1, "deciliter deciliters decilitre decilitres"),
    "cl": ("L", 0.01, "centiliter centiliters centilitre centilitres"),
    "ml": ("L", 1e-3, "cc mls milliliter milliliters millilitre millilitres"),
    "mcl": ("L", 1e-6, "\u00b5l \u03bcl ul microliter microliters microlitre microlitres"),
    "ms": ("s", 1e-3, "millisecond milliseconds msec"),
    "s": ("s", 1.0, "sec secs second seconds"),
    "min": ("s", 60.0, "mins minute minutes"),
    "h": ("s", 3600.0, "hr hrs hour hours"),
    "day": ("s", 86400.0, "days"),
    "week": ("s", 604800.0, "weeks wk wks"),
    "fortnight": ("s", 1209600.0, "fortnights"),
    "month": ("month", 1.0, "months mo mos"),
    "year": ("month", 12.0, "years yr yrs"),
    "decade": ("month", 120.0, "decades"),
    "mol": ("mol", 1.0, "mole moles"),
    "mmol": ("mol", 1e-3, "millimole millimoles mmols"),
    "mcmol": ("mol", 1e-6, "\u00b5mol \u03bcmol umol micromole micromoles"),
    "nmol": ("mol", 1e-9, "nanomole nanomoles"),
    "pmol": ("mol", 1e-12, "picomole picomoles"),
    "eq": ("eq", 1.0, "equivalent equivalents"),
    "meq": ("eq", 1e-3, "milliequivalent milliequivalents"),
    "iu": ("IU", 1.0, "ius unit units"),
    "miu": ("IU", 1e-3, ""),
    "km": ("m", 1e3, "kilometer kilometers kilometre kilometres"),
    "m": ("m", 1.0, "meter meters metre metres"),
    "cm": ("m", 1e-2, "centimeter centimeters centimetre centimetres cms"),
    "mm": ("m", 1e-3, "millimeter millimeters millimetre millimetres"),
    "mcm": ("m", 1e-6, "\u00b5m \u03bcm micrometer micrometers micrometre micrometres"),
    "mi": ("m", 1609.344, "mile miles"),
    "ft": ("m", 0.3048, "foot feet"),
    "inch": ("m", 0.0254, "inches"),
    "yard": ("m", 0.9144, "yards"),
    "mmhg": ("mmHg", 1.0, ""),
    "kpa": ("mmHg", 1000 / 133.322387415, "kilopascal kilopascals"),
    "cal": ("cal", 1.0, "calorie calories"),
    "kcal": ("cal", 1e3, "kilocalorie kilocalories"),
    "kj": ("cal", 1000 / 4.184, "kilojoule kilojoules"),
    "hz": ("Hz", 1.0, "hertz"),
    "%": ("%", 1.0, "percent pct"),
    "usd": ("USD", 1.0, "$ us$ dollar dollars"),
    "eur": ("EUR", 1.0, "\u20ac euro euros"),
    "gbp": ("GBP", 1.0, "\u00a3 sterling"),
    "jpy": ("JPY", 1.0, "\u00a5 yen"),
    "\u00b0c": ("degC", 1.0, "celsius degc"),
    "\u00b0f": ("degF", 1.0, "fahrenheit degf"),
}
UNITS: dict[str, tuple[str, float]] = {
    name: (dimension, size) for symbol, (dimension, size, names) in _TABLE.items() for name in (symbol, *names.split())
}
_NAMES = "|".join(
    sorted((re.escape(n) for n in UNITS if n not in "$\u20ac\u00a3\u00a5" and n != "us$"), key=len, reverse=True)
)
_ONE = rf"(?:{_NAMES}|per\s?cent|international\sunits?|degrees?\s(?:celsius|fahrenheit|c\b|f\b)|\u00b0\s?[cf])"
UNIT_PATTERN = rf"(?:{_ONE})(?![\w\u00b2\u00b3]|\.\w|\.\s[a-z]\.)(?:(?:\s?/\s?|\sper\s)(?:{_ONE})(?![\w]|\.\w)){{0,2}}"
CURRENCY_SIGNS = "$\u20ac\u00a3\u00a5"
_SLASH = re.compile(r"\s?/\s?|\sper\s(?!cent)", re.I)
_SPELLED = {
    "per cent": "%", "percent": "%", "international unit": "iu", "international units": "iu",
    "degrees celsius": "\u00b0c", "degree celsius": "\u00b0c", "degrees c": "\u00b0c", "\u00b0 c": "\u00b0c",
    "degrees fahrenheit": "\u00b0f", "degree fahrenheit": "\u00b0f", "degrees f": "\u00b0f", "\u00b0 f": "\u00b0f",
}  # fmt: skip


def to_base(value: float, unit: str) -> tuple[float, str]:
    """`value` of `unit` in base units, and its dimension.

    "300 mcg" and "0.3 mg" give the same; "mg/kg/day" gives the dimension "g/g/s". An empty or unknown unit gives
    `(value, unit)`. Fahrenheit becomes Celsius.
    """
    names = [_name(part) for part in _SLASH.split(unit)] if unit else []
    if not names or any(name not in UNITS for name in names):
        return value, unit.strip().casefold()
    if names[0] == "\u00b0f" or UNITS[names[0]][0] == "degF":
        return rounded((value - 32) / 1.8), "degC"
    dimensions = [UNITS[name][0] for name in names]
    value *= UNITS[names[0]][1]
    for name in names[1:]:
        value /= UNITS[name][1]
    return rounded(value), "/".join(dimensions)


def rounded(value: float) -> float:
    """`value` to fourteen significant digits, so that equal quantities are equal numbers."""
    return float(f"{value:.14g}")


def _name(unit: str) -> str:
    plain = " ".join(unit.casefold().split())
    return _SPELLED.get(plain, plain)
