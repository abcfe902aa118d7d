"""nmt check --model checkpoints/broad-de-en"""

from __future__ import annotations

import json
from contextlib import ExitStack

import typer

from nmt.cli import options as args
from nmt.errors import ConfigurationError
from nmt.files.output import open_output


def check(
    *,
    model: args.CheckedModel = None,
    url: args.CheckedService = None,
    api: args.CheckedApi = "v1",
    api_key: args.CheckedKey = None,
    source: args.CheckedSource = "de",
    target: args.CheckedTarget = "en",
    every: args.EveryCase = 1,
    report: args.CheckReport = None,
    device: args.Device = "auto",
    threads: args.Threads = None,
    runtime: args.Runtime = "auto",
) -> None:
    """Translate texts that translation systems are known to harm, and print what did not come through.

    The exit status is 1 where a kind of them has less than it should have. For models between English and German, French
    or Spanish, and for services (--url) that have these, of this project or of others.
    """
    if (model is None) == (url is None):
        raise ConfigurationError("give either --model or --url")
    from nmt.check.copied import copied_words
    from nmt.check.everyday import kinds_for
    from nmt.check.judge import Translate, judged
    from nmt.check.report import figures, table
    from nmt.translate.protect import WORDS

    translate: Translate
    if url is not None:
        from nmt.check.remote import Remote

        name, translate = url, Remote(url, source=source, target=target, api=api, key=api_key)
    else:
        from nmt.check.local import local
        from nmt.config.language import base_language
        from nmt.translate.translator import Translator

        translator = Translator.load(model or "", device=device, threads=threads, runtime=runtime)
        name = translator.name
        source, target = base_language(translator.source_language), base_language(translator.target_language)
        translate = local(translator)

    if (kinds := kinds_for(source, target)) is None:
        pairs = "between English and German, French or Spanish"
        raise ConfigurationError(f"there are cases {pairs} only, not for {source}-{target}")
    with ExitStack() as stack:
        file = stack.enter_context(open_output(report, inputs=[model])) if report else None
        results = judged(source, translate, every=every, kinds=kinds)
        masks = copied_words(WORDS, source, translate)
        if file:
            found = figures(results, masks, translator=name, source=source, target=target)
            file.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    # Whoever reads all figures from standard output wants nothing else there.
    is_taken = report is not None and report.descriptor == args.STANDARD_OUTPUT.descriptor
    for result in results:
        # Most kinds are compared by the whole: a single difference is no failure while there are few.
        for failure in result.failures if not result.is_kept or result.kind.form is None else ():
            typer.echo(f"{result.kind.name}: {failure.case.text!r} -> {failure.translation!r}", err=is_taken)
    typer.echo(table(results), err=is_taken)
    typer.echo("copied: " + ", ".join(f"{word} {share:.0f} %" for word, share in masks.items()), err=is_taken)
    if not all(result.is_kept for result in results):
        raise typer.Exit(1)
