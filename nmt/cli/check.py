"""nmt check --model checkpoints/broad-de-en"""

from __future__ import annotations

from collections.abc import Sequence

import typer

from nmt.cli import options as args
from nmt.errors import ConfigurationError


def check(
    *,
    model: args.CheckedModel = None,
    url: args.CheckedService = None,
    source: args.CheckedSource = "de",
    target: args.CheckedTarget = "en",
    every: args.EveryCase = 1,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Translate texts that translation systems are known to harm, and print what did not come through.

    The exit status is 1 where a kind of them has less than it should have. For models of German and English, and for
    services (--url) that have both.
    """
    if (model is None) == (url is None):
        raise ConfigurationError("give either --model or --url")
    from nmt.check.cases import cases
    from nmt.check.judge import PROMISED, Translate, judged

    translate: Translate
    if url is not None:
        from nmt.check.remote import Remote

        translate = Remote(url, source=source, target=target)
    else:
        from nmt.translate.translator import Translator

        translator = Translator.load(model or "", device=device, threads=threads, runtime=runtime)
        source, target = translator.source_language, translator.target_language

        def translate(texts: Sequence[str]) -> list[str]:
            return [one.text for one in translator.translate_lines(texts)]

    if {source, target} != {"de", "en"}:
        raise ConfigurationError(f"there are cases for German and English only, not for {source}-{target}")
    results = judged(cases(source)[::every], translate)
    for result in results:
        for failure in result.failures:
            typer.echo(f"{result.kind}: {failure.case.text!r} -> {failure.translation!r}")
    typer.echo(f"{'kind':<22} {'cases':>5} {'%':>6} {'asked':>6}")
    for result in results:
        typer.echo(f"{result.kind:<22} {result.count:>5} {result.value:>6.1f} {PROMISED[result.kind]:>6.1f}")
    if not all(result.is_kept for result in results):
        raise typer.Exit(1)
