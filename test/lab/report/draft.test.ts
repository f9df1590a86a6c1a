// The Internet-Draft of spec/draft: it has all that it is made of, in the form that kramdown-rfc and the datatracker take. That it
// is fresh is checked by `npm run generate -- --check`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { draftFile, nameFor, parseAuthor, placeholder, requireName } from '../../../src/lab/report/draft/index.ts';
import { list, markdown, paragraph, requireAscii, source } from '../../../src/lab/report/draft/markdown.ts';
import { proposalSection } from '../../../src/lab/report/draft/proposals.ts';
import { cited, referencesOf } from '../../../src/lab/report/draft/references.ts';

const text = readFileSync(draftFile(placeholder.name), 'utf8');
const [, front = '', body = ''] = /^---\n([\s\S]*?)\n--- abstract\n([\s\S]*)$/.exec(text) ?? [];
const fields = parse(front) as Readonly<Record<string, unknown>>;
const stated = <T>(file: string, member: string): readonly T[] =>
  parse(readFileSync(`spec/${file}.yaml`, 'utf8'))[member];

/** The source blocks, without their fences; the text without them. */
const blocks = [...body.matchAll(/^~~~.*\n([\s\S]*?)^~~~$/gm)].map(([, block = '']) => block);
const prose = body.replace(/^~~~[\s\S]*?^~~~$/gm, '');

/** A section, by its anchor, up to the next heading of its depth or above. */
function section(anchor: string): string {
  const lines = body.split('\n');
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.endsWith(`{#${anchor}}`));
  expect(at, anchor).toBeGreaterThan(-1);
  const depth = (lines[at] ?? '').indexOf(' ');
  const end = lines.findIndex((line, index) => index > at && /^#+ /.test(line) && line.indexOf(' ') <= depth);
  return lines.slice(at, end === -1 ? undefined : end).join('\n');
}

describe('the content', () => {
  const ambiguities = stated<{ id: string; title: string; kind: string }>('ambiguities', 'ambiguities');

  it('every entry of ambiguities.yaml has a section, in the part of its kind, with a proposed text', () => {
    expect(ambiguities.length).toBeGreaterThanOrEqual(30);
    for (const { id, title, kind } of ambiguities) {
      const part = section(kind === 'erratum' ? 'errata' : kind === 'claim' ? 'claims' : 'readings');
      expect(part).toContain(`## ${id}: ${title} {#${id.toLowerCase()}}`);
      expect(section(id.toLowerCase())).toMatch(/\*\*(?:Proposed text|It should say)\.\*\*\s\S/);
    }
  });

  it('every alternative of every axis has its formula', () => {
    const axes = stated<{ alternatives: { name: string }[] }>('pquake', 'readings');
    const part = section('readings');
    for (const { name } of axes.flatMap(({ alternatives }) => alternatives))
      expect(part).toMatch(new RegExp(`^${name}(?: \\(default\\))?:\\n {3}\\S+ `, 'm'));
  });

  it('every entry of proposals.yaml has a section, with its text and its verdicts where it has some', () => {
    const proposals = stated<{ id: string; verdicts?: { query: string }[]; text?: string }>('proposals', 'proposals');
    expect(proposals.length).toBeGreaterThan(5);
    for (const { id, verdicts = [], text: proposed } of proposals) {
      const own = section(`p-${id.toLowerCase()}`);
      expect(own).toContain(`\`${id}\``);
      for (const { query } of verdicts) expect(own).toContain(`\`${query}\``);
      expect(own.includes('**Proposed text.**'), id).toBe(proposed !== undefined);
    }
  });

  it('every claim of the draft is answered, and no claim of the channel', () => {
    const claims = stated<{ id: string; name: string }>('claims', 'claims');
    const proved = section('proved');
    for (const { id, name } of claims) expect(proved.includes(`**${name}.**`), id).toBe(id.startsWith('C'));
  });
});

describe('the form', () => {
  it('the front matter has the fields that the datatracker needs', () => {
    expect(fields).toMatchObject({
      docname: placeholder.name,
      category: 'info',
      ipr: 'trust200902',
      submissiontype: 'IRTF',
      workgroup: 'Crypto Forum',
      stand_alone: true,
      author: [{ name: expect.any(String), org: expect.any(String), email: expect.stringMatching(/@example\.org$/) }],
    });
    for (const name of ['title', 'abbrev', 'keyword', 'normative', 'informative']) expect(fields).toHaveProperty(name);
    expect(front).not.toMatch(/[&*]a\d/); // aliases of YAML, which not every reader follows
  });

  it('the parts come in their order, each once', () => {
    expect(text.match(/^--- \w+$/gm)).toEqual(['--- abstract', '--- middle', '--- back']);
    const headings = [...body.matchAll(/^# (.*) \{#/gm)].map(([, heading]) => heading);
    expect(headings.slice(0, 2)).toEqual(['Introduction', 'Conventions and Definitions']);
    expect(headings.slice(-3)).toEqual(['Security Considerations', 'IANA Considerations', 'Acknowledgments']);
  });

  it('all is ASCII, and a source block has at most 69 columns', () => {
    expect([...text].filter((character) => !/[\n\x20-\x7e]/.test(character))).toEqual([]);
    expect(blocks.length).toBeGreaterThan(50);
    expect(blocks.flatMap((block) => block.split('\n')).filter((line) => line.length > 69)).toEqual([]);
  });

  it('prose has at most 72 columns where its words permit, and no bare bar, of which kramdown would make a table', () => {
    const lines = prose.split('\n').filter((line) => !/^(?:\||#|\{)/.test(line));
    const plain = lines.map((line) => line.replace(/`[^`]*`/g, ''));
    expect(plain.filter((line) => /(?<!\\)\|/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.length > 72 && line.trim().split(' ').length > 2)).toEqual([]);
  });

  it('what is cited is declared, and what is declared is cited; sections that are named are there', () => {
    const names = [...prose.matchAll(/\{\{([^}]+)\}\}/g)].map(([, name = '']) => name);
    const documents = names.filter((name) => /^[A-Z]/.test(name));
    const declared = [fields['normative'], fields['informative']].flatMap((one) => Object.keys(one as object));
    expect(declared.toSorted()).toEqual([...new Set(documents)].toSorted());
    expect(declared).toEqual(expect.arrayContaining(['PQUAKE', 'RFC5869', 'RFC8937', 'FIPS203']));
    const anchors = [...body.matchAll(/^#+ .*\{#([^}]+)\}$/gm)].map(([, anchor]) => anchor);
    expect(new Set(anchors).size).toBe(anchors.length);
    const sections = names.filter((name) => !/^[A-Z]/.test(name));
    expect(sections.filter((name) => !anchors.includes(name))).toEqual([]);
    expect(body).toContain('{::boilerplate bcp14-tagged}'); // declares RFC 2119 and RFC 8174
  });
});

describe('the vectors', () => {
  const cases = <T>(file: string): readonly (T & { id: string })[] =>
    JSON.parse(readFileSync(`spec/vectors/v1/${file}.json`, 'utf8')).cases;
  const of = <T>(all: readonly (T & { id: string })[], id: string): T => all.find((one) => one.id === id) as T;
  const digest = (hex: string): string => createHash('sha384').update(Buffer.from(hex, 'hex')).digest('hex');

  /** What a text quotes: `NAME HEX`, or `NAME (n) DIGEST` of a long value. */
  const quoted = (part: string): string[] =>
    [...part.matchAll(/^(.+?) \((\d+) octets?\)(, its SHA-384)?:\n((?: {2}[0-9a-f]+\n)+)/gm)].map((found) => {
      const [, name, octets, long, lines = ''] = found;
      const hex = lines.replace(/\s/g, '');
      if (long === undefined) expect(hex.length).toBe(2 * Number(octets));
      return long === undefined ? `${name} ${hex}` : `${name} (${octets}) ${hex}`;
    });
  const shown = (name: string, hex: string): string =>
    hex.length <= 2 * 192 ? `${name} ${hex}` : `${name} (${hex.length / 2}) ${digest(hex)}`;

  interface Handshake {
    readonly ss_pre?: string;
    readonly initiator: { readonly coins: Record<string, string> };
    readonly responder: { readonly coins: Record<string, string> };
    readonly messages: readonly { type: number; octets: string }[];
    readonly values: Record<string, string> & Record<'kdf_1' | 'kdf_2', Record<string, string>>;
  }

  it.each([
    ['handshake', 'handshakes/default'],
    ['handshake-psk', 'handshakes/default/psk'],
  ])('%s quotes every input, message and value of %s, and nothing else', (anchor, id) => {
    const { ss_pre, initiator, responder, messages, values } = of<Handshake>(cases('handshakes'), id);
    const { kdf_1, kdf_2, AD_i, AD_r, confirmationInput, ...others } = values;
    const named = ['ss_e', 'ss_i', 'ss_r', 'k_hid', 'h_i', 'h_r', 'S', 'k_C_i', 'k_C_r', 'k_session', 'C_i', 'C_r'];
    const left = Object.keys(others).filter((name) => !named.includes(name));
    expect(left).toEqual(['h_i_steps', 'h_r_steps', 'sessionIdentifier', 'sessionDigest']); // the draft has none of them
    expect([AD_i, AD_r, kdf_1['info'], kdf_2['salt'], kdf_2['info']]).toEqual(['', '', '', '', '']);
    const expected = [
      ...(ss_pre === undefined ? [] : [shown('ss_pre', ss_pre)]),
      ...[initiator, responder].flatMap(({ coins }) => Object.entries(coins).map(([name, hex]) => shown(name, hex))),
      ...messages.map(({ type, octets }) => shown(`m${type}`, octets)),
      ...named.map((name) => shown(name, others[name] as string)),
      ...['salt', 'IKM', 'PRK'].map((name) => shown(`kdf_1 ${name}`, kdf_1[name] as string)),
      ...['PRK', 'OKM'].map((name) => shown(`kdf_2 ${name}`, kdf_2[name] as string)),
      shown('input of C_i and C_r', confirmationInput as string),
    ];
    const part = section(anchor);
    expect(quoted(part).toSorted()).toEqual(expected.toSorted());
    for (const line of ['AD of m3: empty', 'kdf_1 info: empty', 'kdf_2 salt: empty', 'kdf_2 IKM: S', 'kdf_2 L: 144'])
      expect(part).toContain(`\n${line}\n`);
  });

  it('the identities are those of the handshakes', () => {
    const identities = cases<{ seed: string; certificate: string }>('identities');
    const expected = ['authority', 'alice', 'bob'].flatMap((name) => {
      const { seed, certificate } = of(identities, `identities/${name}`);
      return [seed, `(${certificate.length / 2}) ${digest(certificate)}`];
    });
    const found = quoted(section('identities')).map((one) => one.replace(/^.*?(?= \(|[0-9a-f]{64,}$)/, '').trim());
    expect(found).toEqual(expected);
  });

  it('the key schedule of each reading is told by the values that are not those of the default one', () => {
    const all = cases<{ values: Record<string, string> }>('key-schedule');
    const names = ['k_hid', 'h_i', 'h_r', 'k_session', 'C_i', 'C_r'];
    const part = section('key-schedules');
    const told = [...part.matchAll(/^(key-schedule\/\S+):\n([\s\S]*?)^~~~$/gm)];
    expect(told).toHaveLength(2 * 8);
    for (const [, id = '', lines = ''] of told) {
      const { values } = of(all, id);
      const base = of(all, `key-schedule/default${id.endsWith('/psk') ? '/psk' : ''}`).values;
      const different = names.filter((name) => id.includes('/default') || values[name] !== base[name]);
      expect(quoted(lines), id).toEqual(different.map((name) => shown(name, values[name] as string)));
      if (different.length === 0) expect(lines).toBe('as by default\n');
    }
  });

  it('the digests of the files are those of the index', () => {
    const { files } = JSON.parse(readFileSync('spec/vectors/v1/index.json', 'utf8'));
    for (const { file, digest: sha256 } of files)
      expect(section('vectors').includes(sha256), file).toBe(file !== 'channel.json');
  });
});

describe('the words of npm run draft', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pquake-draft-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const draft = (...words: string[]) =>
    spawnSync(process.execPath, ['scripts/draft.ts', ...words], { encoding: 'utf8' });

  it('who hands it in stands in it, and the name of the draft follows from that of the author', () => {
    const out = join(directory, 'mine.md');
    const words = [
      '--author',
      'Jane van Müller, Example Lab, jane@example.com',
      '--repository',
      'https://example.com/x',
    ];
    expect(draft(...words, '--out', out)).toMatchObject({ status: 0, stderr: '' });
    const made = readFileSync(out, 'utf8');
    expect(parse(/^---\n([\s\S]*?)\n--- abstract/.exec(made)?.[1] ?? '')).toMatchObject({
      docname: 'draft-muller-cfrg-pquake-errata-00',
      author: [{ name: 'Jane van Müller', org: 'Example Lab', email: 'jane@example.com' }],
      informative: { PROJECT: { target: 'https://example.com/x' } },
    });
  });

  it.each([
    ['an author without an address', ['--author', 'Jane, Example Lab'], 'expected "Name, Organization, email"'],
    ['an option that is not there', ['--auther', 'x'], '--auther'],
  ])('%s is refused, and nothing is written', (_, words, reason) => {
    const out = join(directory, 'none.md');
    const { status, stderr } = draft(...words, '--out', out);
    expect([status, stderr]).toEqual([1, expect.stringContaining(reason)]);
    expect(existsSync(out)).toBe(false);
  });

  it('names', () => {
    expect(parseAuthor(' A B , C, a@b ')).toEqual({ name: 'A B', organization: 'C', email: 'a@b' });
    expect(nameFor({ name: 'B', organization: 'C', email: 'a@b' })).toBe('draft-b-cfrg-pquake-errata-00');
    expect(() => nameFor({ name: '李', organization: 'C', email: 'a@b' })).toThrow('expected draft-AUTHOR-TOPIC-NN');
    expect(requireName(placeholder.name)).toBe(placeholder.name);
    expect(() => requireName('errata-00')).toThrow('errata-00: expected draft-AUTHOR-TOPIC-NN');
    expect(() => requireName(`draft-${'x'.repeat(42)}-y-00`)).toThrow('expected at most 50');
  });
});

describe('a proposal', () => {
  it('has its formulas, verdicts and text where they are there', () => {
    const parameters = [{ name: 'secret', symbol: 'ss_e' }];
    const expand = (info: string) => ({ expand: { prk: 'secret', info: { text: info }, length: 32 } });
    const made = proposalSection([
      {
        ...{ id: 'one-way', title: 'k_hid has a label', kind: 'derivation', weakness: 'W.', repair: 'See FIPS 203.' },
        ...{ sections: ['3.1'], leftOpen: ['A-24'], text: 'It MUST be `x`.' },
        formulas: [
          {
            ...{ name: 'hidingKey', section: '3.1', symbols: ['k_hid'], says: 'S.', parameters },
            ...{ present: expand('a'), absent: expand('b') },
          },
        ],
        verdicts: [{ query: 'agreement', before: 'community: false', after: 'community@x: true' }],
      },
    ]);
    for (const line of [
      '## k_hid has a label {#p-one-way}',
      'It settles A-24 ({{a-24}}).',
      '**Repair.** See {{FIPS203}}.',
      'k_hid = Expand(ss_e, info = "a", L = 32) (with ss_pre)\nk_hid = Expand(ss_e, info = "b", L = 32) (without)',
      '- `agreement`: before, `community: false`; after, `community@x: true`',
      '**Proposed text.**\n\nIt MUST be `x`.',
    ])
      expect(made.replace(/\s+/g, ' ')).toContain(line.replace(/\s+/g, ' '));
  });
});

describe('Markdown of a proposal', () => {
  it('headings become bold words, fences source blocks, names of documents citations; code stays as it is', () => {
    const given =
      '## Keys\nAs in RFC 5869:\n\n```\nk = RFC 5869 || x\n```\n\n1. first || second\n   goes on\n2. `a || b`';
    expect(markdown(given, cited)).toBe(
      '**Keys**\n\nAs in {{RFC5869}}:\n\n~~~ pseudocode\nk = RFC 5869 || x\n~~~\n\n1. first \\|\\| second goes on\n2. `a || b`',
    );
  });

  it('a long line of code is cut between words, and not inside of an equation', () => {
    const long = `  k = Expand(${'PRK, '.repeat(10)}info = "pquake", L = 32, and more of it)`;
    const lines = markdown(`~~~\n${long}\n~~~`, cited).split('\n').slice(1, -1);
    expect(lines.every((line) => line.length <= 69)).toBe(true);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(long.trim());
    expect(lines.every((line) => !/^\s*=|=$/.test(line))).toBe(true);
  });

  it('a list behind its paragraph has a line between them; a table stays', () => {
    expect(markdown('Either:\n- a\n- b', cited)).toBe('Either:\n\n- a\n- b');
    expect(markdown('| a | b |\n| --- | --- |', cited)).toBe('| a | b |\n| --- | --- |');
    expect(list(['a < b'])).toBe('- a \\< b');
    expect(paragraph('word '.repeat(30)).split('\n')).toHaveLength(3);
  });

  it('what is not ASCII, has no room or is not described is refused, with the place', () => {
    expect(() => requireAscii('a long – dash', 'the text')).toThrow(
      'the text has U+2013 in "a long – dash": expected ASCII',
    );
    expect(() => source('', ['x'.repeat(70)])).toThrow('expected at most 69 columns');
    expect(() => referencesOf('{{NOWHERE}}', {})).toThrow('cites NOWHERE, which is not described');
  });
});
