import { shown, summary, type Figure } from '../figure.js';

const WORK = {
  batches: 'append in batches',
  singles: 'append one by one, 64 callers',
  commands: 'the same with validation and the place looked up',
  read: 'read all in one order, parsed',
};
const PEERS = ['COPY', 'Emmett', 'message-db'];

/** The figures of the bench in short, for the README: events a second, and how many times a peer's ours are. */
export function peersTable(figures: readonly Figure[]): string {
  const rows = Object.entries(WORK).map(([work, title]) => {
    const of = PEERS.map((peer) => figures.find(({ name }) => name === `${work}-${peer}`));
    const ours = of.find((figure) => figure !== undefined);
    return [
      title,
      ours ? shown(summary(ours).ours) : '',
      ...of.map((figure) => {
        if (!figure) return '';
        const { limit, ratio } = summary(figure);
        return `${shown(limit!)} (${ratio!.toFixed(2)})`;
      }),
    ];
  });
  return [
    ['events/s (ours to theirs)', 'Claimline', ...PEERS],
    ['---', '---', ...PEERS.map(() => '---')],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
