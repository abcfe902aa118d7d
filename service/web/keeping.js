// What outlives a reload: preferences in the browser, the text in its tab, and languages and text in the address.

import { fragment, readFragment } from "./fragment.js";
import { possiblePair } from "./languages.js";

const PREFERENCES = { models: {}, formality: "default", glossaries: {}, key: "", theme: "", wording: "" };
const PREFIX = "nmt.";
const PAUSE = 300; // milliseconds between changes of the address; browsers allow few
const TEXT = `${PREFIX}text`;
const ADDRESS = `${PREFIX}address`; // what the page has last written behind its address

// The fields of the state that were kept.
export function kept() {
  const preferences = Object.entries(PREFERENCES).map(([name, usual]) => [name, read(localStorage, PREFIX + name, usual)]);
  const { text, ...languages } = readFragment(location.hash);
  const isReload = read(sessionStorage, ADDRESS, "") === location.hash; // whose text may be newer than its address
  const latest = isReload ? read(sessionStorage, TEXT, "") : text ?? "";
  return { ...Object.fromEntries(preferences), ...languages, text: latest };
}

export function keepChanges(store) {
  for (const [name, usual] of Object.entries(PREFERENCES)) {
    store.watch([name], (state) => write(localStorage, PREFIX + name, state[name], usual));
  }
  store.watch(["text"], (state) => write(sessionStorage, TEXT, state.text, ""));
  let timer = 0;
  store.watch(["source", "target", "text"], () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, "", fragment(store.state));
      write(sessionStorage, ADDRESS, location.hash, "");
    }, PAUSE);
  });
  addEventListener("hashchange", () => { // somebody followed another link
    const asked = { ...store.state, ...readFragment(location.hash) };
    store.set({ text: asked.text, ...possiblePair(asked.pairs, asked) });
  });
}

// A browser may forbid to keep anything, and somebody else may have written there.
function read(storage, name, usual) {
  try {
    const value = JSON.parse(storage.getItem(name)) ?? usual;
    return typeof value === typeof usual ? value : usual;
  } catch {
    return usual;
  }
}

function write(storage, name, value, usual) {
  try {
    if (value === usual) storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
  } catch {
    // The page works without.
  }
}
