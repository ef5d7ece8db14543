/** Shorter ones, and those that are names too (`claimline:claimline@...`), are left: hiding them would garble every line. */
const LEAST_LENGTH = 8;
const HIDDEN = '***';

/** The secrets of this process, as they may occur in text. */
const secrets = new Set<string>();

/** Hides a secret in what this process logs and says from now on. */
export function hideSecret(value: string): void {
  if (value.length < LEAST_LENGTH) return;
  // As it is; in a URL; in a string of JSON.
  for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
    secrets.add(form);
}

/** Hides the password of a URL, unless it is the name of its user, host or database. */
export function hidePassword(url: string): void {
  if (!URL.canParse(url)) return;
  const { username, hostname, password, pathname, searchParams } = new URL(url);
  for (const one of [password, searchParams.get('password') ?? '', searchParams.get('sslpassword') ?? '']) {
    if ([username, hostname, pathname.slice(1)].includes(one)) continue;
    hideSecret(one);
    hideSecret(decoded(one));
  }
}

/** A text without the secrets of this process. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const secret of secrets) if (shown.includes(secret)) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
