/* What makes pages handier but is never needed: suggestions, the slider of days, forms that ask
   at once. Every fact and every function is there without it. */
(() => {
  "use strict";
  for (const field of document.querySelectorAll("input[data-suggest]")) suggest(field);
  for (const form of document.querySelectorAll("form.slide")) slide(form);

  function suggest(field) {
    const list = document.createElement("ul");
    const number = document.querySelectorAll("ul.suggestions").length;
    list.className = "suggestions";
    list.id = `suggestions-${number}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
    list.hidden = true;
    field.insertAdjacentElement("afterend", list);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "false");
    let timer = 0;
    let asked = null;

    const close = () => {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const choose = (step) => {
      const items = [...list.children];
      if (!items.length) return;
      const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
      const next = (now + step + items.length + (now < 0 && step < 0 ? 1 : 0)) % items.length;
      items.forEach((item, place) => item.setAttribute("aria-selected", String(place === next)));
      field.setAttribute("aria-activedescendant", items[next].id);
    };
    const ask = async () => {
      const words = field.value.trim();
      asked?.abort();
      if (words.length < 2) return close();
      asked = new AbortController();
      const language = document.documentElement.lang;
      const address = `${field.dataset.suggest}?q=${encodeURIComponent(words)}&lang=${language}`;
      try {
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) return close();
        const [, names, , addresses] = await answer.json();
        list.replaceChildren(
          ...names.map((name, place) => {
            const item = document.createElement("li");
            item.id = `${list.id}-${place}`;
            item.setAttribute("role", "option");
            item.setAttribute("aria-selected", "false");
            item.textContent = name;
            item.dataset.address = addresses[place];
            item.addEventListener("mousedown", () => location.assign(addresses[place]));
            return item;
          }),
        );
        list.hidden = names.length === 0;
        field.setAttribute("aria-expanded", String(names.length > 0));
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    };
    // The server makes its index when it is first asked: while the reader begins to type.
    field.addEventListener("focus", () => fetch(`${field.dataset.suggest}?q=`), { once: true });
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose(event.key === "ArrowDown" ? 1 : -1);
      }
      const chosen = list.querySelector("[aria-selected=true]");
      if (event.key === "Enter" && chosen) {
        event.preventDefault();
        location.assign(chosen.dataset.address);
      }
    });
  }

  function slide(form) {
    const days = form.dataset.days.split(" ");
    const range = form.querySelector("input[type=range]");
    const output = form.querySelector("output");
    const words = form.dataset.words.split("|");
    const tell = () => {
      output.textContent = words[range.value];
      range.setAttribute("aria-valuetext", output.textContent);
    };
    form.hidden = false;
    range.setAttribute("aria-valuetext", output.textContent);
    range.addEventListener("input", tell);
    range.addEventListener("change", () => {
      const address = new URL(location.href);
      address.searchParams.set("as-of", days[range.value]);
      location.assign(address);
    });
  }
})();
