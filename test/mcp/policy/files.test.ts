// Policy files that are refused: the line, what was found, and what was expected.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyOf, readPolicy } from '../../../src/mcp/policy/policy.ts';
import { policyFrom } from './peers.ts';

const rule = (words: string): string => `version: 1\nrules:\n  - ${words}\n`;
const full = 'id: a, effect: permit, who: { names: [CN=a] }';

/** What an argument schema may have. */
const keywords = Object.keys(
  JSON.parse(readFileSync('spec/schema/mcp-policy.schema.json', 'utf8')).$defs.argumentSchema.properties,
).join(', ');

describe('a policy file', () => {
  it.each([
    ['another version', 'version: 2\nrules: []', 'line 1: version: expected 1; found 2'],
    ['no rules', 'version: 1', 'line 1: expected the field rules; with rules: [] everything is denied'],
    [
      'an unknown field',
      'version: 1\nrules: []\nrule: []',
      'line 3: rule: an unknown field, expected one of version, description, engine, cedar, authorities, rules, reauthenticate, limits, peers',
    ],
    [
      'an unknown field of a rule',
      rule('{ id: a, effect: permit, who: { name: CN=a }, tools: [t] }'),
      'line 3: rules[0].who.name: an unknown field, expected one of names, authorities, assurance',
    ],
    [
      'a missing field',
      rule('{ id: a, effect: permit, tools: [t] }'),
      'line 3: rules[0]: expected the field who, found none',
    ],
    [
      'a wrong word',
      rule('{ id: a, effect: allow, who: { names: [CN=a] }, tools: [t] }'),
      'line 3: rules[0].effect: expected one of ["permit","forbid"]; found "allow"',
    ],
    ['a wrong type', rule(`{ ${full}, tools: t }`), 'line 3: rules[0].tools: expected array; found "t"'],
    [
      'an unknown level',
      rule('{ id: a, effect: permit, who: { assurance: { aal: 4 } }, tools: [t] }'),
      'line 3: rules[0].who.assurance.aal: expected one of [1,2,3]; found 4',
    ],
    [
      'whom it is about: nobody',
      rule('{ id: a, effect: permit, who: {}, tools: [t] }'),
      'line 3: rules[0].who: expected at least one field; found {}',
    ],
    [
      'what it is about: nothing',
      rule(`{ ${full} }`),
      'line 3: rules[0]: expected one of methods, tools, resources, prompts; for everything, methods: ["**"]',
    ],
    [
      'a bad id',
      rule('{ id: a b, effect: permit, who: { names: [CN=a] }, tools: [t] }'),
      'line 3: rules[0].id: expected letters, digits, ".", "_" and "-", at most 64, the first a letter or digit; found "a b"',
    ],
    [
      'two rules of one id',
      `${rule(`{ ${full}, tools: [t] }`)}  - { ${full}, tools: [u] }\n`,
      'line 4: rules[1].id: found a a second time, expected an id of its own (protocol is taken)',
    ],
    [
      'the id of what is built in',
      rule('{ id: protocol, effect: permit, who: { names: [CN=a] }, tools: [t] }'),
      'line 3: rules[0].id: found protocol a second time, expected an id of its own (protocol is taken)',
    ],
    [
      'a name of no form',
      rule('{ id: a, effect: permit, who: { names: ["spiffe://a/nurse"] }, tools: [t] }'),
      'line 3: rules[0].who.names[0]: found "spiffe://a/nurse", expected URI: or DNS: before it, or a common name',
    ],
    [
      'no pattern',
      rule(`{ ${full}, tools: [x, "***"] }`),
      'line 3: rules[0].tools[1]: found three * in a row, expected * (inside of a segment) or ** (across segments)',
    ],
    [
      'a minimum where it forbids',
      rule('{ id: a, effect: forbid, who: { assurance: { aal: 2 } }, tools: [t] }'),
      'line 3: rules[0].who.assurance: found a minimum in a rule that forbids, expected it in those that permit',
    ],
    [
      'a misspelt keyword of an argument schema',
      rule(`{ ${full}, tools: [t], arguments: { properties: { a: { maxLenght: 3 } } } }`),
      `line 3: rules[0].arguments.properties.a.maxLenght: an unknown field, expected one of ${keywords}`,
    ],
    [
      'a regular expression',
      rule(`{ ${full}, tools: [t], arguments: { properties: { a: { pattern: "(a+)+" } } } }`),
      `line 3: rules[0].arguments.properties.a.pattern: an unknown field, expected one of ${keywords}`,
    ],
    [
      'a reference',
      rule(`{ ${full}, tools: [t], arguments: { $ref: "#" } }`),
      `line 3: rules[0].arguments.$ref: an unknown field, expected one of ${keywords}`,
    ],
    [
      'an unknown type',
      rule(`{ ${full}, tools: [t], arguments: { type: text } }`),
      'line 3: rules[0].arguments.type: expected one of ["null","boolean","integer","number","string","array","object"]; found "text"',
    ],
    [
      'a time of no unit',
      'version: 1\nrules: []\nreauthenticate: { every: 12 }',
      'line 3: reauthenticate.every: expected a time such as 30s, 15m, 12h, 7d, or never; found 12',
    ],
    [
      'no time',
      'version: 1\nrules: []\nreauthenticate: { idle: 12x }',
      'line 3: reauthenticate.idle: expected a time such as 30s, 15m, 12h, 7d, or never; found "12x"',
    ],
    [
      'a limit of nothing',
      'version: 1\nrules: []\nlimits: { concurrent: 0 }',
      'line 3: limits.concurrent: 0 is less than 1; found 0',
    ],
    [
      'an authority twice',
      'version: 1\nrules: []\nauthorities:\n  - { name: CN=A, assurance: { ial: 1 } }\n  - { name: CN=A, assurance: { ial: 2 } }',
      'line 5: authorities[1].name: found CN=A a second time',
    ],
    [
      'Cedar without its files',
      'version: 1\nengine: cedar',
      'line 2: engine: expected the field cedar, which names its files',
    ],
    [
      'files of Cedar for our engine',
      'version: 1\nrules: []\ncedar: { policies: a }',
      'line 3: cedar: expected engine: cedar beside it',
    ],
    [
      'rules beside those of Cedar',
      'version: 1\nengine: cedar\ncedar: { policies: a }\nrules: []',
      'line 4: rules: expected none with engine: cedar, whose policies decide alone',
    ],
    ['a key twice', 'version: 1\nrules: []\nrules: []', 'line 3: Map keys must be unique'],
    ['an anchor', 'version: 1\nrules: &a []', 'line 2: rules: found an anchor (&): aliases and anchors are not read'],
    [
      'an alias',
      'version: 1\nlimits: &a { concurrent: 1 }\nrules: *a',
      'line 2: limits: found an anchor (&): aliases and anchors are not read',
    ],
    [
      'a tag',
      'version: !!str 1\nrules: []',
      'line 1: version: found the tag "tag:yaml.org,2002:str", expected a value without a tag',
    ],
    [
      'a character that is not seen',
      rule('{ id: a, effect: permit, who: { names: ["CN=a\\u202e"] }, tools: [t] }'),
      'line 3: rules[0].who.names[0]: found a character that is not seen (a control, a format, half of a character), expected none',
    ],
    [
      'a control character',
      rule(`{ ${full}, tools: ["t\\n"] }`),
      'line 3: rules[0].tools[0]: found a character that is not seen (a control, a format, half of a character), expected none',
    ],
    [
      'two documents',
      'version: 1\n---\nversion: 1',
      'line 2: Source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
    [
      'no YAML',
      'version: [1',
      'line 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a list', '- 1', 'line 1: expected object; found [1]'],
    [
      'too much inside of each other',
      `version: ${'['.repeat(70)}${']'.repeat(70)}`,
      'line 1: version[0][0][0]: more than 64 levels deep',
    ],
  ])('with %s is refused', (_, text, message) => {
    expect(() => policyFrom(text)).toThrow(expect.objectContaining({ message: `policy.yaml: ${message}` }));
  });

  it('is described by its schema to other validators too', () => {
    const conforms = new Ajv2020({ strictTypes: false }).compile(
      JSON.parse(readFileSync('spec/schema/mcp-policy.schema.json', 'utf8')),
    );
    const hospital = parse(readFileSync('spec/mcp/hospital.yaml', 'utf8'));
    expect([conforms(hospital), conforms.errors]).toEqual([true, null]);
    expect(conforms({ ...hospital, rule: [] })).toBe(false);
    expect(conforms({ ...hospital, rules: [{ ...hospital.rules[1], arguments: { pattern: 'a' } }] })).toBe(false);
  });

  it('nested without end is refused, not overflowed by', () =>
    expect(() => policyFrom(`version: ${'['.repeat(200_000)}`)).toThrow(/^policy\.yaml: /));

  it('that is not UTF-8, or too long, is refused', () => {
    expect(() => policyOf('p', Buffer.from([0xff]))).toThrow('p: not UTF-8; expected YAML in UTF-8');
    expect(() => policyOf('p', Buffer.alloc(1_048_577, '#'))).toThrow('p: 1048577 octets; expected at most 1048576');
  });

  describe('on disk', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pquake-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('that is not there, or empty, is refused', () => {
      const file = join(folder, 'policy.yaml');
      expect(() => readPolicy(file)).toThrow(`${file}: there is no such file (ENOENT)`);
      writeFileSync(file, '');
      expect(() => readPolicy(file)).toThrow(`${file}: empty; expected a policy`);
    });
  });
});
