import { jest } from '@jest/globals';
import { run } from '#apps/cli/src/cli.js';

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** The command line, in this process. */
export async function claimline(...args: string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const catching = (name: 'out' | 'err') => (text: string | Uint8Array) => {
    said[name] += Buffer.from(text as Uint8Array).toString();
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(catching('out')),
    jest.spyOn(process.stderr, 'write').mockImplementation(catching('err')),
  ];
  try {
    return { code: await run(['node', 'claimline', ...args]), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
