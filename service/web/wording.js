// The language that the page itself speaks: what somebody has chosen, otherwise what the browser asks for.

import { english } from "./english.js";
import { german } from "./german.js";

const WORDINGS = { en: english, de: german };
const ATTRIBUTES = { text: "textContent", label: "ariaLabel", title: "title", placeholder: "placeholder" };

export function wordingCode(state) {
  const wanted = [state.wording, ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((code) => code in WORDINGS) ?? "en";
}

export const wordsOf = (state) => WORDINGS[wordingCode(state)];

export const number = (state, value) => value.toLocaleString(wordingCode(state));

// The name of a language, such as German; for a tag without a name the tag.
export function languageName(state, tag) {
  try {
    return new Intl.DisplayNames([wordingCode(state)], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

// A message is {name, values, alarm}: kept without its words, so that it follows when the language changes. Where there are
// no words for it, it is told as the first of its values.
export function sentenceOf(state, { name, values = [] }) {
  const found = name.split(".").reduce((words, part) => words?.[part], wordsOf(state));
  const shown = values.map((value) => (typeof value === "number" ? number(state, value) : value));
  return typeof found === "function" ? found(...shown) : found ?? values[0] ?? "";
}

export function showWording(store) {
  const other = document.getElementById("wording");
  store.watch(["wording"], (state) => {
    const words = wordsOf(state);
    document.documentElement.lang = wordingCode(state);
    document.title = words.title;
    for (const [mark, property] of Object.entries(ATTRIBUTES)) {
      for (const element of document.querySelectorAll(`[data-${mark}]`)) element[property] = words[element.dataset[mark]];
    }
    for (const element of document.querySelectorAll("button.icon[data-label]")) element.title = element.ariaLabel;
    other.textContent = words.otherWording;
    other.lang = words.otherWordingCode;
  });
  other.addEventListener("click", () => store.set({ wording: other.lang }));
}
