(function () {
  "use strict";
  var input = document.getElementById("q"), count = document.getElementById("count");
  var side = document.getElementById("side"), toggle = document.getElementById("toggle");
  var items = Array.prototype.map.call(document.querySelectorAll("#list li"), function (li) {
    var a = li.firstElementChild, words = (a.getAttribute("data-s") || "").split("\n").filter(Boolean);
    return { li: li, a: a, name: a.textContent.toLowerCase(), words: words,
      low: words.map(function (w) { return w.toLowerCase(); }) };
  });
  var groups = Array.prototype.slice.call(document.querySelectorAll("#list details"));
  var schemas = Array.prototype.slice.call(document.querySelectorAll("#list .schema"));
  document.getElementById("find").hidden = false;

  function hit(item, terms) {
    var shown = "";
    for (var t = 0; t < terms.length; t++) {
      if (item.name.indexOf(terms[t]) >= 0) continue;
      var at = -1;
      for (var w = 0; w < item.low.length && at < 0; w++) if (item.low[w].indexOf(terms[t]) >= 0) at = w;
      if (at < 0) return null;
      shown = shown || item.words[at];
    }
    return { words: shown };
  }

  function filter() {
    var terms = input.value.toLowerCase().split(/\s+/).filter(Boolean), found = 0;
    items.forEach(function (item) {
      var result = hit(item, terms), small = item.li.querySelector("small");
      item.li.hidden = !result;
      if (small) small.remove();
      if (!result) return;
      found++;
      if (result.words) {
        small = document.createElement("small");
        small.textContent = result.words.slice(0, 120);
        item.a.appendChild(small);
      }
    });
    groups.forEach(function (group) {
      var any = !!group.querySelector("li:not([hidden])");
      group.hidden = !any;
      if (terms.length && any) group.open = true;
    });
    schemas.forEach(function (schema) { schema.hidden = !schema.querySelector("li:not([hidden])"); });
    count.textContent = terms.length ? found + " of " + items.length + " objects" : items.length + " objects";
    if (terms.length) side.classList.remove("shut");
  }

  function visible() {
    return items.filter(function (i) { return i.a.offsetParent; }).map(function (i) { return i.a; });
  }
  function step(event) {
    var links = visible(), at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown") { event.preventDefault(); if (links[at + 1]) links[at + 1].focus(); }
    else if (event.key === "ArrowUp") { event.preventDefault(); (links[at - 1] || input).focus(); }
  }
  input.addEventListener("input", filter);
  input.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { input.value = ""; filter(); }
    else if (event.key === "Enter") { var first = visible()[0]; if (first) first.click(); }
    else if (event.key === "ArrowDown") step(event);
  });
  document.getElementById("list").addEventListener("keydown", step);
  document.getElementById("list").addEventListener("click", function (event) {
    if (event.target.closest("a") && matchMedia("(max-width:820px)").matches) shut(true);
  });
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });

  function shut(is) {
    side.classList.toggle("shut", is);
    toggle.setAttribute("aria-expanded", String(!is));
  }
  toggle.addEventListener("click", function () { shut(!side.classList.contains("shut")); });
  if (matchMedia("(max-width:820px)").matches) shut(true);

  Array.prototype.forEach.call(document.querySelectorAll(".diagram.fit"), function (box) {
    var svg = box.querySelector("svg"), tools = document.createElement("div");
    var width = +svg.getAttribute("width"), zoom = 0;
    function set(to) {
      zoom = to;
      box.classList.toggle("fit", !zoom);
      svg.style.width = zoom ? width * zoom + "px" : "";
      svg.style.height = zoom ? "auto" : "";
    }
    function now() { return zoom || svg.getBoundingClientRect().width / width; }
    [["Fit", function () { set(0); }], ["Real size", function () { set(1); }],
     ["Larger", function () { set(Math.min(now() * 1.4, 4)); }],
     ["Smaller", function () { set(Math.max(now() / 1.4, 0.05)); }]].forEach(function (pair) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = pair[0];
      button.addEventListener("click", pair[1]);
      tools.appendChild(button);
    });
    tools.className = "tools";
    box.parentNode.insertBefore(tools, box);
  });

  var shutBefore = [];
  addEventListener("beforeprint", function () {
    shutBefore = Array.prototype.filter.call(document.querySelectorAll("main details"), function (d) { return !d.open; });
    shutBefore.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { shutBefore.forEach(function (d) { d.open = false; }); });
  filter();
})();
