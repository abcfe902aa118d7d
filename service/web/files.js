// Files on the page: dropped or chosen, shown with their progress, and handed out once they are translated.

import { download } from "./download.js";
import { pairOf } from "./languages.js";
import { sourceOf } from "./translating.js";
import { languageName, sentenceOf, wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showFiles(store, translateFiles) {
  const [section, list] = ["files", "file-list"].map(byId);
  const rows = new Map(); // by the number of a file; a row that stays keeps the focus

  store.watch(["files", "wording"], (state) => {
    section.hidden = state.files.length === 0;
    for (const file of state.files) {
      if (!rows.has(file.number)) {
        rows.set(file.number, createRow(store, file.number));
        list.append(rows.get(file.number).element);
      }
      rows.get(file.number).show(state, file);
    }
    for (const [number, { element }] of rows) {
      if (state.files.some((file) => file.number === number)) continue;
      element.remove();
      rows.delete(number);
    }
  });
  takeFiles(store, translateFiles);
}

function createRow(store, number) {
  const element = document.createElement("li");
  const [name, status] = [document.createElement("span"), document.createElement("span")];
  const progress = document.createElement("progress");
  const [take, remove] = [document.createElement("button"), document.createElement("button")];
  name.className = "name";
  status.className = "quiet";
  status.role = "status";
  take.type = remove.type = "button";
  progress.max = 1;
  element.append(name, progress, status, take, remove);
  take.addEventListener("click", () => {
    const file = store.state.files.find((each) => each.number === number);
    download(file.content, translatedName(file));
  });
  remove.addEventListener("click", () => store.set({ files: store.state.files.filter((each) => each.number !== number) }));

  const show = (state, file) => {
    const words = wordsOf(state);
    const isOver = file.status === "done" || file.status === "error";
    name.textContent = file.name;
    progress.value = file.share;
    progress.hidden = isOver;
    progress.ariaLabel = words.progressOf(file.name);
    status.textContent = file.status === "error" ? sentenceOf(state, file.message) : words.fileStates[file.status];
    if (file.status === "done" && file.lacksTerms) status.textContent += ` ${words.withoutGlossary}`;
    status.classList.toggle("alarm", file.status === "error");
    take.hidden = file.status !== "done";
    take.textContent = words.download;
    take.ariaLabel = words.downloadNamed(file.name);
    remove.textContent = isOver ? words.remove : words.cancel;
    remove.ariaLabel = isOver ? words.removeNamed(file.name) : words.cancelNamed(file.name);
  };
  return { element, show };
}

function takeFiles(store, translateFiles) {
  const [file, drop] = ["file", "drop"].map(byId);
  store.watch(["endings"], ({ endings }) => { file.accept = endings.join(","); });
  store.watch(["pairs", "source", "target", "detection", "wording"], (state) => {
    const words = wordsOf(state);
    const source = pairOf(state) ? languageName(state, sourceOf(state)) : words.detect;
    drop.textContent = words.dropHere(source, languageName(state, state.target));
  });
  byId("open-file").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    translateFiles([...file.files]);
    file.value = ""; // so that the same file can be chosen again
  });

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files"); // text may be dropped, too
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.hidden = true; });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.hidden = true;
    translateFiles([...event.dataTransfer.files]);
  });
}

// letter.docx becomes letter_en.docx.
function translatedName({ name, target }) {
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}_${target}${name.slice(dot)}`;
}
