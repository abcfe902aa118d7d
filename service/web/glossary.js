// The editor of the glossary of a pair. Its rows are kept when it closes, so that no request is made for half a term.

import { download } from "./download.js";
import { pairName, pairOf } from "./languages.js";
import { HEADER, LONGEST_TERM, MOST_TERMS, isTerm, merged, parseTerms, tsv } from "./terms.js";
import { sourceOf, termsOf } from "./translating.js";
import { languageName, number, sentenceOf, wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showGlossary(store) {
  const [dialog, open, terms, status, file] = ["glossary", "open-glossary", "terms", "glossary-status", "glossary-file"].map(byId);

  let edited = null; // the pair whose terms the dialog shows, whatever is detected meanwhile

  store.watch(["pairs", "source", "target", "detection", "glossaries", "wording"], (state) => {
    const pair = pairOf(state);
    const words = wordsOf(state);
    open.disabled = !pair;
    open.textContent = words.glossary(number(state, termsOf(state, sourceOf(state)).length));
    if (!pair) return;
    const [from, to] = [pair.source, pair.target].map((tag) => languageName(state, tag));
    byId("glossary-title").textContent = words.glossaryTitle(from, to);
    byId("term-head").textContent = from;
    byId("term-translation-head").textContent = to;
  });

  open.addEventListener("click", () => {
    say(null);
    edited = pairOf(store.state);
    fill(termsOf(store.state, edited.source));
    dialog.showModal();
    terms.querySelector("input").focus();
  });
  byId("close-glossary").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    const { glossaries } = store.state;
    const list = written().slice(0, MOST_TERMS);
    if (tsv(list) !== tsv(glossaries[pairName(edited)] ?? [])) store.set({ glossaries: { ...glossaries, [pairName(edited)]: list } });
  });
  terms.addEventListener("input", ({ target }) => {
    if (target.closest("tr") === terms.lastElementChild) terms.append(row(["", ""], terms.children.length + 1));
  });
  terms.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    const inputs = [...terms.querySelectorAll("input")];
    inputs[inputs.indexOf(event.target) + 1]?.focus();
    event.preventDefault();
  });
  byId("empty-glossary").addEventListener("click", () => fill([]));
  byId("export-glossary").addEventListener("click", () => {
    download(new Blob([HEADER + tsv(written())], { type: "text/tab-separated-values" }), `${pairName(edited)}.tsv`);
  });
  byId("import-glossary").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const [given] = file.files;
    const { terms: found, skipped } = parseTerms(await given.text());
    file.value = ""; // so that the same file can be chosen again
    const all = merged(written(), found);
    if (!found.length) say({ name: "unreadableGlossary", alarm: true });
    else if (all.length > MOST_TERMS) say({ name: "tooManyTerms", values: [MOST_TERMS], alarm: true });
    else say(skipped ? { name: "importedAndSkipped", values: [found.length, skipped] } : { name: "imported", values: [found.length] });
    fill(all.slice(0, MOST_TERMS));
  });

  function written() {
    const rows = [...terms.rows].map((each) => [...each.querySelectorAll("input")].map(({ value }) => value.trim()));
    return merged(rows.filter(isTerm));
  }

  function fill(list) {
    terms.replaceChildren(...[...list, ["", ""]].map((term, index) => row(term, index + 1)));
  }

  function row(term, place) {
    const words = wordsOf(store.state);
    const made = document.createElement("tr");
    for (const [side, name] of [words.termIn, words.termTranslationIn].entries()) {
      const input = document.createElement("input");
      Object.assign(input, { value: term[side], ariaLabel: name(String(place)), maxLength: LONGEST_TERM, spellcheck: false });
      made.insertCell().append(input);
    }
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", className: "icon", textContent: "×", ariaLabel: words.removeTerm(String(place)) });
    remove.addEventListener("click", () => {
      if (made !== terms.lastElementChild) made.remove();
      terms.querySelector("input").focus();
    });
    made.insertCell().append(remove);
    return made;
  }

  function say(message) {
    status.textContent = message ? sentenceOf(store.state, message) : "";
    status.classList.toggle("alarm", message?.alarm ?? false);
  }
}
