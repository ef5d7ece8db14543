import { readFileSync, statSync } from 'node:fs';

/** @throws Error that names the argument or the setting of a file, the file, and why it cannot be used */
export function failWithFile(name: string, file: string, use: 'read' | 'written', error: unknown): never {
  throw new Error(`${name} ${file} cannot be ${use}: ${(error as Error).message}`, { cause: error });
}

const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EIO'];

/** Whether an error is one of a file that is being written, not of a connection. */
export function isOfFile(error: unknown): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  return syscall === 'open' || DISK_FAULTS.includes(code);
}

/** The size of an input file. @throws as `failWithFile` */
export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    return failWithFile('<file>', file, 'read', error);
  }
}

/** The text of an input file that an option names. @throws as `failWithFile` */
export function textOf(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return failWithFile(option, file, 'read', error);
  }
}
