// Dark or light by choice. The choice that the system would make, too, is none: then the page follows the system.

import { wordsOf } from "./wording.js";

const byId = (id) => document.getElementById(id);

export function showAppearance(store) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = ({ theme }) => (theme ? theme === "dark" : system.matches);
  const name = (state) => {
    const words = wordsOf(state);
    byId("theme").ariaLabel = byId("theme").title = isDark(state) ? words.toLight : words.toDark;
  };

  store.watch(["theme"], ({ theme }) => { document.documentElement.dataset.theme = theme; });
  store.watch(["theme", "wording"], name);
  system.addEventListener("change", () => name(store.state));
  byId("theme").addEventListener("click", () => {
    const dark = !isDark(store.state);
    store.set({ theme: dark === system.matches ? "" : dark ? "dark" : "light" });
  });
}
