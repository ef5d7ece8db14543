import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether openssl is there to make certificates with; Node has nothing for it. */
export const canMakeCertificates = (): boolean => spawnSync('openssl', ['version']).status === 0;

/** PEM files. */
export interface Certificate {
  cert: string;
  key: string;
  /** Key and certificate in one file: a key store as Kafka reads it. */
  both: string;
}

/** An authority that is trusted only where it is named. */
export class Authority {
  /** Its own certificate: what a client trusts. */
  readonly ca: string;
  private readonly key: string;

  constructor(
    private readonly folder: string,
    name: string,
  ) {
    this.ca = join(folder, `${name}.pem`);
    this.key = join(folder, `${name}.key`);
    openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.key,
      '-out',
      this.ca,
    );
  }

  /** @param names as in subjectAltName, for example DNS:localhost,IP:127.0.0.1 */
  issue(name: string, names?: string): Certificate {
    const file = (suffix: string) => join(this.folder, `${name}.${suffix}`);
    const [cert, key, both, request, extensions] = [
      file('pem'),
      file('key'),
      file('both.pem'),
      file('csr'),
      file('ext'),
    ];
    openssl('req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
    writeFileSync(extensions, names === undefined ? '' : `subjectAltName=${names}\n`);
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.ca,
      '-CAkey',
      this.key,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      extensions,
      '-out',
      cert,
    );
    writeFileSync(both, openssl('pkcs8', '-topk8', '-nocrypt', '-in', key) + openssl('x509', '-in', cert));
    return { cert, key, both };
  }
}

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'];

function openssl(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  return stdout;
}
