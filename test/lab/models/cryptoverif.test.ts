// The CryptoVerif files against the code: key schedule, roles, and the lemma against its use.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectedFormulas, sealingOf, statedFormulas } from '../../../src/lab/models/cryptoverif.ts';
import { processesOf, roleDeviations, runsOf } from '../../../src/lab/models/cryptoverifRoles.ts';
import { loadDeviations } from '../../../src/lab/models/deviations.ts';
import { protocols } from '../../../src/lab/models/protocols.ts';
import type { Protocol } from '../../../src/lab/models/roles.ts';
import { symbolsOf } from '../../../src/lab/models/symbols.ts';
import { blankComments } from '../../../src/lab/prove/blocks.ts';
import { assemble, loadManifest } from '../../../src/lab/prove/index.ts';
import { loadSpec } from '../../../src/lab/spec/spec.ts';

const symbols = symbolsOf(loadSpec());
const base = protocols.get('default') as Protocol;
const expected = expectedFormulas(symbols, base);
const directory = 'models/cryptoverif';
/** Those of the channel are compared with it in channel.test.ts, those of hedged coins in hedgedCoins.test.ts. */
const isOfOthers = (name: string): boolean => /^(cryptoverif-)?(channel|hedged-coins)-/.test(name);
const models = loadManifest('models').filter(({ tool, id }) => tool === 'cryptoverif' && !isOfOthers(id));
const texts = new Map(models.map((model) => [model.id, assemble(model).text]));
const textOf = (id: string): string => texts.get(`cryptoverif-${id}`) ?? '';
const fileOf = (name: string): string => readFileSync(`${directory}/${name}`, 'utf8');

describe('key schedule of the CryptoVerif models', () => {
  it('is the one of a run of the state machines on terms', () => {
    expect(Object.fromEntries(expected)).toEqual({
      k_hid: ['kdf_1(ss_pre, concat_HID(ss_e))', 'kdf_1(ss_e, HID)'],
      h_i: ['h_i(m1, m3, m5)', 'H(messages_i(m1, m3, m5))'],
      h_r: ['h_r(m2, m4, m6)', 'H(messages_r(m2, m4, m6))'],
      S: ['concat_S(ss_e, ss_i, ss_r, h_i, h_r)'],
      C_i: ['mac(concat_C(h_i, h_r), k_C_i)'],
      C_r: ['mac(concat_C(h_i, h_r), k_C_r)'],
      keys: ['keys(k_C_i, k_C_r, k_session)', 'cut(kdf_2(hf2, s))'],
    });
  });

  it.each([...texts.keys()])('%s states formulas, and each is that of the code', (id) => {
    const stated = statedFormulas(id, texts.get(id) ?? '');
    // The lemma about sealing ends with k_hid; every other model goes on to the session key.
    const names = stated.map(({ name: of }) => of);
    const needed = id.includes('sealing') ? ['k_hid'] : ['S', 'h_i', 'h_r', 'keys'];
    expect(needed.filter((of) => !names.includes(of))).toEqual([]);
    for (const { name: of, formula } of stated) expect(expected.get(of), of).toContain(formula);
  });

  it('a difference is noticed', () => {
    const first = 'identity-hiding-initiator';
    const broken = textOf(first).replaceAll('ss_pre, concat_HID(ss_e)', 'concat_HID(ss_e), ss_pre');
    const wrong = statedFormulas(first, broken).filter(({ name, formula }) => !expected.get(name)?.includes(formula));
    expect(wrong.map(({ name }) => name)).toEqual(['k_hid']);
    expect(() => statedFormulas('none.cv', 'process 0')).toThrow(/none\.cv: no block/);
  });

  it('follows the code: another order of S is another formula', () => {
    const swapped = expectedFormulas(symbols, withSwappedSecrets);
    expect(swapped.get('S')).toEqual(['concat_S(ss_e, ss_r, ss_i, h_i, h_r)']);
  });
});

const { reading } = base;
const keyMaterial: typeof reading.keyMaterial = (a, input) =>
  reading.keyMaterial(a, { ...input, initiatorSecret: input.responderSecret, responderSecret: input.initiatorSecret });
const withSwappedSecrets: Protocol = { ...base, reading: { ...reading, keyMaterial } };

const listed = loadDeviations();
/** Processes around the roles: the authority, other agents, a corruption. */
const around = ['authority', 'corruption', 'honest_agent'];
const roles = Object.entries(listed.files).flatMap(([file, processes]) =>
  Object.entries(processes).map(([name, { role }]) => ({ file, name, role })),
);

describe('roles of the CryptoVerif models', () => {
  const found = (text: string, name: string, role: (typeof roles)[number]['role'], protocol = base) =>
    roleDeviations(symbols, protocol, text, name, role);
  const excused = (file: string, name: string) =>
    listed.files[file]?.[name]?.deviations.map(({ because: _, without = [], with: instead = [], after }) => ({
      after,
      without,
      with: instead,
    }));

  it.each(roles)(
    '$file, $name: its steps are those of the $role in the code, save what is listed with a reason',
    ({ file, name, role }) => {
      expect(found(fileOf(file), name, role)).toEqual(excused(file, name));
    },
  );

  it('every process of every file is compared, once, and started as it is listed', () => {
    const files = readdirSync(directory).filter(
      (file) => file.endsWith('.cv') && !isOfOthers(file) && processesOf(fileOf(file)).length > 0,
    );
    expect(Object.keys(listed.files).sort()).toEqual(files.sort());
    for (const file of files) {
      const processes = processesOf(fileOf(file)).filter((name) => !around.includes(name));
      expect(processes.sort(), file).toEqual(Object.keys(listed.files[file] ?? {}).sort());
      const [, main = ''] = blankComments(fileOf(file)).split(/^process$/m);
      expect(main, file).not.toMatch(/\bevent\b/);
      for (const name of processes) expect(runsOf(fileOf(file), name), file).toEqual(listed.files[file]?.[name]?.runs);
    }
  });

  const first = 'secrecy-authentication-initiator.cv';
  const edits: readonly (readonly [string, string, string, string])[] = [
    ['a check of a confirmation dropped', 'initiator', '  if C_r = C_r_of(k_C_r, hash_i_I, hash_r_I) then\n', ''],
    ['a check of a certificate dropped', 'responder', '  if valid(cert_i) then\n', ''],
    [
      'a confirmation under the key of the other',
      'responder',
      'let C_r = C_r_of(k_C_r, hash_i_R',
      'let C_r = C_r_of(k_C_i, hash_i_R',
    ],
    ['a message not sent', 'responder', '  out(c4, C_r);\n', '  out(c4, ());\n'],
    [
      'a confirmation sent after that of the peer was checked',
      'responder',
      '  out(c4, C_r);\n  in(c5, C_i: mac_t);\n',
      '  in(c5, C_i: mac_t);\n  out(c4, C_r);\n',
    ],
    [
      'a check that never holds',
      'initiator',
      '  event initiator_done(m,',
      '  find j <= N_R suchthat defined(hash_i_R[j]) && hash_i_R[j] <> hash_i_R[j] then\n  event initiator_done(m,',
    ],
    [
      'hashes in another order',
      'initiator',
      'S(ss_e, ss_i, ss_r, hash_i_I, hash_r_I)',
      'S(ss_e, ss_i, ss_r, hash_r_I, hash_i_I)',
    ],
    ['an encapsulation to one’s own key', 'responder', 'let ct_r = kem_ct(pk_i, r_r)', 'let ct_r = kem_ct(pk_r, r_r)'],
    [
      'an initial vector of another message',
      'initiator',
      'let m3 = Enc(k_hid, IV_i, cert_i)',
      'let m3 = Enc(k_hid, IV_r, cert_i)',
    ],
  ];

  it.each(edits)('%s is noticed (%s)', (_, name, from, to) => {
    const text = fileOf(first);
    expect(text.split(from)).toHaveLength(2);
    const role = name as 'initiator' | 'responder';
    expect(found(text.replace(from, to), name, role)).not.toEqual(excused(first, name));
  });

  it('follows the code: with a check less there, every file differs', () => {
    const broken = protocols.get('mutants/certificate-not-verified') as Protocol;
    for (const { file, name, role } of roles.filter((one) => one.role !== 'exchange')) {
      expect(found(fileOf(file), name, role, broken), `${file} ${name}`).not.toEqual(excused(file, name));
    }
    const swapped = found(fileOf(first), 'initiator', 'initiator', withSwappedSecrets);
    expect(swapped).not.toEqual(excused(first, 'initiator'));
  });

  it('a text that is no process is told', () => {
    expect(() => found('process 0', 'initiator', 'initiator')).toThrow(/no process initiator/);
    const strange = 'let initiator(hf2: hf2_t) =\n  get table(x) in\n  out(c, x).\n';
    expect(() => found(strange, 'initiator', 'initiator')).toThrow(/not a statement of a process: get table/);
  });
});

describe('assumptions of the CryptoVerif models', () => {
  it('an equivalence of one name is one text in every file that assumes it', () => {
    const stated = new Map<string, Set<string>>();
    for (const text of texts.values()) {
      for (const [all, name = ''] of blankComments(text).matchAll(/^equiv\((\w+\(\w+\))\)[\s\S]*?\.$/gm)) {
        stated.set(name, (stated.get(name) ?? new Set()).add(all.replaceAll(/\s+/g, ' ')));
      }
    }
    const sizes = Object.fromEntries([...stated].map(([name, of]) => [name, of.size]));
    const names = ['ind_cca2(kem)', 'ind_cca2(encap)', 'ind_ik_cca2(encap)', 'sealing(k_hid)'];
    const passive = ['ind_cpa(encap)', 'ind_ik_cpa(encap)'];
    // One text in every model but its controls, which say less.
    const hkdf = ['prf_i(kdf_2)', 'prf_r(kdf_2)', 'prf_i_or_r(kdf_2)'];
    const expected = Object.fromEntries([...names, ...passive, ...hkdf].map((name) => [name, 1]));
    expect(sizes).toEqual({ ...expected, 'prf_e(hkdf)': 2 });
  });
});

describe('the lemma on sealing', () => {
  const lemma = sealingOf('the lemma', textOf('identity-hiding-sealing'));

  it.each(['identity-hiding-initiator', 'identity-hiding-responder'])('%s assumes exactly what it states', (id) => {
    expect(sealingOf(id, textOf(id))).toEqual(lemma);
    expect(lemma.declarations).toHaveLength(8);
  });

  it.each([
    ['opening that takes another initial vector', "&& IV[u] = IV' && z[u] = e", '&& z[u] = e'],
    ['opening that ignores ss_e', "&& ss[u] = ss' ", ''],
    ['a certificate of zeros in clear', "Enc'(Z(x), ", "Enc'(x, "],
    ['an initial vector that may repeat', 'type iv_t [large, fixed].', 'type iv_t [fixed].'],
  ])('an assumption with %s is another statement', (_, from, to) => {
    const text = textOf('identity-hiding-initiator');
    expect(text).toContain(from);
    expect(sealingOf('edited', text.replaceAll(from, to))).not.toEqual(lemma);
  });

  it('a model without the statement is told', () => {
    expect(() => sealingOf('none', textOf('certificates'))).toThrow(/none: there is no equivalence sealing/);
  });
});
