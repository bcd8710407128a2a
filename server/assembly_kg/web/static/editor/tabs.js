/* Several queries side by side, each with its name, kept in this browser until it is closed. */
(() => {
  "use strict";
  window.queryEditor ??= {};
  const KEPT = "queries";
  const EMPTY = "SELECT * WHERE {\n  ?s ?p ?o\n}\nLIMIT 10\n";

  function load() {
    try {
      const { all, at } = JSON.parse(localStorage.getItem(KEPT));
      const whole = all.filter((one) => typeof one.query === "string" && typeof one.name === "string");
      return { all: whole, at: Math.min(Math.max(0, at), whole.length - 1) };
    } catch {
      return { all: [], at: 0 };
    }
  }

  class Tabs {
    /* `view.read()` gives the query and the day that are seen; `view.show(tab)` shows another. */
    constructor(words, panel, view) {
      Object.assign(this, { words, panel, view, ...load() });
      const { make } = window.queryEditor;
      const button = (text, done) => {
        const made = make("button", { type: "button", className: "quiet" }, text);
        made.addEventListener("click", done);
        return made;
      };
      this.list = make("div", { className: "tabs" });
      this.list.setAttribute("role", "tablist");
      this.list.setAttribute("aria-label", words.tabs);
      this.list.addEventListener("keydown", (event) => this.key(event));
      this.name = make("input", { type: "text", hidden: true, maxLength: 60, autocomplete: "off" });
      this.name.setAttribute("aria-label", words.tabName);
      this.name.addEventListener("keydown", (event) => this.nameKey(event));
      this.name.addEventListener("blur", () => this.named(true));
      this.closer = button(words.close, () => this.close());
      const tools = make("span", { className: "tab-tools" });
      tools.append(button(words.newTab, () => this.add(EMPTY)), button(words.rename, () => this.rename()), this.name, this.closer);
      panel.id = "query-panel";
      panel.setAttribute("role", "tabpanel");
      panel.before(make("div", { className: "tab-bar" }, this.list, tools));
    }

    /* Begin with what was kept; a query that is given is one of these, or a new one. */
    begin(query, given) {
      const { at } = this;
      if (!this.all.length) this.all.push(this.made(query));
      else if (given) this.find(query);
      this.draw();
      if (this.at !== at || !given) this.view.show(this.all[this.at]);
    }

    find(query) {
      const same = this.all[this.at].query === query ? this.at : this.all.findIndex((one) => one.query === query);
      if (same < 0) this.all.push(this.made(query));
      this.at = same < 0 ? this.all.length - 1 : same;
    }

    made(query) {
      const taken = new Set(this.all.map((one) => one.name));
      let number = 1;
      const name = () => window.queryEditor.fill(this.words.tab, { number });
      while (taken.has(name())) number += 1;
      return { name: name(), query, day: "" };
    }

    note() {
      Object.assign(this.all[this.at], this.view.read());
    }

    keep() {
      this.note();
      try {
        const all = this.all.map(({ name, query, day }) => ({ name, query, day }));
        localStorage.setItem(KEPT, JSON.stringify({ all, at: this.at }));
      } catch {
        /* A browser that keeps nothing still asks. */
      }
    }

    add(query) {
      this.note();
      this.all.push(this.made(query));
      this.go(this.all.length - 1);
    }

    select(at) {
      if (at === this.at) return;
      this.note();
      this.go(at);
    }

    close() {
      if (this.all.length < 2) return;
      this.all.splice(this.at, 1);
      this.go(Math.min(this.at, this.all.length - 1));
    }

    go(at) {
      this.at = at;
      this.draw();
      this.view.show(this.all[at]);
      this.keep();
      this.list.children[at].focus();
    }

    rename() {
      this.name.hidden = false;
      this.name.value = this.all[this.at].name;
      this.name.select();
      this.name.focus();
    }

    named(accepted) {
      if (this.name.hidden) return;
      this.name.hidden = true;
      const name = this.name.value.trim();
      if (accepted && name) this.all[this.at].name = name;
      this.draw();
      this.keep();
    }

    nameKey(event) {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      this.named(event.key === "Enter");
      this.list.children[this.at].focus();
    }

    key(event) {
      const last = this.all.length - 1;
      const to = { ArrowLeft: this.at ? this.at - 1 : last, ArrowRight: this.at < last ? this.at + 1 : 0, Home: 0, End: last }[event.key];
      if (to !== undefined) this.select(to);
      else if (event.key === "F2") this.rename();
      else if (event.key === "Delete") this.close();
      else return;
      event.preventDefault();
    }

    draw() {
      const { make } = window.queryEditor;
      const tabs = this.all.map(({ name }, at) => {
        const tab = make("button", { type: "button", id: `query-tab-${at}`, tabIndex: at === this.at ? 0 : -1 }, name);
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", String(at === this.at));
        tab.setAttribute("aria-controls", this.panel.id);
        tab.addEventListener("click", () => this.select(at));
        tab.addEventListener("dblclick", () => this.rename());
        return tab;
      });
      this.list.replaceChildren(...tabs);
      this.panel.setAttribute("aria-labelledby", `query-tab-${this.at}`);
      this.closer.disabled = this.all.length < 2;
    }
  }

  window.queryEditor.Tabs = Tabs;
})();
