// The sheet of a report: each cell is saved soon after it is typed, kept in this browser until it
// is, and laid beside what somebody else has saved meanwhile. Without script the button saves.
"use strict";

const PAUSE = 1200; // ms after the last key
const RETRY = 10000; // ms after the network failed

document.querySelectorAll("form[data-autosave]").forEach(keepSaving);

function keepSaving(form) {
  const note = form.querySelector("[data-save-note]");
  const cells = [...form.querySelectorAll("[type=hidden][name^=initial-]")].map((seen) => cellOf(form, seen));
  const byBox = new Map(cells.map((cell) => [cell.box, cell]));
  let timer, running, isCut;

  const say = (words, isWarning = false) => {
    note.textContent = words;
    note.classList.toggle("is-warning", isWarning);
  };
  const soon = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(flush, wait);
  };

  // One request at a time. Gives false when the network or the session is gone.
  function flush() {
    running ??= send().finally(() => (running = undefined));
    return running;
  }

  async function send() {
    clearTimeout(timer);
    const sent = new Map(cells.filter((cell) => cell.waits()).map((cell) => [cell, cell.box.value]));
    if (!sent.size && navigator.onLine) {
      if (isCut) say("");
      isCut = false;
      return true;
    }
    let answer;
    try {
      answer = await post(sent);
    } catch {
      say("Mất mạng. Phần vừa gõ được giữ trên máy này, có mạng lại sẽ tự lưu.", true);
      isCut = true;
      soon(RETRY);
      return false;
    }
    isCut = false;
    if (answer.problem) {
      say(`${answer.problem} Phần vừa gõ vẫn còn trên màn hình.`, true);
      return !answer.isStopped;
    }
    take(answer, sent);
    if (cells.some((cell) => cell.waits())) soon(PAUSE);
    return true;
  }

  async function post(sent) {
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "version"]) body.set(name, form.elements[name].value);
    for (const [cell, value] of sent) {
      body.set(cell.name, value);
      body.set(cell.seen.name, cell.seen.value);
    }
    const response = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      redirect: "manual",
      keepalive: document.visibilityState === "hidden",
      signal: AbortSignal.timeout(20000),
    });
    if (response.ok || response.status === 409) return response.json();
    if (response.status >= 500) throw new Error(response.status);
    const words = "Chưa lưu được: phiên đăng nhập đã hết. Chị đăng nhập lại rồi mở lại trang này;";
    return { problem: `${words} phần vừa gõ được giữ trên máy này.`, isStopped: true };
  }

  function take(answer, sent) {
    form.elements.version.value = answer.version;
    document.querySelectorAll("[data-when-empty]").forEach((block) => (block.hidden = true));
    document.querySelectorAll("[data-state]").forEach((badge) => (badge.innerHTML = answer.state));
    for (const cell of cells) {
      const saved = answer.cells[cell.name];
      if (cell.name in answer.disputed) cell.dispute(answer.disputed[cell.name], saved, soon);
      else if (cell.name in answer.errors) cell.refuse(answer.errors[cell.name], sent.get(cell));
      else if (sent.has(cell)) cell.accept(saved, sent.get(cell));
      else if (!cell.isTouched()) cell.follow(saved);
      cell.doubt(answer.doubts[cell.name]);
    }
    tell(`Đã lưu lúc ${answer.saved_at}`);
  }

  function tell(words) {
    if (cells.some((cell) => cell.isDisputed)) say("Có ô người khác vừa sửa. Chị chọn giữ số nào.", true);
    else if (cells.some((cell) => cell.isWrong())) say(`${words}, trừ ô chưa đọc được.`, true);
    else say(words);
    markDirty(form, cells.some((cell) => cell.isTouched()));
  }

  form.addEventListener("input", (event) => {
    const cell = byBox.get(event.target);
    if (!cell) return;
    cell.remember();
    soon(PAUSE);
  });
  form.addEventListener("change", () => soon(0));
  window.addEventListener("online", () => soon(0));
  document.addEventListener("visibilitychange", () => document.hidden && flush());

  // The buttons send the whole sheet as ever, once what was typed is safe.
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (button?.name === "copy") {
      event.preventDefault();
      copyBefore(button, byBox);
      return;
    }
    if (navigator.onLine && !running && !cells.some((cell) => cell.waits())) return;
    event.preventDefault();
    if (!(await flush()) || !(await flush())) return; // the second: what was typed meanwhile
    const action = Object.assign(document.createElement("input"), { type: "hidden", name: "action" });
    action.value = button?.value ?? "save";
    form.append(action);
    markDirty(form, false);
    lockButtons(form, button);
    form.submit();
  });

  document.querySelectorAll("[data-forget]").forEach((link) =>
    link.addEventListener("click", () => cells.forEach((cell) => cell.forget())),
  );
  if (!("bound" in form.dataset)) {
    const restored = cells.filter((cell) => cell.restore()).length;
    if (restored) say(`Đã lấy lại ${restored} ô gõ lúc chưa lưu được.`, true);
    if (restored) soon(0);
  }
  for (const cell of cells) {
    const { cell: name, saved } = cell.place.dataset;
    if (saved && name === cell.name) cell.dispute(saved, cell.seen.value, soon);
  }
  markDirty(form, cells.some((cell) => cell.isTouched()));
}

// One box with what stood there before (`seen`), which goes along when it is sent.
function cellOf(form, seen) {
  const name = seen.name.replace(/^initial-/, "");
  const box = form.elements[name];
  const place = box.closest("[data-cell]");
  const key = `hoiphunu:${form.dataset.draft}:${name}`;
  const plain = (text) => text.replace(/\r\n/g, "\n");
  let saved, wrong; // values of the box: as it was last saved, and as it could not be read
  const cell = {
    name, box, seen, place, isDisputed: false,
    isTouched: () => plain(box.value) !== plain(seen.value) && box.value !== saved,
    isWrong: () => box.value === wrong && cell.isTouched(),
    waits: () => cell.isTouched() && !cell.isDisputed && box.value !== wrong,

    remember() {
      if (cell.isTouched()) keep(key, { value: box.value, seen: seen.value });
      else forget(key);
    },
    forget: () => forget(key),
    // What was typed without a network comes back, with what it was typed over.
    restore() {
      const draft = recall(key);
      if (!draft || plain(draft.value) === plain(box.value)) return forget(key);
      [box.value, seen.value] = [draft.value, draft.seen];
      if (place.querySelector(".cell-why")?.contains(box)) box.closest(".cell-why").hidden = false;
      return true;
    },
    accept(stored, sent) {
      [seen.value, saved] = [stored, sent];
      if (box.value === sent && box !== document.activeElement) box.value = stored;
      cell.remember();
      cell.complain("");
    },
    follow(stored) {
      if (plain(stored) === plain(seen.value)) return;
      box.value = seen.value = stored;
      saved = undefined;
      place.classList.add("is-updated");
    },
    refuse(words, sent) {
      wrong = sent;
      if (box.value === sent) cell.complain(words);
    },
    complain(words) {
      let line = box.nextElementSibling?.matches("[data-error]") ? box.nextElementSibling : null;
      box.classList.toggle("is-invalid", Boolean(words));
      if (!words) return line?.remove();
      if (!line) {
        line = Object.assign(document.createElement("div"), { className: "invalid-feedback d-block" });
        line.dataset.error = "";
        box.after(line);
      }
      line.textContent = words;
    },
    doubt(words = "") {
      const why = place.querySelector(".cell-why");
      if (!why || why.contains(box)) return;
      why.querySelector("[data-doubt]").textContent = words;
      why.hidden = !words && !why.querySelector(".form-control").value;
    },
    // Both have changed it: nothing is written before she has chosen.
    dispute(words, stored, soon) {
      cell.isDisputed = true;
      place.querySelector(".cell-disputed")?.remove();
      const line = Object.assign(document.createElement("div"), { className: "cell-disputed" });
      line.append(Object.assign(document.createElement("p"), { textContent: `Người khác đã lưu: ${words}` }));
      const choose = (label, value) => {
        const button = Object.assign(document.createElement("button"), {
          type: "button", className: "btn btn-secondary btn-sm", textContent: label,
        });
        button.addEventListener("click", () => {
          [box.value, seen.value, cell.isDisputed] = [value(), stored, false];
          saved = undefined;
          line.remove();
          cell.remember();
          soon(0);
          box.focus();
        });
        line.append(button);
      };
      choose("Giữ của tôi", () => box.value);
      choose("Lấy bản đã lưu", () => stored);
      place.append(line);
    },
  };
  return cell;
}

function copyBefore(button, byBox) {
  const place = button.closest("[data-cell]");
  const box = [...byBox.keys()].find((each) => each.name === button.value);
  const before = place.querySelector("[data-previous]").textContent;
  box.value = [box.value.trimEnd(), before].filter(Boolean).join("\n");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

// A browser that keeps nothing (a private window, a full disk) still saves over the network.

function keep(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // the note beside the buttons says what is not saved yet
  }
}

function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
  return false;
}
