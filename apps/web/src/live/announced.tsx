import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const CALM_MS = 5000;

/** Says a text that may change at any moment to who hears the page: when nothing else is said, and not all the time. */
export function Announced({ text }: { text: string }) {
  const said = useSignal('');
  const last = useRef(0);
  useEffect(() => {
    const say = () => {
      last.current = Date.now();
      said.value = text;
    };
    const timer = setTimeout(say, Math.max(0, last.current + CALM_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span class="unseen" role="status">
      {said.value}
    </span>
  );
}
