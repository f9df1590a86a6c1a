// Attacks on a copy of models/: what somebody could change so that every prover still says what is expected. Each is refused.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gate } from '../../../src/lab/prove/gate.ts';
import { assemble, loadManifest } from '../../../src/lab/prove/index.ts';

const copy = mkdtempSync(join(tmpdir(), 'pquake-gate-'));
const edited = new Map<string, string>();

beforeAll(() => {
  cpSync('models', copy, { recursive: true, filter: (path) => !path.includes('verdicts') });
});
afterEach(() => {
  for (const [file, text] of edited) writeFileSync(file, text);
  edited.clear();
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Changes a file of the copy until the end of the test. */
function edit(name: string, change: (text: string) => string): void {
  const file = join(copy, name);
  const text = readFileSync(file, 'utf8');
  edited.set(file, text);
  expect(change(text)).not.toBe(text);
  writeFileSync(file, change(text));
}

/** What is refused of the models that have a file; of all without one. */
function refused(part?: string): string {
  const models = loadManifest(copy).filter(
    ({ parts, queries }) => part === undefined || [...parts, ...queries].includes(part),
  );
  expect(models).not.toEqual([]);
  return gate(copy, models.map(assemble), part === undefined).join('\n');
}

const inserted =
  (place: string, words: string) =>
  (text: string): string =>
    text.replace(place, () => `${words}\n${place}`);

it('the models as they are', () => {
  expect(refused()).toBe('');
});

describe('an assumption that makes every query true', () => {
  const cryptoverif = 'cryptoverif/secrecy-authentication-initiator.cv';
  const theory = 'theories/proverif/aead.pvl';
  const scenario = 'scenarios/any-agent.pv';

  it.each([
    ['no certificate is valid, so that no run completes', 'equation forall x: cert_t; valid(x) = false.'],
    ['every certificate is valid', 'equation forall x: cert_t; valid(x) = true.'],
    [
      'a session key is never another one',
      'collision k <-R session_t; forall y: session_t; return(k = y) <=(P_mac(time))=> return(false).',
    ],
    ['MACs are never equal', 'equation forall x: C_t, k: mkey, y: mac_t; (mac(x, k) = y) = false.'],
    ['a setting', 'set casesInCorresp = false.'],
  ])('CryptoVerif: %s', (_, statement) => {
    edit(cryptoverif, inserted('channel c0', statement));
    expect(refused(cryptoverif)).toBe(`${cryptoverif}: assumptions.yaml does not list for this file: ${statement}`);
  });

  it('CryptoVerif: a check that becomes a definition', () => {
    edit(cryptoverif, (text) => text.replace('fun valid(cert_t): bool.', 'letfun valid(x: cert_t) = false.'));
    expect(refused(cryptoverif)).toContain('does not list for this file: letfun valid(x: cert_t) = false.');
  });

  it('CryptoVerif: IND-CCA2 with another probability', () => {
    edit(cryptoverif, (text) => text.replace('<=(n3 * P_kem(', '<=(2 * P_kem('));
    expect(refused(cryptoverif)).toMatch(/does not list for this file: equiv\(ind_cca2\(kem\)\).*<=\(2 \* P_kem\(/);
  });

  it('CryptoVerif: another macro of the library', () => {
    edit(cryptoverif, (text) => text.replace('expand SUF_CMA_det_mac(', 'expand UF_CMA_det_mac('));
    expect(refused(cryptoverif)).toContain('does not list for this file: expand UF_CMA_det_mac(');
  });

  it.each([
    [
      'restriction',
      'restriction s: bitstring, k: bitstring, n: bitstring; event(InitiatorCompletes(n, s, k)) ==> false.',
    ],
    ['axiom', 'axiom s: bitstring, k: bitstring, n: bitstring; event(InitiatorCompletes(n, s, k)) ==> false.'],
    ['lemma', 'lemma s: bitstring, k: bitstring, n: bitstring; event(InitiatorCompletes(n, s, k)) ==> false.'],
    ['equation', 'equation forall k: bitstring, m: bitstring; mac(k, m) = empty.'],
    ['rewrite rule', 'reduc forall k: bitstring, m: bitstring; macKey(mac(k, m)) = k.'],
    ['private name', 'free hidden: channel [private].'],
    ['private constructor', 'fun wrap(bitstring): bitstring [private].'],
    ['setting', 'set ignoreTypes = true.'],
    ['hint that assumes', 'not attacker(new skA).'],
  ])('ProVerif: a %s in a scenario', (_, statement) => {
    edit(scenario, inserted('(* queries *)', statement));
    expect(refused(scenario)).toBe(`${scenario}: assumptions.yaml does not list for this file: ${statement}`);
  });

  it('ProVerif: in a generated file too', () => {
    const generated = 'generated/proverif/default.psk.traces.pvl';
    edit(generated, (text) => `${text}equation forall x: bitstring; extract(x, x) = empty.\n`);
    expect(refused(generated)).toContain(`${generated}: assumptions.yaml does not list for this file: equation forall`);
  });

  it('a theory whose weakness was made void, or taken out', () => {
    const weak = 'theories/proverif/mac-revealing.pvl';
    edit(weak, (text) => text.replace('message(mac(k, m)) = m.', 'message(mac(k, mac(k, m))) = m.'));
    expect(refused(weak)).toContain('message(mac(k, mac(k, m))) = m.');
    edit(weak, () => 'fun message(bitstring): bitstring.\n');
    expect(refused()).toContain('assumptions.yaml lists what no model has: fun message(bitstring)');
  });

  it('a listed assumption in a file that it is not listed for', () => {
    edit(
      theory,
      (text) =>
        `${text}fun message(bitstring): bitstring reduc forall k: bitstring, m: bitstring; message(mac(k, m)) = m.\n`,
    );
    expect(refused(theory)).toContain(`${theory}: assumptions.yaml does not list for this file: fun message`);
  });

  it('Verifpal: an attacker who cannot replace messages', () => {
    const part = 'scenarios/verifpal/active.vp';
    edit(part, (text) => text.replace('attacker[active]', 'attacker[passive]'));
    expect(refused(part)).toContain(`${part}: assumptions.yaml does not list for this file: attacker[passive]`);
  });

  it('an assumption that is listed without a reason, or a list that is taken away', () => {
    edit('assumptions.yaml', (text) => text.replace(/why: .*\n(?: {6}.*\n)?/, 'why: ""\n'));
    expect(refused(theory)).toMatch(/assumptions\[0\]\.why: expected the reason, in words; found ""/);
    edit('assumptions.yaml', () => 'assumptions: []\n');
    expect(refused(theory)).toContain('assumptions.yaml does not list for this file');
  });
});

describe('a query or a model that goes, or is expected to say something else', () => {
  /** A block of a query file, with its declaration. */
  const without =
    (id: string) =>
    (text: string): string =>
      text.replace(new RegExp(`\\(\\* query ${id}\\n[\\s\\S]*?(?=\\(\\* query |$)`), '');

  it('a query is deleted', () => {
    edit('queries/proverif/leaks.pv', without('leaks-same-key-same-session'));
    // Models that name it cannot be put together any more; without these the list of what is pinned tells.
    expect(() => refused()).toThrow(/there is no query leaks-same-key-same-session/);
  });

  it('a query is not asked by a model any more', () => {
    edit('models.yaml', (text) =>
      text.replace(
        'queries: [queries/proverif/sessions.pv]',
        'queries: [queries/proverif/sessions.pv]\n    only: [unique-key-initiator]',
      ),
    );
    expect(refused()).toMatch(/^model sessions\.psk: query same-key-same-session is pinned, and not asked any more$/m);
  });

  it('a query is expected to say something else, whatever the record says', () => {
    edit('queries/proverif/leaks.pv', (text) =>
      text.replace(/(query leaks-same-key-same-session\n[\s\S]*?)expect: true/, '$1expect: false\n   attack: none'),
    );
    expect(refused('queries/proverif/leaks.pv')).toMatch(
      /^model leaks\.psk: query leaks-same-key-same-session: true is pinned, false is expected now$/m,
    );
  });

  it('a model expects something else of a query', () => {
    edit('models.yaml', (text) =>
      text.replace(
        'queries: [queries/proverif/secrecy.pv]',
        'queries: [queries/proverif/secrecy.pv]\n    expect: { secrecy-initiator: unproved }',
      ),
    );
    expect(refused('queries/proverif/secrecy.pv')).toMatch(
      /^model secrecy\.psk: query secrecy-initiator: true is pinned, unproved is expected now$/m,
    );
  });

  it('a query asks less under the same name', () => {
    edit('queries/proverif/leaks.pv', (text) =>
      text.replace(/(query leaks-same-key-same-session\n[\s\S]*?==>)/, '$1 event(AuthorityLeaks) ||'),
    );
    expect(refused('queries/proverif/leaks.pv')).toMatch(
      /^model leaks\.psk: query leaks-same-key-same-session: asks something else than what is pinned$/m,
    );
  });

  it('a model goes', () => {
    edit('models.yaml', (text) => text.replace(/ {2}- id: weak-psk-active\n[\s\S]*?(?= {2}- id: |variants:)/, ''));
    expect(refused()).toMatch(/^model weak-psk-active: it is pinned, and not there any more$/m);
  });

  it('a model leaves the default set, and another has a stronger theory', () => {
    edit('models.yaml', (text) =>
      text
        .replace(/(id: secrecy\.psk\n {4}tool: proverif\n {4}set: )default/, '$1full')
        .replaceAll('theories/proverif/mac-revealing.pvl', 'theories/proverif/base.pvl'),
    );
    const told = refused('queries/proverif/secrecy.pv');
    expect(told).toMatch(/^model secrecy\.psk: set default is pinned, it is full now$/m);
    expect(told).toMatch(/^model secrecy\.mac-revealing: its parts are not those pinned/m);
  });

  it('the list is taken away, or the provers are not named', () => {
    edit('pinned.yaml', () => 'models: {}\n');
    expect(refused('queries/proverif/leaks.pv')).toMatch(/^model leaks\.psk: not pinned yet$/m);
    edit('models.yaml', (text) => text.replace(/^ {2}proverif: .*\n/m, ''));
    expect(refused('queries/proverif/leaks.pv')).toContain('models.yaml names no version of proverif under provers');
  });
});
