/* What the theme's own scripts keep about a reader's choices, as they expect to find it: by portal,
   in the browser. The portal's address is this file's, two folders up. */
var __md_scope = new URL("../../", document.currentScript.src)

function __md_hash(text) {
  return [...text].reduce((sum, letter) => (sum << 5) - sum + letter.charCodeAt(0), 0)
}

function __md_get(key, storage = localStorage, scope = __md_scope) {
  return JSON.parse(storage.getItem(scope.pathname + "." + key))
}

function __md_set(key, value, storage = localStorage, scope = __md_scope) {
  try {
    storage.setItem(scope.pathname + "." + key, JSON.stringify(value))
  } catch (error) {
    /* The reader's browser keeps nothing: the choice lasts as long as the page. */
  }
}
