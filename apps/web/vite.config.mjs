import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
const target = join(import.meta.dirname, '../../dist/web');

/** Writes a .br and a .gz beside each file of the build, so that the service packs nothing. */
const packFiles = {
  name: 'pack-files',
  closeBundle() {
    for (const name of readdirSync(target, { recursive: true })) {
      const file = join(target, name);
      if (!/\.(js|css|json|svg)$/.test(name) || !statSync(file).isFile()) continue;
      const whole = readFileSync(file);
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
      };
      writeFileSync(`${file}.br`, brotliCompressSync(whole, { params }));
      writeFileSync(`${file}.gz`, gzipSync(whole, { level: 9 }));
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  // Everything is found from where it lies, so the page works behind any prefix of a proxy.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  define: { 'import.meta.env.CLAIMLINE_VERSION': JSON.stringify(version) },
  build: {
    outDir: target,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // One file for what the shell needs at once, not twenty: they are packed better together.
          groups: [
            {
              name: 'shell',
              test: /node_modules\/(?:@?preact)|apps\/web\/src\/(?:main|address|api\/(?!pages)|language\/(?:[a-z]+\.tsx?|en\/shell)|live|look|shell\/(?!sign-in)|home\/(?!map|embed|clock|many|near))/,
            },
          ],
        },
      },
    },
  },
  plugins: [packFiles],
  logLevel: 'warn',
});
