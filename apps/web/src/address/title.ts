import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Names the tab by what is shown, while it is shown. */
export function useTitle(title: () => string | undefined): void {
  useSignalEffect(() => {
    const text = title();
    if (text !== undefined) document.title = `${text} · Claimline`;
  });
  useEffect(() => () => void (document.title = 'Claimline'), []);
}
