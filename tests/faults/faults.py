"""The deliberate faults that `run.py` tries out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """In `file`, `old` becomes `new`; `tests` are what pytest is given to find it."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    reason: str
    """What is wrong then, for a person."""


SEARCH = ("tests/search/test_search.py",)
OPTIONS = ("tests/search/test_options.py",)
RESULT = ("tests/translate/test_result.py",)
PLAN = ("tests/translate/test_plan.py", "tests/translate/test_translator.py")
FORMATS = ("tests/offline/test_formats.py",)
API = ("tests/service/test_api.py",)
SCHEDULER = ("tests/service/test_scheduler.py",)
OFFLINE = ("tests/offline/test_offline.py",)
LINES = ("tests/files/test_lines.py",)
CORPUS = ("tests/corpus/test_corpus.py",)
MODEL = ("tests/model/test_model.py",)
CELLS = ("tests/model/test_recurrent.py",)
KERNEL = ("tests/runtime/test_cpu.py",)
UPDATE = ("tests/training/test_update.py",)
CHOICE = ("tests/training/test_choice.py",)
INIT_FROM = ("tests/training/test_init_from.py",)
TRAINER = ("tests/training/test_trainer.py",)
DIRECTORY = ("tests/checkpoint/test_directory.py",)
YAML = ("tests/config/test_yaml.py",)
CHECK = tuple(
    f"tests/check/test_check.py::{name}"
    for name in (
        "test_harm_is_found",
        "test_tags_are_compared_to_the_byte_and_must_stay_nested",
        "test_a_kind_of_which_little_can_be_told_is_not_kept",
    )
)

FAULTS = (
    # --- search ---
    Fault(
        "nmt/search/length.py",
        "float(((5 + length) / 6) ** alpha)",
        "float(((6 + length) / 7) ** alpha)",
        SEARCH,
        "the length penalty is not that of equation 14",
    ),
    Fault(
        "nmt/search/scorer.py",
        "        scores[..., END_ID] = end\n",
        "",
        SEARCH,
        "at its limit a hypothesis cannot end",
    ),
    Fault(
        "nmt/search/beam.py",
        "beam.scores.amax(dim=1) / beam.bounds",
        "beam.scores.amax(dim=1)",
        SEARCH,
        "a beam is over too early: what goes on may still be the best",
    ),
    Fault(
        "nmt/search/beam.py",
        "needed = -(-self.options.n_best // self.options.diversity_groups)",
        "needed = 1",
        SEARCH,
        "a beam is over when one of the n best is known",
    ),
    Fault(
        "nmt/search/history.py",
        "(self.minimums >= step)",
        "(self.minimums > step)",
        OPTIONS,
        "a translation may be a token shorter than the least length",
    ),
    Fault(
        "nmt/search/history.py",
        ".clamp(_LEAST_COVERAGE, 1.0)",
        ".clamp(_LEAST_COVERAGE, 2.0)",
        OPTIONS,
        "attention above 1 makes up for what was not covered",
    ),
    Fault(
        "nmt/search/history.py",
        "last[:, :, None, :]).all(dim=3)",
        "last[:, :, None, :]).any(dim=3)",
        OPTIONS,
        "n-grams are forbidden that were never there",
    ),
    Fault(
        "nmt/search/history.py",
        "period * most - 1",
        "period * most",
        OPTIONS,
        "a phrase may come once more than max_repeats",
    ),
    Fault(
        "nmt/search/diversity.py",
        "strength * counts[:, None]",
        "strength * (counts[:, None] > 0)",
        OPTIONS,
        "a token that two groups chose is avoided like one that one group chose",
    ),
    Fault(
        "nmt/search/diversity.py",
        "unique.setdefault(tuple(candidate.tokens), candidate)",
        "unique.setdefault((id(candidate),), candidate)",
        OPTIONS,
        "two groups' equal translations both stay",
    ),
    Fault(
        "nmt/search/constraints.py",
        " | (before == _WILDCARD)",
        "",
        OPTIONS,
        "a forbidden phrase shorter than another is allowed",
    ),
    Fault(
        "nmt/search/greedy.py",
        "normaliser(length, self.options) + penalty",
        "normaliser(length, self.options) - penalty",
        OPTIONS,
        "greedy search rewards what was not covered",
    ),
    # --- plan and result ---
    Fault(
        "nmt/translate/plan.py",
        "[new - old if new > -math.inf",
        "[new if new > -math.inf",
        PLAN,
        "a required phrase goes to the likeliest sentence, not to the one that it costs least",
    ),
    Fault(
        "nmt/translate/plan.py",
        "prefix if position == 0 else",
        "prefix if position >= 0 else",
        PLAN,
        "every sentence of a text begins with its prefix",
    ),
    Fault(
        "nmt/translate/plan.py",
        "[sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)].text",
        "[sentence.hypotheses[0].text",
        PLAN,
        "all n best texts are the first",
    ),
    Fault(
        "nmt/translate/result.py",
        "max(range(len(row))",
        "min(range(len(row))",
        RESULT,
        "a token is aligned to what it attends to least",
    ),
    Fault(
        "nmt/translate/result.py",
        "source_offset += len(sentence.source_tokens)",
        "source_offset += len(best.tokens)",
        RESULT,
        "alignments of later sentences count the wrong tokens of earlier ones",
    ),
    Fault(
        "nmt/translate/result.py",
        "target_offset += len(best.tokens)",
        "target_offset = len(best.tokens)",
        RESULT,
        "alignments of a third sentence forget the first",
    ),
    # --- formats ---
    Fault(
        "nmt/translate/result.py",
        "sentence.hypotheses[min(rank, len(sentence.hypotheses) - 1)] for sentence",
        "sentence.hypotheses[0] for sentence",
        RESULT,
        "every text has the score of the first",
    ),
    Fault(
        "nmt/offline/formats.py",
        "translation.score_of(rank)",
        "translation.score",
        FORMATS,
        "rows of tables and JSON lines all have the score of the first",
    ),
    Fault(
        "nmt/offline/formats.py",
        '"alignment": translation.alignment',
        '"alignment": translation.alignment[:1]',
        FORMATS,
        "JSON lines have the alignment of one token",
    ),
    Fault(
        "service/wire/v1/schema.py",
        "translation.score_of(rank)",
        "translation.score",
        API,
        "alternatives have the score of the first",
    ),
    # --- files and offline ---
    Fault(
        "nmt/files/lines.py",
        "raw.removeprefix(_BYTE_ORDER_MARK)",
        "raw",
        LINES,
        "a byte order mark is a part of the first line",
    ),
    Fault(
        "nmt/offline/run.py",
        '"the input\'s sha256": digests[0]',
        '"the input\'s sha256": ""',
        OFFLINE,
        "the journal does not remember which text was translated",
    ),
    Fault(
        "nmt/offline/run.py",
        'digests[1] if len(digests) > 1 else "none"',
        '"none"',
        OFFLINE,
        "the journal does not remember the prefixes",
    ),
    Fault(
        "nmt/offline/run.py",
        '"--language-model-weight": str(job.language_model_weight)',
        '"--language-model-weight": ""',
        OFFLINE,
        "the journal does not remember the weight of the language model",
    ),
    Fault(
        "nmt/offline/run.py",
        '"the version of nmt": metadata.version("nmt")',
        '"the version of nmt": ""',
        OFFLINE,
        "the journal does not remember which program translated",
    ),
    Fault(
        "nmt/offline/partial.py",
        "            self._file.truncate(size)\n",
        "",
        OFFLINE,
        "what a killed process wrote after its journal stays in the output",
    ),
    # --- corpora and vocabularies ---
    Fault(
        "nmt/corpus/clean.py",
        "config.max_length_ratio * shorter and longer",
        "config.max_length_ratio * shorter or longer",
        CORPUS,
        "pairs are dropped whose lengths differ in one way only",
    ),
    Fault(
        "nmt/corpus/clean.py",
        'f"{pair.source}\\n{pair.target}"',
        'f"{pair.source}"',
        CORPUS,
        "a sentence with a second translation is a duplicate",
    ),
    Fault(
        "nmt/corpus/batching.py",
        "* (index + 1 - start) >",
        "* (index - start) >",
        ("tests/training/test_trainer.py",),
        "batches are larger than the budget",
    ),
    Fault(
        "nmt/corpus/batching.py",
        "default_rng((self.seed, epoch))",
        "default_rng((self.seed, 0))",
        ("tests/training/test_trainer.py",),
        "every epoch has the same order",
    ),
    Fault(
        "nmt/corpus/alignment.py",
        "(source_lengths[members] + 1) * target_lengths[members]",
        "source_lengths[members] * target_lengths[members]",
        ("tests/model/test_shortlist.py",),
        "alignment counts no NULL",
    ),
    Fault(
        "nmt/text/tokenizer.py",
        'unicodedata.normalize("NFC", text)',
        'unicodedata.normalize("NFKC", text)',
        ("tests/text/test_tokenizer.py",),
        "superscripts and ligatures become other characters",
    ),
    Fault(
        "nmt/text/tokenizer.py",
        "return [self._pieces[token] for token in ids]",
        "return [self._pieces[token].lower() for token in ids]",
        ("tests/text/test_tokenizer.py",),
        "pieces are not as SentencePiece writes them",
    ),
    # --- networks and runtimes ---
    Fault(
        "nmt/model/lstm.py",
        "kept.sigmoid() * state.cell, taken.sigmoid()",
        "taken.sigmoid() * state.cell, kept.sigmoid()",
        CELLS,
        "the loop of an LSTM is not its fused kernel",
    ),
    Fault(
        "nmt/model/cell.py",
        "tuple(_rows_of(item, rows) for item in value) if isinstance(value, tuple)",
        "value if isinstance(value, tuple)",
        CELLS,
        "a state that is selected keeps rows of others",
    ),
    Fault(
        "nmt/model/dropout.py",
        "mask = self._mask(sequence).expand_as(sequence)",
        "mask = self.scale(sequence)",
        MODEL,
        "variational dropout is drawn anew at each position of input feeding",
    ),
    Fault(
        "nmt/model/decoder.py",
        "matrix_weights(self.feed_forward, self.readout)",
        "matrix_weights(self.readout)",
        MODEL,
        "feed-forward layers cost nothing",
    ),
    Fault(
        "nmt/runtime/cpu.py",
        "        return table[type(module)]\n",
        "        return next((table[k] for k in type(module).__mro__ if k in table), None) or table[type(module)]\n",
        KERNEL,
        "a subclass is computed as its parent",
    ),
    Fault(
        "nmt/runtime/build.py",
        "options.sampling or constraints.fixes",
        "constraints.fixes",
        KERNEL,
        "a sample is drawn from a shortlist",
    ),
    Fault(
        "nmt/model/attention.py",
        "self.scores(query, memory.keys).masked_fill(~memory.mask[:, None, :], -torch.inf)",
        "self.scores(query, memory.keys)",
        MODEL,
        "padding is attended to",
    ),
    Fault(
        "nmt/model/attention.py",
        "queries.shape[3] ** -0.5",
        "queries.shape[3] ** -1.0",
        MODEL,
        "heads are scaled by their size, not by its root",
    ),
    Fault(
        "nmt/runtime/ensemble.py",
        ".logsumexp(dim=0) - math.log(len(steps))",
        ".mean(dim=0)",
        ("tests/runtime/test_ensemble.py",),
        "an ensemble averages log-probabilities",
    ),
    Fault(
        "nmt/runtime/fusion.py",
        "self._weight * fluency",
        "fluency",
        ("tests/runtime/test_fusion.py",),
        "the weight of a language model is 1",
    ),
    Fault(
        "nmt/runtime/kernel/body.h",
        "(scaled >= 0.0f ? 0.5f : -0.5f)",
        "0.5f",
        KERNEL,
        "negative numbers are rounded towards zero",
    ),
    Fault(
        "nmt/runtime/kernel/body.h",
        "*offset = 128 * sum;",
        "*offset = 127 * sum;",
        KERNEL,
        "products of unsigned weights are not made good",
    ),
    Fault(
        "nmt/model/shortlist.py",
        "np.union1d(common, _SPECIAL_IDS)",
        "np.unique(common)",
        ("tests/model/test_shortlist.py",),
        "a shortlist may lack END",
    ),
    # --- model directories and settings ---
    Fault(
        "nmt/checkpoint/directory.py",
        "if sha256(paths[name]) != sums.get(name):",
        "if not sums.get(name):",
        DIRECTORY,
        "damaged weights are loaded",
    ),
    Fault(
        "nmt/model/quantise.py",
        ".clamp_min(1e-12) / 127.0",
        ".clamp_min(1e-12) / 64.0",
        DIRECTORY,
        "weights in int8 use half of its range",
    ),
    Fault(
        "nmt/files/atomic.py",
        "        temporary.unlink(missing_ok=True)\n",
        "        pass\n",
        ("tests/files/test_atomic.py",),
        "what fails leaves its temporary file",
    ),
    Fault(
        "nmt/config/yaml.py",
        "            if key.value in mapping:\n",
        "            if False:\n",
        YAML,
        "of a key given twice the later silently wins",
    ),
    Fault(
        "nmt/config/yaml.py",
        '_BOOL: r"true|True|TRUE|false',
        '_BOOL: r"true|True|TRUE|on|false',
        YAML,
        "on is a boolean",
    ),
    # --- training ---
    Fault(
        "nmt/training/update.py",
        "clip_grad_norm_(self.network.parameters(), self.clip_norm)",
        "clip_grad_norm_(self.network.parameters(), 1e9)",
        UPDATE,
        "gradients are not clipped",
    ),
    Fault(
        "nmt/training/average.py",
        "min(self.decay, (1 + update) / (10 + update))",
        "self.decay",
        UPDATE,
        "the moving average does not warm up",
    ),
    Fault(
        "nmt/training/trainer.py",
        "self.average.add(self.network, update=self.progress.update)",
        "self.average.add(self.network, update=self.progress.update - 1)",
        UPDATE,
        "the moving average is an update behind",
    ),
    Fault(
        "nmt/training/trainer.py",
        "return (judgement.quality, by_perplexity) if",
        "return (judgement.quality,) if",
        CHOICE,
        "of equal scores the first is kept, whatever its perplexity",
    ),
    Fault(
        "nmt/training/task.py",
        "-scores[first].value",
        "scores[first].value",
        CHOICE,
        "the worst weights are kept where less is better",
    ),
    Fault(
        "nmt/training/task.py",
        ", language=self.recipe.target_language)",
        ")",
        CHOICE,
        "training scores Chinese in words between spaces",
    ),
    Fault(
        "nmt/evaluation/tokenisation.py",
        'return wanted if is_installed(wanted) else "char"',
        'return wanted if is_installed(wanted) else "13a"',
        ("tests/evaluation/test_metrics.py",),
        "Japanese is scored in words between spaces where MeCab is missing",
    ),
    Fault(
        "nmt/training/trainer.py",
        "            if logs or saves:\n                self._refuse_divergence()\n",
        "            if logs:\n                self._refuse_divergence()\n",
        INIT_FROM,
        "a run that has diverged is saved before its next log line",
    ),
    Fault(
        "nmt/training/initial.py",
        "if there.get(key) != here.get(key):",
        "if False:",
        INIT_FROM,
        "a run begins with weights of another shape or meaning",
    ),
    Fault(
        "nmt/training/trainer.py",
        "                self._save()  # a resume",
        "                pass  # a resume",
        INIT_FROM,
        "a run that is killed early is resumed from random weights",
    ),
    Fault(
        "nmt/training/best.py",
        "tuple(-number for number in quality), update",
        "tuple(-number for number in quality), -update",
        ("tests/training/test_resume.py::test_the_best_weights_are_kept_and_averaged",),
        "of equally good weights the later is kept",
    ),
    Fault(
        "nmt/training/schedule.py",
        "math.sqrt(warmup / update)",
        "warmup / update",
        TRAINER,
        "the rate falls with the update, not with its root",
    ),
    Fault(
        "nmt/training/loss.py",
        "uniform = smoothing / logits.shape[1]",
        "uniform = smoothing / (logits.shape[1] - 1)",
        TRAINER + MODEL,
        "label smoothing gives the tokens more than its share",
    ),
    Fault(
        "nmt/training/update.py",
        "(loss / total).backward()",
        "(loss / part.target_tokens).backward()",
        TRAINER + UPDATE,
        "an update of several batches is no mean over their tokens",
    ),
    Fault(
        "nmt/evaluation/tokenisation.py",
        "    code = _BASE.get(code, code)\n",
        "",
        ("tests/evaluation",),
        "BLEU of a language with a code of three letters takes it for one with spaces",
    ),
    # --- service ---
    Fault(
        "service/scheduler.py",
        "                turn.append(job)\n",
        "                turn.appendleft(job)\n",
        SCHEDULER,
        "the first request fills the batch before others have a turn",
    ),
    Fault(
        "service/scheduler.py",
        " and self.ask.options == other.ask.options",
        "",
        SCHEDULER,
        "sentences with other options share a batch",
    ),
    Fault(
        "service/scheduler.py",
        "return [error] if len(batch) == 1 else [outcome for item in batch for outcome in self._run([item])]",
        "return [error] * len(batch)",
        SCHEDULER,
        "one sentence that fails takes its batch with it",
    ),
    Fault(
        "service/scheduler.py",
        "self._metrics.dropped.inc(len(job.waiting))",
        "self._metrics.dropped.inc()",
        SCHEDULER,
        "of the sentences of a client that left one is counted",
    ),
    Fault(
        "service/wire/v1/schema.py",
        "Field(max_length=settings.max_text_characters)",
        "Field()",
        API,
        "a text may be of any length",
    ),
    Fault(
        "service/middleware.py",
        "frame-ancestors 'none'",
        "frame-ancestors *",
        (*API, "tests/service/test_page.py"),
        "the page can be framed by another",
    ),
    # --- measuring ---
    Fault(
        "nmt/bench/report.py",
        "sorted(run.latencies)",
        "list(run.latencies)",
        ("tests/bench/test_bench.py::test_medians_percentiles_and_shares_by_hand",),
        "percentiles are of latencies in the order in which they came",
    ),
    Fault(
        "nmt/check/verdicts.py",
        "text.count(span) == case.text.count(span)",
        "span in text",
        CHECK,
        "a span that is doubled counts as kept",
    ),
    Fault(
        "nmt/check/verdicts.py",
        "return bool(text.strip()) and not is_long and not has_symbols and not has_loop",
        "return not is_long and not has_symbols and not has_loop",
        CHECK,
        "an empty answer counts as right",
    ),
    Fault(
        "nmt/check/tags.py",
        "return before.marks == after.marks and before.is_nested <= after.is_nested",
        "return before.marks == after.marks",
        CHECK,
        "tags that cross each other count as kept",
    ),
    Fault(
        "nmt/check/remote.py",
        "time.sleep(wait)",
        "time.sleep(0)",
        ("tests/check/test_remote.py",),
        "a service that is busy is asked again at once",
    ),
    Fault(
        "nmt/check/judge.py",
        "self.value >= self.kind.asked and self.told >= _LEAST_TOLD * self.count",
        "self.value >= self.kind.asked",
        CHECK,
        "a kind is kept that nothing was told of",
    ),
    Fault(
        "nmt/translate/repetition.py",
        "hypothesis = _without_runs(hypothesis, source)",
        "pass",
        ("tests/translate/test_repetition.py",),
        "a loop of signs stays",
    ),
    Fault(
        "nmt/translate/casing.py",
        'elif language == "de":',
        'elif language == "":',
        ("tests/translate/test_truecasing.py",),
        "grammar does not tell the nouns of German",
    ),
    Fault(
        "nmt/translate/markup/spelling.py",
        "items = _with_words([part for part in parts if part[0]])",
        "items = [part for part in parts if part[0]]",
        ("tests/translate/test_emphasis.py",),
        "emphasis with nothing in it is read as asterisks",
    ),
)
