// The translation, and the way through it by keys.

import { hypothesisOf } from "./sentences.js";
import { placeOf, sentenceElement } from "./spans.js";
import { wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showTranslation(store) {
  const [target, progress] = ["target", "progress"].map(byId);

  store.watch(["translation", "choices"], ({ translation, choices }) => {
    const shown = [];
    for (const index of translation?.sentences.keys() ?? []) {
      const { text, words } = hypothesisOf(translation, choices, index);
      shown.push(translation.separators[index], sentenceElement(text, words, index));
    }
    target.replaceChildren(...shown, translation?.separators.at(-1) ?? "");
  });
  store.watch(["target"], (state) => { target.lang = state.target; });
  store.watch(["wording"], (state) => { target.dataset.empty = wordsOf(state).translation; });
  store.watch(["busy"], ({ busy }) => {
    progress.hidden = !busy;
    target.parentElement.ariaBusy = String(busy);
  });
  store.watch(["translation", "sentence"], ({ translation, sentence }) => {
    const several = translation?.sentences.length > 1;
    for (const element of target.querySelectorAll(".sentence")) {
      element.classList.toggle("chosen", several && placeOf(element).sentence === sentence);
    }
  });

  target.addEventListener("click", (event) => pick(placeOf(event.target)));
  target.addEventListener("keydown", (event) => {
    const { pointed } = store.state;
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "Escape") store.set({ pointed: null });
    else if (event.key === "Enter") pick(pointed);
    else return;
    event.preventDefault();
  });
  target.addEventListener("blur", () => store.set({ pointed: null }));

  function pick(place) {
    if (place) store.set({ sentence: place.sentence });
  }

  function step(direction) {
    const all = [...target.querySelectorAll(".word")];
    if (!all.length) return;
    const current = all.findIndex((word) => word.classList.contains("active"));
    const next = all.at(current < 0 && direction < 0 ? -1 : (current + direction) % all.length);
    next.scrollIntoView({ block: "nearest" });
    store.set({ pointed: { side: "target", ...placeOf(next), spoken: true } });
  }
}
