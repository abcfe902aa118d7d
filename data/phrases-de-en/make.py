"""Make ``train.tsv`` out of the pairs written by hand and of the sentence frames beside this script.

``hand/DOMAIN.tsv``: German TAB English, one pair a line. A German side of the form ``Komm rein. // Kommen Sie rein.`` holds
the informal and the formal variant of one English side and makes two pairs.

``nouns.tsv``: German nouns with their article TAB the English noun; each makes a pair without articles, every second also
one with both.

``frames/DOMAIN.tsv``: the same, with slots ``[table.form]`` or, for a second draw of the same table, ``[table2.form]``;
``:low``, ``:up`` and ``:cap`` behind the form change its case, and a slot that begins a side begins with a capital. A frame
makes at most ``INSTANCES`` pairs; a frame of two variants makes them alternately. A table is a file
``fillers/TABLE.tsv``, whose first line names the forms, or a function of this script. The rows of one pair differ from one
another, and every frame draws from a random generator of its own, so that a new frame changes no other frame's pairs.

``python make.py [FILE]`` writes the pairs, German TAB English TAB domain, to FILE (``train.tsv`` beside this script).
"""

import datetime
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
INSTANCES = 12
VARIANTS = " // "
SLOT = re.compile(r"\[([a-z]+)(\d?)\.([a-z_]+?)(?::(low|up|cap))?\]")
Row = dict[str, str]

DAYS = {
    "Montag": "Monday",
    "Dienstag": "Tuesday",
    "Mittwoch": "Wednesday",
    "Donnerstag": "Thursday",
    "Freitag": "Friday",
    "Samstag": "Saturday",
    "Sonntag": "Sunday",
}
MONTHS = {
    "Januar": "January",
    "Februar": "February",
    "März": "March",
    "April": "April",
    "Mai": "May",
    "Juni": "June",
    "Juli": "July",
    "August": "August",
    "September": "September",
    "Oktober": "October",
    "November": "November",
    "Dezember": "December",
}
GERMAN_NUMBERS = """
null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn
neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig
"""
ENGLISH_NUMBERS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety
"""
ONES_DE, TENS_DE = GERMAN_NUMBERS.split()[:20], GERMAN_NUMBERS.split()[18:]
ONES_EN, TENS_EN = ENGLISH_NUMBERS.split()[:20], ENGLISH_NUMBERS.split()[18:]


def german_number(number: int) -> str:
    """Spell 0 to 9999 in German: ``einundzwanzig``, ``dreihundertfünf``."""
    if number < 20:
        return ONES_DE[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (("ein" if ones == 1 else ONES_DE[ones]) + "und" if ones else "") + TENS_DE[tens]
    unit, name = (100, "hundert") if number < 1000 else (1000, "tausend")
    count, rest = divmod(number, unit)
    return ("ein" if count == 1 else german_number(count)) + name + (german_number(rest) if rest else "")


def english_number(number: int) -> str:
    """Spell 0 to 9999 in English: ``twenty-one``, ``three hundred and five``."""
    if number < 20:
        return ONES_EN[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS_EN[tens] + (f"-{ONES_EN[ones]}" if ones else "")
    unit, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    count, rest = divmod(number, unit)
    join = " and " if rest < 100 else " "
    return f"{english_number(count)} {name}" + (join + english_number(rest) if rest else "")


def ordinal(number: int) -> str:
    """Write an English ordinal: ``1st``, ``12th``, ``23rd``."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def grouped(number: float, places: int, point: str, comma: str) -> str:
    """Write a number with a decimal sign and a sign between thousands."""
    return f"{number:,.{places}f}".translate(str.maketrans({".": point, ",": comma}))


def date(rng: random.Random) -> Row:
    """Draw a day of the years 2016 to 2027 and write it, and a day soon after it, in the usual formats."""
    day = datetime.date(2016, 1, 1) + datetime.timedelta(days=rng.randrange(4383))
    until = written_date(day + datetime.timedelta(days=rng.randrange(3, 25)))
    return written_date(day) | {f"{name}_until": text for name, text in until.items()}


def birthday(rng: random.Random) -> Row:
    """Draw a day of the years 1945 to 2007 and write it in the usual formats."""
    return written_date(datetime.date(1945, 1, 1) + datetime.timedelta(days=rng.randrange(23000)))


def written_date(day: datetime.date) -> Row:
    """Write a day in the usual formats."""
    de_month, en_month = list(MONTHS.items())[day.month - 1]
    de_day, en_day = list(DAYS.items())[day.weekday()]
    return {
        "de": f"{day.day}. {de_month} {day.year}",
        "uk": f"{day.day} {en_month} {day.year}",
        "us": f"{en_month} {day.day}, {day.year}",
        "de_short": f"{day.day}. {de_month}",
        "uk_short": f"{day.day} {en_month}",
        "us_short": f"{en_month} {day.day}",
        "th": f"{ordinal(day.day)} {en_month}",
        "de_figures": f"{day:%d.%m.%Y}",
        "uk_figures": f"{day:%d/%m/%Y}",
        "de_figures_short": f"{day:%d.%m.}",
        "uk_figures_short": f"{day:%d/%m}",
        "iso": day.isoformat(),
        "de_day": de_day,
        "en_day": en_day,
        "de_month": de_month,
        "en_month": en_month,
        "year": str(day.year),
        "past": str(min(day.year, 2025)),
    }


def time(rng: random.Random) -> Row:
    """Draw a time between six in the morning and midnight."""
    return written_time(rng, 6, 24)


def morning(rng: random.Random) -> Row:
    """Draw a time at which people get up."""
    return written_time(rng, 5, 9)


def evening(rng: random.Random) -> Row:
    """Draw a time at which people dine."""
    return written_time(rng, 18, 22)


def written_time(rng: random.Random, first: int, end: int) -> Row:
    """Draw a time of the day, in steps of five minutes, and write it on the clock of 24 and of 12 hours."""
    hour, minute = rng.randrange(first, end), rng.choice([0, 0, 5, 10, 15, 15, 20, 25, 30, 30, 35, 40, 45, 45, 50, 55])
    half = "a.m." if hour < 12 else "p.m."
    twelve = (hour - 1) % 12 + 1
    following = hour % 12 + 1
    spoken = {
        0: (f"{german_hour(twelve)} Uhr", f"{english_number(twelve)} o'clock"),
        5: (f"fünf nach {german_number(twelve)}", f"five past {english_number(twelve)}"),
        10: (f"zehn nach {german_number(twelve)}", f"ten past {english_number(twelve)}"),
        15: (f"Viertel nach {german_number(twelve)}", f"a quarter past {english_number(twelve)}"),
        20: (f"zwanzig nach {german_number(twelve)}", f"twenty past {english_number(twelve)}"),
        25: (f"fünf vor halb {german_number(following)}", f"twenty-five past {english_number(twelve)}"),
        30: (f"halb {german_number(following)}", f"half past {english_number(twelve)}"),
        35: (f"fünf nach halb {german_number(following)}", f"twenty-five to {english_number(following)}"),
        40: (f"zwanzig vor {german_number(following)}", f"twenty to {english_number(following)}"),
        45: (f"Viertel vor {german_number(following)}", f"a quarter to {english_number(following)}"),
        50: (f"zehn vor {german_number(following)}", f"ten to {english_number(following)}"),
        55: (f"fünf vor {german_number(following)}", f"five to {english_number(following)}"),
    }[minute]
    return {
        "de": f"{hour}:{minute:02} Uhr",
        "de_dot": f"{hour}.{minute:02} Uhr",
        "de_bare": f"{hour}:{minute:02}",
        "en": f"{hour}:{minute:02}",
        "en_twelve": f"{twelve}:{minute:02} {half}",
        "de_hour": f"{hour} Uhr",
        "en_hour": f"{twelve} {half}",
        "de_spoken": spoken[0],
        "en_spoken": spoken[1],
    }


def german_hour(hour: int) -> str:
    """Spell the hour before the word Uhr, where one is ``ein``."""
    return "ein" if hour == 1 else german_number(hour)


def price(rng: random.Random) -> Row:
    """Draw an amount of money below 3,000 and write it with signs and codes of currencies."""
    kind = rng.randrange(3)
    value = (rng.randrange(2, 60), rng.randrange(100, 10000) / 100, rng.randrange(10000, 300000) / 100)[kind]
    places = 0 if kind == 0 else 2
    de, en = grouped(value, places, ",", "."), grouped(value, places, ".", ",")
    whole = rng.randrange(2, 100) * rng.choice([1, 5, 10])
    small = rng.randrange(20, 2000) / 100
    middle = rng.randrange(9, 190) + rng.choice([0, 0.5, 0.9, 0.95, 0.99])
    return {
        "de_middle": f"{grouped(middle, 2, ',', '.')} €",
        "en_middle": f"€{middle:.2f}",
        "de_small": f"{grouped(small, 2, ',', '.')} €",
        "en_small": f"€{small:.2f}",
        "de": f"{de} €",
        "en": f"€{en}",
        "de_word": f"{de} Euro",
        "en_word": f"{en} euros",
        "de_code": f"EUR {de}",
        "en_code": f"EUR {en}",
        "de_dollar": f"{de} $",
        "en_dollar": f"${en}",
        "de_pound": f"{grouped(small, 2, ',', '.')} £",
        "en_pound": f"£{small:.2f}",
        "whole": str(whole),
    }


def rent(rng: random.Random) -> Row:
    """Draw a monthly rent."""
    value = rng.randrange(380, 1900, 10)
    return {"de": grouped(value, 0, ",", "."), "en": grouped(value, 0, ".", ",")}


def large(rng: random.Random) -> Row:
    """Draw the inhabitants of a town, with a sign between thousands."""
    value = rng.choice([rng.randrange(2000, 10000), rng.randrange(10000, 1000000), rng.randrange(1000000, 4000000)])
    return {"de": grouped(value, 0, ",", "."), "en": grouped(value, 0, ".", ",")}


def percent(rng: random.Random) -> Row:
    """Draw a percentage, half of them with one decimal place."""
    value, places = (rng.randrange(2, 100), 0) if rng.random() < 0.5 else (rng.randrange(11, 990) / 10, 1)
    de, en = grouped(value, places, ",", "."), grouped(value, places, ".", ",")
    rate, five = rng.randrange(1, 99) / 10, f"{rng.randrange(5, 75, 5)}"
    return {
        "de": f"{de} %",
        "en": f"{en}%",
        "de_word": f"{de} Prozent",
        "en_word": f"{en} percent",
        "de_rate": f"{grouped(rate, 1, ',', '.')} %",
        "en_rate": f"{rate}%",
        "de_rate_word": f"{grouped(rate, 1, ',', '.')} Prozent",
        "en_rate_word": f"{rate} percent",
        "de_five": f"{five} %",
        "en_five": f"{five}%",
    }


def measure(rng: random.Random) -> Row:
    """Draw amounts of length, weight, volume, temperature, duration and storage."""

    def both(name: str, value: float, places: int, unit: str) -> Row:
        de, en = grouped(value, places, ",", "."), grouped(value, places, ".", ",")
        return {f"de_{name}": f"{de} {unit}", f"en_{name}": f"{en} {unit}"}

    return {
        **both("m", rng.randrange(11, 400) / 10, 1, "m"),
        **both("kg", rng.randrange(11, 350) / 10, 1, "kg"),
        **both("km", rng.randrange(2, 900), 0, "km"),
        **both("g", rng.randrange(10, 99) * 10, 0, "g"),
        **both("ml", rng.randrange(5, 75) * 10, 0, "ml"),
        **both("l", rng.randrange(5, 100) / 10, 1, "l"),
        **both("cm", rng.randrange(3, 220), 0, "cm"),
        **both("gb", rng.randrange(11, 640) / 10, 1, "GB"),
        **both("mb", rng.randrange(2, 900), 0, "MB"),
        **both("qm", rng.randrange(28, 190), 0, "m²"),
        "degrees": f"{rng.randrange(2, 38)}",
        "oven": f"{rng.randrange(140, 240, 10)}",
    }


def number(rng: random.Random) -> Row:
    """Draw small whole numbers: of 2 to 12, of 13 to 99, of three digits, each also in words."""
    few, some, many = rng.randrange(2, 13), rng.randrange(13, 100), rng.randrange(100, 999)
    return {
        "few": str(few),
        "some": str(some),
        "many": str(many),
        "metres": str(rng.randrange(50, 950, 50)),
        "hours": str(rng.choice([3, 4, 6, 8, 12])),
        "baking": str(rng.randrange(10, 65, 5)),
        "size": str(rng.randrange(34, 58, 2)),
        "de_few": german_number(few),
        "en_few": english_number(few),
        "de_some": german_number(some),
        "de_many": german_number(many),
        "en_many": english_number(many),
        "en_some": english_number(some),
    }


def code(rng: random.Random) -> Row:
    """Draw numbers that a letter or a form quotes: of orders, invoices, customers, telephones, accounts, trains, rooms."""

    def digits(count: int) -> str:
        return str(rng.randrange(1, 10)) + "".join(str(rng.randrange(10)) for _ in range(count - 1))

    def letters(count: int) -> str:
        return "".join(rng.choice("ABCDEFGHKLMNPRSTUVWX") for _ in range(count))

    account = digits(18)
    return {
        "order": rng.choice([digits(8), f"{letters(2)}-{digits(6)}", f"{digits(3)}-{digits(7)}"]),
        "invoice": rng.choice([f"20{rng.randrange(19, 31)}-{digits(4)}", f"RE-{digits(5)}", f"R{digits(7)}"]),
        "customer": rng.choice([digits(6), f"K-{digits(5)}"]),
        "phone": rng.choice([f"0{digits(3)} {digits(7)}", f"+49 {digits(3)} {digits(7)}", f"0{digits(2)}/{digits(8)}"]),
        "iban": f"DE{digits(2)} " + " ".join([*(account[i : i + 4] for i in range(0, 16, 4)), account[16:]]),
        "train": f"{rng.choice(['ICE', 'IC', 'EC'])} {digits(3)}",
        "flight": f"{letters(2)} {digits(rng.choice([3, 4]))}",
        "room": digits(3),
        "gate": f"{rng.choice('ABCD')}{digits(2)}",
        "platform": str(rng.randrange(1, 24)),
        "house": str(rng.randrange(1, 180)),
        "zip": f"{rng.randrange(10115, 99994)}",
        "pin": digits(4),
        "serial": f"{letters(3)}{digits(4)}-{letters(1)}{digits(2)}",
        "version": f"{rng.randrange(1, 13)}.{rng.randrange(10)}.{rng.randrange(10)}",
        "error": rng.choice(["403", "404", "408", "500", "502", "503", f"0x{digits(4)}", f"E{digits(2)}"]),
    }


def read_table(name: str) -> list[Row]:
    """Read a table of fillers: its first line names the forms."""
    header, *lines = (HERE / "fillers" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def person(rng: random.Random) -> Row:
    """Draw a person with a first name and a surname, and the titles and pronouns that go with them."""
    first, surname = rng.choice(read_table("first")), rng.choice(read_table("surname"))
    trade = rng.choice(read_table("job"))
    man, family = first["gender"] == "m", surname["surname"]
    return {
        "first": first["first"],
        "family": family,
        "full": f"{first['first']} {family}",
        "mail": f"{rng.choice(['info', 'kontakt', 'office', 'service'])}@{rng.choice(['example.com', 'example.org'])}",
        "de_title": f"Herr {family}" if man else f"Frau {family}",
        "de_title_acc": f"Herrn {family}" if man else f"Frau {family}",
        "en_title": f"Mr {family}" if man else f"Ms {family}",
        "geehrt": f"Sehr geehrter Herr {family}" if man else f"Sehr geehrte Frau {family}",
        "lieb": f"Lieber {first['first']}" if man else f"Liebe {first['first']}",
        "lieb_title": f"Lieber Herr {family}" if man else f"Liebe Frau {family}",
        "er": "er" if man else "sie",
        "ihn": "ihn" if man else "sie",
        "job": trade["m" if man else "f"],
        "a_job": inflect(trade)["a"],
        "ihm": "ihm" if man else "ihr",
        "sein": "sein" if man else "ihr",
        "he": "he" if man else "she",
        "him": "him" if man else "her",
        "his": "his" if man else "her",
    }


GENERATORS: dict[str, Callable[[random.Random], Row]] = {
    function.__name__: function
    for function in (date, birthday, time, morning, evening, price, rent, large, percent, measure, number, code, person)
}
ARTICLES = {
    # determiner: (masculine, feminine, neuter) in the nominative, accusative and dative.
    "der": (("der", "die", "das"), ("den", "die", "das"), ("dem", "der", "dem")),
    "dieser": (("dieser", "diese", "dieses"), ("diesen", "diese", "dieses"), ("diesem", "dieser", "diesem")),
    "ein": (("ein", "eine", "ein"), ("einen", "eine", "ein"), ("einem", "einer", "einem")),
    "kein": (("kein", "keine", "kein"), ("keinen", "keine", "kein"), ("keinem", "keiner", "keinem")),
    "mein": (("mein", "meine", "mein"), ("meinen", "meine", "mein"), ("meinem", "meiner", "meinem")),
    "dein": (("dein", "deine", "dein"), ("deinen", "deine", "dein"), ("deinem", "deiner", "deinem")),
    "ihr": (("Ihr", "Ihre", "Ihr"), ("Ihren", "Ihre", "Ihr"), ("Ihrem", "Ihrer", "Ihrem")),
    "unser": (("unser", "unsere", "unser"), ("unseren", "unsere", "unser"), ("unserem", "unserer", "unserem")),
}


AUXILIARIES = {
    # form: (with haben, with sein)
    "habe": ("habe", "bin"),
    "hast": ("hast", "bist"),
    "hat": ("hat", "ist"),
    "haben": ("haben", "sind"),
    "hatte": ("hatte", "war"),
    "hatten": ("hatten", "waren"),
    "haette": ("hätte", "wäre"),
}


def inflect(row: Row) -> Row:
    """Add the forms that follow from others.

    A noun (columns gender, de, en) gets its determiners, ``der_acc``, ``mein_dat``, and so on, contracted prepositions,
    pronouns, and the English word with its article, ``a``; a noun with a plural (column pl) its dative;
    a verb the forms of haben or sein (column aux) and the participle gone in place of been (column pp).
    """
    if "aux" in row:
        row = row | {form: words[row["aux"] == "sein"] for form, words in AUXILIARIES.items()}
    if "en" in row:
        vowel = row["en"][0] in "aeiou" and not row["en"].startswith(("uni", "use", "Eur"))
        row = row | {"a": f"{'an' if vowel else 'a'} {row['en']}"}
    if "pp" in row:
        row = row | {"gone": re.sub("^been", "gone", row["pp"])}
    if "pl" in row:
        row = row | {"pl_dat": row["pl"] + ("" if row["pl"][-1] in "ns" else "n")}
    if "gender" not in row or "de" not in row:
        return row
    gender = "mfn".index(row["gender"])
    forms = {
        f"{name}_{case}": f"{words[gender]} {row['de']}"
        for name, cases in ARTICLES.items()
        for case, words in zip(("nom", "acc", "dat"), cases, strict=True)
    }
    before = {"zum": ("zum", "zur", "zum"), "am": ("am", "an der", "am"), "neuer": ("neuer", "neue", "neues")}
    pronouns = {"er": ("er", "sie", "es"), "ihn": ("ihn", "sie", "es"), "ihm": ("ihm", "ihr", "ihm")}
    forms |= {name: f"{words[gender]} {row['de']}" for name, words in before.items()}
    forms |= {name: words[gender] for name, words in pronouns.items()}
    return row | forms


def capital(text: str) -> str:
    """Write the first letter large."""
    return text[:1].upper() + text[1:]


CASES: dict[str | None, Callable[[str], str]] = {None: str, "low": str.lower, "up": str.upper, "cap": capital}


def instances(german: str, english: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of one frame: at most ``INSTANCES``, none twice, no side twice."""
    rng = random.Random(f"{german}\t{english}")
    slots = {(match[1], match[2]) for match in SLOT.finditer(german + english)}
    decks: dict[str, list[Row]] = {}
    variants = german.split(VARIANTS)
    seen: set[str] = set()
    made = 0
    for _ in range(40 * INSTANCES):
        drawn: dict[tuple[str, str], Row] = {}
        for table, index in sorted(slots):
            if table in GENERATORS:
                drawn[table, index] = GENERATORS[table](rng)
                continue
            if not decks.get(table):  # a shuffled deck uses every filler before it uses one twice
                decks[table] = [inflect(row) for row in read_table(table)]
                rng.shuffle(decks[table])
            drawn[table, index] = decks[table].pop()
        if len({(table, *row.values()) for (table, _), row in drawn.items()}) < len(drawn):
            continue

        def fill(text: str, drawn: dict[tuple[str, str], Row] = drawn) -> str:
            filled = SLOT.sub(lambda match: CASES[match[4]](drawn[match[1], match[2]][match[3]]), text)
            filled = filled.replace(".m..", ".m.")  # the point of p.m. ends the sentence, too
            first = SLOT.match(text)
            return capital(filled) if first and not first[4] else filled

        de, en = fill(variants[made % len(variants)]), fill(english)
        if de in seen or en in seen:
            continue
        seen |= {de, en}
        yield de, en
        made += 1
        if made == INSTANCES:
            return


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Read the German and the English sides of a file of pairs or frames."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(german, english) for german, english in (line.split("\t") for line in lines)]


def pairs() -> Iterator[tuple[str, str, str]]:
    """Yield the corpus: German, English, domain. A frame's pair with a side that is there already is left out."""
    written: list[tuple[str, str, str]] = []
    for number, (german, english) in enumerate(read_pairs(HERE / "nouns.tsv")):
        written.append((german.split(" ", 1)[1], english, "word"))
        if number % 2:
            written.append((german, f"the {english}", "word"))
    for path in sorted((HERE / "hand").glob("*.tsv")):
        for german, english in read_pairs(path):
            written += [(variant, english, path.stem) for variant in german.split(VARIANTS)]
    yield from written
    taken = {side for german, english, _ in written for side in (german, english)}
    for path in sorted((HERE / "frames").glob("*.tsv")):
        for german, english in read_pairs(path):
            for de, en in instances(german, english):
                if de not in taken and en not in taken:
                    taken |= {de, en}
                    yield de, en, path.stem


def main() -> None:
    """Write the corpus."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "train.tsv"
    path.write_text("".join("\t".join(pair) + "\n" for pair in pairs()), encoding="utf-8")


if __name__ == "__main__":
    main()
