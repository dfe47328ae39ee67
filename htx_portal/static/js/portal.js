/* HTX portal: small comforts on top of pages that work without them. ES2017, no framework. */
(function () {
  "use strict";

  var said = (document.currentScript || {}).dataset || {};
  var phone = window.matchMedia("(max-width: 43.74rem)");

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  function make(tag, attributes, text) {
    var node = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text) { node.textContent = text; }
    return node;
  }

  function changed(control) {
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* ---- Dates: "0", "-1", "+7" days or "+1m" months from today in Viet Nam, which is UTC+7 all year. */
  function dateFromToday(offset) {
    var day = new Date(Date.now() + 7 * 3600 * 1000);
    var count = parseInt(offset, 10) || 0;
    if (/m$/.test(offset)) {
      var wanted = day.getUTCDate();
      day.setUTCDate(1);
      day.setUTCMonth(day.getUTCMonth() + count);
      var last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
      day.setUTCDate(Math.min(wanted, last));
    } else {
      day.setUTCDate(day.getUTCDate() + count);
    }
    function two(n) { return (n < 10 ? "0" : "") + n; }
    return two(day.getUTCDate()) + "/" + two(day.getUTCMonth() + 1) + "/" + day.getUTCFullYear();
  }

  function quickDates() {
    all(".quick[hidden]").forEach(function (box) { box.hidden = false; });
    document.addEventListener("click", function (event) {
      var button = event.target.closest("[data-fill-date]");
      if (!button) { return; }
      var name = button.dataset.fillDate;
      var control = (button.form || document).querySelector('input[name="' + name + '"]');
      if (!control) { return; }
      control.value = dateFromToday(button.dataset.offset || "0");
      changed(control);
    });
  }

  /* ---- Sent once: the button rests after submit; a page come back to, or a lost line, frees it. */
  function release(form) {
    delete form.dataset.sent;
    all("[data-resting]", form).forEach(function (button) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      delete button.dataset.resting;
    });
  }

  function sendOnce() {
    document.addEventListener("submit", function (event) {
      var form = event.target;
      if (!form.hasAttribute("data-once")) { return; }
      if (form.dataset.sent) { event.preventDefault(); return; }
      if (event.defaultPrevented) { return; }
      form.dataset.sent = "1";
      /* Later, because a disabled button would not send its own name and value. */
      setTimeout(function () {
        all("button:not([type=button]), input[type=submit]", form).forEach(function (button) {
          if (button.disabled) { return; }
          button.disabled = true;
          button.setAttribute("aria-busy", "true");
          button.dataset.resting = "1";
        });
      }, 0);
      setTimeout(function () { release(form); }, 20000);
    });
    window.addEventListener("pageshow", function () { all("form[data-once]").forEach(release); });
  }

  /* ---- Drafts: kept on this device until the server has taken the form, for seven days at most. */
  var PREFIX = "htx-draft:";
  var KEPT_MS = 7 * 24 * 3600 * 1000;

  function store(action) {
    try { return action(window.localStorage); } catch (error) { return null; }
  }

  function draftKeys() {
    return store(function (box) {
      return Object.keys(box).filter(function (key) { return key.indexOf(PREFIX) === 0; });
    }) || [];
  }

  function readDraft(key) {
    return store(function (box) { return JSON.parse(box.getItem(key)); });
  }

  function writeDraft(key, draft) {
    store(function (box) { box.setItem(key, JSON.stringify(draft)); });
  }

  function dropDraft(key) {
    store(function (box) { box.removeItem(key); });
  }

  function kept(control) {
    return control.name && ["csrfmiddlewaretoken", "next"].indexOf(control.name) < 0 &&
      ["password", "file", "submit", "button", "fieldset"].indexOf(control.type) < 0;
  }

  function valuesOf(form) {
    return Array.prototype.filter.call(form.elements, kept).map(function (control) {
      if (control.type === "checkbox" || control.type === "radio") {
        return [control.name, control.value, control.checked];
      }
      if (control.tagName === "SELECT") {
        return [control.name, all("option", control).filter(function (o) { return o.selected; })
          .map(function (o) { return [o.value, o.textContent]; })];
      }
      return [control.name, control.value];
    });
  }

  function putBack(form, values) {
    var seen = {};
    values.forEach(function (saved) {
      var same = Array.prototype.filter.call(form.elements, function (c) { return c.name === saved[0] && kept(c); });
      if (saved.length === 3) {
        same.forEach(function (c) { if (c.value === saved[1]) { c.checked = saved[2]; } });
        return;
      }
      var control = same[seen[saved[0]] || 0];
      seen[saved[0]] = (seen[saved[0]] || 0) + 1;
      if (!control) { return; }
      if (control.tagName === "SELECT") { selectOptions(control, saved[1]); } else { control.value = saved[1]; }
    });
  }

  function selectOptions(select, pairs) {
    all("option", select).forEach(function (option) { option.selected = false; });
    pairs.forEach(function (pair) {
      var option = all("option", select).filter(function (o) { return o.value === pair[0]; })[0];
      if (!option) {
        option = make("option", { value: pair[0] }, pair[1]);
        select.appendChild(option);
      }
      option.selected = true;
    });
  }

  function offerDraft(form, key, draft, untouched) {
    var when = new Date(draft.at);
    var clock = ("0" + when.getHours()).slice(-2) + ":" + ("0" + when.getMinutes()).slice(-2);
    var day = ("0" + when.getDate()).slice(-2) + "/" + ("0" + (when.getMonth() + 1)).slice(-2);
    var bar = make("div", { "class": "notice notice--info draft", role: "status" });
    bar.appendChild(make("span", {}, (said.restored || "").replace("{time}", clock + " " + day)));
    var button = make("button", { type: "button", "class": "btn" }, said.discard);
    button.addEventListener("click", function () {
      dropDraft(key);
      putBack(form, untouched);
      form.dispatchEvent(new Event("draft-discarded"));
      bar.remove();
    });
    bar.appendChild(button);
    form.insertBefore(bar, form.firstChild);
  }

  function keepDraft(form) {
    var key = PREFIX + form.dataset.draft;
    var here = location.pathname + location.search;
    var untouched = valuesOf(form);
    var draft = readDraft(key);
    var answered = form.querySelector(".errors");
    if (draft && !answered && draft.url === here && JSON.stringify(draft.values) !== JSON.stringify(untouched)) {
      putBack(form, draft.values);
      offerDraft(form, key, draft, untouched);
    }
    var timer = 0;
    function save(sent) {
      clearTimeout(timer);
      timer = 0;
      writeDraft(key, { at: Date.now(), url: here, path: location.pathname, sent: sent === true, values: valuesOf(form) });
    }
    function notSent() {
      var left = readDraft(key);
      if (left && left.sent) { left.sent = false; writeDraft(key, left); }
    }
    ["input", "change"].forEach(function (name) {
      form.addEventListener(name, function () { clearTimeout(timer); timer = setTimeout(save, 400); });
    });
    form.addEventListener("draft-discarded", function () { clearTimeout(timer); timer = 0; });
    form.addEventListener("submit", function (event) { if (!event.defaultPrevented) { save(true); } });
    window.addEventListener("pagehide", function () { if (timer) { save(false); } });
    window.addEventListener("pageshow", notSent);
  }

  /* A sent draft goes only when the page that follows its form says that something was saved: a page of
     signing in again, an error or a lost line must not cost the text. */
  function sweepDrafts() {
    var from = document.createElement("a");
    from.href = document.referrer || location.href;
    var saved = document.querySelector(".messages .notice--ok");
    draftKeys().forEach(function (key) {
      var draft = readDraft(key);
      var taken = draft && draft.sent && saved && (!document.referrer || from.pathname === draft.path);
      if (!draft || taken || Date.now() - draft.at > KEPT_MS) { dropDraft(key); }
    });
    all("form[data-forget-drafts]").forEach(function (form) {
      form.addEventListener("submit", function () { draftKeys().forEach(dropDraft); });
    });
  }

  /* ---- Type-ahead: a combobox over a JSON list, filling a hidden input or a select. */
  function lookup(input, number) {
    var target = document.getElementById(input.dataset.lookupTarget);
    if (!target) { return; }
    var isSelect = target.tagName === "SELECT";
    var listId = "lookup-" + number;
    var box = make("div", { "class": "lookup" });
    var list = make("ul", { "class": "lookup__list", role: "listbox", id: listId, hidden: "" });
    var status = make("div", { "class": "lookup__said", role: "status" });
    var results = [];
    var at = -1;
    var asked = 0;
    var chosenLabel = "";
    var timer;

    input.parentNode.insertBefore(box, input);
    [input, list, status].forEach(function (node) { box.appendChild(node); });
    input.hidden = false;
    if (isSelect) {
      chosenLabel = selectedLabel();
      input.value = chosenLabel || input.value;
      moveName();
    } else if (target.value) {
      chosenLabel = input.value;
    }
    var attributes = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId };
    Object.keys(attributes).forEach(function (name) { input.setAttribute(name, attributes[name]); });
    var label = document.querySelector('label[for="' + input.id + '"]');
    list.setAttribute("aria-label", label ? label.textContent.trim() : input.name);

    /* The label and the hints of the hidden select now speak for the input. */
    function moveName() {
      var own = document.querySelector('label[for="' + target.id + '"]');
      if (own && input.id) { own.htmlFor = input.id; }
      ["aria-describedby", "aria-invalid", "required"].forEach(function (name) {
        if (target.hasAttribute(name)) { input.setAttribute(name, target.getAttribute(name)); }
      });
      target.required = false;
      target.hidden = true;
      all('.errors a[href="#' + target.id + '"]').forEach(function (link) { link.href = "#" + input.id; });
    }

    function selectedLabel() {
      return target.value ? target.options[target.selectedIndex].textContent.trim() : "";
    }

    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function setTarget(id, text) {
      if (isSelect) {
        selectOptions(target, id === "" ? [["", ""]] : [[String(id), text]]);
      } else {
        target.value = id;
      }
      changed(target);
    }

    function choose(index) {
      var result = results[index];
      if (!result) { return; }
      chosenLabel = result.label;
      input.value = result.label;
      setTarget(result.id, result.label);
      status.textContent = result.note || "";
      close();
    }

    function mark(index) {
      var options = all("[role=option]", list);
      if (!options.length) { return; }
      at = (index + options.length) % options.length;
      options.forEach(function (option, i) { option.setAttribute("aria-selected", String(i === at)); });
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    }

    function show(found) {
      results = found;
      list.textContent = "";
      at = -1;
      found.forEach(function (result, i) {
        var option = make("li", { role: "option", id: listId + "-" + i, "aria-selected": "false" }, result.label);
        if (result.note) { option.appendChild(make("small", {}, result.note)); }
        option.addEventListener("mousedown", function (event) { event.preventDefault(); });
        option.addEventListener("click", function () { choose(i); });
        list.appendChild(option);
      });
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      input.removeAttribute("aria-activedescendant");
      status.textContent = found.length ? (said.found || "").replace("{n}", found.length) : said.none;
    }

    function ask() {
      var text = input.value.trim();
      var turn = ++asked;
      if (text.length < 2) { close(); status.textContent = ""; return; }
      status.textContent = said.searching;
      var url = new URL(input.dataset.lookup, location.href);
      url.searchParams.set("q", text);
      fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(function (body) {
        if (turn === asked) { show(body.results || []); }
      }).catch(function () {
        if (turn === asked) { close(); status.textContent = said.offline; }
      });
    }

    input.addEventListener("input", function (event) {
      if (input.value !== chosenLabel && chosenLabel) { chosenLabel = ""; setTarget("", ""); }
      clearTimeout(timer);
      timer = setTimeout(ask, 200);
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { close(); return; }
      if (list.hidden) {
        var open = event.key === "Enter" && input.value.trim() && !chosenLabel;
        if (open || event.key === "ArrowDown") { event.preventDefault(); ask(); }
        return;
      }
      if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(at < 0 ? -1 : at - 1); }
      if (event.key === "Enter") { event.preventDefault(); choose(at < 0 ? 0 : at); }
      if (event.key === "Tab" && at >= 0) { choose(at); }
    });
    input.addEventListener("blur", function () { setTimeout(close, 150); });
    if (input.form) {
      input.form.addEventListener("draft-discarded", function () {
        if (isSelect) { input.value = selectedLabel(); }
        chosenLabel = target.value ? input.value : "";
        close();
      });
    }
  }

  /* ---- The secret of a case travels after "#", which no server and no log ever sees. */
  function secretFromHash() {
    var fields = all("input[data-from-hash]");
    if (!fields.length || location.hash.length < 2) { return; }
    var parts = new URLSearchParams(location.hash.slice(1));
    var filled = fields.filter(function (field) {
      var value = parts.get(field.dataset.fromHash);
      if (value) { field.value = value; }
      return value;
    });
    if (!filled.length) { return; }
    history.replaceState(null, "", location.pathname + location.search);
    var button = filled[0].form && filled[0].form.querySelector("button:not([type=button])");
    if (button) { button.focus(); }
  }

  function closeFilters() {
    if (phone.matches) { all("details.filters[open]").forEach(function (box) { box.open = false; }); }
  }

  function goToErrors() {
    var errors = document.querySelector(".errors");
    if (errors) { errors.focus(); }
  }

  function printButtons() {
    all("[data-print]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });
  }

  /* Deferred, so the document is parsed; drafts come first, so that what they bring back is seen by the rest. */
  sweepDrafts();
  all("form[data-draft]").forEach(keepDraft);
  all("input[data-lookup]").forEach(lookup);
  quickDates();
  sendOnce();
  secretFromHash();
  closeFilters();
  printButtons();
  goToErrors();
})();
