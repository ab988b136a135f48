"use strict";
// Everything that is shown goes through fillText or textContent: a nickname is never markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const canvas = document.getElementById("map");
  const pen = canvas.getContext("2d");
  const hint = document.getElementById("hint");
  const search = document.getElementById("search");
  const nodes = data.nodes;
  const place = new Map(nodes.map((node, k) => [node.id, k]));
  const lines = data.lines.map((line) => ({ a: place.get(line.s), b: place.get(line.t), n: line.n }));
  const friends = nodes.map(() => new Set());
  for (const line of lines) { friends[line.a].add(line.b); friends[line.b].add(line.a); }
  let language = data.language, scale = 1, dx = 0, dy = 0, over = -1, circle = null, drag = null;

  // a few who answer nobody on the map lie far off: to begin with the middle has the room
  function ends(values, out) {
    const sorted = values.sort((a, b) => a - b), beside = Math.floor(out * sorted.length);
    return [sorted[beside], sorted[sorted.length - 1 - beside]];
  }
  function frame(out) {
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const [left, right] = ends(nodes.map((n) => n.x), out), [low, high] = ends(nodes.map((n) => n.y), out);
    scale = 0.9 * Math.min(width / Math.max(right - left, 1e-9), height / Math.max(high - low, 1e-9));
    if (!Number.isFinite(scale) || scale > 400) scale = 400;
    dx = width / 2 - scale * (left + right) / 2;
    dy = height / 2 + scale * (low + high) / 2;
    draw();
  }
  const at = (node) => [dx + scale * node.x, dy - scale * node.y];
  const found = (node) => {
    const text = search.value.trim().toLowerCase();
    return text !== "" && (node.label.toLowerCase().includes(text) || node.id.toLowerCase().includes(text));
  };
  function lit(k) {
    if (over >= 0) return k === over || friends[over].has(k);
    if (circle !== null) return nodes[k].circle === circle;
    return search.value.trim() === "" || found(nodes[k]);
  }
  function shape(x, y, r, form) {
    pen.beginPath();
    if (form === "square") pen.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
    else if (form === "triangle") { pen.moveTo(x, y - r * 1.2); pen.lineTo(x + r * 1.1, y + r * 0.8); pen.lineTo(x - r * 1.1, y + r * 0.8); pen.closePath(); }
    else if (form === "diamond") { pen.moveTo(x, y - r * 1.25); pen.lineTo(x + r * 1.25, y); pen.lineTo(x, y + r * 1.25); pen.lineTo(x - r * 1.25, y); pen.closePath(); }
    else pen.arc(x, y, r, 0, 2 * Math.PI);
  }
  function draw() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    for (const line of lines) {
      const bright = over >= 0 ? line.a === over || line.b === over : lit(line.a) && lit(line.b);
      pen.strokeStyle = bright ? "rgba(80,80,80,.35)" : "rgba(120,120,120,.05)";
      pen.lineWidth = Math.min(4, 0.5 + Math.log2(1 + line.n) / 2);
      const [x, y] = at(nodes[line.a]), [u, v] = at(nodes[line.b]);
      pen.beginPath(); pen.moveTo(x, y); pen.lineTo(u, v); pen.stroke();
    }
    nodes.forEach((node, k) => {
      const mark = data.marks[node.circle], [x, y] = at(node);
      pen.globalAlpha = lit(k) ? 1 : 0.15;
      pen.fillStyle = mark.colour;
      shape(x, y, node.r, mark.shape);
      pen.fill();
      pen.strokeStyle = k === over || found(node) ? "#000" : "#fff";
      pen.lineWidth = k === over || found(node) ? 2 : 1;
      pen.stroke();
      pen.globalAlpha = 1;
    });
    label();
  }
  function label() {
    // the largest first, and none over another
    const taken = [];
    const order = nodes.map((_, k) => k).sort((a, b) => (b === over) - (a === over) || nodes[b].r - nodes[a].r);
    pen.font = "12px system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
    pen.textBaseline = "middle";
    for (const k of order) {
      if (!lit(k)) continue;
      const node = nodes[k], [x, y] = at(node);
      const text = node.label.length > 24 ? Array.from(node.label).slice(0, 23).join("") + "…" : node.label;
      const width = pen.measureText(text).width;
      const box = [x + node.r + 2, y - 7, x + node.r + 2 + width, y + 7];
      if (taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) continue;
      taken.push(box);
      pen.lineWidth = 3; pen.strokeStyle = "rgba(255,255,255,.85)"; pen.strokeText(text, box[0], y);
      pen.fillStyle = "#1f2328"; pen.fillText(text, box[0], y);
    }
  }
  function speak() {
    const said = words[language];
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = said.title;
    document.getElementById("caption").textContent = said.caption;
    document.getElementById("language").textContent = said.other;
    document.getElementById("whole").textContent = said.whole;
    search.placeholder = said.search;
    search.setAttribute("aria-label", said.search);
    canvas.setAttribute("aria-label", said.title + ": " + said.caption);
    const legend = document.getElementById("legend");
    legend.replaceChildren();
    for (const [id, mark] of Object.entries(data.marks)) {
      const count = nodes.filter((node) => node.circle === id).length;
      if (!count) continue;
      const row = document.createElement("button");
      const sign = { disc: "●", square: "■", triangle: "▲", diamond: "◆" }[mark.shape];
      const dot = document.createElement("span");
      dot.textContent = sign + " ";
      dot.style.color = mark.colour;
      row.type = "button";
      row.setAttribute("aria-pressed", String(circle === id));
      row.append(dot, document.createTextNode(mark[language] + " (" + count + ")"));
      row.addEventListener("click", () => { circle = circle === id ? null : id; speak(); draw(); });
      legend.append(row);
    }
  }
  function nearest(x, y) {
    let best = -1, least = Infinity;
    nodes.forEach((node, k) => {
      const [u, v] = at(node), gap = Math.hypot(x - u, y - v);
      if (gap < Math.max(node.r + 3, 6) && gap < least) { best = k; least = gap; }
    });
    return best;
  }
  function tell(event) {
    if (over < 0) { hint.hidden = true; return; }
    const node = nodes[over], said = words[language];
    const role = node.role ? said.roles[node.role] : said.none;
    hint.textContent = [node.label, node.id, data.marks[node.circle][language] + " · " + role,
      said.attention + " " + node.attention.toLocaleString(language === "zh" ? "zh-CN" : "en"),
      said.partners + " " + friends[over].size].join("\n");
    hint.hidden = false;
    hint.style.left = Math.min(event.clientX + 12, window.innerWidth - 340) + "px";
    hint.style.top = Math.min(event.clientY + 12, window.innerHeight - 120) + "px";
  }
  canvas.addEventListener("pointerdown", (e) => { drag = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointerup", () => { drag = null; });
  canvas.addEventListener("pointermove", (e) => {
    if (drag) { dx += e.clientX - drag[0]; dy += e.clientY - drag[1]; drag = [e.clientX, e.clientY]; draw(); return; }
    const box = canvas.getBoundingClientRect(), now = nearest(e.clientX - box.left, e.clientY - box.top);
    if (now !== over) { over = now; draw(); }
    tell(e);
  });
  canvas.addEventListener("pointerleave", () => { over = -1; hint.hidden = true; draw(); });
  function zoom(factor, x, y) { dx = x + (dx - x) * factor; dy = y + (dy - y) * factor; scale *= factor; draw(); }
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(Math.exp(-e.deltaY / 400), e.clientX - box.left, e.clientY - box.top);
  }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[e.key];
    if (step) { dx += step[0]; dy += step[1]; draw(); }
    else if (e.key === "+" || e.key === "-") zoom(e.key === "+" ? 1.25 : 0.8, canvas.clientWidth / 2, canvas.clientHeight / 2);
    else return;
    e.preventDefault();
  });
  search.addEventListener("input", draw);
  document.getElementById("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; speak(); });
  document.getElementById("whole").addEventListener("click", () => frame(0));
  window.addEventListener("resize", draw);
  speak();
  frame(0.02);
})();
