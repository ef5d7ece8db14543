// npm run audit: known vulnerabilities of the packages that the product ships with. Those of high severity fail; others, and
// a registry that offers no audit, are only reported.
import { spawnSync } from 'node:child_process';
import process from 'node:process';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { stdout, stderr, error } = spawnSync(npm, ['audit', '--omit=dev', '--json', '--loglevel=error'], {
  encoding: 'utf8',
  shell: npm.endsWith('.cmd'),
  timeout: 60_000,
});
const answer = read(stdout);
if (answer?.vulnerabilities === undefined) {
  const reason = error?.message ?? answer?.error?.summary ?? answer?.message ?? stderr.trim();
  console.warn(`WARNING: no audit: the registry does not offer it. ${reason}`.trim());
} else {
  const found = Object.values(answer.vulnerabilities);
  for (const { name, severity, range, via } of found)
    console.log(`${severity}: ${name} ${range}: ${via.map((one) => one.url ?? one).join(', ')}`);
  const grave = found.filter(({ severity }) => severity === 'high' || severity === 'critical');
  console.log(
    `${found.length} packages with known vulnerabilities, ${grave.length} of them high or critical.`,
  );
  process.exitCode = grave.length === 0 ? 0 : 1;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
