// The row that is always in sight: counter, message, and what can be done with text and translation.

import { copied } from "./clipboard.js";
import { fragment, readFragment } from "./fragment.js";
import { joined } from "./sentences.js";
import { lengthOf } from "./translating.js";
import { number, sentenceOf, wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showBar(store) {
  const [source, target, counter, clear, status, copy, copyLink] = ["source", "target", "counter", "clear", "status", "copy", "copy-link"].map(byId);

  store.watch(["text", "cleared", "limit", "wording"], (state) => {
    const words = wordsOf(state);
    const length = lengthOf(state.text);
    counter.textContent = Number.isFinite(state.limit) ? words.counter(number(state, length), number(state, state.limit)) : "";
    counter.classList.toggle("alarm", length > state.limit);
    clear.hidden = !state.text && !state.cleared;
    clear.textContent = state.text ? words.clear : words.undo;
    copyLink.disabled = !state.text.trim();
  });
  store.watch(["message", "wording"], (state) => {
    status.textContent = state.message ? sentenceOf(state, state.message) : "";
    status.title = status.textContent;
    status.classList.toggle("alarm", state.message?.alarm ?? false);
  });
  store.watch(["translation"], ({ translation }) => { copy.disabled = !translation; });

  clear.addEventListener("click", () => {
    const { text, cleared } = store.state;
    store.set(text ? { text: "", cleared: text } : { text: cleared, cleared: "" });
    source.focus();
  });
  source.addEventListener("keydown", (event) => {
    const { text, cleared } = store.state;
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || text || !cleared) return;
    event.preventDefault(); // the browser knows nothing of a text that a button has cleared
    store.set({ text: cleared, cleared: "" });
  });
  copy.addEventListener("click", async () => {
    const { translation, choices } = store.state;
    const name = await copied(joined(translation, choices), target) ? "copied" : "pressToCopy";
    store.set({ message: { name } });
  });
  copyLink.addEventListener("click", async () => {
    const end = fragment(store.state);
    const link = new URL(end, location.href).href;
    if (!await copied(link)) store.set({ message: { name: "told", values: [link] } });
    else store.set({ message: { name: readFragment(end).text ? "linkCopied" : "linkWithoutText" } });
  });
}
