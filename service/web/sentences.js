// An answer of the service, taken apart for the panes: its sentences, where they stand in the text, and their words.

import { positions, words } from "./align.js";

// `separators[i]` is what stands before the translation of sentence i; the last is what stands behind all. A sentence with
// tags that its own translation lacks, as <b>...</b> in plain text, is a part of what stands between others.
export function takeApart(text, answer) {
  const [translation] = answer.translations;
  const starts = positions(text, translation.sentences.map((sentence) => sentence.source));
  const firsts = translation.sentences.map((sentence) => sentence.hypotheses[0].text);
  const separators = [];
  let cursor = 0;
  const places = positions(translation.text, firsts);
  for (const [index, start] of places.entries()) {
    if (start === null) continue;
    separators.push(translation.text.slice(cursor, start));
    cursor = start + firsts[index].length;
  }
  separators.push(translation.text.slice(cursor));
  const whole = translation.sentences.map((sentence, index) => ({
    source: sentence.source,
    start: starts[index],
    words: words(sentence.source, sentence.source_tokens),
    hypotheses: sentence.hypotheses.map(({ text: own, tokens, attention }) => ({ text: own, words: words(own, tokens), attention })),
  }));
  const sentences = whole.filter((_, index) => places[index] !== null);
  return { text, source: answer.source, target: answer.target, sentences, separators };
}

export const hypothesisOf = (translation, choices, index) => translation.sentences[index].hypotheses[choices[index] ?? 0];

// The translation with the hypotheses that were chosen.
export function joined(translation, choices) {
  const parts = translation.sentences.map((_, index) => translation.separators[index] + hypothesisOf(translation, choices, index).text);
  return parts.join("") + translation.separators.at(-1);
}
