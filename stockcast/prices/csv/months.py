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
    januari februari maart april mei juni juli augustus september oktober november december
    jan feb mrt apr mei jun jul aug sep okt nov dec
    jan feb mrz apr mai jun jul aug sep okt nov dez
    januari februari mars april maj juni juli augusti september oktober november december
    januar februar mars april mai juni juli august september oktober november desember
    tammikuu helmikuu maaliskuu huhtikuu toukokuu kesakuu heinakuu elokuu syyskuu lokakuu marraskuu joulukuu
    tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta
        lokakuuta marraskuuta joulukuuta
    leden unor brezen duben kveten cerven cervenec srpen zari rijen listopad prosinec
    ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince
    januar februar marec april maj jun jul august september oktober november december
    januar februar marcius aprilis majus junius julius augusztus szeptember oktober november december
    ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
    ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik
    ιανουαριος φεβρουαριος μαρτιος απριλιος μαιος ιουνιος ιουλιος αυγουστος σεπτεμβριος οκτωβριος
        νοεμβριος δεκεμβριος
    ιανουαριου φεβρουαριου μαρτιου απριλιου μαιου ιουνιου ιουλιου αυγουστου σεπτεμβριου οκτωβριου
        νοεμβριου δεκεμβριου
    січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень
    січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
    януари февруари март април май юни юли август септември октомври ноември декември
    januari februari maret april mei juni juli agustus september oktober november desember
    januari februari mac april mei jun julai ogos september oktober november disember
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
    ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
"""
# Whose letters carry signs of their own; the short forms are written with dots.
_MARKED_NAMES = """
    มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
    ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.
    जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
    जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितम्बर अक्तूबर नवम्बर दिसम्बर
"""
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _list_languages(names: str) -> list[list[str]]:
    words = names.split()
    return [words[start : start + 12] for start in range(0, len(words), 12)]


def _list_months() -> dict[str, int]:
    """Every name and its unambiguous short forms, of three letters and more."""
    full: dict[str, int] = {}
    short: dict[str, set[int]] = {}
    for language in _list_languages(_NAMES):
        for number, name in enumerate(language, start=1):
            full.setdefault(name, number)
            for length in range(3, len(name)):
                short.setdefault(name[:length], set()).add(number)
    return {name: next(iter(told)) for name, told in short.items() if len(told) == 1} | full


def simplify_name(name: str) -> str:
    """Write a name without case, accents and final dot; Cyrillic letters keep theirs."""
    text = unicodedata.normalize("NFD", name.lower().replace("ł", "l").replace("ı", "i"))
    if not any("\u0400" <= letter <= "\u04ff" for letter in text):
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", text).rstrip(".")


_MONTHS = _list_months()
_MARKED = {
    unicodedata.normalize("NFKC", name): english
    for language in _list_languages(_MARKED_NAMES)
    for name, english in zip(language, ENGLISH, strict=True)
}


def parse_month(name: str) -> int | None:
    """Return a month's number from its name, whatever its case, accents or final dot."""
    return _MONTHS.get(simplify_name(name))


def translate_months(text: str) -> str:
    """Write the months of scripts whose letters carry signs, such as Thai, in English."""
    for name, english in _MARKED.items():
        if name in text:
            return text.replace(name, english)
    return text
