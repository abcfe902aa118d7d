// Files: dropped or chosen, translated by the service while it is asked how far they are, and kept here to be downloaded.

import { download } from "./download.js";
import { chosenModel, pairName, pairOf } from "./languages.js";
import * as service from "./service.js";
import { messageOf, sourceOf } from "./translating.js";
import { languageName, sentenceOf, wordsOf } from "./wording.js";

const PAUSE = 400; // milliseconds between two questions
const byId = (id) => document.getElementById(id);
let count = 0;

export function showDocuments(store) {
  const [section, list, file, drop] = ["files", "file-list", "file", "drop"].map(byId);
  const rows = new Map(); // by the number of a file: its element, which keeps the focus

  store.watch(["files", "wording"], (state) => {
    section.hidden = state.files.length === 0;
    for (const each of state.files) {
      if (!rows.has(each.number)) {
        rows.set(each.number, row(each));
        list.append(rows.get(each.number).element);
      }
      rows.get(each.number).show(state, each);
    }
    for (const [number, { element }] of rows) {
      if (state.files.some((each) => each.number === number)) continue;
      element.remove();
      rows.delete(number);
    }
  });
  store.watch(["endings"], ({ endings }) => { file.accept = endings.join(","); });
  store.watch(["pairs", "source", "target", "detection", "wording"], (state) => {
    const from = sourceOf(state);
    const words = wordsOf(state);
    const name = pairOf(state) ? languageName(state, from) : words.detect;
    drop.textContent = words.dropHere(name, languageName(state, state.target));
  });

  byId("open-file").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    translateFiles([...file.files]);
    file.value = "";
  });
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
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

  function translateFiles(given) {
    for (const each of given) translateFile(each);
  }

  async function translateFile(given) {
    const number = count += 1;
    const { endings, key, target, source, formality, models } = store.state;
    const update = (change) => {
      store.set({ files: store.state.files.map((each) => (each.number === number ? { ...each, ...change } : each)) });
    };
    const isWanted = () => store.state.files.some((each) => each.number === number);
    store.set({ files: [...store.state.files, { number, name: given.name, target, status: "sending", share: 0 }] });
    if (!endings.some((ending) => given.name.toLowerCase().endsWith(ending))) {
      update({ status: "error", message: { name: "wrongEnding", values: [endings.join(", ")] } });
      return;
    }
    try {
      const pair = pairOf(store.state);
      const model = source !== "auto" && pair && chosenModel(pair, models);
      const fields = { source, target, ...(model ? { model } : {}), ...(pair?.formality && formality !== "default" ? { formality } : {}) };
      let job = await service.sendDocument(given, fields, key);
      update({ id: job.id });
      while (job.status === "queued" || job.status === "translating") {
        update({ status: job.status, share: job.characters ? job.translated_characters / job.characters : 1 });
        await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
        if (!isWanted()) {
          await service.forgetDocument(job.id, key);
          return;
        }
        job = await service.documentState(job.id, key);
      }
      if (job.status === "error") update({ status: "error", message: { name: "said", values: [job.error] } });
      else update({ status: "done", share: 1, content: await service.takeDocument(job.id, key) });
    } catch (error) {
      update({ status: "error", message: messageOf(error) });
    }
  }

  function row({ number }) {
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
    const current = () => store.state.files.find((each) => each.number === number);
    take.addEventListener("click", () => download(current().content, translatedName(current())));
    remove.addEventListener("click", () => store.set({ files: store.state.files.filter((each) => each.number !== number) }));

    const show = (state, file) => {
      const words = wordsOf(state);
      const isOver = file.status === "done" || file.status === "error";
      const glossary = state.glossaries[pairOf(state) ? pairName(pairOf(state)) : ""]?.length;
      const done = glossary ? `${words.fileStates.done}. ${words.withoutGlossary}` : words.fileStates.done;
      name.textContent = file.name;
      progress.value = file.share;
      progress.hidden = isOver;
      progress.ariaLabel = words.progressOf(file.name);
      status.classList.toggle("alarm", file.status === "error");
      status.textContent = file.status === "error" ? sentenceOf(state, file.message) : file.status === "done" ? done : words.fileStates[file.status];
      take.hidden = file.status !== "done";
      take.textContent = words.download;
      take.ariaLabel = words.downloadNamed(file.name);
      remove.textContent = isOver ? words.remove : words.cancel;
      remove.ariaLabel = isOver ? words.removeNamed(file.name) : words.cancelNamed(file.name);
    };
    return { element, show };
  }

  return translateFiles;
}

// letter.docx becomes letter_en.docx.
function translatedName({ name, target }) {
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}_${target}${name.slice(dot)}`;
}
