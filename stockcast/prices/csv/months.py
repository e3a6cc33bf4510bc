"""Names of months in the languages that price files come in."""

from __future__ import annotations

import unicodedata

# January to December; full names, then short forms where they are no prefix of the full name.
_NAMES = """
    january february march april may june july august september october november december
    januar februar marz april mai juni juli august september oktober november dezember
    janner feber maerz april mai juno julei august sept oktober november dezember
    styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
    janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    ene feb mar abr may jun jul ago set oct nov dic
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    janv fevr mars avr mai juin juil aout sept oct nov dec
    gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
"""


def _list_months() -> dict[str, int]:
    """Every name and its unambiguous short forms, of three letters and more."""
    months: dict[str, int] = {}
    unclear: set[str] = set()
    for line in _NAMES.strip().splitlines():
        for number, name in enumerate(line.split(), start=1):
            for length in range(3, len(name) + 1):
                short = name[:length]
                if months.setdefault(short, number) != number and length < len(name):
                    unclear.add(short)
                if length == len(name):
                    months[name] = number
                    unclear.discard(name)
    return {name: number for name, number in months.items() if name not in unclear}


_MONTHS = _list_months()


def parse_month(name: str) -> int | None:
    """Return a month's number from its name, whatever its case, accents or final dot."""
    text = unicodedata.normalize("NFD", name.lower().replace("ł", "l").rstrip("."))
    if not any("\u0400" <= letter <= "\u04ff" for letter in text):
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    else:
        text = unicodedata.normalize("NFC", text)
    return _MONTHS.get(text)
