import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whether LibreOffice Calc is there. Debian and Ubuntu: libreoffice-calc-nogui or libreoffice-calc. */
export const isSpreadsheetHere = (): boolean =>
  spawnSync('soffice', ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * CSV files as LibreOffice opens and saves them, without a window.
 * @param separators what they are opened with, all of them at once
 * @param filter what they are saved as: `fods` (XML), or CSV with a separator
 * @throws Error with its words where it does not
 */
export function resaved(
  files: readonly string[],
  separators: string,
  filter: 'fods' | { separator: string },
): string[] {
  const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'spreadsheet-'));
  const codes = (characters: string) => [...characters].map((one) => one.charCodeAt(0)).join('/');
  const args = [
    // A profile of its own: otherwise it would be the process of somebody else's window that does it.
    `-env:UserInstallation=${pathToFileURL(join(process.env.CLAIMLINE_TEST_TMP!, 'libreoffice')).href}`,
    '--headless',
    `--infilter=CSV:${codes(separators)},34,76,1`,
    '--convert-to',
    filter === 'fods' ? 'fods' : `csv:Text - txt - csv (StarCalc):${codes(filter.separator)},34,76,1`,
    '--outdir',
    folder,
    ...files,
  ];
  const { status, stdout, stderr, error } = spawnSync('soffice', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`soffice: ${error?.message ?? `${stdout}${stderr}`}`);
  return files.map((file) =>
    readFileSync(
      join(folder, `${basename(file, extname(file))}.${filter === 'fods' ? 'fods' : 'csv'}`),
      'utf8',
    ),
  );
}
