import { useSignal } from '@preact/signals';
import { t } from '../language/language.js';

const SHOWN_MS = 2000;

/** Copies a text. @param of what it is, for who hears the page */
export function CopyButton({ text, of }: { text: string; of: string }) {
  const word = useSignal<'tools.copy' | 'tools.copied' | 'tools.not-copied'>('tools.copy');
  const copy = async () => {
    // Without TLS, other machines have no clipboard.
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    word.value = done === true ? 'tools.copied' : 'tools.not-copied';
    setTimeout(() => (word.value = 'tools.copy'), SHOWN_MS);
  };
  return (
    <button type="button" class="plain no-print" onClick={() => void copy()}>
      <span role="status">{t(word.value)}</span>
      <span class="unseen"> {of}</span>
    </button>
  );
}
