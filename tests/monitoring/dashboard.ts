import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

/** What asks Prometheus: by panel or alert, its expression. */
export interface Asking {
  name: string;
  expression: string;
}

/** The expressions of docs/grafana/claimline.json, with its variables filled in. */
export function dashboardExpressions(): Asking[] {
  const { panels } = JSON.parse(readFileSync('docs/grafana/claimline.json', 'utf8')) as { panels: Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      name: title,
      expression: expr.replaceAll(/\$(job|instance)\b/g, '.*').replaceAll('$__rate_interval', '1m'),
    })),
  );
}

/** The expressions of docs/prometheus/alerts.yml. */
export function alertExpressions(): Asking[] {
  const { groups } = parse(readFileSync('docs/prometheus/alerts.yml', 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ name: alert, expression: expr })));
}

/** The metrics that an expression names, as /metrics calls them. */
export const metricsIn = (expression: string): string[] =>
  [...expression.replaceAll(/"[^"]*"/g, '').matchAll(/\b(?:claimline|process|nodejs)_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
