"""Names of weekdays in the languages that price files come in."""

from __future__ import annotations

import re

from stockcast.prices.csv.months import parse_month, simplify_name

# Monday to Sunday; full names, then the short forms in use.
_NAMES = """
    monday tuesday wednesday thursday friday saturday sunday
    mon tue wed thu fri sat sun
    mon tues weds thur fri sat sun
    mon tue wed thurs fri sat sun
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    montag dienstag mittwoch donnerstag freitag sonnabend sonntag
    mo di mi do fr sa so
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lun mar mer jeu ven sam dim
    lunes martes miercoles jueves viernes sabado domingo
    lun mar mie jue vie sab dom
    segunda-feira terca-feira quarta-feira quinta-feira sexta-feira sabado domingo
    segunda terca quarta quinta sexta sabado domingo
    seg ter qua qui sex sab dom
    lunedi martedi mercoledi giovedi venerdi sabato domenica
    lun mar mer gio ven sab dom
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    ma di wo do vr za zo
    poniedzialek wtorek sroda czwartek piatek sobota niedziela
    pon wt sr czw pt sob nd
    pon wt sr czw pt sob niedz
    mandag tirsdag onsdag torsdag fredag lordag sondag
    man tir ons tor fre lor son
    måndag tisdag onsdag torsdag fredag lordag sondag
    man tis ons tors fre lor son
    maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
    ma ti ke to pe la su
    pondeli utery streda ctvrtek patek sobota nedele
    po ut st ct pa so ne
    hetfo kedd szerda csutortok pentek szombat vasarnap
    luni marti miercuri joi vineri sambata duminica
    pazartesi sali carsamba persembe cuma cumartesi pazar
    pzt sal car per cum cmt paz
    понедельник вторник среда четверг пятница суббота воскресенье
    пн вт ср чт пт сб вс
    понедiлок вiвторок середа четвер п'ятниця субота недiля
    понеділок вівторок середа четвер пятниця субота неділя
    пн вт ср чт пт сб нд
    δευτερα τριτη τεταρτη πεμπτη παρασκευη σαββατο κυριακη
    δευ τρι τετ πεμ παρ σαβ κυρ
    senin selasa rabu kamis jumat sabtu minggu
    sen sel rab kam jum sab min
    isnin selasa rabu khamis jumaat sabtu ahad
    الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
    一 二 三 四 五 六 日
    一 二 三 四 五 六 天
    月 火 水 木 金 土 日
    월 화 수 목 금 토 일
"""
ENGLISH = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _list_weekdays() -> dict[str, int | None]:
    """Every name and its number, Monday 0; None where two languages mean two days by it."""
    numbers: dict[str, int | None] = {}
    for line in _NAMES.strip().splitlines():
        for number, name in enumerate(map(simplify_name, line.split())):
            if numbers.setdefault(name, number) != number:
                numbers[name] = None
    return numbers


_WEEKDAYS = _list_weekdays()
_EASTERN = "一二三四五六日天月火水木金土월화수목금토일"
# 星期四, 周四, 木曜日, 목요일 stand anywhere; 四, 木, 목 alone only between marks.
_MARKED = re.compile(
    rf"[(（\[]?(?:(?:星期|礼拜|禮拜|周|週)([{_EASTERN}])|([{_EASTERN}])(?:曜日?|요일))[)）\]]?"
)
_WORD = re.compile(r"(?:^|(?<=[\s,;(（\[<.]))([^\W\d_](?:[^\W\d_]|['’-])*)(?=$|[\s,;.)）\]>])")


def parse_weekday(name: str) -> int | None:
    """Return a weekday's number from its name, Monday 0; None where that is not certain.

    Example:
        >>> parse_weekday("Friday"), parse_weekday("木"), parse_weekday("mar.")
        (4, 3, None)
    """
    return None if parse_month(name) is not None else _WEEKDAYS.get(simplify_name(name))


def take_weekday(text: str) -> tuple[str, int | None] | None:
    """Take the one weekday out of a text, wherever in it that stands.

    Args:
        text: a date cell.

    Returns:
        the rest, and the weekday's number, None where two languages mean two days by it; or None
        where there is no weekday, or more than one.
    """
    found = [
        (match.span(), parse_weekday(match[1] or match[2])) for match in _MARKED.finditer(text)
    ] or [
        (match.span(1), _WEEKDAYS[name])
        for match in _WORD.finditer(text)
        if (name := simplify_name(match[1])) in _WEEKDAYS and parse_month(match[1]) is None
    ]
    if len(found) != 1:
        return None
    (start, end), number = found[0]
    before, after = text[:start].rstrip(" ,;([<（"), text[end:].lstrip(" ,;.)]>）")
    return f"{before} {after}".strip(), number
