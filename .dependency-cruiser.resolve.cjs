// How .dependency-cruiser.cjs finds what an import means, in webpack's format: '#libs/*' and '#apps/*' are the sources,
// whether or not there is a build.
const { resolve } = require('node:path');

module.exports = {
  resolve: {
    alias: {
      '#libs/*': resolve('libs/*/src/index.ts'),
      '#apps/*': resolve('apps/*'),
    },
    extensionAlias: { '.js': ['.ts', '.js'] },
    importsFields: [],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default'],
  },
};
