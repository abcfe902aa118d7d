// The dialog that shows the request of the translation on the page for other programs.

import { copied } from "./clipboard.js";
import { curl, python } from "./snippets.js";
import { questionOf, sourceOf } from "./translating.js";
import { wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showRequest(store) {
  const [dialog, open] = ["request", "open-request"].map(byId);

  store.watch(["text", "pairs"], ({ text, pairs }) => { open.disabled = !text.trim() || !pairs.length; });
  open.addEventListener("click", () => {
    const { state } = store;
    const address = new URL("v1/translate", document.baseURI).href;
    const question = questionOf(state, sourceOf(state));
    byId("request-hint").textContent = state.key ? wordsOf(state).requestKeyHint : wordsOf(state).requestNoKeyHint;
    byId("curl").textContent = curl(address, question, Boolean(state.key));
    byId("python").textContent = python(address, question, Boolean(state.key));
    dialog.showModal();
  });
  byId("close-request").addEventListener("click", () => dialog.close());
  for (const name of ["curl", "python"]) {
    byId(`copy-${name}`).addEventListener("click", async () => {
      const words = wordsOf(store.state);
      const isCopied = await copied(byId(name).textContent, byId(name));
      byId("request-hint").textContent = isCopied ? words.copied : words.pressToCopy;
    });
  }
}
