// The page, put together. State flows one way: an event or an answer changes the store, and the views show what it holds.

import { showAlternatives } from "./alternatives.js";
import { showAppearance } from "./appearance.js";
import { showBar } from "./bar.js";
import { fileTranslator } from "./documents.js";
import { showFiles } from "./files.js";
import { showGlossary } from "./glossary.js";
import { keepChanges, kept } from "./keeping.js";
import { showKey } from "./key.js";
import { AUTO } from "./languages.js";
import { loadLanguages } from "./loading.js";
import { showNotice } from "./notice.js";
import { showPointed } from "./pointing.js";
import { showRequest } from "./request.js";
import { scrollTogether } from "./scrolling.js";
import { showSource } from "./source.js";
import { createStore } from "./store.js";
import { showTools } from "./tools.js";
import { translateChanges } from "./translating.js";
import { showTranslation } from "./translation.js";
import { showWording } from "./wording.js";

const store = createStore({
  // what the service can do
  pairs: [], limit: Infinity, endings: [], hasKeys: false,
  // what is asked of it; languages, text and preferences may have been kept
  source: AUTO, target: "", ...kept(),
  cleared: "", // the text that Clear has taken away
  // what it has answered
  detection: null, // {language, confidence}
  translation: null, // of sentences.js
  files: [], // {number, name, target, lacksTerms, status, share, message, content}
  busy: false, message: null, keyAsked: false, // message: of wording.js
  // what somebody looks at
  choices: {}, // by sentence: which of its hypotheses is shown, where not the first
  sentence: 0, // whose alternatives are shown
  pointed: null, // {side, sentence, word}
});

showWording(store);
showAppearance(store);
showTools(store);
showKey(store);
const translateNow = translateChanges(store);
showSource(store, translateNow);
showTranslation(store);
showPointed(store);
showAlternatives(store);
showBar(store);
const translateFiles = fileTranslator(store);
showFiles(store, translateFiles);
showNotice(store, translateFiles);
showGlossary(store);
showRequest(store);
scrollTogether();
keepChanges(store);
loadLanguages(store);
document.getElementById("translator").addEventListener("submit", (event) => event.preventDefault());
