"""The guide to recipes names every key, as the settings have it."""

from support.recipe_reference import FILE, MARK, reference


def test_the_guide_to_recipes_is_of_now() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.partition(MARK)[2] == reference(), "run `python tests/support/recipe_reference.py`"
