// The row above the panes: languages, swapping them, model, form of address.

import { AUTO, base, chosenModel, hasFormality, pairName, pairOf, sources, targets } from "./languages.js";
import { joined } from "./sentences.js";
import { languageName, wordingCode, wordsOf } from "./wording.js";

const FORMALITIES = ["default", "more", "less"];
const byId = (id) => document.getElementById(id);

export function showTools(store) {
  const [sourceLanguage, targetLanguage, swap, model, formality] = ["source-language", "target-language", "swap", "model", "formality"].map(byId);

  store.watch(["pairs", "source", "target", "detection", "wording"], (state) => {
    if (!state.pairs.length) return;
    const words = wordsOf(state);
    const detected = state.source === AUTO && pairOf(state)?.source;
    const auto = detected ? words.detected(languageName(state, detected)) : words.detect;
    fill(sourceLanguage, [[AUTO, auto], ...named(state, sources(state.pairs))], state.source);
    fill(targetLanguage, named(state, targets(state.pairs, state.source)), state.target);
    swap.disabled = !swapped(state);
  });

  store.watch(["pairs", "source", "target", "detection", "models", "formality", "wording"], (state) => {
    const words = wordsOf(state);
    const pair = pairOf(state);
    const [usual, ...others] = pair?.models ?? [];
    model.hidden = others.length === 0;
    if (others.length) {
      const name = (own) => (own === `${usual}-fast` ? words.quickModel : own);
      fill(model, [[usual, words.standardModel], ...others.map((own) => [own, name(own)])], chosenModel(pair, state.models) ?? usual);
      model.title = model.value;
    }
    formality.hidden = !hasFormality(state);
    fill(formality, FORMALITIES.map((name) => [name, words.formalities[name]]), state.formality);
  });

  sourceLanguage.addEventListener("change", () => {
    const { pairs, target } = store.state;
    const source = sourceLanguage.value;
    const possible = targets(pairs, source);
    store.set({ source, target: possible.includes(target) ? target : possible[0] });
  });
  targetLanguage.addEventListener("change", () => store.set({ target: targetLanguage.value }));
  swap.addEventListener("click", () => store.set(swapped(store.state)));
  model.addEventListener("change", () => {
    const { models } = store.state;
    store.set({ models: { ...models, [pairName(pairOf(store.state))]: model.value } });
  });
  formality.addEventListener("change", () => store.set({ formality: formality.value }));
}

const named = (state, tags) => (
  tags.map((tag) => [tag, languageName(state, tag)]).sort(([, a], [, b]) => a.localeCompare(b, wordingCode(state)))
);

// Options that stay are kept: somebody may have the list open when an answer comes.
function fill(select, options, chosen) {
  const same = options.length === select.options.length && options.every(([value], index) => select.options[index].value === value);
  if (!same) select.replaceChildren(...options.map(([value]) => new Option("", value)));
  for (const [index, [, name]] of options.entries()) {
    if (select.options[index].text !== name) select.options[index].text = name;
  }
  if (select.value !== chosen) select.value = chosen;
  select.disabled = false;
}

// The fields of the state after the languages change sides, and the translation becomes the text; null where they cannot.
function swapped(state) {
  const from = pairOf(state);
  const back = from && state.pairs.find((pair) => pair.source === from.target && base(pair.target) === base(from.source));
  if (!back) return null;
  const text = state.translation ? joined(state.translation, state.choices) : state.text;
  return { source: back.source, target: back.target, text };
}
