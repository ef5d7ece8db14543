// Which part may import which: `npm run imports`. tests/imports/ proves that each rule fires.

/** The libraries that each library may import. One that is not named here may import none. */
const LIBRARIES = {
  access: ['concurrency', 'domain', 'log', 'platform'],
  concurrency: [],
  domain: [],
  platform: ['concurrency'],
  messaging: ['concurrency', 'domain'],
  client: ['concurrency', 'domain', 'messaging'],
  log: ['concurrency', 'domain', 'platform'],
  places: ['domain', 'log', 'platform'],
  commands: ['concurrency', 'domain', 'log', 'places', 'platform'],
  transparency: ['concurrency', 'domain', 'log', 'platform'],
  feed: ['concurrency', 'domain', 'log', 'messaging', 'platform'],
  intake: ['commands', 'concurrency', 'domain', 'log', 'messaging', 'platform'],
  projection: ['concurrency', 'domain', 'feed', 'log', 'platform'],
  queries: ['concurrency', 'domain', 'feed', 'platform', 'projection'],
  jobs: ['concurrency', 'domain', 'log', 'messaging', 'platform', 'projection', 'queries'],
  transfer: ['commands', 'domain', 'jobs', 'log', 'messaging', 'places', 'platform', 'projection', 'queries'],
  service: ['access', 'http', 'log', 'messaging', 'places', 'platform', 'queries'],
  http: [
    'access',
    'commands',
    'concurrency',
    'domain',
    'intake',
    'jobs',
    'log',
    'messaging',
    'places',
    'platform',
    'projection',
    'queries',
    'transfer',
    'transparency',
  ],
};

/** All that the domain may import besides its own files: nothing that reads a clock, a file, a database or the network. */
const DOMAIN_PACKAGES = ['zod'];
const DOMAIN_MODULES = ['crypto'];

/** What puts providers of Nest together. */
const MODULE = '[.]module[.]ts$';
/** Made of Nest throughout. */
const ON_NEST = '^libs/(http|service)/';

const TESTS = ['^tests/', '^(?:apps|libs)/[^/]+/tests/', '[.]test[.]ts$'];
const VAGUE = '^(apps|libs|tests|examples)/.*\\b(utils?|helpers?|common|shared)(/|[.])';
const anyOf = (names) => `(?:${names.join('|')})`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Imports run one way.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles-of-folders',
      comment: 'Inside a library folders build on each other one way.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^libs/[^/]+/src/.' },
      to: { circular: true },
    },
    {
      name: 'domain-is-pure',
      comment: `The domain imports only ${[...DOMAIN_PACKAGES, ...DOMAIN_MODULES.map((name) => `node:${name}`)].join(', ')}.`,
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: TESTS },
      to: {
        pathNot: [
          '^libs/',
          `^node_modules/${anyOf(DOMAIN_PACKAGES)}/`,
          `^(?:node:)?${anyOf(DOMAIN_MODULES)}$`,
        ],
      },
    },
    ...Object.entries(LIBRARIES).map(([library, imports]) => ({
      name: `${library}-imports`,
      comment: `${library} may import ${imports.join(', ') || 'no other library'}.`,
      severity: 'error',
      from: { path: `^libs/${library}/`, pathNot: [MODULE, ...TESTS] },
      to: { path: '^libs/', pathNot: `^libs/${anyOf([library, ...imports])}/` },
    })),
    {
      name: 'modules-by-modules',
      comment:
        'A module is composed by other modules and by apps; what a library exports works without them.',
      severity: 'error',
      from: { path: '^libs/', pathNot: [MODULE, ON_NEST, ...TESTS] },
      to: { path: MODULE },
    },
    {
      name: 'nest-in-modules',
      comment: 'Verbs of the command line use libraries without loading Nest.',
      severity: 'error',
      from: { path: '^libs/', pathNot: [MODULE, ON_NEST, ...TESTS] },
      to: { path: '^node_modules/@nestjs/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'unlisted-library',
      comment: 'A library says here which others it may import.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: [`^libs/${anyOf(Object.keys(LIBRARIES))}/`, ...TESTS] },
      to: { path: '^libs/', pathNot: '^libs/$1/' },
    },
    {
      name: 'libraries-know-no-app',
      comment: 'Apps import libraries, never the other way round.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-stand-alone',
      comment: 'An app is put together from libraries, never from another app.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: TESTS },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'product-without-tests',
      comment: 'What is shipped imports no test.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'product-without-dev-packages',
      comment: 'What is shipped runs without devDependencies. What the page uses is put into its files.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [...TESTS, '^apps/web/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'page-stands-alone',
      comment: 'The page runs in a browser: it knows the API, and nothing of the service.',
      severity: 'error',
      from: { path: '^apps/web/src/' },
      to: { path: '^(apps|libs|tests)/', pathNot: '^apps/web/src/' },
    },
    {
      name: 'libraries-by-their-name',
      comment:
        "From outside, a library is '#libs/<name>', its index, or '#modules/<name>', its module of Nest.",
      severity: 'error',
      from: { path: '^(apps|tests|examples)/' },
      to: { path: '^libs/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'other-libraries-by-their-name',
      comment:
        "From one library, another is '#libs/<name>', its index, or '#modules/<name>', its module of Nest.",
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'not-to-the-build',
      comment: 'Sources import sources.',
      severity: 'error',
      from: {},
      to: { path: '^dist/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere escapes every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-vague-names',
      comment: 'A name says what a part is for; utils, helpers, common and shared do not.',
      severity: 'error',
      from: {},
      to: { path: VAGUE },
    },
    {
      name: 'no-vague-names-unused',
      comment: 'The same for files that nothing imports.',
      severity: 'error',
      module: { path: VAGUE, numberOfDependentsLessThan: 1 },
      from: {},
    },
  ],
  options: {
    // Type imports count: a type of a database in the domain is a dependency too.
    tsPreCompilationDeps: true,
    webpackConfig: { fileName: '.dependency-cruiser.resolve.cjs' },
    doNotFollow: { path: ['node_modules', '^dist/'] },
    // They import clients that are generated beside copies of them.
    exclude: { path: '^tests/clients/programs/' },
  },
};
