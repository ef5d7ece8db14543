import { useSignal } from '@preact/signals';
import { t } from '../language/language.js';

const SHOWN_MS = 2000;

/** A text to be copied by a click, or by hand. */
export function CopyField({ label, text, rows = 1 }: { label: string; text: string; rows?: number }) {
  const word = useSignal<'take.copy' | 'take.copied' | 'take.not-copied'>('take.copy');
  const copy = async () => {
    // Without TLS, other machines have no clipboard.
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    word.value = done === true ? 'take.copied' : 'take.not-copied';
    setTimeout(() => (word.value = 'take.copy'), SHOWN_MS);
  };
  return (
    <div class="copy">
      <label>
        <span>{label}</span>
        <textarea
          readOnly
          rows={rows}
          spellcheck={false}
          value={text}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      </label>
      <button type="button" onClick={() => void copy()}>
        <span role="status">{t(word.value)}</span>
        <span class="unseen"> {label}</span>
      </button>
    </div>
  );
}
