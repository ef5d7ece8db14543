import { useSignal, useSignalEffect } from '@preact/signals';
import { t } from '../language/language.js';
import { Announced } from '../live/announced.js';
import { connection, onNews } from '../live/live.js';
import { isNews, type Listed } from './news.js';

/** Says how many changes are new; they are shown when asked for. The reader may stop it. */
export function NewsNote({ listed, show }: { listed: () => Listed; show: () => void }) {
  const fresh = useSignal<ReadonlySet<string>>(new Set());
  const isPaused = useSignal(false);
  useSignalEffect(() => {
    const now = listed();
    fresh.value = new Set();
    return onNews((news) => {
      if (news.kind === 'state' && isNews(news.state, now))
        fresh.value = new Set([...fresh.peek(), news.state.id]);
    });
  });
  if (connection.value === 'off') return null;
  const told = isPaused.value || fresh.value.size === 0 ? '' : t('changes.news', { n: fresh.value.size });
  return (
    <p class="change-news small no-print">
      <span>
        {isPaused.value
          ? t('changes.paused')
          : t(connection.value === 'live' ? 'live.live' : 'live.connecting')}
      </span>{' '}
      {told !== '' && (
        <button type="button" class="news" onClick={show}>
          {told}
        </button>
      )}{' '}
      <Announced text={told} />
      <button type="button" class="plain" onClick={() => (isPaused.value = !isPaused.value)}>
        {t(isPaused.value ? 'changes.resume' : 'changes.pause')}
      </button>
    </p>
  );
}
