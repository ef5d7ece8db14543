// How .dependency-cruiser.cjs finds what an import means, in webpack's format: '#libs/*', '#modules/*' and '#apps/*' are the
// sources, whether or not there is a build.
const fs = require('node:fs');
const path = require('node:path');

module.exports = {
  resolve: {
    alias: {
      '#libs/*': path.resolve('libs/*/src/index.ts'),
      // An alias replaces one star only.
      ...Object.fromEntries(
        fs
          .readdirSync('libs')
          .map((name) => [`#modules/${name}`, path.resolve(`libs/${name}/src/${name}.module.ts`)]),
      ),
      '#apps/*': path.resolve('apps/*'),
    },
    extensionAlias: { '.js': ['.ts', '.js'] },
    importsFields: [],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default'],
  },
};
