"""Words of chats: what they are, and what they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.translate.rules.chat import chat_words
from nmt.translate.tidy import tidied


def shown(text: str, language: str) -> str:
    return tidied(text).written(chat_words(text, language=language)).text


@pytest.mark.parametrize(
    ("language", "text", "usual"),
    [
        ("en", "thx, how r u?", "thanks, how are you?"),
        ("en", "r u ok", "are you ok"),
        ("en", "c u tmrw, ur the best", "see you tomorrow, you're the best"),
        ("en", "idk what ur plan is, can u ask?", "I don't know what your plan is, can you ask?"),
        ("en", "I dont know, youre late and its not ok", "I don't know, you're late and it's not ok"),
        ("en", "You mustn't smoke, mustn’t you?", "You must not smoke, must not you?"),
        ("en", "Didnt he? Im tired, we wont go, hes gone", "Didn't he? I'm tired, we won't go, he's gone"),
        ("de", "das is nich schlimm", "das ist nicht schlimm"),
        ("de", "vllt ham wir nix, die ham was", "vielleicht ham wir nichts, die haben was"),
        ("de", "hast du ’ne Idee, oder 'nen Plan?", "hast du eine Idee, oder einen Plan?"),
        ("de", "kannst du mir ma helfen, mal ne Frage", "kannst du mir mal helfen, mal eine Frage"),
    ],
)
def test_words_of_chats(language: str, text: str, usual: str) -> None:
    assert shown(text, language) == usual


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Let u and r be numbers, c the third; U R OK; type r, then u."),
        ("en", "gonna.txt, @thx, #btw, ur-text, np/omw, THX, Gonna"),
        ("en", "Its colour, its own, he is wont to, Cant, lets, ill, well, were, id, Weil im Sch, dont.txt, @im you"),
        ("de", "This is how it is. Er sagte: the ham is good, ma chère, die Gr. is"),
        ("de", "es sind 20 grad, 20 Grad, das ISS, nixen, Nix, HEUT, /grad, kp.txt"),
        ("fr", "is nich, thx u"),
    ],
)
def test_other_words_stay(language: str, text: str) -> None:
    assert shown(text, language) == text


@given(st.lists(st.sampled_from(["u", "r", "thx", "is", "das", "'ne", " ", " ", ".", "\u00ad", "ma", "mir"])).map("".join))
def test_every_part_is_found_in_the_source(text: str) -> None:
    plain = tidied(text)
    for language in ("en", "de"):
        full = plain.written(chat_words(plain.text, language=language))
        assert full.source == plain.source
        if full is not plain:
            assert full.offsets is not None
            assert len(full.offsets) == len(full.text) + 1
            assert list(full.offsets) == sorted(full.offsets)
            assert full.whole(0, len(full.text)) == plain.whole(0, len(plain.text))
