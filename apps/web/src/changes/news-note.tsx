import { useSignal, useSignalEffect } from '@preact/signals';
import { t } from '../language/language.js';
import { connection, onNews } from '../live/live.js';
import { isNews, type Listed } from './news.js';

/** Says how many changes are new; they are shown when asked for. The reader may stop it. */
export function NewsNote({ listed, show }: { listed: () => Listed; show: () => void }) {
  const fresh = useSignal<ReadonlySet<string>>(new Set());
  const isPaused = useSignal(false);
  useSignalEffect(() => {
    const now = listed();
    fresh.value = new Set();
    if (isPaused.value) return;
    return onNews((news) => {
      if (news.kind === 'state' && isNews(news.state, now))
        fresh.value = new Set([...fresh.peek(), news.state.id]);
    });
  });
  if (connection.value === 'off') return null;
  return (
    <p class="change-news small no-print">
      <span role="status">
        {isPaused.value
          ? t('changes.paused')
          : t(connection.value === 'live' ? 'live.live' : 'live.connecting')}{' '}
        {fresh.value.size > 0 && (
          <button type="button" class="news" onClick={show}>
            {t('changes.news', { n: fresh.value.size })}
          </button>
        )}
      </span>{' '}
      <button type="button" class="plain" onClick={() => (isPaused.value = !isPaused.value)}>
        {t(isPaused.value ? 'changes.resume' : 'changes.pause')}
      </button>
    </p>
  );
}
