import { apiAddress } from '../api/request.js';
import { useAnswer } from '../api/question.js';
import type { Proof } from '../api/reading-answers.js';
import { t } from '../language/language.js';
import { ProblemNote } from '../look/problem.js';

/** That the log has an event: its leaf, and the tree that has it. */
export function ProofOf({ eventId }: { eventId: string }) {
  const path = `v1/events/${encodeURIComponent(eventId)}/proof`;
  const answer = useAnswer<Proof>(() => ({ path }));
  const { data: proof, problem } = answer.value;
  return (
    <section aria-labelledby="proof-title">
      <h2 id="proof-title">{t('proof.title')}</h2>
      <p>{t('proof.why')}</p>
      <ProblemNote problem={problem} />
      {proof !== undefined && (
        <dl class="statement-facts">
          <div>
            <dt>{t('proof.place')}</dt>
            <dd>{t('proof.position', { shard: proof.shard, position: proof.position, size: proof.size })}</dd>
          </div>
          <div>
            <dt>{t('proof.digest')}</dt>
            <dd>
              <code>{proof.digest}</code>
            </dd>
          </div>
          <div>
            <dt>{t('proof.leaf')}</dt>
            <dd>
              <code>{proof.leaf}</code>
            </dd>
          </div>
          <div>
            <dt>{t('proof.root')}</dt>
            <dd>
              <code>{proof.root}</code>
            </dd>
          </div>
          <div>
            <dt>{t('proof.path')}</dt>
            <dd>{t('proof.hashes', { n: proof.path.length })}</dd>
          </div>
        </dl>
      )}
      <p>
        {t('proof.check')} <code>claimline checkpoint check</code>.{' '}
        <a href={apiAddress(path)}>{t('proof.api')}</a>
      </p>
    </section>
  );
}
