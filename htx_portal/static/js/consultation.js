/* The form of a consultation: choosing a party ticks its choice and brings its open cases, without a reload. */
(function () {
  "use strict";

  var form = document.querySelector("form[data-party-cases]");
  if (!form) { return; }
  var found = form.elements.party_found;
  var box = document.getElementById("open-cases");
  var shownFor = (box && box.dataset.shownFor) || "";

  /* Only browsers without JavaScript need the button; as the first of the form it would also catch Enter. */
  var find = form.querySelector("button[name=find]");
  if (find) { find.remove(); }

  function radios() {
    return Array.prototype.slice.call(form.querySelectorAll("input[name=party][type=radio]"));
  }

  function chosen() {
    var tapped = radios().filter(function (radio) { return radio.checked; })[0];
    var key = tapped ? tapped.value : "";
    return key && key !== "other" ? key : (found && found.value) || "";
  }

  function make(tag, attributes, text) {
    var node = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text) { node.textContent = text; }
    return node;
  }

  function show(cases) {
    var list = document.getElementById("id_cases");
    if (!list) { return; }
    list.textContent = "";
    cases.forEach(function (item, i) {
      var label = make("label", {});
      label.appendChild(make("input", { type: "checkbox", name: "cases", value: item.id, id: "id_cases_" + i }));
      label.appendChild(document.createTextNode(" " + item.label));
      var line = make("div", {});
      line.appendChild(label);
      list.appendChild(line);
    });
    box.hidden = !cases.length;
  }

  function refresh() {
    var key = chosen();
    if (key === shownFor) { return; }
    shownFor = key;
    show([]);
    if (!key) { return; }
    var url = new URL(form.dataset.partyCases, location.href);
    url.searchParams.set("party", key);
    fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      return answer.ok ? answer.json() : { cases: [] };
    }).then(function (body) {
      if (key === shownFor) { show(body.cases || []); }
    }).catch(function () {
      /* The line is gone: cases can still be linked later, the entry itself does not wait for them. */
      if (key === shownFor) { shownFor = ""; }
    });
  }

  form.addEventListener("change", function (event) {
    if (event.target === found && found.value) {
      radios().forEach(function (radio) { radio.checked = radio.value === "other"; });
    } else if (event.target.name === "party" && event.target.value !== "other") {
      found.value = "";
      form.elements.party_text.value = "";
    }
    if (event.target === found || event.target.name === "party") { refresh(); }
  });
  form.addEventListener("draft-poured", function () { setTimeout(refresh, 0); });
  /* A draft put back by now may hold another party than the one the page came with. */
  refresh();
})();
