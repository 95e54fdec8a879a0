/* What every page has: a key for the search, and folds that open when something in them is wanted. */
(() => {
  "use strict";

  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyped) return;
    event.preventDefault();
    document.querySelector(".portal-search")?.click();
  });

  const unfold = () => {
    const target = document.getElementById(location.hash.slice(1));
    let fold = target?.closest("details:not([open])");
    if (!fold) return;
    for (; fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  /* Nobody unfolds paper. */
  const opened = [];
  window.addEventListener("beforeprint", () => {
    opened.push(...document.querySelectorAll("details:not([open])"));
    for (const fold of opened) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of opened.splice(0)) fold.open = false;
  });
})();
