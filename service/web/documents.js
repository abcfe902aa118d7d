// The way of a file: sent, asked for until it is translated, and taken from the service, which then forgets it.

import { AUTO } from "./languages.js";
import * as service from "./service.js";
import { HEADER, tsv } from "./terms.js";
import { choicesOf, messageOf, sourceOf, termsOf } from "./translating.js";

const PAUSE = 400; // milliseconds between two questions
const LONG_PAUSE = 3000; // after one that was not answered
let count = 0;

const later = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export const fileTranslator = (store) => (files) => { for (const file of files) translateFile(store, file); };

async function translateFile(store, file) {
  const number = count += 1;
  const { state } = store;
  const { key, target, source } = state;
  const name = file.name;
  const update = (change) => {
    store.set({ files: store.state.files.map((each) => (each.number === number ? { ...each, ...change } : each)) });
  };
  const isWanted = () => store.state.files.some((each) => each.number === number);
  const choices = choicesOf(state, source); // the language of each file is detected anew, where it is not given
  const terms = termsOf(state, sourceOf(state));
  const lacksTerms = terms.length > 0 && source === AUTO; // a file may be in another language than that of the terms
  if (terms.length && !lacksTerms) choices.glossary = HEADER + tsv(terms);
  store.set({ files: [...state.files, { number, name, target, lacksTerms, status: "sending", share: 0 }] });
  if (!state.endings.some((ending) => name.toLowerCase().endsWith(ending))) {
    update({ status: "error", message: { name: "wrongEnding", values: [state.endings.join(", ")] } });
    return;
  }
  try {
    let job = await service.sendDocument(file, choices, key);
    while (job.status === "queued" || job.status === "translating") {
      update({ status: job.status, share: job.characters ? job.translated_characters / job.characters : 1 });
      await later(PAUSE);
      if (!isWanted()) {
        await service.forgetDocument(job.id, key);
        return;
      }
      job = await service.documentState(job.id, key).catch((error) => waitedFor(job, error));
    }
    if (job.status === "error") update({ status: "error", message: { name: "told", values: [job.error] } });
    else update({ status: "done", share: 1, content: await service.takeDocument(job.id, key) });
  } catch (error) {
    update({ status: "error", message: error instanceof service.Refusal ? messageOf(error) : { name: "notSent" } });
  }
}

// A service that cannot be reached, or is busy, may be again: the file is as it was. Throws any other error.
async function waitedFor(job, error) {
  if (error instanceof service.Refusal && error.status !== 429 && error.status !== 503) throw error;
  await later(error.wait * 1000 || LONG_PAUSE);
  return job;
}
