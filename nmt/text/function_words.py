"""The most frequent words of languages, those without which hardly a sentence is written."""

from __future__ import annotations

_LISTS = {
    "de": (
        "aber alle alles als also am an auch auf aus bei beim bin bis bist da damit danke dann das dass dein "
        "deine dem den denn der des dich die dies diese dieser dieses dir doch du durch ein eine einem einen "
        "einer eines er es etwas euch euer für ganz gegen gut habe haben hallo hast hat hatte heute hier ich "
        "ihm ihn ihnen ihr ihre im in ins ist ja jetzt kann kannst kein keine können machen man mehr mein "
        "meine mich mir mit morgen muss nach nein nicht nichts noch nur oder schon sehr sein seine sich sie "
        "sind so über um und uns unser unter viel vom von vor war waren warum was weil wenn wer werden wie "
        "wieder will wir wird wo wurde zu zum zur zwei "
    ),
    "en": (
        "a about after all also always am an and any are as at be because been before but by can can't come "
        "could day did didn't do does doesn't don't down every for from get go good had has have he hello her "
        "here him his how i i'll i'm i've if in into is isn't it it's its just know last let's like look make "
        "many me more much must my never new no not now of off old on one only open or other our out over "
        "people please put said saw see she should so some such take than thank that that's the their them "
        "then there these they thing think this those time to too two under up us used very want was we well "
        "were what when where which who why will with won't would yes you your "
    ),
    "fr": (
        "à alors après au aujourd'hui aussi autre aux avant avec avez avoir beaucoup bien bon bonjour c'est "
        "ça car ce cela ces cet cette comme comment d'un d'une dans de des deux dit dois du elle elles en est "
        "et était été être eu fait faire faut femme femmes fille garçon homme hommes il ils j'ai j'aime je "
        "jamais jour jouer l'a la le les leur lui ma maintenant mais me merci même mes mon n'a n'ai n'est ne "
        "non nos notre nous on ont ou où oui par parle parlé pas peu peut peux plus pour pourquoi près qu'il "
        "qu'elle que quel quelle quelqu'un qui quoi rien s'est sa sans se ses si soit son sont sous suis sur "
        "ta te temps tes ton toujours tous tout toute très trois tu un une veut veux vient voir vos votre "
        "vous vraiment y "
    ),
    "es": (
        "a ahora al algo alguien allí antes aquí así aunque ayer bien buena bueno buenos cada casa como cómo "
        "con contra cosa creo cuando cuándo de del desde después día donde dónde dos el él ella ellos en "
        "entre era es esa ese eso está están estaba estás este esta esto estoy fue fui gracias gusta ha había "
        "hace hacer han has hasta hay he hola hombre hoy ir la las le les lo los más me mejor mi mí mis muy "
        "nada ni niño no nos nunca o otra otro para pero poco por porque puede puedo qué que quería quiere "
        "quiero se sea ser si sí sido siempre sin sobre solo son soy su sus también tan te tengo tenía tiempo "
        "tiene tienes todo todos trabajo tu tú tus un una uno unos va vez vida voy y ya yo usted "
    ),
}

FUNCTION_WORDS: dict[str, frozenset[str]] = {code: frozenset(words.split()) for code, words in _LISTS.items()}
"""By language: words in small letters, with the apostrophe of ASCII."""

LETTERS: dict[str, frozenset[str]] = {
    "de": frozenset("äöüß"),
    "en": frozenset(),
    "es": frozenset("ñ¿¡áíóúé"),
    "fr": frozenset("àâçèêëîïôœùûé"),
}
"""Letters and signs of these languages beyond those of English."""
