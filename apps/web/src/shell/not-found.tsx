import { useTitle } from '../address/title.js';
import { Link } from '../address/link.js';
import { t } from '../language/language.js';

export function NotFound() {
  useTitle(() => t('not-found.title'));
  return (
    <div class="pad read">
      <h1>{t('not-found.title')}</h1>
      <p>
        {t('not-found.text')} <Link to={{ view: 'home' }}>{t('not-found.home')}</Link>
      </p>
    </div>
  );
}
