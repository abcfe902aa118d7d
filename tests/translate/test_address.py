"""Forms of address in sentences written for these tests: what each says, and to whom."""

from __future__ import annotations

import pytest

from nmt.text.verbs import IMPERATIVES, IMPERATIVES_OF_IHR, INFINITIVES
from nmt.translate.rules.address import (
    Register,
    SourceAddress,
    Verdict,
    beginning,
    forms_in,
    pronouns,
    verdict,
    words_of_other,
)

FORMAL, INFORMAL = Register.formal, Register.informal


def read(sentence: str) -> SourceAddress:
    return SourceAddress.read(sentence, language="en")


@pytest.mark.parametrize(
    "sentence",
    [
        "Wait!",
        "Please close the door.",
        "Don't touch that.",
        "Do not open it.",
        "Never do that again.",
        "And now go home.",
        "Peter, come here!",
        "If it rains, stay at home.",
        "As soon as the bell rings, open the door.",
        "Double-click the icon.",
        "Let me see.",
        "Have a nice day.",
    ],
)
def test_an_imperative_is_known(sentence: str) -> None:
    assert read(sentence).is_imperative


@pytest.mark.parametrize(
    "sentence",
    [
        "Work is hard.",
        "Let's go.",
        "Let us pray.",
        "Do you know him?",
        "Thank you.",
        "Note: the shop is closed.",
        "Love of money is a bad thing.",
        "The dog sleeps.",
        "If it rains, we stay at home.",
        "Peter, the dog sleeps.",
        "",
        "...",
    ],
)
def test_what_only_looks_like_an_imperative_is_none(sentence: str) -> None:
    assert not read(sentence).is_imperative


@pytest.mark.parametrize(
    ("sentence", "translation", "registers"),
    [
        ("You are late.", "Du bist zu spät.", {INFORMAL}),
        ("You are late.", "Sie sind zu spät.", {FORMAL}),
        ("They are late.", "Sie sind zu spät.", set()),
        ("She says you are late.", "Sie sagt, du bist zu spät.", {INFORMAL}),
        ("She says you are late.", "Sie sagt, Sie sind zu spät.", {FORMAL}),
        ("You know her.", "Sie kennen sie.", {FORMAL}),
        ("You are all late.", "Ihr seid alle zu spät.", {INFORMAL}),
        ("You owe me money.", "Ihr schuldet mir Geld.", {INFORMAL}),
        ("You visit us these days.", "Ihr besucht uns dieser Tage.", {INFORMAL}),
        ("You boys are late.", "Ihr Jungen seid zu spät.", {INFORMAL}),
        ("Your dog barks.", "Ihr Hund bellt.", {FORMAL}),
        ("Your new dog barks.", "Ihr neuer Hund bellt.", {FORMAL}),
        ("Her dog barks.", "Ihr Hund bellt.", set()),
        ("Do you see her dog?", "Siehst du ihr Auto?", {INFORMAL}),
        ("Have you seen their car?", "Haben Sie ihr Auto gesehen?", {FORMAL}),
        ("Have you all eaten?", "Habt ihr alle gegessen?", {INFORMAL}),
        ("You get your money.", "Sie bekommen ihr Geld.", {FORMAL, INFORMAL}),  # a small your is of neither
        ("I thank you.", "Ich danke Ihnen.", {FORMAL}),
        ("I thank you.", "Ich danke euch.", {INFORMAL}),
        ("This is yours.", "Das ist deins.", {INFORMAL}),
        ("Are you right?", "Hast recht?", {INFORMAL}),
        ("Come in.", "Komm herein.", {INFORMAL}),
        ("Come in.", "Kommen Sie herein.", {FORMAL}),
        ("Come in and close the door.", "Kommen Sie herein und mach die Tür zu.", {FORMAL, INFORMAL}),
        ("If you need help, call me.", "Wenn Sie Hilfe brauchen, ruf mich an.", {FORMAL, INFORMAL}),
        ("If it rains, I close the window.", "Wenn es regnet, schließe ich das Fenster.", set()),
        ("Wait until he comes.", "Warten, bis er kommt.", set()),
        ("The dog sleeps.", "Der Hund schläft.", set()),
        ("ARE YOU THERE?", "SIND SIE DA?", {FORMAL}),
        ("ARE THEY THERE?", "SIND SIE DA?", set()),
        ('He said: "You are late."', "Er sagte: „Sie sind zu spät.“", {FORMAL}),
        ('He said: "They are late."', "Er sagte: „Sie sind zu spät.“", set()),
        ("A durable dirty deal", "Ein dauerhaftes, dirigiertes Geschäft durch Sieger", set()),
    ],
)
def test_the_registers_of_a_translation(sentence: str, translation: str, registers: set[Register]) -> None:
    found = forms_in(translation, read(sentence))
    assert {register for register in Register if found.has(register)} == registers


@pytest.mark.parametrize(
    ("sentence", "translation", "register", "expected"),
    [
        ("You are late.", "Du bist zu spät.", FORMAL, Verdict.other),
        ("You are late.", "Sie sind zu spät.", FORMAL, Verdict.right),
        ("You are late.", "Sie ist zu spät.", FORMAL, Verdict.broken),
        ("You are late.", "Es ist zu spät.", FORMAL, Verdict.none),
        ("You are late.", "Du sind zu spät.", INFORMAL, Verdict.broken),
        ("You are late.", "Du bist zu spät.", INFORMAL, Verdict.right),
        ("Are you coming?", "Kommen du?", INFORMAL, Verdict.broken),
        ("You sit here.", "Du sitzt hier.", INFORMAL, Verdict.right),
        ("You stand here.", "Du steht hier.", INFORMAL, Verdict.broken),
        ("You can go when you click.", "Du kannst gehen, wenn du klicken.", INFORMAL, Verdict.broken),
        ("You and I are friends.", "Du und ich sind Freunde.", INFORMAL, Verdict.right),
        ("You see your dog.", "Du siehst euren Hund.", INFORMAL, Verdict.broken),
        ("You say that.", "Ich glaube, sie sagen das deinem Hund.", INFORMAL, Verdict.broken),
        ("Come in.", "Komm herein.", FORMAL, Verdict.other),
        ("Come in.", "Hereinkommen.", FORMAL, Verdict.none),
        ("Come in.", "Hereinkommen.", INFORMAL, Verdict.broken),
        ("Ask your teacher.", "Ask Ihren Lehrer.", FORMAL, Verdict.broken),
        ("Ask your teacher.", "Ask deinen Lehrer.", INFORMAL, Verdict.broken),
        ("Ask your teacher.", "Frag deinen Lehrer.", INFORMAL, Verdict.right),
        ("Enter the name.", "Geben den Namen ein.", INFORMAL, Verdict.broken),
        ("The dog sleeps.", "Der Hund schläft.", FORMAL, Verdict.right),
    ],
)
def test_the_verdict_on_a_translation(sentence: str, translation: str, register: Register, expected: Verdict) -> None:
    assert verdict(translation, register, read(sentence)) is expected


def test_a_translation_has_a_pronoun_for_each_of_another_one() -> None:
    source = read("You can ask your teacher.")
    cases = forms_in("Sie können Ihren Lehrer fragen.", source).cases
    assert verdict("Du kannst deinen Lehrer fragen.", INFORMAL, source, cases=cases) is Verdict.right
    assert verdict("Man kann deinen Lehrer fragen.", INFORMAL, source, cases=cases) is Verdict.broken
    source = read("Take your time, and help yourself.")
    cases = forms_in("Nimm dir Zeit.", source).cases
    assert verdict("Nehmen Sie sich Zeit.", FORMAL, source, cases=cases) is Verdict.right
    source = read("I see you.")
    cases = forms_in("Ich sehe euch.", source).cases
    assert verdict("Ich helfe dir.", INFORMAL, source, cases=cases) is Verdict.right


@pytest.mark.parametrize(
    ("sentence", "translation", "register", "expected"),
    [
        ("You can go.", "Sie können gehen.", INFORMAL, "Du"),
        ("If you click here", "Wenn Sie hier klicken", INFORMAL, "Wenn du"),
        ("Today you can go.", "Heute können Sie gehen.", INFORMAL, "Heute"),
        ("Please enter the name.", "Bitte geben Sie den Namen ein.", INFORMAL, "Bitte gib"),
        ("Click here.", "Klicken Sie hier.", INFORMAL, "Klicke"),
        ("Come in.", "Komm herein.", FORMAL, "Kommen Sie"),
        ("Please read this.", "Bitte lies das.", FORMAL, "Bitte lesen Sie"),
        ("If it rains, come in.", "Wenn es regnet, komm herein.", FORMAL, "Wenn es regnet, kommen Sie"),
        ("You can go.", "Du kannst gehen.", FORMAL, "Sie"),
        ("I know that you can.", "Ich weiß, dass du kannst.", FORMAL, "Ich weiß, dass Sie"),
        ("I see you.", "Ich sehe dich.", FORMAL, ""),
        ("Is that yours?", "Ist das Ihres?", INFORMAL, ""),
        ("Can you go?", "Können Sie gehen?", INFORMAL, ""),
    ],
)
def test_how_a_translation_in_the_other_register_begins(
    sentence: str, translation: str, register: Register, expected: str
) -> None:
    assert beginning(translation, register, read(sentence)) == expected


def test_what_is_avoided_never_forbids_a_translation_to_speak_of_her_or_of_them() -> None:
    assert {"Sie", "Ihnen", "Ihre"} <= {*words_of_other(INFORMAL, read("You know me."))}
    avoided = {*words_of_other(INFORMAL, read("They know you."))}
    assert "Sie" not in avoided
    assert {"dass Sie", "können Sie"} <= avoided
    assert {"du", "Du", "dich", "bist", "ihr"} <= {*words_of_other(FORMAL, read("You know me."))}
    assert not {"ihr", "sie"} & {*words_of_other(FORMAL, read("You know her."))}


def test_an_imperative_is_given_sie_and_never_du() -> None:
    wait, see = read("Wait!"), read("You see.")
    assert [*pronouns(FORMAL, wait, frozenset())] == ["Sie"]
    assert [*pronouns(INFORMAL, wait, forms_in("Warten Sie!", wait).cases)] == []
    assert [*pronouns(INFORMAL, see, forms_in("Sie sehen.", see).cases)] == ["du", "dich"]


def test_imperatives_and_infinitives_belong_together() -> None:
    assert all(INFINITIVES[imperative] == infinitive for infinitive, imperative in IMPERATIVES.items())
    expected = {"geben": "gib", "warten": "warte", "öffnen": "öffne", "wechseln": "wechsle", "erinnern": "erinnere"}
    assert {verb: IMPERATIVES[verb] for verb in expected} == expected
    assert (INFINITIVES["komm"], INFINITIVES["komme"], INFINITIVES["lass"]) == ("kommen", "kommen", "lassen")
    assert {"kommt", "wartet", "öffnet", "gebt", "zeichnet"} <= IMPERATIVES_OF_IHR


def test_nothing_is_supposed_of_another_source_language() -> None:
    source = SourceAddress.read("¿Dónde estás?", language="es")
    assert not source.says_you
    assert forms_in("Wo bist du?", source).has(INFORMAL)
    assert forms_in("Wo sind Sie?", source).has(FORMAL)
    assert not forms_in("Sie sind da.", source).has(FORMAL)  # they, perhaps
