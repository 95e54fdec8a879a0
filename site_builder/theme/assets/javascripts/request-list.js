/* The list of requests: filters and an order, kept in the address so that a link shows the same.
   Whatever is chosen stands in one list, with what was folded by year. Without this script the list
   and its folds stand there, in the order in which they were written. */
(() => {
  "use strict";

  const form = document.querySelector("[data-request-filter]");
  const list = document.querySelector("[data-request-list]");
  const body = list?.querySelector("tbody");
  const count = document.querySelector("[data-request-count]");
  if (!form || !body || !count) return;

  const folds = Array.from(list.querySelectorAll("details"));
  const rows = Array.from(list.querySelectorAll("tbody tr"));
  const homes = new Map(rows.map((row) => [row, row.parentElement]));
  const written = new Map(rows.map((row, index) => [row, index]));
  const fields = Array.from(form.querySelectorAll("select"));
  let standing = rows;

  const orders = {
    opened: (a, b) => b.dataset.opened.localeCompare(a.dataset.opened),
    oldest: (a, b) => a.dataset.opened.localeCompare(b.dataset.opened),
    changed: (a, b) => b.dataset.changed.localeCompare(a.dataset.changed),
    time: (a, b) => Number(b.dataset.minutes) - Number(a.dataset.minutes),
    id: (a, b) => a.dataset.id.localeCompare(b.dataset.id, "en", { numeric: true }),
  };

  const fits = (row, field) =>
    field.value === "" || row.dataset[field.name].split(" ").includes(field.value);

  const write = (number) => number.toLocaleString(document.documentElement.lang);

  const show = () => {
    const filters = fields.filter((field) => field.name !== "sort");
    const order = orders[form.elements.sort.value];
    const isChosen = fields.some((field) => field.value);
    for (const row of rows) row.hidden = !filters.every((field) => fits(row, field));
    for (const fold of folds) fold.hidden = isChosen;
    const inOrder = (a, b) => (order && order(a, b)) || written.get(a) - written.get(b);
    const ordered = rows.slice().sort(inOrder);
    /* Rows that are put in anew are laid out anew, and of them there may be thousands. */
    const isMoved = (row, index) => row !== standing[index];
    if (ordered.some(isMoved) || (folds.length && isChosen === (body.rows.length < rows.length)))
      for (const home of isChosen ? [body] : new Set(homes.values()))
        home.append(...ordered.filter((row) => isChosen || homes.get(row) === home));
    standing = ordered;
    tell();
  };

  const tell = () => {
    const shown = rows.filter((row) => !row.hidden && !row.closest("details:not([open])")).length;
    count.textContent = (shown ? count.dataset.some : count.dataset.none)
      .replace("{shown}", write(shown))
      .replace("{all}", write(rows.length));
  };

  /* A page that was opened as a file may not change its address, only what follows the "#". */
  const readAddress = () =>
    new URLSearchParams(location.search || (location.hash.includes("=") ? location.hash.slice(1) : ""));

  const writeAddress = () => {
    const state = new URLSearchParams();
    for (const field of fields) if (field.value) state.set(field.name, field.value);
    const text = state.toString();
    try {
      history.replaceState(null, "", text ? `?${text}` : location.pathname);
    } catch {
      history.replaceState(null, "", `#${text || "top"}`);
    }
  };

  const restore = () => {
    const state = readAddress();
    for (const field of fields) {
      const wanted = state.get(field.name) || "";
      const known = Array.from(field.options).some((option) => option.value === wanted);
      field.value = known ? wanted : "";
    }
    show();
  };

  form.addEventListener("change", () => {
    writeAddress();
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const field of fields) field.value = "";
    writeAddress();
    show();
  });
  window.addEventListener("hashchange", () => {
    if (location.hash.includes("=")) restore();
  });

  for (const fold of folds) fold.addEventListener("toggle", tell);

  form.hidden = false;
  restore();
})();
