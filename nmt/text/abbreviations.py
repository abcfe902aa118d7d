"""Words that decide whether a full stop ends a sentence: abbreviations, words that open sentences, months; by language."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class StopWords:
    """One language's words around full stops.

    Abbreviations are written without their last full stop and without blanks (`z.B`). Capital letters count: `franz` is not
    the name Franz.
    """

    bound: frozenset[str]
    """Abbreviations that end no sentence: titles, `i.e.`, `bzw.`, `approx.`."""
    numbered: frozenset[str]
    """Abbreviations before a number (`no. 5`); before anything else the word may be a word of the language (`no`)."""
    closing: frozenset[str]
    """Abbreviations that may end a sentence, and do so where an opener follows: `Inc.`, `v. Chr.`."""
    openers: frozenset[str]
    """Words, in lower case, that with a capital letter are the first of a sentence: articles, pronouns, conjunctions."""
    final: frozenset[str] = frozenset()
    """Abbreviations that end a sentence before a capital letter, save that of a time or an initialism: `usw.`, `etc.`."""
    ordinary: frozenset[str] = frozenset()
    """Words that are abbreviations to the library and yet end sentences every day: `me` is no Maine."""
    times: frozenset[str] = frozenset()
    """Months, days and time zones, in lower case: they continue a date or a time."""
    ordinals_after: frozenset[str] = frozenset()
    """Words, in lower case, before an ordinal (`der 2. Weltkrieg`); empty where a full stop makes none."""
    cardinals_after: frozenset[str] = frozenset()
    """Words, in lower case, before a number that counts: what follows its full stop is another sentence."""
    joins: frozenset[str] = frozenset()
    """Words, in lower case, between two ordinals or two amounts: `19. und 20.`, `0 oder 1`."""
    compounds: tuple[str, ...] = ()
    """Endings, in lower case, of compounds that are abbreviations: `Hauptstr`, `Bestell-Nr`."""
    ordinal_endings: tuple[str, ...] = ()
    """Letters that make an ordinal of a number: `23rd`."""

    def is_abbreviation(self, word: str) -> bool:
        return word in self.bound or word in self.numbered or word in self.closing or word in self.final

    def opens(self, word: str) -> bool:
        """Whether a word with a capital letter is one that opens sentences."""
        if not word[:1].isupper():
            return False
        word = word.lower().replace("’", "'")
        return word in self.openers or word.partition("'")[0] in self.openers


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GERMAN = StopWords(
    bound=_words(
        # Titles and forms of address
        "Dr Drs Prof Hr Hrn Frl Dipl Dipl.-Ing Dipl.-Kfm Ing Mag Mr Mrs Ms St Sr Hl hl Bgm Hptm Lt Oblt Maj Kpt Fam "
        "Gebr RA Chr Ph Th Joh Wilh med phil jur rer nat Rev Ges Pfr Präs Abg Univ geb gest verh verw Geb gegr "
        "Gegr "
        # Joining and explaining
        "z.B z d.h d i.e e.g bzw beziehungsw resp vgl vergl cf ca zirka ungef evtl ev eventl ggf ggfs gegebenenf bzgl "
        "betr inkl exkl incl excl einschl ausschl insb insbes bes sog sogen i.d.R i.A i.V i.Allg i.d i.S i.S.d i.S.v "
        "i.H.v i.Z.m i.R i.R.d i.e.S i.w.S o.g g o.b u.U u.E m.E m.W z.T z.Z z.Zt z.Hd z.H zz zzgl abzgl v.a u.a.m.v a.a "
        "a.d a.M a.Rh o.B lt u gem ges entspr zit hrsg Hrsg hg Hg Verf verf Übers Red bearb Bearb erw überarb dt engl frz "
        "franz span griech lat russ österr schweiz europ amerik urspr eigtl vorm ehem vermutl angebl wg zw zus mind "
        "durchschn bish jew gleichn allg ausg Ausg abgek abk Abk Bez Kfm techn kath ev.-luth evang wiss gesch "
        "geogr theol jüd Tel tel mtl sof Mitgl gez "
    ),
    numbered=_words(
        "Nr No Nrn nr S s Abb Art art Abs Abschn Anm Bd Bde Kap Tab Taf Fig Ziff Rn Rdnr Rz Par Aufl Jg H Bl Sp Lfg Pos "
        "Str Gl Zi Kto Hs Anh Anl Buchst Lit lit Tz Vol vol Kl Stk Whg App Blz BLZ Postf f ff Nov Jan Feb Febr"
    ),
    final=_words("usw usf etc u.v.a u.v.m u.v.a.m u.s.w uvm uva uam u.dgl u.dergl"),
    ordinary=_words("mich mag art Art bart Bart id ID ok Ok OK no brig"),
    closing=_words(
        "u.a u.Ä u.ä o.Ä o.ä s.o s.u v.Chr n.Chr v.u.Z "
        "n.u.Z Chr.Geb Jh Jhd Jhdt Jahrh Mio Mill Mrd Tsd Std Min Sek Stk Tg Co Cie Inc Corp Ltd jr jun sen sr Jr Fa "
        "Str str Pl Hbf Bhf ü.M ü.NN ü.d.M u.M e.V e.G a.D h.c m.b.H max min Gen Mo Di Mi Do Fr Sa So Jan Jän Feb "
        "Febr Mär Mrz Apr Jun Jul Aug Sep Sept Okt Nov Dez ff f fol Pers Pkt Ps P.S a.m p.m Doz Ass Abt Mwst "
        "MwSt "
    ),
    openers=_words(
        "der die das dem den des ein eine einer eines einem einen kein keine keiner keines niemand nichts jeder jede "
        "jedes jemand etwas alle alles beide viele manche einige mehrere wenige andere solche dieser diese dieses diesem "
        "diesen jener jene jenes ich du er sie es wir ihr man mich dich ihn uns euch mir dir ihm ihnen mein meine meiner "
        "meinem meinen dein deine seine seiner seinem seinen sein ihre ihrer ihrem ihren unser unsere unserem unserer "
        "euer eure und oder aber denn sondern doch jedoch dennoch trotzdem deshalb deswegen daher darum also dann danach "
        "davor daraufhin dadurch dafür dagegen dabei daran darauf daraus darin darüber damit davon dazu da dort hier "
        "heute gestern morgen übermorgen jetzt nun bald später früher damals einst zuerst zunächst zuletzt schließlich "
        "endlich inzwischen seitdem vorher nachher immer nie niemals oft manchmal selten meist meistens wieder nur auch "
        "sogar selbst sehr so wie was wer wo wann warum weshalb wieso woher wohin welche welcher welches wem wen ob wenn "
        "weil ab als bevor nachdem während obwohl dass falls sobald solange indem bis seit in im an am auf aus bei beim "
        "mit nach von vom vor zu zum zur für durch gegen ohne um unter über zwischen neben hinter trotz wegen laut gemäß "
        "statt anstatt außer außerdem zudem ferner überdies übrigens allerdings natürlich leider vielleicht "
        "wahrscheinlich sicher bestimmt eigentlich ebenso anders sonst ja nein bitte danke ist sind war waren hat haben "
        "hatte wird werden wurde kann können muss müssen soll würde hätte wäre gibt nicht noch schon erst gerade eben "
        "nämlich etwa ach oh na tja hallo hurra aha genau okay kommt geht gehen komm einmal zweimal zwei drei vier fünf "
        "draußen drinnen oben "
        "unten links rechts überall nirgends seither zusammen allein dies siehe"
    ),
    times=_words(
        "januar jänner februar feber märz april mai juni juli august september oktober november dezember jan jän feb febr "
        "mär mrz apr jun jul aug sep sept okt nov dez"
    ),
    ordinals_after=_words(
        "der die das dem den des im am zum zur vom beim ins ans einen einem einer eines ein eine kein keinen jeder jede "
        "jedes jeden jedem dieser diese dieses diesem diesen mein meine meinem meinen meiner dein deine deinem deinen "
        "deiner sein seine seinem seinen seiner ihr ihre ihrem ihren ihrer unser unsere unserem unseren unserer euer eure "
        "eurem euren eurer aller alle welcher welche welches welchem welchen"
    ),
    cardinals_after=_words(
        "ist war sind waren bin bist seid bleibt blieb blieben hat hatte haben hatten gibt gab um nur etwa rund circa "
        "fast knapp über mit gegen ab nummer seite kapitel zimmer platz punkt jahr hausnummer version level linie gleis "
        "tor telefon artikel paragraph paragraf absatz abschnitt tabelle abbildung band teil phase stufe raum route kanal "
        "macht ergibt kostet kosteten von zu auf"
    ),
    joins=_words("und oder bis sowie"),
    compounds=("str", "-nr"),
)

_ENGLISH = StopWords(
    bound=_words(
        # Titles and forms of address
        "Dr Drs Prof Mr Mrs Ms Mx Messrs Mmes Ste Gen Capt Cpt Col Lt Sgt Cpl Pvt Maj Adm Cmdr Cdr Rev Fr Hon Rt Rt.Hon "
        "Sen Rep Gov Pres Supt Det Insp Amb Atty Hr Msgr Br Mt Ft Wm Geo Chas Jas Thos Ph "
        # Joining and explaining
        "i.e ie e.g eg viz cf c.f Vs approx appr ca vs v incl excl esp al dept assn resp orig introd a.k.a w.r.t Dept "
        "avg govt mgmt temp acct Acct Attn est Assn Univ Inst Natl Intl"
    ),
    numbered=_words(
        "Ch Chap Vol Vols Sec Eq Eqs Tab Ref Par Para Rm Reg Ver Pt Pts Pg App Op Cl Ex "
        "no nos No Nos p pp P fig figs Fig Figs vol vols ch chap chs sec secs sect art arts par para paras eq eqs tab ref "
        "refs pl col ll l n nn r rm reg Mk mk pt pts bk ser ver vv tel ext op st sts apt rte pos pg pgs cl q qn thm lem"
    ),
    final=_words("etc a.m p.m"),
    ordinary=_words("me art arts ill id ID ok Ok OK no nos may May miss mass ore fed mi la pa wash ref app st arc"),
    closing=_words(
        "Inc Corp Co Ltd LLC Bros Plc Pty jr sr Jr Sr Esq A.M P.M B.C A.D B.C.E C.E b.c a.d Ph.D M.D Ph.d B.A M.A B.Sc "
        "M.Sc D.C D.Phil Ave Blvd Rd Sq Ln Hwy St Pl Ct Bldg Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec max min ed "
        "eds anon Anon Tue Tues Wed Thu Thur Thurs Fri ft lb lbs oz yd yds mi hr hrs sec secs mph sq cu pt qt Calif Conn "
        "Penn Va Ga Fla Ala Ariz Colo Kan Ky Md Mich Minn Mont Neb Nev Okla Tenn Vt Wis Wyo et.seq ibid Ibid "
        "op.cit ff Mon "
    ),
    openers=_words(
        "the a an this that these those he she it we you they i his her its our your their my mine one some any all both "
        "each every many most much few several none nobody nothing everyone everybody everything someone something anyone "
        "another other others such and or but nor yet so for if when while where who what which whose why how whether "
        "because although though since until unless after before as at by from in into of on onto out over to under up "
        "with without within between during against among about above across along around behind below beneath beside "
        "despite toward through then there here now today tomorrow yesterday later soon once never always often sometimes "
        "still also again only even just perhaps maybe however therefore thus hence moreover furthermore meanwhile "
        "instead otherwise nevertheless finally first next last please yes no not is are was were am be do does did has "
        "have had can could might must shall should would let two three four five don't didn't doesn't isn't aren't "
        "can't won't see oh ah well hey okay ok "
        "hello"
    ),
    times=_words(
        "january february march april may june july august september october november december monday tuesday wednesday "
        "thursday friday saturday sunday eastern western pacific central mountain standard daylight greenwich london"
    ),
    ordinal_endings=("st", "nd", "rd", "th"),
)

_FRENCH = StopWords(
    bound=_words(
        "M MM Mme Mmes Mlle Mlles Dr Drs Pr Prof Me Mgr St Ste Cl Gal Col Cap Lt c.-à-d c.à.d p.ex ex env cf av apr éd vs "
        "dép min max boul bd tél Tél"
    ),
    numbered=_words("n no nos p pp art fig chap vol t § al livr l ch sect tab vers v"),
    final=_words("etc"),
    closing=_words("J.-C av.J.-C apr.J.-C Cie Sté S.A S.N.C.F janv févr avr juil sept oct nov déc jr ibid s.v.p S.V.P"),
    openers=_words(
        "le la les l' un une des du de d' ce cet cette ces c' ça cela ceci il elle on nous vous ils elles je j' tu mon ma "
        "mes ton ta tes son sa ses notre nos votre vos leur leurs et ou mais or ni car donc si quand lorsque comme où qui "
        "que qu' quoi quel quelle quels quelles pourquoi comment parce puisque après avant dans en à au aux sur sous avec "
        "sans pour par chez entre depuis pendant contre vers alors puis ensuite enfin ici là aujourd'hui hier demain "
        "maintenant bientôt toujours jamais souvent parfois encore aussi seulement même peut-être cependant pourtant "
        "toutefois ainsi tout toute tous toutes chaque plusieurs certains certaines beaucoup personne rien aucun aucune "
        "oui non ne n' est sont était y"
    ),
)

_SPANISH = StopWords(
    bound=_words(
        "Sr Sra Srta Sres Dr Dra Dres D Dña Da Ud Uds Vd Vds Lic Ing Prof Profa Gral Cnel Cap Tte Sto Sta Fr Mons Excmo "
        "Excma p.ej ej aprox cf vs dpto depto avda av pza c tel tfno Tel máx mín incl"
    ),
    numbered=_words("n nº núm núms no p pág págs pp art arts fig figs cap caps vol vols t § párr lám tab v"),
    final=_words("etc"),
    closing=_words("a.C d.C EE.UU Cía S.A S.L a.m p.m ene feb mar abr jun jul ago sept oct nov dic ibíd jr RR.HH JJ.OO"),
    openers=_words(
        "el la los las lo un una unos unas este esta estos estas ese esa esos esas aquel aquella esto eso aquello yo tú "
        "él ella usted nosotros vosotros ellos ellas ustedes me te se nos os le les mi mis tu tus su sus nuestro nuestra "
        "vuestro y e o u pero sino ni que porque pues si cuando como donde dónde cuándo cómo quién qué cuál por para con "
        "sin en a al de del desde hasta entre sobre bajo tras ante contra según durante después antes luego entonces "
        "ahora hoy ayer mañana aquí ahí allí siempre nunca jamás también tampoco además así aunque mientras todo toda "
        "todos todas cada varios muchos pocos algunos nadie nada ningún ninguna alguien algo sí no es son era fue hay ha "
        "está están"
    ),
)

STOP_WORDS = MappingProxyType({"de": _GERMAN, "en": _ENGLISH, "fr": _FRENCH, "es": _SPANISH})
"""By ISO 639-1 code. Other languages are split by the library's rules and those that need no words."""
