// The state of the page: one frozen object. Events and answers change it with `set`; views watch it and show it.

export function createStore(initial) {
  let state = Object.freeze(initial);
  let shown = state; // what the watchers have seen
  let telling = false;
  const watchers = [];

  function tell() {
    if (telling) return; // a watcher changed the state: the loop below goes on with that
    telling = true;
    try {
      while (shown !== state) {
        const before = shown;
        shown = state;
        for (const { names, react } of watchers) {
          if (names.some((name) => shown[name] !== before[name])) react(shown, before);
        }
      }
    } finally {
      telling = false;
    }
  }

  return {
    get state() { return state; },

    // Replaces the fields of `change`. Watchers of a field that differs are called, in the order in which they came.
    set(change) {
      if (Object.entries(change).every(([name, value]) => state[name] === value)) return;
      state = Object.freeze({ ...state, ...change });
      tell();
    },

    // Calls `react(state, before)` now and whenever one of the fields `names` has changed.
    watch(names, react) {
      watchers.push({ names, react });
      react(state, state);
    },
  };
}
