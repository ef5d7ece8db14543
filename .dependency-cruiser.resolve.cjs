// How .dependency-cruiser.cjs finds what an import means, in webpack's format: '#libs/*' and '#apps/*' are the sources,
// whether or not there is a build.
const path = require('node:path');

module.exports = {
  resolve: {
    alias: { '#libs/*': path.resolve('libs/*/src/index.ts'), '#apps/*': path.resolve('apps/*') },
    extensionAlias: { '.js': ['.ts', '.js'] },
    importsFields: [],
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default'],
  },
};
