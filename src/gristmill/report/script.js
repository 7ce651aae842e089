(() => {
  "use strict";
  const root = document.documentElement, button = document.getElementById("mode");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("gristmill-mode"); } catch { return null; } };
  const remember = (mode) => { try { localStorage.setItem("gristmill-mode", mode); } catch { /* a file may not */ } };
  const show = (mode) => {
    root.dataset.mode = mode;
    button.setAttribute("aria-pressed", String(mode === "dark"));
  };
  button.hidden = false;
  show(remembered() || (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => { if (!remembered()) show(system.matches ? "dark" : "light"); });
  button.addEventListener("click", () => {
    const mode = root.dataset.mode === "dark" ? "light" : "dark";
    show(mode);
    remember(mode);
  });
  let printed = "light";
  addEventListener("beforeprint", () => { printed = root.dataset.mode; show("light"); });
  addEventListener("afterprint", () => show(printed));

  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = links.get(entry.target.id);
      if (!entry.isIntersecting) continue;
      links.forEach((other) => { other.classList.remove("here"); other.removeAttribute("aria-current"); });
      link.classList.add("here");
      link.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  links.forEach((_, id) => watch.observe(document.getElementById(id)));
})();
