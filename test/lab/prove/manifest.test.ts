import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splitBlocks } from '../../../src/lab/prove/blocks.ts';
import { type Assembled, assemble, loadManifest, type Model } from '../../../src/lab/prove/index.ts';

const fixtures = 'test/lab/prove/fixtures/models';
const load = (id: string, directory = fixtures): Model => {
  const model = loadManifest(directory).find((one) => one.id === id);
  if (model === undefined) throw new Error(`no model ${id}`);
  return model;
};
const expected = ({ queries }: Assembled): Record<string, string> =>
  Object.fromEntries(queries.map((query) => [query.id, query.expected]));

describe('the fixture models', () => {
  it('parts are concatenated, and the query files put at their line', () => {
    const { text, queries, digest } = assemble(load('exchange'));
    expect(text).toMatch(
      /^free c: channel\.[\s\S]*letfun protect[\s\S]*event unreachable[\s\S]*query attacker[\s\S]*process/,
    );
    expect(text).not.toContain('(* queries *)');
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(queries[0]).toEqual({
      id: 'agreement',
      claims: ['C1', 'C2'],
      requirements: ['R-1'],
      means: 'what is received was sent',
      expected: 'true',
      reachability: false,
      declaration: 'query m: bitstring; event(received(m)) ==> event(sent(m)).',
    });
    expect(queries.map(({ id }) => id)).toEqual(['agreement', 'injective', 'reaches-end', 'secret-message']);
    expect(queries[1]?.attack).toMatch(/^1\. A sends/);
    expect(queries[2]).toMatchObject({ reachability: true, expected: 'false' });
  });

  it('only takes some queries, and keeps the preamble', () => {
    const { text, queries } = assemble(load('exchange-secrecy'));
    expect(queries.map(({ id }) => id)).toEqual(['secret-message']);
    expect(text.match(/^query/gm)).toHaveLength(1);
    expect(text).toContain('event unreachable');
  });

  it('a variant has another protocol, asks the queries that it names, and expects their answers or its own', () => {
    const variant = load('exchange@mutants.plain');
    expect(variant).toMatchObject({ set: 'full', seconds: 20, only: ['secret-message', 'agreement'] });
    const assembled = assemble(variant);
    expect(assembled.text).toContain('letfun protect(m: bitstring, k: key) = (m, encrypt(m, k))');
    expect(expected(assembled)).toEqual({ agreement: 'true', 'secret-message': 'false' });
  });

  it('a verdict expected of the model replaces the one of the block', () => {
    expect(expected(assemble(load('signature')))).toMatchObject({ 'key-secret': 'unproved', agreement: 'true' });
  });

  it('queries of a complete file can be left out, and nothing else', () => {
    const signature = assemble({ ...load('signature'), only: ['key-one-session'], expect: {} });
    expect(signature.text.match(/^query.*$/gm)).toEqual(['query secret k3 [cv_onesession].']);
    expect(signature.text).toContain('channel cA, cB, start, c.');
    const hello = assemble({ ...load('hello'), only: ['secret-message'] });
    expect(hello.text.replace(/\s*\/\/.*/g, '')).toMatch(/queries\[\n {2}confidentiality\? m1\n\]\n$/);
    const last = assemble({ ...load('hello'), only: ['from-bob'] });
    expect(last.text.replace(/\s*\/\/.*/g, '')).toMatch(
      /queries\[\n {2}authentication\? Bob -> Alice: e1\[\n.*\n {2}\]\n\]\n$/,
    );
    expect(() => assemble({ ...load('privacy'), only: ['other'] })).toThrow(/no-difference cannot be left out/);
  });
});

describe('what does not make sense', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pquake-manifest-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const put = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  const model = (more: string): string => `{ id: m, tool: proverif, set: default, title: t, parts: [a.pv], ${more} }`;
  const manifest = (text: string) => {
    put('models.yaml', text);
    return loadManifest(directory);
  };
  const only = (more: string): string => `models: [${model(more)}]`;
  const beside = (text: string): void => {
    mkdirSync(join(directory, 'manifests'), { recursive: true });
    put('manifests/more.yaml', text);
  };

  it('reads the manifests beside it as parts of one', () => {
    beside(`models: [${model('').replace('id: m', 'id: n')}]\ntwins: [{ of: [m], set: full, queries: [q.pv] }]`);
    expect(manifest(only('')).map(({ id }) => id)).toEqual(['m', 'n', 'm.completes']);
  });

  it('refuses in a manifest beside it provers, and a model that is there', () => {
    beside(`provers: { proverif: { version: "1" } }\n${only('').replace('id: m', 'id: n')}`);
    expect(() => manifest(only(''))).toThrow(/manifests\/more\.yaml: provers: expected them in .*models\.yaml alone/);
    beside(only(''));
    expect(() => manifest(only(''))).toThrow(/the model id m is there twice/);
  });

  it.each([
    ['no YAML', 'models: [', /models\.yaml: .* at line 1/],
    ['nothing', '', /models\.yaml: the key models is missing/],
    ['an unknown key', only('part: x'), /models\[0\] \(m\): unknown key part; expected one of: id, tool, set/],
    ['a missing key', 'models: [{ id: m }]', /models\[0\] \(m\): the key tool is missing/],
    [
      'an unknown tool',
      only('').replace('proverif', 'tamarin'),
      /\(m\)\.tool: expected one of proverif, cryptoverif, verifpal; found "tamarin"/,
    ],
    ['a set', only('').replace('default', 'slow'), /\.set: expected one of default, full; found "slow"/],
    ['an id', only('').replace('id: m', 'id: M_1'), /\.id: expected a model id: .*; found "M_1"/],
    ['a path', only('queries: [../q.pv]'), /\.queries\[0\]: expected a path under models\/.*; found "..\/q.pv"/],
    ['an absolute path', only('queries: [/q.pv]'), /\.queries\[0\]: expected a path/],
    ['a protocol', only('protocol: ../x'), /\.protocol: expected a protocol name/],
    ['a verdict', only('expect: { a: maybe }'), /\.expect\.a: expected one of true, false, unproved; found "maybe"/],
    ['a query id', only('expect: { "a b": true }'), /\.expect: expected a query id: .*; found "a b"/],
    ['a time', only('seconds: 0'), /\.seconds: expected time limit of one run, in seconds; found 0/],
    ['an id twice', `models: [${model('')}, ${model('')}]`, /the model id m is there twice/],
    [
      'queries for another tool',
      only('queries: [q]').replace('proverif', 'verifpal'),
      /model m: queries are for ProVerif/,
    ],
    [
      'a variant of nothing',
      `${only('')}\nvariants: [{ protocol: p, set: full, title: t, of: { x: { a: true } } }]`,
      /variant p: of: there is no model x/,
    ],
    [
      'a twin of nothing',
      `${only('')}\ntwins: [{ of: [m, x], set: full, queries: [q.pv] }]`,
      /twins or controls: of: there is no model x/,
    ],
    [
      'a control of nothing',
      `${only('')}\ncontrols: [{ name: n, of: [x], title: t, edits: [{ find: a, put: b }], expect: { a: false } }]`,
      /twins or controls: of: there is no model x/,
    ],
    [
      'a variant that is the same',
      `${only('')}\nvariants: [{ protocol: p, set: full, title: t, of: { m: { a: true } } }]`,
      /no part of m has \{protocol\}/,
    ],
    [
      'a variant without queries',
      `${only('')}\nvariants: [{ protocol: p, set: full, title: t, of: { m: {} } }]`,
      /of\.m: expected .*; found \{\}/,
    ],
    [
      'a variant with an attack on nothing',
      `${only('').replace('a.pv', '"{protocol}.pv"')}\nvariants: [{ protocol: p, set: full, title: t, attack: { b: x }, of: { m: { a: true } } }]`,
      /attack: no query b is asked/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => manifest(text)).toThrow(message);
  });

  const block = (id: string, about = 'means: x'): string => `(* query ${id}\n   ${about}\n*)\nquery attacker(${id}).\n`;

  it.each([
    ['a part that is missing', '', '', /model m: cannot read .*a\.pv/],
    [
      'no place for the queries',
      'process 0\n',
      '',
      /model m: expected the line \(\* queries \*\) once in its parts, found it 0 times/,
    ],
    ['two places for the queries', '(* queries *)\n(* queries *)\n', '', /found it 2 times/],
    ['a query id twice', `${block('a')}(* queries *)\n`, '', /model m: the query id a is there twice/],
    ['only of an unknown query', '(* queries *)\n', 'only: [c]', /model m: there is no query c; there are: a, b/],
    ['a verdict of an unknown query', '(* queries *)\n', 'expect: { c: true }', /expect or attack names the query c/],
    [
      'a verdict of a query not asked',
      '(* queries *)\n',
      'only: [a], expect: { b: true }',
      /expect or attack names the query b/,
    ],
    ['an attack on an unknown query', '(* queries *)\n', 'attack: { c: x }', /expect or attack names the query c/],
    ['a block that is no YAML', `${block('z', 'means: a: b')}(* queries *)\n`, '', /a\.pv:1: query z: Nested mappings/],
    [
      'a block without its meaning',
      `\n${block('z', 'claims: [C1]')}(* queries *)\n`,
      '',
      /a\.pv:2: query z: the key means is missing/,
    ],
    [
      'a block with an unknown key',
      `${block('z', 'mean: x')}(* queries *)\n`,
      '',
      /a\.pv:1: query z: unknown key mean; expected one of: claims/,
    ],
    ['a block without a good id', `${block('a?')}(* queries *)\n`, '', /a\.pv:1: query a\?: a\? is no query id/],
  ])('%s', (_, part, more, message) => {
    if (part !== '') put('a.pv', part);
    put('q.pv', block('a') + block('b'));
    const [first] = manifest(only(`queries: [q.pv], ${more}`));
    expect(() => first && assemble(first)).toThrow(message);
  });

  it('a model that asks nothing', () => {
    put('a.pv', 'process 0\n');
    const [first] = manifest(only(''));
    expect(() => first && assemble(first)).toThrow(/model m: it asks no query/);
  });

  it('a query of a variant that its base does not have', () => {
    put('p.pv', block('a'));
    const text = only('').replace('a.pv', '"{protocol}.pv"');
    const [, variant] = manifest(`${text}\nvariants: [{ protocol: p, set: full, title: t, of: { m: { same: [c] } } }]`);
    expect(() => variant && assemble(variant)).toThrow(/model m@p: there is no query c; there are: a/);
  });
});

describe('query blocks', () => {
  it('comments in a declaration, nested ones too, do not end it', () => {
    const text = '(* query a\n   means: x\n*)\nquery (* one. (* two. *) *) attacker(s).\nprocess 0\n';
    const [block] = splitBlocks(text, 'proverif', 'f').blocks;
    expect(block).toMatchObject({
      rest: '\nprocess 0\n',
      query: { declaration: expect.stringMatching(/^query +attacker\(s\)\.$/) },
    });
  });

  it('the text of a file is in its pieces, whole', () => {
    const text = 'fun f.\n(* query a\n   means: x\n*)\nquery attacker(s).\n\n(* query b\n   means: x\n*)\nprocess 0\n';
    const { preamble, blocks } = splitBlocks(text, 'proverif', 'f');
    expect(preamble + blocks.map(({ comment, declaration, rest }) => comment + declaration + rest).join('')).toBe(text);
    expect(blocks.map(({ declaration }) => declaration)).toEqual(['query attacker(s).', '']);
  });

  it('an attack of several lines, expected verdicts in words, the default of a reachability twin', () => {
    const text =
      '(* query a\n   means: x\n   expect: unproved\n   attack: |\n     one\n       two\n*)\n(* query b\n   means: x\n   reachability: true\n*)\n';
    const [a, b] = splitBlocks(text, 'cryptoverif', 'f').blocks;
    expect(a?.query).toMatchObject({ expected: 'unproved', attack: 'one\n  two' });
    expect(b?.query).toMatchObject({ expected: 'false', reachability: true });
  });
});
