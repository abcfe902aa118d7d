// The text, in a field above its mirror. The mirror has the same words as elements: it gives the field its height, is what
// the pointer finds, and what marks are drawn on.

import { AUTO } from "./languages.js";
import { sentenceElement } from "./spans.js";
import { sourceOf } from "./translating.js";

const byId = (id) => document.getElementById(id);

export function showSource(store, translateNow) {
  const [source, mirror] = ["source", "mirror"].map(byId);

  store.watch(["text"], ({ text }) => {
    if (source.value !== text) source.value = text;
  });
  store.watch(["source", "detection"], (state) => { source.lang = sourceOf(state).replace(AUTO, ""); });
  store.watch(["text", "translation", "limit"], (state) => mirror.replaceChildren(...parts(state), "\n"));

  source.addEventListener("input", () => store.set({ text: source.value, cleared: "" }));
  source.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) translateNow();
  });
}

function parts({ text, translation, limit }) {
  if (translation?.text !== text) return excess(text, limit);
  const found = [];
  let covered = 0;
  for (const [index, sentence] of translation.sentences.entries()) {
    if (sentence.start === null) continue;
    found.push(text.slice(covered, sentence.start), sentenceElement(sentence.source, sentence.words, index));
    covered = sentence.start + sentence.source.length;
  }
  return [...found, text.slice(covered)];
}

// What is above the limit is marked.
function excess(text, limit) {
  if (text.length <= limit) return [text];
  const characters = [...text];
  if (characters.length <= limit) return [text];
  const mark = document.createElement("span");
  mark.className = "excess";
  mark.textContent = characters.slice(limit).join("");
  return [characters.slice(0, limit).join(""), mark];
}
