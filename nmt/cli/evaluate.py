"""nmt evaluate --model checkpoints/broad-de-en --source test.de --reference test.en"""

from __future__ import annotations

import typer

from nmt.cli import options as args
from nmt.cli.progress import track, warn
from nmt.cli.search import takes_search_options
from nmt.config.search import BATCH_TOKENS, LANGUAGE_MODEL_WEIGHT, SearchOptions
from nmt.errors import ConfigurationError
from nmt.files.lines import Lines, paired
from nmt.files.places import refuse_sharing


@takes_search_options("beam_size", "length_penalty")
def evaluate(
    *,
    reference: args.Reference,
    model: args.JudgedModel = None,
    source: args.JudgedSource = None,
    hypothesis: args.Hypothesis = None,
    metric: args.Metrics = None,
    language: args.TargetLanguage = None,
    tokenize: args.Tokenize = None,
    language_model: args.LanguageModel = None,
    language_model_weight: args.LanguageModelWeight = LANGUAGE_MODEL_WEIGHT,
    options: SearchOptions,
    batch_tokens: args.BatchTokens = BATCH_TOKENS,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Print scores, by default BLEU and chrF, with sacreBLEU's signatures, of a model or of given translations.

    BLEU splits text into words as suits the target language, which a model knows and --language names: by characters and
    words for Chinese, by MeCab for Japanese and Korean (by characters where it is not installed), by characters for Thai,
    Lao, Khmer, Burmese, and as `13a` does for all others. So does `sacrebleu -l`.
    """
    from nmt.evaluation.metrics import USUAL, MetricOptions, TestSet, find_metrics

    judged = source or hypothesis
    if judged is None or (model is None) != (source is None) or (model is None) == (hypothesis is None):
        raise ConfigurationError("give either --model and --source, or --hypothesis")
    if model is None and language_model is not None:
        raise ConfigurationError("--language-model helps a --model; translations that are there need none")
    refuse_sharing(judged, reference)
    kinds = find_metrics(metric or USUAL).values()
    given, references = Lines(judged), Lines(reference)
    pairs = list(paired(given, references))
    hypotheses = [text for text, _ in pairs]
    translator = None
    if model is not None:
        from nmt.translate.translator import Translator

        translator = Translator.load(
            model,
            language_model=language_model,
            language_model_weight=language_model_weight,
            device=device,
            threads=threads,
            runtime=runtime,
        )
        language = language or translator.target_language
    test_set = TestSet(references=([text for _, text in pairs],), language=language or "")
    metrics = [kind(test_set, MetricOptions(tokenize=tokenize)) for kind in kinds]
    if translator is not None:
        warn(translator.complaint)
        translations = translator.translate_lines(hypotheses, options, batch_tokens=batch_tokens)
        hypotheses = [translation.text for translation in track(translations, of=judged)]
    warn(given.complaint(), references.complaint())
    scores = [one.score(hypotheses) for one in metrics]
    for score in scores:
        typer.echo(str(score))
    warn(*(score.note for score in scores))
