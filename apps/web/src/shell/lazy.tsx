import type { ComponentType } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { loadTexts, type Part, t } from '../language/language.js';

/** A component whose code and texts are loaded when it is first shown. */
export function lazy(load: () => Promise<ComponentType>, ...parts: readonly Part[]): ComponentType {
  let loaded: ComponentType | undefined;
  return function Lazy() {
    const failure = useSignal<string | undefined>(undefined);
    const ready = useSignal(loaded !== undefined);
    useEffect(() => {
      Promise.all([load(), loadTexts(...parts)]).then(
        ([component]) => {
          loaded = component;
          ready.value = true;
        },
        (error: unknown) => (failure.value = String(error)),
      );
    }, []);
    if (failure.value !== undefined)
      return (
        <p class="problem" role="alert">
          {t('shell.not-loaded')} <a href="">{t('shell.reload')}</a>
        </p>
      );
    const Loaded = loaded;
    return ready.value && Loaded !== undefined ? (
      <Loaded />
    ) : (
      <p class="faint pad" aria-busy="true">
        {t('shell.loading')}
      </p>
    );
  };
}
