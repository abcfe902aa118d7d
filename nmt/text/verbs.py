"""Verbs by which a sentence addresses somebody: English imperatives, and German forms that only du, ihr and Sie have."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH_IMPERATIVES = _words(
    """
    accept activate add admit allow answer apologise apologize apply approach arrange ask assign attach avoid bake be bear
    beat become beg begin behave believe bend bet bite blame blow boil book borrow break breathe bring brush build burn buy
    calculate call calm cancel carry catch change charge chat check cheer choose clean clear click climb close collect come
    compare complete concentrate confess configure confirm connect consider contact continue convert cook copy correct
    count cover create cross cry customise customize cut dance deactivate decide define delete deliver describe dig
    disappear discuss divide do double download drag draw dream dress drink drive drop dry earn eat edit empty enable end
    enjoy ensure enter examine excuse execute exercise explain export express face fasten feed feel fetch fight fill find
    finish fix fold follow forget forgive format freeze generate get give go grab greet grow guess hand hang have hear help
    hide hit hold hurry ignore imagine import improve include inform insert inspect install introduce invite join jump keep
    kick kill kiss knock know laugh lay lead learn leave lend let lie lift light listen live load locate lock log look love
    lower make mark marry measure meet melt merge mind mix mount move navigate note notice obey observe offer open order
    pack paint pardon park pass pay peel phone pick place plan plant play point pour practice practise praise pray prepare
    present press pretend preview print process promise prove pull push put quit raise reach read rearrange recommend
    record refer relax release remain remember remind remove rename repair repeat replace reply report request reserve
    reset resize rest restart restore retry return ride ring rinse roll rotate run save say scan scream scroll search see
    select sell send separate serve set shake share shout show shut sign sing sit sleep smell smile solve sort speak
    specify spell spend split stand start stay step stick stir stop store study submit swap swim switch take talk tap taste
    teach tell test thank think throw tie toggle touch trace translate travel treat trust try turn type understand undo
    unlock unplug update upload use verify view visit wait wake walk warn wash waste watch water wear wipe wish work worry
    write yell zoom
    """
)
"""Verbs in the form that they have as imperatives."""

OF_DU = _words(
    """
    antwortest arbeitest bekommst bist bleibst brauchst bringst darfst denkst durftest dürftest erinnerst erwartest
    erzählst findest fragst fährst fängst fühlst gehst gewinnst gibst glaubst hast hattest hilfst hältst hättest hörst
    kannst kaufst kennst kommst konntest kriegst könntest lebst liebst liegst läufst machst magst meinst mochtest musst
    musstest möchtest müsstest nimmst rufst sagst scheinst schläfst schreibst siehst sollst solltest spielst sprichst
    stehst suchst triffst trinkst trägst verkaufst verlierst verstehst versuchst warst wartest weißt willst wirst wohnst
    wolltest wurdest wusstest wärest wärst würdest zeigst
    """
)
"""German verbs that have du as their subject, and nothing else."""
OF_IHR = _words(
    """
    seid habt könnt wollt müsst dürft wisst werdet hattet könntet würdet hättet möchtet
    """
)
"""German verbs that have ihr as their subject, and nothing else."""
PLURAL = _words(
    """
    sind sein haben werden können wollen müssen sollen dürfen mögen wissen waren hatten wurden konnten wollten mussten
    sollten durften könnten würden hätten wären müssten dürften möchten
    """
)
"""German verbs that Sie may have as its subject, and that du never has."""
SINGULAR = _words(
    """
    ist hat wird kann will muss soll darf mag weiß war hatte wurde konnte wollte musste
    """
)
"""German verbs that neither du nor Sie has as its subject."""

_STRONG = {
    "befehlen": "befiehl",
    "benehmen": "benimm",
    "brechen": "brich",
    "empfehlen": "empfiehl",
    "essen": "iss",
    "geben": "gib",
    "haben": "hab",
    "helfen": "hilf",
    "lassen": "lass",
    "lesen": "lies",
    "nehmen": "nimm",
    "sehen": "sieh",
    "seien": "sei",
    "sprechen": "sprich",
    "sterben": "stirb",
    "treffen": "triff",
    "treten": "tritt",
    "tun": "tu",
    "vergessen": "vergiss",
    "versprechen": "versprich",
    "werfen": "wirf",
}
_STRONG_OF_IHR = "esst gebt helft lasst lest nehmt seht seid sprecht trefft tretet tut vergesst versprecht werft"
_REGULAR = """
    achten ändern antworten arbeiten atmen beachten bestätigen bleiben bringen danken decken denken drehen drücken eilen
    entscheiden entschuldigen erinnern erklären erlauben erzählen fahren fallen fangen finden folgen fragen freuen fühlen
    füllen genießen gewöhnen gehen glauben grüßen haben hängen halten heben hoffen holen hören hüten kaufen kennen klicken
    kommen konzentrieren kümmern lachen lassen laufen legen lernen lieben liegen löschen machen merken melden nennen öffnen
    packen passen probieren prüfen putzen räumen rechnen reden reinigen rufen rühren sagen schalten schämen schauen
    schicken schlafen schlagen schließen schneiden schreiben schweigen senden setzen singen sitzen sorgen sparen speichern
    spielen springen stehen steigen stellen stimmen stoppen stören suchen teilen tragen trauen trennen trinken trocknen
    üben überlegen übersetzen unterschreiben vergleichen verlassen verlieren vermeiden verschwinden verschwenden
    versprechen verstecken verstehen versuchen vertrauen verwenden benutzen besuchen bezahlen behalten benehmen beeilen
    begrüßen wählen warten waschen wechseln wecken weinen wiederholen wischen wünschen zahlen zählen zeichnen zeigen ziehen
"""
_NOUNS = frozenset(("besuch", "dank", "vergleich", "versuch", "wechsel"))
"""Stems that are nouns, too, and whose imperative usually ends in e."""


def _conjugated() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    imperatives = dict(_STRONG)
    infinitives = {imperative: infinitive for infinitive, imperative in _STRONG.items()}
    several = {*_STRONG_OF_IHR.split()}
    for verb in _REGULAR.split():
        if verb in _STRONG:
            continue
        stem = verb.removesuffix("en") if verb.endswith("en") else verb.removesuffix("n")
        imperatives[verb] = f"{stem[:-2]}{stem[-1]}e" if verb.endswith("eln") else f"{stem}e"
        infinitives |= dict.fromkeys((imperatives[verb], f"{stem}e"), verb)
        if stem not in _NOUNS and stem[-1] not in "td":
            infinitives[stem] = verb
        needs_e = stem[-1] in "td" or stem.endswith(("chn", "ckn", "ffn", "tm"))
        several.add(f"{stem}{'e' if needs_e else ''}t")
    return imperatives, infinitives, frozenset(several)


IMPERATIVES, INFINITIVES, IMPERATIVES_OF_IHR = _conjugated()
"""German imperatives: for one person, by the infinitive; the infinitive, by each of these; for several people."""
