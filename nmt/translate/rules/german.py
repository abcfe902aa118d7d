"""The words of German that have a capital within a sentence are its nouns. Verbs, adjectives and words of grammar have none.

Verbs and adjectives are listed by their stems, and recognised with the endings and prefixes of their forms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_GRAMMAR = frozenset(
    """
ab abends aber acht achtzehn achtzig alle allein allem allen aller allerdings alles als also am an ander andere anderem
anderen anderer anderes anders anderthalb anfangs anscheinend anstatt auch auf aufgrund aus außen außer außerdem außerhalb
bald basierend bei beide beiden beider beides beim beinahe beispielsweise bereits besonders bestimmt bevor bevorzugt
bezüglich bin bis bisher bist bitte bloß da dabei dadurch dafür dagegen daher dahin dahinter damals damit danach daneben
dank dann daran darauf daraus darf darfst darin darüber darum darunter daß das dass dasselbe davon davor dazu dazwischen
dein deine deinem deinen deiner deines dem demnächst den denen denn dennoch der deren derselbe derselben derzeit des
deshalb dessen desto deswegen dich die dienstags dies diese dieselbe dieselben diesem diesen dieser dieses diesmal dir
doch donnerstags doppelt dort dorthin draußen drei dreimal dreißig dreizehn drinnen dritte dritten drüben du durch
durchaus durchs dürfen dürfte eben ebenfalls ebenso egal eher ein einander eine einem einen einer einerseits eines einfach
einige einigen einiger einmal eins einst einzig elf endlich entlang entsprechend entweder er ersatz erst erste erstem
ersten erster erstes erstmals es etliche etwa etwas euch euer eure eurem euren eurer falls fast fort freitags früh früher
fünf fünfte fünften fünfzehn fünfzig für fürs ganz gar gegen gegenüber gehabt gelegentlich gemäß genau genug gerade
geradeaus gern gerne gestern gewesen gewöhnlich geworden gibt gleich gleichzeitig glücklicherweise hab habe haben habt
halb hallo hast hat hätte hatte hätten hatten hattest häufig her herauf heraus herein herum herunter heute heutzutage hier
hierbei hierfür hiermit hin hinab hinauf hinaus hindurch hinein hinten hinter hinterher hinunter höchstens hoffentlich
hundert hunderte ich ihm ihn im immer immerhin in indem infolge inklusive innen innerhalb ins insbesondere insgesamt
inzwischen irgendein irgendwann irgendwas irgendwie irgendwo ist ja je jede jedem jeden jedenfalls jeder jedes jedoch
jemals jemand jemandem jene jener jenes jenseits jetzt jeweils kann kannst kaum kein keine keinem keinen keiner keines
keinesfalls keineswegs können könnt könnte konnte konnten könnten könntest künftig längst laut lauter lediglich leider
links mal man manch manche manchem manchen mancher manches manchmal mehr mehrere mehreren mehrmals mein meine meinem
meinen meiner meines meinetwegen meist meiste meisten meistens mich mindestens minus mir mit miteinander mithilfe mittags
mittels mittlerweile mittwochs möchte mochte möchten möchtest mögen möglicherweise möglichst momentan montags morgens muss
müssen musst musste müsste müssten nach nachdem nacheinander nachher nachmittags nachts nah nahe nämlich natürlich neben
nebenan nein neun neunzehn neunzig nicht nichts nie niemals niemand niemandem niemanden nirgends nirgendwo noch nochmal
nochmals normalerweise nun nur ob oben obwohl oder offenbar oft ohne ordnungsgemäß paar per plötzlich plus pro quer rechts
ringsum rückwärts rund samstags samt sämtliche schließlich schon sechs sechste sechzehn sechzig sehr sei seien sein seine
seinem seinen seiner seines seit seitdem seitens selbst selten seltsamerweise sich sieben siebte siebzehn siebzig sind so
sobald sodass sofern sofort sogar sogenannt solange solch solche solchem solchen solcher soll sollen sollte sollten
solltest somit sondern sonntags sonst soviel soweit sowie sowohl später spätestens statt stattdessen stets stundenlang
tagsüber tausend teils teilweise trotz trotzdem über überall überhaupt übermorgen übrigens um und ungefähr uns unser
unsere unserem unseren unserer unseres unten unter unterdessen unterwegs viel viele vielem vielen vieler vieles vielleicht
vier viermal vierte vierten vierzehn vierzig vom von voneinander vor voran voraus vorbei vorgestern vorher vorhin
vormittags vorn vorne vorwärts während wahrscheinlich wann war wäre waren wären warst warum was weder weg wegen weil
weiter weiterhin weitgehend welch welche welchem welchen welcher welches wem wen wenig wenige wenigen weniger wenigstens
wenn wer werde werden werdet weshalb wessen weswegen wie wieder wiederum wieso wieviel will willst wir wird wirklich wirst
wo wobei wodurch wofür woher wohin wohl wollen wollte wollten womit woran worauf worden worin worüber wovon wozu wurde
würde würden wurden zehn zehnte zeitweise ziemlich zirka zu zudem zuerst zufolge zuhause zuletzt zuliebe zum zunächst zur
zurück zurzeit zusammen zusätzlich zuvor zuweilen zwanzig zwar zwei zweimal zweite zweiten zweiter zweites zwischen
zwischendurch zwölf
""".split()  # noqa: SIM905
)
_VERBS = frozenset(
    """
acht ahn aktivier aktualisier akzeptier änder anerkenn anstreng antwort arbeit ärger atm bäck back bad band bat bau bedeut
beeinfluss befand befind begann beginn begleit begonn begrenz begründ begrüß behalt behält behandel behaupt behielt
beinhalt bekam bekäm bekomm beleg bemerk bemüh benötig benutz beobacht bereit bericht beruhig besaß beschädig beschäftig
beschließ beschloss beschreib beschrieb beseitig besitz bestand bestätig besteh bestell bestimm besuch betracht beträg
betrag betrat betreib betret betrieb bewahr beweg beweis bewies bezahl bezeichn bezieh bezog bieg biet bild bind bitt blas
bleib blick blieb blink blüh bog bot brach bracht brannt brat brauch brech brems brenn brich bring buch bück dacht dank
dauer deaktivier deck demonstrier denk deut dien diskutier drang dreh dring drück druck duld düng dusch eign eil einig
empfahl empfand empfang empfehl empfiehl empfind empfing end entdeck ess entfern enthält enthalt enthielt entscheid entschied
entschuldig entsprach entsprech entsprich entstand entsteh enttäusch entwickel erfahr erfand erfind erfuhr erfüll ergab
ergeb ergib erhalt erhält erhielt erhöh erhol erinner erkannt erkenn erklär erkrank erlaub erleb erledig erleichter
ermöglich ernähr eröffn erreich erschein erschien ersetz erstell erwähn erwarb erwart erzähl erzeug erzieh erziel
exportier fahr fähr fall fäll fand fäng fang fass fehl fehlschlag feier fertig fiel find fing flieg flieh fließ flog floh
floss folg forder form formatier forsch fotografier frag freigeb freu frier fror füg fühl fuhr führ füll funktionier
fürcht gab gäb gähn garantier geb gebrauch gefäll gefall gefiel geh gehör gelang geling genehmig genieß genoss gering
gewähr gewann gewinn gewöhn gewonn gib gieß ging glänz glaub gleich goss grab greif griff gründ grüß guck half hält halt
handel häng hass heb heil heirat heiß heiz helf herrsch herstell hielt hieß hilf hing hob hoff hol hör hust importier
informier installier interessier irr jag joggt jubel kam käm kämpf kannt kauf kehr kenn kennt klag klang klapp klär
klatsch kleb kletter klick kling klingel klopf koch komm konfigurier kontrollier konzentrier kopier korrigier kost kratz
kriech krieg kritisier kroch kühl kümmer kündig kürz küss lach lad läd lag läg land las läss lass lauf läuf läut leb leg
lehn lehr leid leih leist leit lenk lern les leucht leuchte lieb lief liefer lieg lieh lies ließ litt lob log lös lösch
lud lüft lüg mach mahl mal markier maß meid mein meld merk mess mied miet mild misch miss montier müh nach nähm nahm nannt
nehm nenn nick nimm notier nütz nutz öffn ordn organisier pack park pass passier pfeif pflanz pfleg pflück plan platz präg
präsentier prob probier produzier programmier protestier prüf putz quäl rang rannt rasier rat rät rauch räum reagier rechn
red regel regier registrier regn reich reif reinig reis reiß reit renn reparier reservier rett richt riech rief riet ring
riss ritt roch roll rost ruf ruh rühr rutsch sag säh sah sammel sandt sang sank saß schad schaff schalt schämt schau
scheid schein schenk schick schieb schied schien schieß schlaf schläf schlag schläg schleich schlich schlief schließ
schloss schlug schmeck schmelz schmerz schmolz schmück schnei schneid schnitt schob schoss schrei schreib schreit schrie
schrieb schritt schütt schütz schwamm schwank schweig schwieg schwimm schwitz schwör segel seh send setz seufz sicher
siegt sieh sing sink sitz sorg sortier spar speicher sperr spiel sprach sprang sprech sprich spring spritz spül spür stach
stahl stamm stand starb start stau staub stech steck steh stehl steig steiger stell sterb steuer stich stieg stiehl stieß
stimm stink stirb stopp stör stoß stöß strahl streck streich streik streit strich stritt stund stürz stütz such surf tank
tanz tät tat tausch täusch teil telefonier test tipp tob töt traf trag träg trainier trank trat trau träum treff treib
trenn tret trieb triff trink tritt trockn tröst trug tu turn tut üb übernehm übersetz übertrag überweis überwies überzeug
unterbrach unterbrech unterbroch unterhalt unterhielt unterricht unterscheid unterschied unterschreib unterschrieb
unterstütz untersuch verabschied veranstalt verband verbesser verbiet verbind verbot verbracht verbrauch verbreit verbring
verdien verein verfass verfolg verfüg vergaß vergess vergiss vergleich verglich vergrößer verhalt verhält verhielt
verhinder verkauf verkleiner verlang verlass verläss verletz verlier verließ verlor vermeid vermied vermiet vermiss vermut
vernicht veröffentlich verpass verreis verringer versag versammel verschick verschieb verschlechter verschob verschwand
verschwend verschwind versicher versorg verspät versprach versprech versprich verstand versteck versteh versuch verteidig
verteil vertrau vertret verursach verurteil verwalt verwechsel verweiger verwend verzeih verzicht vorbereit wach wachs
wächs wag wähl walt wand wander warb warf warn wart wasch wäsch wechsel weck weig weigert wein weis wend werb werf wett
wickel widm wiederhol wieg wies wink wirf wirk wisch wiss wog wohn wuchs wünsch würz wusch wuss zähl zahl zeichn zeig
zerbrach zerbrech zerstör zieh zog zünd zwang zweifel zwing
""".split()  # noqa: SIM905
)
_PARTICIPLES = re.compile(
    r"(?:.*(?:ge|be|ver|er|ent|zer))?(?:"
    r"gangen|kommen|nommen|blieben|schrieben|schlossen|sprochen|brochen|storben|worfen|troffen|funden|bunden|sungen|trunken|"
    r"sprungen|zwungen|lungen|wonnen|gonnen|schwommen|stiegen|zogen|flogen|bogen|boten|loren|froren|gossen|nossen|schoben|hoben|"
    r"logen|wogen|ritten|litten|stritten|schnitten|griffen|rissen|bissen|wiesen|liehen|ziehen|schienen|schieden|trieben|rieben|"
    r"tan|dacht|bracht|kannt|nannt|rannt|sandt|wusst|konnt|durft|musst|wollt|mocht|sessen|gessen|lesen|sehen|geben|treten|"
    r"messen|fahren|graben|schlagen|tragen|laden|waschen|wachsen|fallen|halten|lassen|schlafen|raten|laufen|rufen|stoßen|heißen|"
    r"hangen|fangen|standen|gossen|schossen|schmolzen|wandt|holfen|worben|dorben|borgen|legen|beten|schrien"
    r")(?:e[nrsm]?)?"
)
_FOREIGN_VERB = re.compile(r"\w{2}ier(?:en|end|t|te|ten|te[nrsm]|end[enrs]+)$")
_ADJECTIVES = frozenset(
    """
aktiv aktuell allein allgemein ält alt amerikanisch angenehm ängstlich ärm arm automatisch begeistert bekannt bequem
bereit berühmt beschäftigt besetzt besonder besser best bestimmt bitter blank blass blau bleich blind blond bös braun
breit britisch bunt chinesisch dauernd defekt deutlich deutsch dicht dick direkt doof doppelt dringend dritt dümm dumm
dunkel dunkl dünn echt eckig effizient ehemalig ehrlich eigen eilig einfach einzeln einzig elegant elektrisch elektronisch
empfindlich empfohlen eng englisch entfernt erfahren ernst ernsthaft erst europäisch extrem fähig fällig falsch farbig
faul fein feind fern fertig fest fett feucht finster flach fleißig flexibel flüssig französisch frei fremd freundlich
frisch froh fröhlich früh früher fünft furchtbar ganz gebraucht geduldig gefährlich geheim geheimnisvoll gelb gemeinsam
gemütlich genannt genau genügend gerade gerecht gering geringst gesamt geschickt gesetzlich gesünd gesund gewöhnlich
giftig glatt gleich glücklich golden grau grausam grob größ groß grün gültig günstig gut gütig halb härt hart hässlich
häufig heftig heil heilig heiß hell herrlich herzlich hinter höch hoch höchst höflich höh hoh hübsch hungr hungrig
intelligent interessant intern international italienisch jährlich jung jüng kahl kält kalt kaputt katholisch klar
klassisch klein klüg klug knapp komisch komplett kompliziert konstant korrekt kostenfrei kostenlos köstlich kräftig krank
krumm kühl kulturell künstlich kurz kürz lang läng langsam langweilig laut lebendig lebhaft lecker ledig leer leicht leis
letzt lieb link locker lokal los lustig mächtig mager männlich manuell maximal mehrfach mild militärisch minimal mittler
modern möglich monatlich moralisch müde mündlich mutig nächst nackt nah näh nass national natürlich nervös nett neu neuest
niedrig normal nötig notwendig nützlich ober offen öffentlich offiziell optimal ordentlich örtlich österreichisch parallel
peinlich perfekt persönlich plastisch politisch positiv praktisch privat pünktlich rasch recht regelmäßig regional reich
reif rein religiös richtig roh rosa rot röt rückwärtig ruhig rund russisch salzig sanft satt sauber sauer saur scharf
schärf schief schlank schlau schlecht schlimm schmal schmutzig schnell schön schrecklich schriftlich schüchtern schuldig
schwäch schwach schwanger schwarz schweizerisch schwer schwierig selb selbständig selbstständig selten seltsam sicher
sichtbar siebt sinnvoll sonnig sorgfältig sozial spanisch spannend spät speziell spitz sportlich staatlich ständig stärk
stark steil still stolz stumm stumpf süß synthetisch täglich tapfer tatsächlich technisch teuer teur tief toll tot traurig
treu trock trocken trüb typisch übel überraschend übl üblich übrig unabhängig unbegrenzt unbekannt unfähig ungefähr
ungewöhnlich unglücklich ungültig unmöglich unnötig unruhig unsicher unter untypisch verantwortlich verantwortungsvoll
verboten verfügbar vergeblich verrückt verschieden vertraut verwandt viereckig voll völlig vollständig vorder vorhanden
vorig vorläufig vorsichtig wach wahr wärm warm weiblich weich weis weiß weit weiter weltweit wertvoll wesentlich wichtig
wild willkommen winzig wirksam wirtschaftlich wissenschaftlich wöchentlich wunderbar wunderschön würdig zahlreich zart
zentral ziemlich zivil zornig zufällig zufrieden zukünftig zusätzlich zuständig zuverlässig zweit
""".split()  # noqa: SIM905
)
# Nouns that are also forms of verbs or adjectives, and mostly nouns.
_NOUNS = frozenset(
    """
achtung alter anfang anfrage anfragen angabe angaben angebot angst anlage anlagen annahme antrag arbeit arbeiten arbeiter
ärger art atem balken band bank bau baut beginn begleiter behandlung beine beinen beleg bereich bericht beruf besitz
besitzer besuch besucher betracht betrag betrieb beweis bild bilder bildung bind bitte blatt blick boden brand brauch
breite bruch buch buchen bücher dank dauer decke diener dienst dienste druck drucker dunkelheit empfang empfänger ende
enden essen essig esstisch fahrer fahrt fall falle fälle falten fang farbe fehler feier feiern feind feinde fernsehen
feste feuer film finder fisch fische fleisch flieger folge folgen form formen forscher frage fragen freie freitag freude
führer führung fund gaben gang garten gast gefallen geräte geräten gericht gering gewinn glaube glück grab größe grund
gründe gruß grüße güter hafen halle halt haltung handel handeln haufen hilfe hof hoffnung höhe honig inhalt jagd junge
käfig kälte kanten karte karten kauf käufer kenner klage klang klasse klassen koch koche könig kosten kraft kragen kranken
kritiker küchentisch laden läden lage lagen lager land länder länge lärm lauf läufe läufer leben leber lehrer leiden
leiter leitung leser leute licht lichter liebe lieben lieder lieferung liste listen liter loch lohn löhne lust magen maler
marke markt maß meinung messer meter miene miete mieten mieter minuten missen mitte mittel muster mut nachricht
nachrichten nacht nadel nagel nähe nahrung name namen narbe nase nässe norden not noten nutzer nutzung obst ofen öffnung
ordnung ort osten paar park partei pass pfeife pfeifen plan pläne platz plätze preis preise probe proben rad räder rahmen
rat rätsel rauch raum räume rechner rechnung rede reden regel regeln regen regierung reich reifen reihe reise reisen
richter ring ringe ritter röte rücken ruf ruhe runde sache sachen sage schaden schalter schärfe schatten schein scheine
schlaf schlag schluss schmerz schmerzen schnee schnitt schreiben schreiber schreibtisch schritt schritte schuhe schuld
schule schüler schutz schwimmer see seiten sekunden sicht silber sitz sitze sorge sorgen spiel spiele spieler spitze sport
sprache stadt stahl stand stande stärke start stein steine stelle stellen steuer steuern stich stille stimme stimmen stoff
strafe straße streit stück stunde stunden sturm stütze suche süden süße tag tage tanz taste tasten tat taten teig teil
teile test texte tiefe tipp tisch tische tod ton träger traum träume treffen treiber treppe trieb tritt tür übung uhr
umwelt unfall unterhaltung unterlagen unternehmen unterricht unterschied unterschrift ursache urteil verband verein
verfassung vergleich verhalten verkauf verkäufer verlust vermieter vermögen versammlung versicherung versprechen verstand
versuch vertrag vertrauen vertreter verwaltung vorhaben vorlage vorlagen vorsicht wache wachs wagen wahl wahlen wand wände
wandel wanderung waren wärme warnung wäsche wechsel weg wege weile wein weise welle wende werk werke wert werte westen
wette wetter wiege wirkung wirt wissen wohl wohnung wohnungen wort worte wunsch wünsche zahl zahlen zähler zahlung zeichen
zeichnung zeit zeiten zeuge ziel ziele zoll zug züge zwang zweifel
""".split()  # noqa: SIM905
)
_NOUN_ENDINGS = re.compile(
    r"(?:ung|ungen|heit|heiten|keit|keiten|schaft|schaften|tion|tionen|sion|sionen|tät|täten|ismus|nis|nisse|chen|lein|ling|linge)$"
)
_PREFIXES = tuple(
    """
ab an auf aus bei ein empor entgegen fest fort frei gegenüber heim herum heran heraus herein hervor her hinaus hinein
hinzu hin los mit nach überein nieder statt teil über um unter durch voll voran voraus vorbei vor weg weiter wieder
zurecht zurück zusammen zu be er ver zer ent miss fern bereit fertig
""".split()  # noqa: SIM905
)
_VERB_ENDINGS = (
    *("en", "n", "t", "et", "st", "est", "te", "ete", "ten", "eten", "test", "tet", "end"),
    *("ende", "enden", "ender", "endes", "endem", "tem", "ter", "tes", "etes", "eter"),
)
_ADJECTIVE_ENDINGS = (
    *("", "e", "er", "es", "en", "em", "ere", "erer", "eres", "eren"),
    *("ste", "sten", "ster", "stes", "este", "esten"),
)
_ADJECTIVE_SUFFIXES = re.compile(r"(?:lich|isch|bar|sam|los|ig|(?<!sc)haft|voll|frei|weise|mäßig)(?:e[nmrs]?|er[en]?)?$")
_BARE = frozenset(
    """
aß band bat befand begann begriff behielt bekam beschloss beschrieb besprach bestand betrat bewies bezog bleib bot brach
brachte brannte dachte dar empfahl empfing enthält entschied entsprach entstand erfand erfuhr ergab erhält erhielt
erkannte erlitt erschien erwarb fand fehl fiel fing flog floh floss fror fuhr gab galt gefiel geh gelang genoss geschah
geschieht gewann gilt ging goss griff half hält heraus hielt hieß hing hinzu hob isst kam kannte klang klicke komm lädt
lag las lässt lief lieh ließ litt log lösch mach mag magst maß mied misst nahm nannte nimm öffne rannte rät rief riet riss
ritt roch sag sah sandte sang sank saß schien schlief schließ schloss schlug schmolz schnitt schob schoss schrie schrieb
schritt schwamm schwieg sieh sprach sprang stach stahl stand starb stieg stieß stritt tat traf trank trat tret trieb trug
tut unterbrach unterhielt verband verbot verbrachte vergaß verglich verhält verhielt verließ verlor verschwand versprach
verstand vertrat wähle wandte warf weißt wies wog wuchs wusch wusste zerbrach zieh zog zwang
""".split()  # noqa: SIM905
)
"""Forms of verbs without an ending."""
_LANGUAGES = frozenset(
    "deutsch englisch französisch spanisch italienisch russisch polnisch türkisch chinesisch japanisch".split()  # noqa: SIM905
)
_AFTER_ARTICLE = frozenset({"morgen", "mal", "recht", "dank", "fest", "gut"})
"""Nouns after an article or an adjective: heute morgen, but guten Morgen."""
_PRONOUNS = frozenset({"ich", "du", "er", "es", "wir", "man", "sie"})
_BEFORE_NOUNS = frozenset(
    {"auf", "das", "dem", "beim", "vom", "zum", "ins", "im", "am", "kein", "dein", "mein", "sein", "unser"}
)
_MODALS = frozenset(
    """
darf dürfen kann können könnte könnten lass lassen möchte möchten muss müssen musst soll sollen sollte sollten um werden
will wird wollen wollte wollten würde würden zu
""".split()  # noqa: SIM905
)
_FORMAL = frozenset({"bitte", "dank", "wir", "uns", "unser", "unsere", "unserem", "unseren", "unserer"})
_POSSESSIVES = frozenset({"ihnen", "ihr", "ihre", "ihrem", "ihren", "ihrer", "ihres"})


def is_capitalised(words: Sequence[str], place: int, *, is_last: bool) -> bool | None:
    """Whether words[place] of a sentence in lower case has a capital, by its form and its neighbours; None if not known.

    `is_last` tells that a sign of punctuation follows.
    """
    word, before = words[place], words[place - 1] if place else ""
    after = "" if is_last or place + 1 == len(words) else words[place + 1]
    if word in _AFTER_ARTICLE:
        return before.endswith(("en", "em", "es")) or before in _BEFORE_NOUNS or before in {"der", "ein", "jeder", "heute"}
    if word in _GRAMMAR:
        return False
    if word in _LANGUAGES:
        return True
    if word == "sie" or word in _POSSESSIVES:
        return is_formal(words)
    is_small = _is_verb(word) or word in _BARE or _is_adjective(word)
    if word in _NOUNS or (_NOUN_ENDINGS.search(word) and not is_small):
        if not is_small or (word.endswith("e") and after not in _PRONOUNS and before != "ich"):
            return True
        is_verb = before in {"zu", "wir", "sie", "ich"} or after in _PRONOUNS
        return not (is_verb or (is_last and word.endswith("n") and not _MODALS.isdisjoint(words[:place])))
    if is_small:
        # The infinitive is a noun after an article: beim Lernen.
        return (
            before in _BEFORE_NOUNS
            and word.endswith(("en", "ern", "eln"))
            and not _is_adjective(word)
            and (not after or after in _GRAMMAR)
        )
    if after in {"ich", "du", "wir"} and word.endswith(("e", "st", "en")):
        return False
    if before in {"ich", "wir", "du", "man"}:
        return False
    return None


def is_formal(words: Sequence[str]) -> bool:
    """Whether a sentence speaks to somebody as Sie: Klicken Sie, haben Sie, Ihre Hilfe."""
    for place, word in enumerate(words):
        if word == "sie":
            around = (*words[max(place - 1, 0) : place], *words[place + 1 : place + 2])
            return any(one in {"sind", "seien"} or one.endswith(("en", "ern", "eln")) for one in around)
    return not _FORMAL.isdisjoint(words)


def _is_verb(word: str) -> bool:
    if _PARTICIPLES.fullmatch(word) or _FOREIGN_VERB.search(word):
        return True
    stems = [word[: len(word) - len(end)] for end in _VERB_ENDINGS if word.endswith(end)]
    return any(_is_verb_stem(stem) for stem in stems)


def _is_verb_stem(stem: str) -> bool:
    """With a prefix and the ge or zu of its forms before it, or without: aufgemacht, anzufangen."""
    if stem in _VERBS or stem.removeprefix("ge") in _VERBS:
        return True
    return any(
        stem.startswith(prefix)
        and (rest in _VERBS or rest.removeprefix("ge") in _VERBS or rest.removeprefix("zu") in _VERBS)
        for prefix in _PREFIXES
        for rest in (stem[len(prefix) :],)
    )


def _is_adjective(word: str) -> bool:
    bare = word.removeprefix("un")
    stems = {one[: len(one) - len(end)] for one in (word, bare) for end in _ADJECTIVE_ENDINGS if one.endswith(end)}
    return not _ADJECTIVES.isdisjoint(stems) or _ADJECTIVE_SUFFIXES.search(word) is not None
