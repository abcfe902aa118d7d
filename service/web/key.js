// The API key: asked for where the service wants one, and kept in the browser.

const byId = (id) => document.getElementById(id);

export function showKey(store) {
  const [open, row, field, use] = ["open-key", "key-row", "key", "use-key"].map(byId);

  store.watch(["hasKeys"], ({ hasKeys }) => { open.hidden = !hasKeys; });
  store.watch(["keyAsked"], ({ keyAsked }, before) => {
    row.hidden = !keyAsked;
    open.ariaExpanded = String(keyAsked);
    if (keyAsked && !before.keyAsked) field.focus();
  });
  store.watch(["key"], ({ key }) => { field.value = key; });

  open.addEventListener("click", () => store.set({ keyAsked: !store.state.keyAsked }));
  use.addEventListener("click", submit);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") submit(); });

  function submit() {
    const key = field.value.trim();
    if (key === store.state.key && !store.state.pairs.length) return; // it has been refused
    store.set({ key, keyAsked: false, message: null });
  }
}
