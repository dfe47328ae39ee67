/* HTX portal: small comforts on top of pages that work without them. ES2017, no framework. */
(() => {
  "use strict";

  const said = (document.currentScript || {}).dataset || {};
  const phone = window.matchMedia("(max-width: 43.74rem)");

  function all(selector, root) {
    return [...(root || document).querySelectorAll(selector)];
  }

  function make(tag, attributes, text) {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => node.setAttribute(name, value));
    if (text) { node.textContent = text; }
    return node;
  }

  function changed(control) {
    ["input", "change"].forEach((name) => control.dispatchEvent(new Event(name, { bubbles: true })));
  }

  function two(count) {
    return String(count).padStart(2, "0");
  }

  /* ---- Dates: "0", "-1", "+7" days or "+1m" months from today in Viet Nam, which is UTC+7 all year. */
  function dateFromToday(offset) {
    const day = new Date(Date.now() + 7 * 3600 * 1000);
    const count = parseInt(offset, 10) || 0;
    if (/m$/.test(offset)) {
      const wanted = day.getUTCDate();
      day.setUTCDate(1);
      day.setUTCMonth(day.getUTCMonth() + count);
      const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
      day.setUTCDate(Math.min(wanted, last));
    } else {
      day.setUTCDate(day.getUTCDate() + count);
    }
    return `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}/${day.getUTCFullYear()}`;
  }

  function quickDates() {
    all(".quick[hidden]").forEach((box) => { box.hidden = false; });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-fill-date]");
      if (!button) { return; }
      const name = button.dataset.fillDate;
      const control = (button.form || document).querySelector('input[name="' + name + '"]');
      if (!control) { return; }
      control.value = dateFromToday(button.dataset.offset || "0");
      changed(control);
    });
  }

  /* ---- Groups of fields that matter for some choices only; one with something in it is never hidden. */
  function fittingGroups() {
    const groups = all("fieldset[data-when]");
    function fit() {
      groups.forEach((group) => {
        const choice = group.form.elements[group.dataset.when];
        if (!choice) { return; }
        group.hidden = !("kept" in group.dataset) && !group.dataset.values.split(" ").includes(choice.value);
      });
    }
    if (groups.length) {
      document.addEventListener("change", fit);
      fit();
    }
  }

  /* ---- Sent once: the button rests after submit; a page come back to, or a lost line, frees it. */
  function release(form) {
    delete form.dataset.sent;
    all("[data-resting]", form).forEach((button) => {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      delete button.dataset.resting;
    });
  }

  function rest(form) {
    all("button:not([type=button]), input[type=submit]", form).filter((button) => !button.disabled).forEach((button) => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      button.dataset.resting = "1";
    });
  }

  function sendOnce() {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (!form.hasAttribute("data-once") || event.defaultPrevented) { return; }
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      /* Later, because a disabled button would not send its own name and value. */
      setTimeout(() => rest(form), 0);
      setTimeout(() => release(form), 20000);
    });
    window.addEventListener("pageshow", () => all("form[data-once]").forEach(release));
  }

  /* ---- Drafts: kept on this device until the server has taken the form, for seven days at most. */
  const PREFIX = "htx-draft:";
  const OWN = "htx-draft-of-this-tab";
  const KEPT_MS = 7 * 24 * 3600 * 1000;
  const SOON_MS = 30 * 60 * 1000;

  function store(action) {
    try { return action(window.localStorage); } catch (error) { return null; }
  }

  function draftKeys() {
    return store((box) => {
      return Object.keys(box).filter((key) => key.indexOf(PREFIX) === 0);
    }) || [];
  }

  function readDraft(key) {
    return store((box) => JSON.parse(box.getItem(key)));
  }

  function writeDraft(key, draft) {
    store((box) => { box.setItem(key, JSON.stringify(draft)); });
  }

  function dropDraft(key) {
    store((box) => { box.removeItem(key); });
  }

  /* What the page itself carries, such as the id of an entry, is never part of a draft; what a type-ahead found is. */
  function kept(control) {
    const found = control.type === "hidden" && control.id &&
      document.querySelector(`[data-lookup-target="${control.id}"]`);
    return control.name && (control.type !== "hidden" || found) &&
      ["password", "file", "submit", "button", "fieldset"].indexOf(control.type) < 0;
  }

  function valuesOf(form) {
    return [...form.elements].filter(kept).map((control) => {
      if (control.type === "checkbox" || control.type === "radio") {
        return [control.name, control.value, control.checked];
      }
      if (control.tagName === "SELECT") {
        return [control.name, all("option", control).filter((o) => o.selected)
          .map((o) => [o.value, o.textContent])];
      }
      return [control.name, control.value];
    });
  }

  function putBack(form, values) {
    const seen = {};
    values.forEach((saved) => {
      const same = [...form.elements].filter((c) => c.name === saved[0] && kept(c));
      if (saved.length === 3) {
        same.forEach((c) => { if (c.value === saved[1]) { c.checked = saved[2]; } });
        return;
      }
      const control = same[seen[saved[0]] || 0];
      seen[saved[0]] = (seen[saved[0]] || 0) + 1;
      if (!control) { return; }
      if (control.tagName === "SELECT") { selectOptions(control, saved[1]); } else { control.value = saved[1]; }
    });
  }

  function selectOptions(select, pairs) {
    all("option", select).forEach((option) => { option.selected = false; });
    pairs.forEach((pair) => {
      let option = all("option", select).filter((o) => o.value === pair[0])[0];
      if (!option) {
        option = make("option", { value: pair[0] }, pair[1]);
        select.appendChild(option);
      }
      option.selected = true;
    });
  }

  function timeInVietnam(moment) {
    const day = new Date(moment + 7 * 3600 * 1000);
    return `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}/${day.getUTCFullYear()} ` +
      `${two(day.getUTCHours())}:${two(day.getUTCMinutes())}`;
  }

  /* The same tab came back to the same address soon after the last key: by reloading, or because it crashed. */
  function comesBack(draft) {
    const [arrival] = performance.getEntriesByType("navigation");
    let own = null;
    try { own = window.sessionStorage.getItem(OWN); } catch (error) { /* Then it is asked. */ }
    return own === String(draft.at) && draft.url === location.pathname + location.search &&
      Date.now() - draft.at < SOON_MS && (!draft.left || (arrival && arrival.type !== "navigate"));
  }

  function draftBar(form, words, draft, actions) {
    const bar = make("div", { "class": "notice notice--info draft", role: "status" });
    bar.appendChild(make("span", {}, (words || "").replace("{time}", timeInVietnam(draft.at))));
    const buttons = make("span", { "class": "cluster" });
    actions.forEach(([name, act]) => {
      const button = make("button", { type: "button", "class": "btn" }, name);
      button.addEventListener("click", () => { bar.remove(); act(); });
      buttons.appendChild(button);
    });
    bar.appendChild(buttons);
    form.insertBefore(bar, form.firstChild);
  }

  function pour(form, values) {
    putBack(form, values);
    all("details", form).filter((box) => box.querySelector("input:checked")).forEach((box) => { box.open = true; });
    form.dispatchEvent(new Event("draft-poured"));
  }

  function keepDraft(form) {
    const key = PREFIX + form.dataset.draft;
    const here = location.pathname + location.search;
    const untouched = valuesOf(form);
    const nothing = JSON.stringify(untouched);
    const draft = readDraft(key);
    let timer = 0;
    function save(sent) {
      clearTimeout(timer);
      timer = 0;
      const values = valuesOf(form);
      const at = Date.now();
      if (JSON.stringify(values) === nothing && !sent) { dropDraft(key); return; }
      writeDraft(key, { at, url: here, path: location.pathname, sent: sent === true, left: false, values });
      try { window.sessionStorage.setItem(OWN, String(at)); } catch (error) { /* Then it is asked. */ }
    }
    function note(change) {
      const left = readDraft(key);
      if (left && left.url === here) { writeDraft(key, Object.assign(left, change)); }
    }
    function discard() {
      dropDraft(key);
      pour(form, untouched);
      clearTimeout(timer);
      timer = 0;
    }
    function use() {
      /* A link that names the party means it; the cases of the draft belong to the draft's party. */
      const fixed = /[?&](htx|nhom|ho-so)=/.test(location.search) ? ["party", "party_found", "party_text", "cases"] : [];
      pour(form, draft.values.filter(([name]) => fixed.indexOf(name) < 0));
      save(false);
      draftBar(form, said.restored, draft, [[said.discard, discard]]);
    }
    const other = draft && !form.querySelector(".errors") && draft.path === location.pathname &&
      JSON.stringify(draft.values) !== nothing;
    if (other && comesBack(draft)) {
      pour(form, draft.values);
      draftBar(form, said.restored, draft, [[said.discard, discard]]);
    } else if (other) {
      draftBar(form, said.offered, draft, [[said.use, use], [said.discard, () => dropDraft(key)]]);
    }
    ["input", "change"].forEach((name) => {
      form.addEventListener(name, () => { clearTimeout(timer); timer = setTimeout(save, 400); });
    });
    form.addEventListener("submit", (event) => { if (!event.defaultPrevented) { save(true); } });
    window.addEventListener("pagehide", () => {
      if (timer) { save(false); }
      note({ left: true });
    });
    window.addEventListener("pageshow", (event) => note(event.persisted ? { sent: false, left: false } : { sent: false }));
  }

  /* A sent draft goes only when the page that follows its form says that something was saved: a page of
     signing in again, an error or a lost line must not cost the text. */
  function sweepDrafts() {
    const from = document.createElement("a");
    from.href = document.referrer || location.href;
    const saved = document.querySelector(".messages .notice--ok");
    draftKeys().forEach((key) => {
      const draft = readDraft(key);
      const taken = draft && draft.sent && saved && (!document.referrer || from.pathname === draft.path);
      if (!draft || taken || Date.now() - draft.at > KEPT_MS) { dropDraft(key); }
    });
    all("form[data-forget-drafts]").forEach((form) => {
      form.addEventListener("submit", () => { draftKeys().forEach(dropDraft); });
    });
  }

  /* ---- Type-ahead: a combobox over a JSON list, filling a hidden input or a select. */
  class Lookup {
    constructor(input, number) {
      this.input = input;
      this.target = document.getElementById(input.dataset.lookupTarget);
      this.isSelect = this.target.tagName === "SELECT";
      this.results = [];
      this.at = -1;
      this.asked = 0;
      this.build(`lookup-${number}`);
      if (this.isSelect) { this.standFor(this.target); }
      this.chosen = this.currentLabel();
      this.listen();
    }

    build(id) {
      const box = make("div", { "class": "lookup" });
      const [label] = this.input.labels;
      const name = label ? label.textContent.trim() : this.input.name;
      this.list = make("ul", { "class": "lookup__list", role: "listbox", id, hidden: "", "aria-label": name });
      this.status = make("div", { "class": "lookup__said", role: "status" });
      this.input.parentNode.insertBefore(box, this.input);
      box.append(this.input, this.list);
      box.after(this.status);
      this.input.hidden = false;
      Object.entries({
        role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id,
      }).forEach(([name, value]) => this.input.setAttribute(name, value));
    }

    /* The label, the hints and the errors of the hidden select now speak for the input. */
    standFor(select) {
      all(`label[for="${select.id}"]`).forEach((label) => {
        label.htmlFor = this.input.id;
        this.list.setAttribute("aria-label", label.textContent.trim());
      });
      all(`.errors a[href="#${select.id}"]`).forEach((link) => { link.href = `#${this.input.id}`; });
      ["aria-describedby", "aria-invalid", "required"].filter((name) => select.hasAttribute(name))
        .forEach((name) => this.input.setAttribute(name, select.getAttribute(name)));
      select.required = false;
      select.hidden = true;
      this.input.value = this.currentLabel() || this.input.value;
    }

    currentLabel() {
      if (!this.target.value) { return ""; }
      return this.isSelect ? this.target.options[this.target.selectedIndex].textContent.trim() : this.input.value;
    }

    listen() {
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("keydown", (event) => this.pressed(event));
      this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
      if (!this.input.form) { return; }
      this.input.form.addEventListener("draft-poured", () => {
        if (this.isSelect) { this.input.value = this.currentLabel(); }
        this.chosen = this.currentLabel();
        this.close();
      });
    }

    typed() {
      if (this.chosen && this.input.value !== this.chosen) {
        this.chosen = "";
        this.fill("", "");
      }
      /* What was found for other words must not be there to be tapped, nor come in late. */
      this.asked += 1;
      this.results = [];
      this.list.textContent = "";
      this.status.textContent = "";
      this.close();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 200);
    }

    pressed(event) {
      const key = event.key;
      const lost = key === "Enter" && this.input.value.trim() && !this.chosen;
      const acts = this.list.hidden ? {
        ArrowDown: () => this.ask(),
        Enter: lost && (() => this.ask()),
      } : {
        ArrowDown: () => this.mark(this.at + 1),
        ArrowUp: () => this.mark(this.at < 0 ? -1 : this.at - 1),
        Enter: () => this.choose(Math.max(this.at, 0)),
        Escape: () => this.close(),
      };
      if (acts[key]) {
        event.preventDefault();
        acts[key]();
      } else if (key === "Tab" && this.at >= 0) {
        this.choose(this.at);
      }
    }

    ask() {
      const text = this.input.value.trim();
      const turn = ++this.asked;
      const fresh = (act) => (value) => { if (turn === this.asked) { act(value); } };
      if (text.length < 2) { this.close(); this.status.textContent = ""; return; }
      this.status.textContent = said.searching;
      const url = new URL(this.input.dataset.lookup, location.href);
      url.searchParams.set("q", text);
      fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) => {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(fresh((body) => this.show(body.results || []))).catch(fresh(() => {
        this.close();
        this.status.textContent = said.offline;
      }));
    }

    show(results) {
      this.close();
      this.results = results;
      this.list.textContent = "";
      results.forEach((result, i) => {
        const option = make("li", { role: "option", id: `${this.list.id}-${i}`, "aria-selected": "false" }, result.label);
        if (result.note) { option.appendChild(make("small", {}, result.note)); }
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => this.choose(i));
        this.list.appendChild(option);
      });
      this.list.hidden = !results.length;
      this.input.setAttribute("aria-expanded", String(results.length > 0));
      this.status.textContent = results.length ? said.found.replace("{n}", results.length) : said.none;
    }

    mark(index) {
      const options = all("[role=option]", this.list);
      this.at = (index + options.length) % options.length;
      options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.at)));
      this.input.setAttribute("aria-activedescendant", options[this.at].id);
      options[this.at].scrollIntoView({ block: "nearest" });
    }

    choose(index) {
      const result = this.results[index];
      if (!result) { return; }
      clearTimeout(this.timer);
      this.chosen = this.input.value = result.label;
      this.fill(String(result.id), result.label);
      this.status.textContent = result.note || "";
      this.close();
    }

    fill(id, label) {
      if (this.isSelect) { selectOptions(this.target, [[id, label]]); } else { this.target.value = id; }
      changed(this.target);
    }

    close() {
      this.list.hidden = true;
      this.at = -1;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  /* ---- The secret of a case travels after "#", which no server and no log ever sees. */
  function secretFromHash() {
    const fields = all("input[data-from-hash]");
    if (!fields.length || location.hash.length < 2) { return; }
    const parts = new URLSearchParams(location.hash.slice(1));
    const filled = fields.filter((field) => {
      const value = parts.get(field.dataset.fromHash);
      if (value) { field.value = value; }
      return value;
    });
    if (!filled.length) { return; }
    history.replaceState(null, "", location.pathname + location.search);
    const button = filled[0].form && filled[0].form.querySelector("button:not([type=button])");
    if (button) { button.focus(); }
  }

  function closeFilters() {
    /* What was typed wrong stays in sight. */
    if (phone.matches && !document.querySelector(".errors")) {
      all("details.filters[open]").forEach((box) => { box.open = false; });
    }
  }

  function goToErrors() {
    const errors = document.querySelector(".errors");
    if (errors) { errors.focus(); }
  }

  function printButtons() {
    all("[data-print]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => { window.print(); });
    });
  }

  /* ---- Texts to be copied: where the browser gives no clipboard (plain HTTP), the text is marked to be copied by hand. */
  function copyButtons() {
    all("[data-copy]").forEach((button) => {
      const source = document.getElementById(button.dataset.copy);
      const words = button.textContent;
      button.hidden = false;
      button.addEventListener("click", () => {
        source.focus();
        source.select();
        const copied = navigator.clipboard ? navigator.clipboard.writeText(source.value) : Promise.reject();
        copied.catch(() => { if (!document.execCommand("copy")) { throw new Error("copy"); } }).then(() => {
          button.textContent = button.dataset.copied;
          setTimeout(() => { button.textContent = words; }, 3000);
        }).catch(() => {});
      });
    });
  }

  /* Deferred, so the document is parsed; drafts come first, so that what they bring back is seen by the rest. */
  sweepDrafts();
  all("form[data-draft]").forEach(keepDraft);
  all("input[data-lookup]").filter((input) => document.getElementById(input.dataset.lookupTarget))
    .forEach((input, number) => new Lookup(input, number));
  quickDates();
  fittingGroups();
  sendOnce();
  secretFromHash();
  closeFilters();
  printButtons();
  copyButtons();
  goToErrors();
})();
