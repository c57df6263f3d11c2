// How does the page make and change elements?

/** Make an element; children that are no elements become text. */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * Make one element like another and touch only what differs, so that focus, selection and what was
 * opened or closed by hand stay.
 */
export function morph(here, wanted, { attributes = true } = {}) {
  if (attributes) morphAttributes(here, wanted);
  const children = [...wanted.childNodes];
  children.forEach((child, place) => {
    const present = here.childNodes[place];
    if (!present) here.append(child);
    else if (!isAlike(present, child)) present.replaceWith(child);
    else if (child.nodeType === Node.TEXT_NODE) {
      if (present.data !== child.data) present.data = child.data;
    } else morph(present, child);
  });
  while (here.childNodes.length > children.length) here.lastChild.remove();
}

/** A source that comes or goes must not hand its open card to another. */
function isAlike(one, other) {
  return one.nodeName === other.nodeName && one.dataset?.key === other.dataset?.key;
}

function morphAttributes(here, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (name !== "open" && here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
  for (const { name } of [...here.attributes]) {
    if (name !== "open" && !wanted.hasAttribute(name)) here.removeAttribute(name);
  }
}
