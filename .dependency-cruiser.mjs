// What a protocol is written on: the draft's, and those that are proposed.
const ofProtocols = ['generated', 'derivation', 'key-schedule', 'ground', 'algebra'];

// The rooms, lowest first. A file imports its own room and the rooms before it, never one after it.
// `sees` narrows this to the rooms named: what a room must not know, it cannot import.
const rooms = [
  { name: 'generated', path: '^src/generated/(?!(keySchedule|channelKeys|proposals)\\.ts$)' },
  // The key schedules are generated on a contract that is written by hand, and the contract on the generated messages.
  { name: 'derivation', path: '^src/algebra/derivation\\.ts$' },
  { name: 'key-schedule', path: '^src/generated/(keySchedule|channelKeys|proposals)\\.ts$' },
  { name: 'ground', path: '^src/(base64|assurance|failure|configuration|limits|octets|pattern|role|time)\\.ts$' },
  { name: 'json', path: '^src/json/', sees: ['ground'] },
  { name: 'wire', path: '^src/wire/', sees: ['generated', 'ground'] },
  { name: 'crypto', path: '^src/crypto/', sees: ['generated', 'ground'] },
  { name: 'der', path: '^src/der/', sees: ['generated', 'ground'] },
  { name: 'algebra', path: '^src/algebra/', sees: ['generated', 'derivation', 'ground', 'wire', 'crypto'] },
  { name: 'protocol', path: '^src/protocol/', sees: ofProtocols },
  { name: 'proposals', path: '^src/proposals/', sees: ofProtocols },
  { name: 'keys', path: '^src/keys/', sees: ['generated', 'ground', 'crypto', 'der'] },
  { name: 'certificate', path: '^src/certificate/', sees: ['generated', 'ground', 'crypto', 'der', 'keys'] },
  { name: 'enrolment', path: '^src/enrolment/', sees: ['generated', 'ground', 'crypto'] },
  { name: 'handshake', path: '^src/handshake/' },
  { name: 'channel', path: '^src/(channel/|index\\.ts$)' },
  { name: 'inspect', path: '^src/inspect/' },
  { name: 'files', path: '^src/node/(files/|suite\\.ts$)' },
  { name: 'authority', path: '^src/node/authority/' },
  { name: 'transport', path: '^src/node/transport/' },
  { name: 'node', path: '^src/node/(temporary/|terminal/|index\\.ts$)' },
  { name: 'provenance', path: '^src/provenance/' },
  { name: 'mcp', path: '^src/mcp/' },
  { name: 'cli', path: '^src/cli/' },
  { name: 'lab', path: '^src/lab/' },
  { name: 'properties', path: '^properties/' },
  { name: 'scripts', path: '^scripts/' },
  { name: 'test', path: '^test/' },
];

// The folders of pquake-mcp, lowest first, by the same rule.
const foldersOfMcp = [
  'transport',
  'gate',
  'policy',
  'record',
  'tools',
  'resilience',
  'bridge',
  'governing',
  'doctor',
  'demo',
  'command',
];
// Those of src/provenance. The first five are pure: what they need of Node is given to them.
const foldersOfProvenance = ['signature', 'statement', 'log', 'trust', 'lineage', 'keys', 'disk'];
const folderRules = (room, folders) =>
  folders.map((folder, at) => ({
    name: `${room}-${folder}-imports-only-folders-below`,
    severity: 'error',
    from: { path: `^src/${room}/${folder}/` },
    to: {
      path: `^src/${room}/(${[...folders.slice(at + 1).map((one) => `${one}/`), '(main|index)\\.ts$'].join('|')})`,
    },
  }));

const pathsOf = (some) => some.map(({ path }) => path).join('|');
const roomRules = rooms.map(({ name, path, sees }, at) => {
  const below = rooms.slice(0, at).filter((one) => sees === undefined || sees.includes(one.name));
  return {
    name: `${name}-imports-only-rooms-below`,
    severity: 'error',
    from: { path },
    to: { path: pathsOf(rooms), pathNot: pathsOf([...below, { path }]) },
  };
});

const forbid = (name, from, to, comment) => ({ name, severity: 'error', from, to, ...(comment && { comment }) });

export default {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }),
    ...roomRules,
    ...folderRules('mcp', foldersOfMcp),
    ...folderRules('provenance', foldersOfProvenance),
    forbid('every-file-is-in-a-room', { path: '^(src|properties|scripts|test)/', pathNot: pathsOf(rooms) }, {}),
    forbid(
      'roles-are-driven-by-one-machine-only',
      { pathNot: '^src/protocol/machine\\.ts$' },
      { path: '^src/protocol/(initiator|responder)\\.ts$' },
    ),
    forbid('the-lab-never-imports-the-command-line', { path: '^src/lab/' }, { path: '^src/cli/' }),
    forbid('pquake-never-imports-pquake-mcp', { path: '^src/(?!mcp/)' }, { path: '^src/mcp/' }),
    forbid(
      'modules-of-node-only-where-files-and-sockets-are',
      { path: '^src/', pathNot: '^src/(node|provenance/(keys|disk)|mcp|cli|lab)/' },
      { dependencyTypes: ['core'], dependencyTypesNot: ['type-only', 'type-import'] },
      'type-only imports are erased; the native back end is given the module',
    ),
    forbid(
      'crypto-libraries-only-in-crypto',
      { path: '^src/', pathNot: '^src/(crypto|lab)/' },
      { path: 'node_modules/@noble/(?!(hashes|ciphers)/utils)' },
    ),
    forbid(
      'certificate-libraries-only-where-certificates-are',
      { path: '^src/', pathNot: '^src/(der|certificate|keys|lab)/' },
      { path: 'node_modules/(@peculiar/|asn1js)' },
    ),
    forbid('no-unresolvable', { path: '^(src|scripts|properties)/' }, { couldNotResolve: true }),
    forbid(
      'no-development-dependency-in-source',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
      'an optional peer is a development dependency too',
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/(lab|mcp)/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
