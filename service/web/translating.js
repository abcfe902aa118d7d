// From a change of the text or of how it is translated to an answer in the state.

import { AUTO, base, chosenModel, findPair, hasFormality, pairName, pairOf } from "./languages.js";
import { takeApart } from "./sentences.js";
import * as service from "./service.js";

const PAUSE = 400; // milliseconds without a key before a text is translated
const N_BEST = 3;
const DETECTED = 1000; // characters; more tell no more of their language
const LONGEST_WAIT = 60; // seconds after which a busy service is asked again; one that says more has a quota
const GONE = 3; // seconds after which a service that cannot be reached is asked again

export const lengthOf = (text) => [...text].length; // in code points, as the service counts

// The body of the request that translates the text of `state` from the language `source`.
export function questionOf(state, source) {
  const question = { text: state.text, ...choicesOf(state, source) };
  const terms = termsOf(state, source);
  if (terms.length) question.glossary = Object.fromEntries(terms);
  return question;
}

// What texts and files have in common: languages, model and form of address, where these are not the usual ones.
export function choicesOf(state, source) {
  const choices = { source, target: state.target };
  const pair = findPair(state.pairs, source, state.target);
  const model = pair && chosenModel(pair, state.models);
  if (model) choices.model = model;
  if (hasFormality(state) && state.formality !== "default") choices.formality = state.formality;
  return choices;
}

// The glossary for a text from `source`, as [term, translation].
export function termsOf(state, source) {
  const pair = findPair(state.pairs, source, state.target);
  return (pair && state.glossaries[pairName(pair)]) ?? [];
}

// The language that the text is translated from: one that was detected for "auto", if there is a model for it.
export const sourceOf = (state) => (state.source === AUTO ? pairOf(state)?.source ?? AUTO : state.source);

// A message for `error`, which some request has thrown.
export function messageOf(error) {
  if (!(error instanceof service.Refusal)) return { name: "unreachable", alarm: true };
  if (error.code) return { name: `refusals.${error.code}`, values: [error.message], alarm: true };
  return { name: "failed", values: [error.status], alarm: true };
}

export function translateChanges(store) {
  let timer = 0;
  let request = null; // AbortController of the one on its way

  const names = ["text", "source", "target", "models", "formality", "glossaries", "key", "pairs"];
  store.watch(names, (state, before) => {
    clearTimeout(timer);
    request?.abort();
    const excess = lengthOf(state.text) - state.limit;
    if (!state.pairs.length) return;
    if (state.text.trim() && excess <= 0) timer = setTimeout(translate, state.text === before.text ? 0 : PAUSE);
    else store.set({ translation: null, choices: {}, detection: null, busy: false, message: null });
  });

  async function translate() {
    clearTimeout(timer);
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    const { text, key, source } = store.state;
    store.set({ busy: true });
    try {
      const detecting = service.detect(text.slice(0, DETECTED).toWellFormed(), key, signal).then(
        ([best]) => (best?.confidence ? best : null), // 0 is a text in no language, such as a number
        () => null,
      );
      const found = source === AUTO ? await detecting : store.state.detection;
      if (signal.aborted) return;
      store.set({ detection: found }); // for "auto": its model and its terms are then known
      const question = questionOf(store.state, sourceOf(store.state));
      const answer = await service.translate({ ...question, n_best: N_BEST, alignment: true }, key, signal);
      const detection = surely(answer, source) ?? await detecting;
      if (signal.aborted) return;
      store.set({ translation: takeApart(text, answer), choices: {}, sentence: 0, pointed: null, detection, busy: false, message: null });
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
  }

  function failed(error) {
    const wait = error instanceof service.Refusal ? error.wait : GONE;
    const isBusy = error.status === 429 || error.status === 503;
    if (error.status === 401) store.set({ keyAsked: true });
    if (error instanceof service.Refusal && !(isBusy && wait && wait <= LONGEST_WAIT)) {
      store.set({ translation: null, choices: {}, busy: false, message: messageOf(error) });
      return;
    }
    const message = isBusy ? { name: "busy", values: [wait] } : messageOf(error);
    store.set({ busy: isBusy, message });
    timer = setTimeout(translate, wait * 1000);
  }

  return translate;
}

// A text that comes back as it is, since it surely is in another language than it was said to be.
function surely(answer, source) {
  const language = answer.translations[0].detected_source;
  return language && source !== AUTO && base(language) !== base(source) ? { language, confidence: 100 } : null;
}
