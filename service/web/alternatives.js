// Other translations of the sentence that was picked; a click puts one in its place.

import { hypothesisOf } from "./sentences.js";
import { wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showAlternatives(store) {
  const [section, title, list] = ["alternatives", "alternatives-title", "alternatives-list"].map(byId);

  store.watch(["translation", "choices", "sentence", "wording"], (state) => {
    const { translation, choices, sentence } = state;
    const found = translation?.sentences[sentence];
    const words = wordsOf(state);
    const items = [];
    if (found) {
      const current = hypothesisOf(translation, choices, sentence).text;
      const seen = new Set([current]);
      for (const [rank, { text }] of found.hypotheses.entries()) {
        if (!seen.has(text)) items.push(item(text, current, () => choose(rank)));
        seen.add(text);
      }
    }
    title.textContent = translation?.sentences.length > 1 ? words.otherTranslationsOf(found.source) : words.otherTranslations;
    list.replaceChildren(...items);
    list.scrollTop = 0;
    section.hidden = items.length === 0;
  });

  function choose(rank) {
    const { choices, sentence } = store.state;
    store.set({ choices: { ...choices, [sentence]: rank }, message: { name: "changed" } });
    list.querySelector("button")?.focus();
  }
}

function item(text, current, choose) {
  const button = document.createElement("button");
  button.type = "button";
  const known = new Set(current.split(" "));
  for (const word of text.split(" ")) {
    const span = document.createElement("span");
    span.textContent = word;
    span.classList.toggle("changed", !known.has(word));
    button.append(span, " ");
  }
  button.addEventListener("click", choose);
  const made = document.createElement("li");
  made.append(button);
  return made;
}
