const dark = matchMedia('(prefers-color-scheme: dark)');

/** A colour of the style sheet, as it is at the moment. A canvas knows no variables. */
export function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Calls a listener when light and dark change. @returns what ends it */
export function onLook(listener: () => void): () => void {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
}
