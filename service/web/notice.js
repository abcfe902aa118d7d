// A sentence about the text with a way out: that it is in another language, or too long.

import { betterPair } from "./languages.js";
import { lengthOf } from "./translating.js";
import { languageName, number, wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showNotice(store, translateFiles) {
  const [notice, text, act] = ["notice", "notice-text", "notice-act"].map(byId);
  let action = null;

  store.watch(["text", "limit", "source", "target", "detection", "pairs", "busy", "wording"], (state) => {
    const found = excessOf(state) ?? otherLanguageOf(state);
    notice.hidden = !found;
    notice.classList.toggle("alarm", found?.alarm ?? false);
    text.textContent = found?.sentence ?? "";
    act.textContent = found?.offer ?? "";
    act.hidden = !found?.offer;
    action = found?.action;
  });
  act.addEventListener("click", () => {
    action();
    byId("source").focus();
  });

  function excessOf(state) {
    const words = wordsOf(state);
    const excess = lengthOf(state.text) - state.limit;
    if (!(excess > 0)) return null;
    const file = () => translateFiles([new File([state.text], `${words.text}.txt`, { type: "text/plain" })]);
    return { sentence: words.tooLong(number(state, excess), number(state, state.limit)), offer: words.asFile, action: file, alarm: true };
  }

  function otherLanguageOf(state) {
    const better = betterPair(state);
    if (!better) return null;
    const words = wordsOf(state);
    const [language, target] = [better.language, better.target].map((tag) => tag && languageName(state, tag));
    if (!better.source) return { sentence: words.noModelFor(language) };
    const offer = better.target === state.target ? words.translateFrom(language) : words.translateInto(language, target);
    return { sentence: words.looksLike(language), offer, action: () => store.set({ source: better.source, target: better.target }) };
  }
}
