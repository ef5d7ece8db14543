import { spawn } from 'node:child_process';

/**
 * Runs a program to its end; what it prints is the answer.
 * @throws Error with the end of what it said where it fails
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: program.endsWith('.cmd'),
    });
    const said = { stdout: '', all: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].on('data', (chunk) => {
        if (stream === 'stdout') said.stdout += String(chunk);
        said.all += String(chunk);
      });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? done(said.stdout)
        : reject(
            new Error(`${program} ${args.join(' ')} ended with ${code}:\n${said.all.trim().slice(-6000)}`),
          ),
    );
  });
}
