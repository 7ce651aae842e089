(() => {
  "use strict";
  // Marks of coarse classes, in the order of figures.embedding.MARKS: corners, turn in degrees, how far in between.
  const MARKS = [[16, 0, 1], [4, 45, 1], [3, 270, 1], [4, 0, 1], [3, 90, 1], [4, 0, 0.4], [4, 45, 0.4], [5, 270, 1],
    [3, 180, 1], [3, 0, 1], [6, 0, 1], [5, 270, 0.45]];
  const KINDS = [{ color: "#0a8f6a", mark: 0 }, { color: "#d55e00", mark: 6 }, { color: "#b14aa0", mark: 2 }];
  const FEW = 5, REACH = 12, EDGE = 12; // neighbors under the pointer; pixels that still mean a point, of a map's rim

  const make = (tag, className = "", ...content) => {
    const element = Object.assign(document.createElement(tag), { className });
    element.append(...content); // text stays text: names are data
    return element;
  };
  const push = (content, ariaLabel, act) => {
    const button = Object.assign(make("button", "", ...content), { type: "button", ariaLabel });
    button.addEventListener("click", act);
    return button;
  };
  const numbers = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const ratio = () => Math.min(devicePixelRatio || 1, 3);
  const fit = (canvas, width, height = width) => {
    Object.assign(canvas, { width: Math.round(width * ratio()), height: Math.round(height * ratio()) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = canvas.getContext("2d");
    context.scale(ratio(), ratio());
    return context;
  };
  const thin = (mark) => MARKS[mark % MARKS.length][2] < 1;
  const fill = (context, { color, mark }, x, y, size) => {
    const [corners, turn, inner] = MARKS[mark % MARKS.length], steps = thin(mark) ? 2 * corners : corners;
    context.beginPath();
    for (let step = 0; step < steps; step++) {
      const angle = Math.PI * (turn / 180 + (2 * step) / steps);
      const far = size * (thin(mark) ? (step % 2 ? inner * 1.35 : 1.35) : 1);
      context.lineTo(x + far * Math.cos(angle), y + far * Math.sin(angle));
    }
    context.closePath();
    context.fillStyle = color;
    context.fill();
  };

  function explore(root) {
    const data = JSON.parse(document.getElementById(`${root.id}-data`).textContent), say = data.words;
    const fine = numbers(data.fine, Uint16Array), coarse = numbers(data.coarse, Uint16Array);
    const methods = new Map(data.methods.map((method) => [method.name, {
      ...method, points: numbers(method.points, Uint16Array),
      nearest: numbers(method.nearest, Uint16Array), cosine: numbers(method.cosine, Int16Array),
    }]));
    const [form, legend, maps, said] = ["form", ".legend", ".maps", ".said"].map((name) => root.querySelector(name));
    const [first, second] = methods.keys();
    const state = { a: first, b: innerWidth >= 900 && second || "", color: "fine", find: "", at: data.first };
    let over = -1, found = null, stamps = new Map(), sheet = null; // image under the pointer, images that were searched

    const nearest = (method, image, count = method.k) =>
      [...method.nearest.subarray(image * method.k, image * method.k + Math.min(count, method.k))];
    const kind = (one, other) => (fine[one] === fine[other] ? 0 : coarse[one] === coarse[other] ? 1 : 2);
    const alone = say.fine === say.coarse; // told the classes themselves
    const verdicts = [`same ${say.fine}`, `another ${say.fine}, same ${say.coarse}`, `another ${say.coarse}`];
    const called = (image) => data.fines[fine[image]].name;
    const told = (image) => data.coarses[coarse[image]].name;
    const full = (image) => (called(image) === told(image) ? called(image) : `${called(image)} (${told(image)})`);
    const page = () => getComputedStyle(document.body);
    const count = (n, one, more) => `${n.toLocaleString("en")} ${n === 1 ? one : more}`;

    // Images
    const picture = new Image();
    function colorSheet() { // ink on paper: drawings look drawn in both modes
      sheet = Object.assign(make("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
      const context = sheet.getContext("2d");
      context.drawImage(picture, 0, 0);
      if (!data.sheet.ink || document.documentElement.dataset.mode === "dark") return;
      Object.assign(context, { globalCompositeOperation: "difference", fillStyle: "#fff" });
      context.fillRect(0, 0, sheet.width, sheet.height);
    }
    function put(context, image, x, y, size) {
      const { side, columns } = data.sheet;
      const from = [(image % columns) * side, Math.floor(image / columns) * side, side, side];
      context.imageSmoothingQuality = "high";
      if (sheet) context.drawImage(sheet, ...from, x, y, size, size);
    }
    function tile(image, size, query = -1) {
      const canvas = make("canvas");
      put(fit(canvas, size), image, 0, 0, size);
      return make("span", `tile ${query < 0 ? "" : kind(query, image) ? "miss" : "hit"}`, canvas);
    }
    const words = (image, ...more) => make("div", "", make("b", "", called(image)), make("span", "", alone ? "" : told(image)),
      make("small", "", data.samples[image]), ...more);

    // Maps
    const plots = ["a", "b"].map((side) => {
      const plot = { side, size: 0, view: { scale: 1, x: 0, y: 0 }, canvas: make("canvas"), ground: make("canvas"),
        title: make("span"), card: make("div", "card"), panel: make("div", "panel") };
      const zoom = [push("−", "Farther", () => nearer(plot, 1 / 1.6)), push("+", "Nearer", () => nearer(plot, 1.6))];
      plot.canvas.tabIndex = 0;
      plot.canvas.setAttribute("role", "application");
      plot.canvas.setAttribute("aria-describedby", `${root.id}-help`);
      plot.card.hidden = true;
      plot.field = make("div", "field", plot.canvas, plot.card);
      plot.figure = make("figure", "plot", make("figcaption", "", plot.title, ...zoom), plot.field, plot.panel);
      maps.append(plot.figure);
      return plot;
    });
    const method = (plot) => methods.get(state[plot.side]);
    const shown = () => plots.filter(method);
    const radius = (plot) => Math.min(6, Math.max(1.6, (plot.size / 160) * Math.sqrt(1500 / data.count)));
    const where = (plot, image) => {
      const { points } = method(plot), { scale, x, y } = plot.view, full = ((plot.size - 2 * EDGE) * scale) / 65535;
      return [EDGE + x + points[2 * image] * full, EDGE + y + (65535 - points[2 * image + 1]) * full];
    };
    const look = (plot, image) => {
      if (state.color === "error") return KINDS[kind(image, nearest(method(plot), image, 1)[0])];
      const { color } = state.color === "fine" ? data.fines[fine[image]] : data.coarses[coarse[image]];
      return { color, mark: coarse[image] };
    };
    function stamp(style, size) { // drawn once for all points that look alike
      const key = `${style.color} ${style.mark % MARKS.length} ${size}`, half = Math.ceil(1.4 * size) + 2;
      if (!stamps.has(key)) {
        const canvas = make("canvas"), context = fit(canvas, 2 * half);
        fill(context, style, half, half, size);
        Object.assign(context, { lineWidth: 0.5, strokeStyle: page().backgroundColor });
        if (!thin(style.mark)) context.stroke();
        stamps.set(key, { canvas, half });
      }
      return stamps.get(key);
    }
    function ground(plot) { // all points; drawn anew only when what they show has changed
      const context = fit(plot.ground, plot.size), size = radius(plot) * Math.min(2, plot.view.scale ** 0.35);
      for (const match of found ? [false, true] : [true]) {
        context.globalAlpha = match ? 1 : 0.14;
        for (let image = 0; image < data.count; image++) {
          if (found && found.has(image) !== match) continue;
          const [x, y] = where(plot, image);
          if (Math.min(x, y) < -EDGE || Math.max(x, y) > plot.size + EDGE) continue;
          const { canvas, half } = stamp(look(plot, image), found && match ? 1.3 * size : size);
          context.drawImage(canvas, x - half, y - half, 2 * half, 2 * half);
        }
      }
    }
    function paint(plot) { // the ground, and above it what is pointed at or kept
      const context = fit(plot.canvas, plot.size), { color: ink, backgroundColor: paper } = page(), size = radius(plot);
      const stroke = (color, lineWidth, dash, draw) => {
        Object.assign(context, { strokeStyle: color, lineWidth });
        context.setLineDash(dash);
        context.beginPath();
        draw();
        context.stroke();
      };
      const ring = (image, color, far, width, dash = []) => {
        const circle = () => context.arc(...where(plot, image), far, 0, 7);
        if (width > 1) stroke(paper, width + 2, [], circle);
        stroke(color, width, dash, circle);
      };
      context.drawImage(plot.ground, 0, 0, plot.size, plot.size);
      const active = over < 0 ? state.at : over;
      if (active < 0) return;
      const near = nearest(method(plot), active, active === state.at ? Infinity : FEW);
      for (const wrong of [1, 0]) for (const other of near) { // hits above misses
        if (Math.min(1, kind(active, other)) !== wrong) continue;
        stroke(KINDS[wrong].color, wrong ? 0.7 : 1.4, wrong ? [3, 2] : [], () => {
          context.moveTo(...where(plot, active));
          context.lineTo(...where(plot, other));
        });
        ring(other, KINDS[wrong].color, size + 2.5, wrong ? 0.9 : 2, wrong ? [2, 2] : []);
      }
      if (state.at >= 0) ring(state.at, ink, size + 4, 2.2);
      if (active !== state.at) ring(active, ink, size + 4, 2.2, [4, 2]);
      const [x, y] = where(plot, active), side = 44; // the image beside its point: the same lights up in both maps
      if (!plot.card.hidden || Math.min(x, y) < 0 || Math.max(x, y) > plot.size) return;
      const beside = (from, axis) => { // away from the neighbors
        const away = near.reduce((sum, other) => sum + from - where(plot, other)[axis], 0) >= 0;
        return Math.max(2, Math.min(plot.size - side - 2, away ? from + EDGE : from - EDGE - side));
      };
      const [left, top] = [beside(x, 0), beside(y, 1)];
      put(context, active, left, top, side);
      stroke(ink, 1.2, [], () => context.rect(left, top, side, side));
    }
    function move(plot, scale, x, y) {
      const inside = (value) => Math.min(0, Math.max((plot.size - 2 * EDGE) * (1 - scale), value));
      plot.view = { scale, x: inside(x), y: inside(y) };
      plot.canvas.classList.toggle("near", scale > 1);
      ground(plot);
      paint(plot);
    }
    function nearer(plot, by, x = plot.size / 2, y = plot.size / 2) { // what lies at x, y stays there
      const { view } = plot, scale = Math.min(12, Math.max(1, view.scale * by)), real = scale / view.scale;
      move(plot, scale, (x - EDGE) * (1 - real) + view.x * real, (y - EDGE) * (1 - real) + view.y * real);
    }
    function under(plot, event, reach) {
      const box = plot.canvas.getBoundingClientRect();
      let best = -1, least = reach;
      for (let image = 0; image < data.count; image++) {
        if (found && !found.has(image)) continue;
        const [x, y] = where(plot, image), distance = Math.hypot(box.left + x - event.x, box.top + y - event.y);
        if (distance < least) [best, least] = [image, distance];
      }
      return best;
    }

    // What is pointed at, and what is kept
    function point(image, plot = null) {
      if (image === over) return;
      over = image;
      plots.forEach((each) => { each.card.hidden = true; });
      if (plot && image >= 0) showCard(plot, image);
      shown().forEach(paint);
    }
    function showCard(plot, image) {
      const near = nearest(method(plot), image, FEW).map((other) => tile(other, 34, image)), { card } = plot;
      card.replaceChildren(tile(image, 76), words(image), make("div", "few", ...near));
      card.hidden = false;
      const [x, y] = where(plot, image), { offsetWidth: width, offsetHeight: height } = card, gap = 18;
      const right = x + gap + width <= plot.size, left = !right && x - gap - width >= 0;
      const place = (value, most) => `${Math.max(0, Math.min(most, value))}px`;
      card.style.left = place(right ? x + gap : left ? x - gap - width : x - width / 2, plot.size - width);
      const beside = y > plot.size / 2 ? y - gap - height : y + gap; // above or below, where the sides have no room
      card.style.top = place(right || left ? y - height / 2 : beside, plot.size - height);
    }
    function showPanel(plot) {
      const { title, k, cosine } = method(plot), query = state.at;
      if (query < 0) return plot.panel.replaceChildren(make("p", "note", `Click ${say.a_image} for what is nearest.`));
      const near = nearest(method(plot), query), hits = near.filter((other) => !kind(query, other)).length;
      const others = fine.reduce((sum, value) => sum + (value === fine[query]), -1);
      const recall = others ? `${hits} of the ${Math.min(others, k)} that could be found are among the ${k} nearest`
        : `the only ${say.image} of its ${say.fine}`;
      const list = make("ol", "", ...near.map((other, rank) => {
        const similar = (cosine[query * k + rank] / 10000).toFixed(3).replace("-", "−");
        const label = `${rank + 1}: ${full(other)}, ${verdicts[kind(query, other)]}, cosine ${similar}`;
        const button = push([tile(other, 46, query), make("small", "", similar)], label, () => {
          keep(other);
          plot.panel.querySelector("ol button").focus({ preventScroll: true });
        });
        Object.assign(button, { title: full(other), tabIndex: rank ? -1 : 0 });
        for (const name of ["pointerenter", "focus"]) button.addEventListener(name, () => point(other));
        for (const name of ["pointerleave", "blur"]) button.addEventListener(name, () => point(-1));
        return make("li", "", button);
      }));
      list.ariaLabel = `${title}: the nearest to ${full(query)}`;
      plot.panel.replaceChildren(make("div", "query", tile(query, 64), words(query, make("span", "", recall))), list);
    }
    function keep(image) {
      point(-1);
      state.at = image;
      write();
      for (const plot of shown()) [showPanel, paint].forEach((show) => show(plot));
      tell();
    }

    // Words
    function search() {
      const wanted = state.find.trim().toLowerCase(), is = (name) => name.toLowerCase() === wanted;
      const whole = [...data.fines, ...data.coarses].some(({ name }) => is(name)); // "a1" whole does not mean "a10"
      const fits = (name) => (whole ? is(name) : name.toLowerCase().includes(wanted));
      const matches = [...fine.keys()].filter((image) => fits(called(image)) || fits(told(image)));
      found = wanted ? new Set(matches) : null;
    }
    function tell() {
      const images = found && count(found.size, say.image, say.images);
      const classes = found && count(new Set([...found].map((image) => fine[image])).size, say.fine, say.fines);
      const match = !found ? "" : found.size ? `${images} of ${classes}; Enter goes through them.`
        : `No ${alone ? say.fine : `${say.fine} or ${say.coarse}`} is called “${state.find.trim()}”.`;
      said.textContent = [match, state.at < 0 ? "" : `Kept: ${full(state.at)}.`].filter(Boolean).join(" ");
    }
    function showLegend() {
      const classes = state.color === "fine" && data.fines.length <= MARKS.length ? data.fines : data.coarses;
      const kinds = KINDS.map((each, place) => ({ ...each, name: `nearest: ${verdicts[place]}` }));
      const judged = alone ? [kinds[0], kinds[2]] : kinds;
      const entries = state.color === "error" ? judged : classes.length <= MARKS.length ? classes : [];
      legend.replaceChildren(...entries.map((entry) => {
        const icon = make("canvas"), find = state.find === entry.name ? "" : entry.name;
        fill(fit(icon, 16), entry, 8, 8, 5.2);
        if (state.color === "error") return make("li", "", icon, entry.name);
        return make("li", "", push([icon, entry.name], `Find ${entry.name}`, () => set({ find })));
      }));
    }
    function showTitle(plot) {
      const { title, k, right } = method(plot), share = Math.round((100 * right) / data.count);
      const judged = k ? ` · nearest is the same ${say.fine} for ${share} %` : "";
      plot.title.replaceChildren(make("b", "", title), make("span", "pale", judged));
      plot.canvas.ariaLabel = `${title}: map of ${count(data.count, say.image, say.images)}`;
    }

    // The whole
    function draw() {
      stamps = new Map();
      if (picture.naturalWidth) colorSheet();
      search();
      root.hidden = false;
      for (const plot of plots) plot.figure.hidden = !method(plot);
      maps.classList.toggle("one", shown().length === 1);
      for (const field of form.elements) if (field.value !== state[field.name]) field.value = state[field.name];
      for (const plot of shown()) {
        plot.size = plot.field.clientWidth;
        showTitle(plot);
        move(plot, plot.view.scale, plot.view.x, plot.view.y);
        showPanel(plot);
      }
      showLegend();
      tell();
    }
    function set(change) {
      point(-1);
      Object.assign(state, change);
      write();
      draw();
    }
    function write() {
      const words = new URLSearchParams({ ...state, at: data.samples[state.at] || "" });
      try { history.replaceState(null, "", `#${root.id}?${words}`); } catch { /* a page in a frame may not */ }
    }
    function read() {
      const [name, words] = location.hash.slice(1).split(/\?(.*)/s);
      if (name !== root.id || words === undefined) return;
      const given = Object.fromEntries(new URLSearchParams(words));
      for (const { name: field, options } of form.querySelectorAll("select")) { // what this page does not have: ignored
        if ([...options].some(({ value }) => value === given[field])) state[field] = given[field];
      }
      if (given.find !== undefined) state.find = given.find;
      if (given.at !== undefined) state.at = data.samples.indexOf(given.at);
      draw();
      root.scrollIntoView({ behavior: "instant" });
    }

    // What people do
    function key(plot, event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const tiles = [...plot.panel.querySelectorAll("ol button")], place = tiles.indexOf(document.activeElement);
      const row = tiles.filter((each) => each.offsetTop === tiles[0].offsetTop).length;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[event.key];
      if (step && state.at < 0) keep(data.first);
      else if (step) tiles[place < 0 ? 0 : Math.max(0, Math.min(tiles.length - 1, place + step))]?.focus();
      else if (event.key === "Escape" && place >= 0) plot.canvas.focus();
      else if (event.key === "Escape") keep(-1);
      else if (event.key === "+" || event.key === "=") nearer(plot, 1.6);
      else if (event.key === "-") nearer(plot, 1 / 1.6);
      else return;
      event.preventDefault();
    }
    for (const plot of plots) {
      let held = null, dragged = false, frame = 0;
      const on = (name, act, options) => plot.canvas.addEventListener(name, act, options);
      on("pointerdown", (event) => {
        dragged = false;
        held = plot.view.scale > 1 && { x: plot.view.x - event.clientX, y: plot.view.y - event.clientY, event };
        if (held) plot.canvas.setPointerCapture(event.pointerId);
      });
      on("pointermove", (event) => {
        cancelAnimationFrame(frame);
        frame = requestAnimationFrame(() => {
          const { clientX: x, clientY: y } = event;
          dragged ||= held && Math.hypot(x - held.event.clientX, y - held.event.clientY) > 4;
          if (dragged && held) move(plot, plot.view.scale, held.x + x, held.y + y);
          else if (event.pointerType !== "touch") point(under(plot, event, REACH), plot);
        });
      });
      on("pointerup", () => { held = null; });
      on("pointerleave", () => {
        held = null;
        cancelAnimationFrame(frame);
        point(-1);
      });
      on("click", (event) => { if (!dragged) keep(under(plot, event, 2 * REACH)); });
      on("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
        event.preventDefault();
        nearer(plot, Math.exp(-event.deltaY / 200), event.offsetX, event.offsetY);
      }, { passive: false });
      plot.figure.addEventListener("keydown", (event) => key(plot, event));
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const all = [...found || []];
      if (all.length) keep(all[(all.indexOf(state.at) + 1) % all.length]);
    });
    form.addEventListener("input", () => set(Object.fromEntries(new FormData(form))));
    form.elements.find.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      set({ find: "" });
      plots[0].canvas.focus({ preventScroll: true });
    });
    new ResizeObserver(() => shown().some((plot) => plot.field.clientWidth !== plot.size) && draw()).observe(maps);
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-mode"] });
    addEventListener("hashchange", read);
    picture.addEventListener("load", draw);
    picture.src = data.sheet.picture;
    draw();
    read();
  }

  const explorers = [...document.querySelectorAll(".explorer")];
  explorers.forEach(explore);
  addEventListener("keydown", (event) => {
    const busy = event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select");
    if (event.key !== "/" || busy) return;
    const away = (root) => Math.abs(root.getBoundingClientRect().top - innerHeight / 4);
    const [root] = explorers.sort((one, other) => away(one) - away(other));
    event.preventDefault();
    root.scrollIntoView();
    root.querySelector("input").select();
  });
})();
