// The word and the sentence under the pointer, marked on both sides: each word as strongly as attention lies on it.

import { weight } from "./align.js";
import { hypothesisOf } from "./sentences.js";
import { placeOf } from "./spans.js";
import { wordsOf } from "./wording.js";

const VISIBLE_WEIGHT = 0.08;
const byId = (id) => document.getElementById(id);

export function showPointed(store) {
  const [source, mirror, target, spoken] = ["source", "mirror", "target", "spoken"].map(byId);
  const panes = { source: mirror, target };

  store.watch(["pointed", "translation", "choices"], (state) => {
    for (const marked of document.querySelectorAll(".pointed, .active, .lit")) {
      marked.classList.remove("pointed", "active", "lit");
      marked.style.removeProperty("--weight");
    }
    const { pointed, translation, choices } = state;
    if (!pointed || !translation) return;
    const elements = Object.values(panes).map((pane) => pane.querySelector(`.sentence[data-sentence="${pointed.sentence}"]`));
    if (elements.includes(null)) return; // the text has changed since it was translated
    for (const element of elements) element.classList.add("pointed");
    if (pointed.word === undefined) return;
    const [own, other] = pointed.side === "source" ? elements : elements.toReversed();
    own.querySelector(`[data-word="${pointed.word}"]`).classList.add("active");
    const lit = [];
    for (const [index, share] of shares(translation.sentences[pointed.sentence], hypothesisOf(translation, choices, pointed.sentence), pointed)) {
      if (share < VISIBLE_WEIGHT) continue;
      const word = other.querySelector(`[data-word="${index}"]`);
      word.classList.add("lit");
      word.style.setProperty("--weight", share.toFixed(2));
      lit.push(word);
    }
    if (!pointed.spoken) return;
    lit[0]?.scrollIntoView({ block: "nearest" });
    const origins = lit.map((word) => word.textContent).join(", ");
    spoken.textContent = wordsOf(state).wordFrom(own.querySelector(".active").textContent, origins);
  });

  const point = (side, element) => {
    const place = placeOf(element);
    const { pointed } = store.state;
    const same = place ? pointed?.side === side && pointed.sentence === place.sentence && pointed.word === place.word : !pointed;
    if (!same) store.set({ pointed: place && { side, ...place } });
  };
  source.addEventListener("pointermove", ({ clientX, clientY }) => {
    point("source", document.elementsFromPoint(clientX, clientY).find((element) => element !== mirror && mirror.contains(element)));
  });
  target.addEventListener("pointerover", (event) => point("target", event.target));
  for (const pane of [source, target]) pane.addEventListener("pointerleave", () => store.set({ pointed: null }));
}

// How much of the attention of the pointed word lies on each word of the other side, or theirs on it.
function shares(sentence, { words, attention }, { side, word }) {
  if (side === "target") return sentence.words.map((other, index) => [index, weight(attention, words[word], other)]);
  return words.map((other, index) => [index, weight(attention, other, sentence.words[word])]);
}
