// Elements made from text alone: nothing in this page is ever made from markup, so no name can run.

// The page holds one empty svg, which knows the name of its namespace.
const namespace = () => document.querySelector("svg").namespaceURI;

export function el(tag, props, ...children) {
  return dress(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  return dress(document.createElementNS(namespace(), tag), props, children);
}

function dress(node, props, children) {
  for (const [key, value] of Object.entries(props || {})) {
    if (key === "text") node.textContent = value;
    else if (key === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (key === "colour") node.style.backgroundColor = value;
    else if (key === "value") {
      if (value !== undefined && node.tagName === "INPUT") node.setAttribute("value", value);
      if (value !== undefined) node.value = value;
    }
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);
export const fill = (node, ...children) => node.replaceChildren(...children.flat().filter(Boolean));

export const button = (text, run, props) => el("button", { type: "button", text, on: { click: run }, ...props });

// Replace what a place shows; focus, half-typed texts and scrolled lists stay with the controls of the same name.
export function refill(node, ...children) {
  const name = node.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  const typed = [...node.querySelectorAll("input[data-name]:not([type])")].filter((one) => one.value !== one.defaultValue);
  const lists = [...node.querySelectorAll("select[multiple]")].map((one) => [one.dataset.name, one.scrollTop]);
  fill(node, ...children);
  const again = (one) => node.querySelector(`[data-name="${CSS.escape(one)}"]`);
  for (const one of typed) if (again(one.dataset.name)) again(one.dataset.name).value = one.value;
  for (const [list, scrolled] of lists) if (again(list)) again(list).scrollTop = scrolled;
  if (name) again(name)?.focus({ preventScroll: true });
}

// Tell those who do not see the screen.
export function announce(text) {
  const place = byId("live");
  if (place) place.textContent = text;
}

let toastTimer = 0;
export function toast(text, kind = "info") {
  const place = byId("toast");
  fill(place, el("p", { class: `toast ${kind}`, text }));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.replaceChildren(), kind === "error" ? 9000 : 4500);
}

// Do something that may be refused, and say why where it is.
export async function guarded(run) {
  try {
    return await run();
  } catch (error) {
    toast(error.message, "error");
    return null;
  }
}

// Ask in a dialog that keeps the focus inside; resolves to the value of the button, null when it is left.
export function ask(title, body, choices, { cancel } = {}) {
  return new Promise((resolve) => {
    const done = (value) => () => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const buttons = choices.map(([value, text, kind]) =>
      button(text, done(value), { class: kind || "", "data-choice": value }),
    );
    const leave = cancel ? [button(cancel, done(null), { class: "quiet-button", "data-choice": "cancel" })] : [];
    const dialog = el(
      "dialog",
      { class: "dialog", "aria-label": title },
      el("h2", { text: title }),
      ...[body].flat(),
      el("div", { class: "dialog-buttons" }, ...leave, ...buttons),
    );
    dialog.addEventListener("cancel", done(null));
    document.body.append(dialog);
    dialog.showModal();
  });
}
