// What the service can do, asked until it answers: its languages, limits, kinds of files, and whether it wants a key.

import { possiblePair } from "./languages.js";
import * as service from "./service.js";
import { messageOf } from "./translating.js";

const PAUSE = 1000; // milliseconds between two questions

export function loadLanguages(store) {
  let timer = 0;

  async function load() {
    clearTimeout(timer);
    const { key } = store.state;
    try {
      const settings = await service.getSettings();
      store.set({ hasKeys: settings.apiKeys, endings: settings.supportedFilesFormat });
      const { pairs, limits } = await service.getLanguages(key);
      if (key !== store.state.key) return; // another key is being tried
      store.set({ pairs, limit: limits.text_characters, ...possiblePair(pairs, store.state), message: null, keyAsked: false });
    } catch (error) {
      if (error.status === 401) store.set({ keyAsked: true, message: messageOf(error) });
      else {
        store.set({ message: error.status === 503 ? { name: "loading" } : messageOf(error) });
        timer = setTimeout(load, PAUSE);
      }
    }
  }

  store.watch(["key"], load);
}
