"use strict";
(() => {
  const root = document.documentElement;
  const reveal = (element) => { if (element) element.hidden = false; return element; };

  const theme = reveal(document.getElementById("theme"));
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  const cards = [...document.querySelectorAll("details.card")];
  const all = reveal(document.getElementById("all"));
  all.addEventListener("click", () => {
    const open = cards.some((card) => !card.open);
    cards.forEach((card) => { card.open = open; });
    all.textContent = open ? "Close all" : "Open all";
  });

  const key = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent;
  const compare = (a, b) => (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
  document.querySelectorAll("table.sortable").forEach((table) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = head.dataset.first ?? "descending";
        const order = before === null ? first : before === "descending" ? "ascending" : "descending";
        const direction = order === "ascending" ? 1 : -1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const rows = [...body.rows].sort((a, b) => {
          const [x, y] = [key(a, column), key(b, column)];
          if (x === "" || y === "") return (x === "") - (y === "");
          return direction * compare(x, y);
        });
        body.append(...rows);
      });
    });
  });
  document.querySelectorAll(".script-only").forEach(reveal);
})();
