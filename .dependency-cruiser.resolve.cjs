// How .dependency-cruiser.cjs finds what an import means, in webpack's format: '#libs/*', '#modules/*' and '#apps/*' are
// the sources, whether or not there is a build.
const { readdirSync } = require('node:fs');
const path = require('node:path');

// An alias replaces one star only, and the path of a module has two.
const modules = readdirSync('libs').map((name) => [
  `#modules/${name}`,
  path.resolve(`libs/${name}/src/${name}.module.ts`),
]);

module.exports = {
  resolve: {
    alias: {
      '#libs/*': path.resolve('libs/*/src/index.ts'),
      ...Object.fromEntries(modules),
      '#apps/*': path.resolve('apps/*'),
    },
    extensionAlias: { '.js': ['.ts', '.js'] },
    importsFields: [],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default'],
  },
};
