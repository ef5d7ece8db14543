import { t } from '../language/language.js';
import { usePlace } from './place-data.js';

/** Says that something is new, at the edge of the window, where it moves nothing. */
export function LiveNote() {
  const { news, asked } = usePlace();
  const { statements: n, hasChanged } = news.value;
  return (
    <div class="live-note no-print" role="status">
      {hasChanged && (
        <button type="button" onClick={() => asked.value++}>
          {n > 0 ? t('place.news', { n }) : t('place.news-state')}
        </button>
      )}
    </div>
  );
}
