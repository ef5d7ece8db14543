import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Kafka 4 runs on no older one. */
export const OLDEST_JAVA = 17;

let asked: { version: string | undefined } | undefined;

/** The version of the `java` on the PATH, as "17.0.15"; undefined where there is none. Asked once, it takes 40 ms. */
export function javaVersion(): string | undefined {
  if (asked === undefined) {
    // macOS has a `java` that only says where to get one.
    const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
    asked = { version: status === 0 ? /version "([^"]+)"/.exec(stderr)?.[1] : undefined };
  }
  return asked.version;
}

/** Whether `java Some.java` runs: that needs the compiler, which a mere runtime lacks. */
export function runsSources(): boolean {
  const { status, stdout } = spawnSync('java', ['--list-modules'], { encoding: 'utf8' });
  return status === 0 && stdout.includes('jdk.compiler@');
}

/** "1.8.0_402" is Java 8. */
export function majorOf(version: string): number {
  return Number(/^(?:1\.)?(\d+)/.exec(version)?.[1]);
}

/** Looked up, not run: Maven takes 300 ms to say its version. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
