import { root } from '../address/address.js';
import { t } from '../language/language.js';

/** What the page is, for who came by a link. */
export function Footer() {
  return (
    <footer class="foot">
      <p>{t('foot.what')}</p>
      <p>
        <a href={new URL('docs', root).href}>{t('foot.api')}</a>
      </p>
    </footer>
  );
}
