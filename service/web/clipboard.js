// Copies `text`; false where the browser does not let the page, as over HTTP from another machine. Then `element`, which
// shows the text, is selected, so that one key copies it.

export async function copied(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (element) getSelection().selectAllChildren(element);
    return false;
  }
}
