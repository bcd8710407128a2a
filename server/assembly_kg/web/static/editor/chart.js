/* A chart of an answer that has a column of numbers. Bars, or a line where the labels are times. */
(() => {
  "use strict";
  window.queryEditor ??= {};
  const MOST = 60;
  const LETTER = 9.5;
  const TIME = /#(date|dateTime|gYear|gYearMonth)$/;

  const draw = (tag, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };

  function bars(points, width) {
    const { written } = window.queryEditor;
    const step = 28;
    const svg = draw("svg", { class: "plot", viewBox: `0 0 ${width} ${points.length * step + 8}` });
    const low = Math.min(0, ...points.map((point) => point.value));
    const high = Math.max(0, ...points.map((point) => point.value)) || 1;
    const left = Math.round(width * 0.38);
    const scale = (value) => left + ((value - low) / (high - low)) * (width - left - 90);
    const letters = Math.floor((left - 10) / LETTER);
    points.forEach(({ label, value }, place) => {
      const y = place * step + 4;
      const [from, to] = [scale(Math.min(0, value)), scale(Math.max(0, value))];
      const shortened = label.length > letters ? `${label.slice(0, letters - 1)}…` : label;
      const name = draw("text", { class: "axis", x: left - 10, y: y + 15, "text-anchor": "end" }, shortened);
      if (shortened !== label) name.append(draw("title", {}, label));
      svg.append(
        name,
        draw("rect", { class: "point", x: from, y, width: Math.max(1, to - from), height: 20 }),
        draw("text", { class: "number", x: to + 8, y: y + 15 }, written.format(value)),
      );
    });
    return svg;
  }

  function line(points, width) {
    const { written } = window.queryEditor;
    const svg = draw("svg", { class: "plot", viewBox: `0 0 ${width} 340` });
    const times = points.map((point) => Date.parse(point.label.length === 4 ? `${point.label}-01-01` : point.label));
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const high = Math.max(...points.map((point) => point.value), 0) || 1;
    const low = Math.min(...points.map((point) => point.value), 0);
    const x = (time) => 50 + ((time - first) / (last - first || 1)) * (width - 130);
    const y = (value) => 290 - ((value - low) / (high - low)) * 250;
    const sorted = points.map((point, place) => ({ ...point, time: times[place] })).sort((one, other) => one.time - other.time);
    svg.append(
      draw("line", { class: "grid", x1: 50, x2: width - 80, y1: y(0), y2: y(0) }),
      draw("polyline", { class: "trend", points: sorted.map((point) => `${x(point.time)},${y(point.value)}`).join(" ") }),
    );
    let free = -Infinity;
    for (const point of sorted) {
      const [across, up] = [x(point.time), y(point.value)];
      svg.append(draw("circle", { class: "point", cx: across, cy: up, r: 4 }));
      if (across < free) continue;
      svg.append(
        draw("text", { class: "number", x: across, y: up - 10, "text-anchor": "middle" }, written.format(point.value)),
        draw("text", { class: "axis", x: across, y: 320, "text-anchor": "middle" }, point.label),
      );
      free = across + 95;
    }
    return svg;
  }

  function selection(label, names, chosen, changed) {
    const { make } = window.queryEditor;
    const select = make("select", {}, ...names.map((name) => make("option", { value: name, selected: name === chosen }, name)));
    select.addEventListener("change", () => changed(select.value));
    return make("label", {}, label, " ", select);
  }

  window.queryEditor.chart = (settings, names, variables, rows) => {
    const { fill, isNumber, make, written } = window.queryEditor;
    const { words } = settings;
    const numeric = variables.filter((name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || isNumber(row[name])));
    const labels = variables.filter((name) => !numeric.includes(name));
    if (rows.length < 2 || !numeric.length || !labels.length) return null;
    let [label, value] = [labels[0], numeric[0]];
    const place = make("div");
    const update = async () => {
      const some = rows.filter((row) => row[label] && row[value]).slice(0, MOST);
      await names.learn(some.filter((row) => row[label].type === "uri").map((row) => row[label].value));
      const points = some.map((row) => ({ label: names.text(row[label]), value: Number(row[value].value) }));
      const timed = some.length > 1 && some.every((row) => TIME.test(row[label].datatype ?? ""));
      const width = place.clientWidth || 1000;
      const svg = timed ? line(points, width) : bars(points, width);
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", fill(words.chartOf, { value, label }));
      place.replaceChildren(svg);
      if (rows.length > MOST) place.append(make("p", { className: "hint" }, fill(words.first, { number: written.format(MOST) })));
    };
    const choices = make("p", { className: "query-row" });
    if (labels.length > 1) choices.append(selection(words.category, labels, label, (name) => { label = name; update(); }));
    if (numeric.length > 1) choices.append(selection(words.value, numeric, value, (name) => { value = name; update(); }));
    const details = make("details", { className: "chart-box" }, make("summary", {}, words.chart), choices, place);
    details.addEventListener("toggle", () => details.open && !place.firstChild && update());
    return details;
  };
})();
