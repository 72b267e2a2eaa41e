// Small helps on top of pages that work without them. Each paragraph stands alone.
"use strict";

// Charts: the figures come from a json_script; Chart.js is fetched only where there is one.

const tones = ["accent", "blue", "amber", "green", "violet", "teal", "red", "grey"];
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const vietnamese = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 2 });
let chartLibrary;

function loadChartLibrary(source) {
  chartLibrary ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return chartLibrary;
}

function dataset(given, index, type) {
  const colour = token(`--chart-${given.tone ?? tones[index % tones.length]}`);
  const isLine = (given.type ?? type) === "line";
  return {
    ...given,
    backgroundColor: colour,
    borderColor: colour,
    borderWidth: isLine ? 2.5 : 0,
    borderDash: isLine && type === "bar" ? [6, 4] : [],
    pointRadius: isLine && type === "bar" ? 0 : 3,
    order: isLine ? 0 : 1,
    borderRadius: 3,
    maxBarThickness: 36,
  };
}

// A long name stands on two lines beside its bar.
function inTwoLines(text) {
  if (text.length < 17 || !text.includes(" ")) return text;
  const words = text.replace(/^(thành|thị) /, "$1\u00a0").split(" "); // one word in two syllables
  const first = [words.shift()];
  while (words.length > 1 && [...first, words[0]].join(" ").length <= text.length / 2) first.push(words.shift());
  return [first.join(" "), words.join(" ")];
}

function chartSettings({ type, labels, datasets, stacked = false, horizontal = false, unit = "" }) {
  const values = {
    stacked,
    beginAtZero: true,
    grid: { color: token("--line") },
    ticks: { precision: 0, callback: (value) => vietnamese.format(value) },
  };
  const names = { stacked, grid: { display: false } };
  if (horizontal) {
    const name = (value) => inTwoLines(labels[value]);
    names.ticks = { autoSkip: false, color: token("--ink"), callback: name };
  }
  const amount = (point) => vietnamese.format(horizontal ? point.parsed.x : point.parsed.y);
  return {
    type,
    data: { labels, datasets: datasets.map((given, index) => dataset(given, index, type)) },
    options: {
      indexAxis: horizontal ? "y" : "x",
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: "index", axis: horizontal ? "y" : "x", intersect: false },
      scales: horizontal ? { x: values, y: names } : { x: names, y: values },
      plugins: {
        legend: { display: datasets.length > 1, position: "bottom", labels: { boxWidth: 14, padding: 16 } },
        tooltip: {
          callbacks: { label: (point) => `${point.dataset.label}: ${amount(point)} ${unit}`.trim() },
        },
      },
    },
  };
}

async function drawChart(canvas) {
  if (canvas.dataset.drawn) return;
  canvas.dataset.drawn = "yes";
  await Promise.all([loadChartLibrary(canvas.dataset.chartSrc), document.fonts?.ready]);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  Chart.defaults.color = token("--ink-soft");
  const figures = JSON.parse(document.getElementById(canvas.dataset.chartId).textContent);
  if (figures.type === "bar" && isTooNarrow(canvas, figures.labels)) layDown(canvas, figures);
  new Chart(canvas, chartSettings(figures));
}

// On a phone the names would be slanted or left out: the bars lie down, one line for each.
const isTooNarrow = (canvas, labels) => labels.length > 4 && canvas.parentElement.clientWidth < 480;

function layDown(canvas, figures) {
  const thickness = figures.stacked ? 2 : 1 + figures.datasets.length;
  figures.horizontal = true;
  canvas.parentElement.style.height = `${figures.labels.length * thickness + 6}rem`;
}

const drawCharts = (root) => root.querySelectorAll("canvas.js-chart").forEach(drawChart);
drawCharts(document);
document.addEventListener("htmx:load", (event) => drawCharts(event.detail.elt));

// Filling a table: arrows and Enter go down a column, a copied Excel column spreads out.

// Boxes for a word beside a figure (.cell-why) are no cells; an answer in words is one.
const gridInputs =
  "input:not([type=hidden], [type=checkbox], :disabled, .cell-why *), select:not(:disabled)," +
  " textarea:not(:disabled)";

function neighbour(input, rowStep, columnStep = 0) {
  const cell = input.closest("td, th");
  let row = cell.parentElement;
  for (let left = Math.abs(rowStep); row && left > 0; left -= row?.querySelector(gridInputs) ? 1 : 0) {
    row = rowStep > 0 ? row.nextElementSibling : row.previousElementSibling;
  }
  return row?.cells[cell.cellIndex + columnStep]?.querySelector(gridInputs);
}

document.addEventListener("keydown", (event) => {
  const input = event.target.closest("table.js-grid input");
  const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
  if (!input || !step || event.isComposing || event.ctrlKey || event.altKey) return;
  event.preventDefault(); // Enter must not send a form half filled
  const next = neighbour(input, step);
  next?.focus();
  next?.select?.();
});

document.addEventListener("paste", (event) => {
  const input = event.target.closest("table.js-grid input");
  const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  if (!input || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  text.split(/\r?\n/).forEach((line, down) => {
    line.split("\t").forEach((value, right) => {
      const target = neighbour(input, down, right);
      if (!target) return;
      fill(target, value.trim());
      target.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
});

// A choice is pasted by its words ("Có").
function fill(target, text) {
  const isMeant = (option) => option.text.toLowerCase() === text.toLowerCase();
  if (target.options) target.value = [...target.options].find(isMeant)?.value ?? target.value;
  else target.value = text;
}

// A phone shows digits alone over a cell of figures; "hơn 120" and "kps" need letters.

document.querySelectorAll("[data-letters]").forEach((button) => {
  const cells = document.querySelectorAll("table.js-grid input[inputmode]");
  button.parentElement.hidden = !cells.length || !window.matchMedia("(pointer: coarse)").matches;
  button.addEventListener("click", () => {
    cells.forEach((cell) => cell.setAttribute("inputmode", "text"));
    button.parentElement.hidden = true;
    cells[0].focus();
  });
});

// Unsaved work: say so, and ask before the page is left.

const dirtyForms = new Set();

function markDirty(form, isDirty) {
  dirtyForms[isDirty ? "add" : "delete"](form);
  form.querySelectorAll("[data-dirty-note]").forEach((note) => (note.hidden = !isDirty));
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches(".js-dirty")) markDirty(form, true);
});

window.addEventListener("beforeunload", (event) => {
  if (dirtyForms.size) event.preventDefault();
});

// A paper that was read: each fold says how many of its proposals are ticked.

document.addEventListener("change", (event) => {
  const group = event.target.name?.endsWith("-take") && event.target.closest(".proposal-group");
  const count = group && group.querySelector("[data-ticked]");
  if (count) count.textContent = group.querySelectorAll("[name$=-take]:checked").length;
});

// Sending a form: ask where asked to, and send once.

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopPropagation();
  }
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  markDirty(form, false);
  if (form.method === "get" || "again" in form.dataset) return; // data-again: a download
  setTimeout(() => lockButtons(form, event.submitter)); // after the button's own value is taken
});

function lockButtons(form, pressed) {
  form.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => {
    button.disabled = true;
  });
  pressed?.setAttribute("aria-busy", "true");
}

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return; // back from the next page: the buttons work again
  document.querySelectorAll("form button:disabled").forEach((button) => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
});

// A date box is written in the order of the browser's language, often month first: say it in ours.

const weekday = new Intl.DateTimeFormat("vi-VN", { weekday: "long", timeZone: "UTC" });

function inWords(date) {
  const [day, month, year] = [date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear()];
  return `${weekday.format(date)}, ngày ${day} tháng ${month} năm ${year}`;
}

function sayDate(input) {
  let words = input.parentElement.querySelector(".date-words");
  if (!words) {
    words = Object.assign(document.createElement("div"), { className: "form-text date-words" });
    input.after(words);
  }
  words.textContent = input.valueAsDate ? inWords(input.valueAsDate) : "";
}

const sayDates = (root) => root.querySelectorAll("input[type=date]").forEach(sayDate);
sayDates(document);
document.addEventListener("htmx:load", (event) => sayDates(event.detail.elt));
document.addEventListener("input", (event) => {
  if (event.target.matches("input[type=date]")) sayDate(event.target);
});

// Choosing a unit: htmx brings the lines, a click or Enter takes one.

document.addEventListener("htmx:configRequest", (event) => {
  const input = event.detail.elt;
  if (input.matches(".js-picker input")) event.detail.parameters.q = input.value;
});

document.addEventListener("input", (event) => {
  const picker = event.target.closest(".js-picker");
  if (picker) picker.querySelector("input[type=hidden]").value = "";
});

document.addEventListener("click", (event) => {
  const choice = event.target.closest(".js-picker [data-pick]");
  if (choice) choose(choice);
  document.querySelectorAll(".picker-results").forEach((list) => {
    if (!list.parentElement.contains(event.target)) list.replaceChildren();
  });
});

function choose(choice) {
  const picker = choice.closest(".js-picker");
  const [hidden, shown] = picker.querySelectorAll("input");
  hidden.value = choice.dataset.pick;
  shown.value = choice.dataset.text;
  picker.querySelector(".picker-results").replaceChildren();
  if (hidden.form?.matches(".js-dirty")) markDirty(hidden.form, true);
  shown.focus();
}

document.addEventListener("keydown", (event) => {
  const picker = event.target.closest(".js-picker");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!picker || (!step && event.key !== "Escape")) return;
  const list = picker.querySelector(".picker-results");
  const stops = [picker.querySelector("input[type=search]"), ...list.querySelectorAll("button")];
  event.preventDefault();
  if (step) stops[stops.indexOf(event.target) + step]?.focus();
  else list.replaceChildren();
});

// Words to paste elsewhere: copied at once, for the form is sent by the same click.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  const text = button && document.getElementById(button.dataset.copy);
  if (!text) return;
  text.select();
  if (!document.execCommand("copy")) navigator.clipboard?.writeText(text.value);
});

// A sheet to print; without script the browser's own command does it.

document.addEventListener("click", (event) => {
  if (event.target.closest(".js-print")) window.print();
});

// The account menu closes when one looks elsewhere.

document.addEventListener("click", (event) => {
  document.querySelectorAll(".js-menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".js-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A number from the table: the name of its line goes where the cursor was last.

let lastText;

document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea")) lastText = event.target;
});

document.querySelectorAll("[data-insert-number]").forEach((tool) => {
  tool.hidden = false;
  tool.querySelector("button").addEventListener("click", () => {
    const text = lastText ?? tool.closest("form").querySelector("textarea");
    text.setRangeText(tool.querySelector("select").value, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
});
