const dark = matchMedia('(prefers-color-scheme: dark)');

/** A colour of the style sheet, as it is at the moment. A canvas knows no variables. */
export function colour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  // A reader's few colours for text are not those of a drawing: all of it would be one blot.
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Calls a listener when light and dark change, until the signal is aborted. */
export const onLook = (listener: () => void, signal: AbortSignal): void =>
  dark.addEventListener('change', listener, { signal });
