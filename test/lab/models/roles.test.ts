// The source of the models: the roles as they were explored on terms.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allLines } from '../../../src/lab/models/formulas.ts';
import { honestExchange } from '../../../src/lab/models/honestExchange.ts';
import { protocols } from '../../../src/lab/models/protocols.ts';
import { forms, proverif } from '../../../src/lab/models/proverif.ts';
import { exploreRole, isSilent, type Protocol } from '../../../src/lab/models/roles.ts';
import { symbolsOf } from '../../../src/lab/models/symbols.ts';
import { verifpal } from '../../../src/lab/models/verifpal.ts';
import { mutants } from '../../../src/lab/mutants/index.ts';
import { stateRows } from '../../../src/lab/report/further.ts';
import { loadSpec } from '../../../src/lab/spec/spec.ts';

const symbols = symbolsOf(loadSpec());
const protocolOf = (id: string): Protocol => {
  const protocol = protocols.get(id);
  if (protocol === undefined) throw new Error(`no protocol ${id}`);
  return protocol;
};
const textOf = (id: string, form = 'traces', psk = true): string => {
  const chosen = forms[form];
  if (chosen === undefined) throw new Error(`no form ${form}`);
  return proverif(symbols, protocolOf(id), { ...chosen, psk });
};

describe('roles on terms', () => {
  it.each(['initiator', 'responder'] as const)(
    'every check of the %s that fails ends it, and nothing is sent (PQ-3-04, PQ-3-11)',
    (role) => {
      const { lines } = exploreRole(symbols, protocolOf('default'), role, true);
      const guards = allLines(lines).filter((line) => line.line === 'guard');
      expect(guards.map(({ guard }) => guard.guard)).toEqual(['open', 'certificate', 'confirm', 'accept']);
      for (const { otherwise } of guards) expect(isSilent(otherwise)).toBe(true);
    },
  );

  it('a check that can go on otherwise is written with both branches', () => {
    const { lines } = exploreRole(symbols, protocolOf('mutants/own-confirmation-accepted'), 'initiator', true);
    const loud = allLines(lines).filter((line) => line.line === 'guard' && !isSilent(line.otherwise));
    expect(loud).toHaveLength(1);
    expect(textOf('mutants/own-confirmation-accepted')).toContain(') else (');
    expect(textOf('default')).not.toContain('else');
  });

  it('the key is released last, after both confirmations and the identity (PQ-3-10, PQ-P-06)', () => {
    for (const role of ['initiator', 'responder'] as const) {
      const kinds = allLines(exploreRole(symbols, protocolOf('default'), role, true).lines).map((line) =>
        line.line === 'guard' ? line.guard.guard : line.line,
      );
      expect(kinds.indexOf('release')).toBeGreaterThan(kinds.indexOf('accept'));
      expect(kinds.indexOf('accept')).toBeGreaterThan(kinds.indexOf('confirm'));
    }
  });

  it('an honest handshake is eight messages', () => {
    const { lines } = honestExchange(symbols, protocolOf('default'), true);
    expect(lines.filter(({ line }) => line === 'send')).toHaveLength(8);
  });
});

const waits = stateRows(loadSpec()).map(([, state = '', held = '']) => ({
  state: state.replaceAll('`', ''),
  held: held.replaceAll('`', ''),
}));

describe('states that wait', () => {
  it('hold what the machines declare, as the page on further models says', () => {
    expect(waits.map(({ state, held }) => `${state}: ${held}`)).toEqual([
      'awaitingResponderHello: sk_e',
      'awaitingResponderCertificate: ss_e, k_hid',
      'awaitingResponderEncapsulation: ss_e, ss_i, k_hid',
      'awaitingResponderConfirmation: k_C_r, k_session',
      'awaitingInitiatorHello: none',
      'awaitingInitiatorCertificate: ss_e, k_hid',
      'awaitingInitiatorEncapsulation: ss_e, ss_r, k_hid',
      'awaitingInitiatorConfirmation: k_C_i, k_session',
    ]);
  });
});

describe('states that are revealed', () => {
  const revealing = Object.keys(forms).filter((form) => form.startsWith('reveals-'));

  it('have a form for each waiting point of both roles', () => {
    expect(revealing.map((form) => form.slice('reveals-'.length))).toEqual(waits.map(({ state }) => state));
  });

  it.each(waits.filter(({ held }) => held !== 'none'))(
    '$state is shown as declared, once, in sessions of one role that say so',
    ({ state, held: secrets }) => {
      const text = textOf('default', `reveals-${state}`, false);
      const plain = textOf('default', 'traces', false);
      const [before = '', revealed = ''] = text.split('\nlet Revealed(');
      const shown = `  out(c, ${secrets.includes(',') ? `(${secrets})` : secrets}); (* ${state} *)\n`;
      expect(revealed.split(shown)).toHaveLength(2);
      expect(before).not.toContain(shown);
      // But for what it shows and the names of its events, it is the process of its role.
      const role = state.includes('Initiator') ? 'Responder' : 'Initiator';
      const body = revealed.replace(shown, '').replaceAll('event Revealed', 'event ');
      expect(plain).toContain(`let ${role}(${body.trimEnd()}`);
    },
  );

  it('without a secret in the state there is no session that shows one', () => {
    expect(textOf('default', 'reveals-awaitingInitiatorHello', false)).not.toContain('Revealed');
  });
});

describe('the exporter on terms', () => {
  const formula = /expand_48\(k_session, (concat3\(.*\))\)\./g;

  it('an identifier is shown by both roles after the release, in models of exports only', () => {
    const shown = textOf('default', 'exports').split('\n');
    const at = shown.flatMap((line, index) => (line.includes('out(c, session_of(k_session))') ? [index] : []));
    expect(at).toHaveLength(2);
    for (const index of at) expect(shown[index - 1]).toMatch(/event (Initiator|Responder)Releases\(/);
    expect(textOf('default')).not.toMatch(/\bsession_of/);
  });

  it('queries on exported keys have the formulas of the key schedule', () => {
    const queries = readFileSync('models/queries/proverif/exports.pv', 'utf8');
    const stated = [...textOf('default', 'exports').matchAll(formula)].map(([, info = '']) => info);
    expect(stated).toEqual([
      'concat3(text_pquake_session_identifier, octet_00, hash(empty))',
      'concat3(label, octet_00, hash(context))',
    ]);
    for (const info of stated) expect(queries).toContain(`attacker(expand_48(k, ${info}))`);
  });
});

describe('generated text', () => {
  it('has the formulas of the key schedule under the draft’s names', () => {
    const text = textOf('default').replace(/\s+/g, ' ');
    for (const formula of [
      'letfun k_hid_of(ss_pre: bitstring, ss_e: bitstring) = expand_32(extract(ss_pre, concat2(ss_e, text_HID)), empty).',
      'letfun h_i_of(m1: bitstring, m3: bitstring, m5: bitstring) = hash(concat3(m1, m3, m5)).',
      'ss_r: bitstring, h_i: bitstring, h_r: bitstring) = concat5(ss_e, ss_i, ss_r, h_i, h_r).',
      'letfun C_r_of(k_C_r: bitstring, h_i: bitstring, h_r: bitstring) = mac(k_C_r, concat2(h_i, h_r)).',
    ]) {
      expect(text).toContain(formula);
    }
  });

  it.each([...protocols.keys()].filter((id) => id !== 'default'))(
    '%s is another text than the default reading',
    (id) => {
      expect(textOf(id).replace(/^\(\*.*/, '')).not.toBe(textOf('default').replace(/^\(\*.*/, ''));
    },
  );

  it('changes when the order of two arguments does', () => {
    const { reading } = protocolOf('default');
    const keyMaterial: typeof reading.keyMaterial = (a, input) =>
      reading.keyMaterial(a, {
        ...input,
        initiatorSecret: input.responderSecret,
        responderSecret: input.initiatorSecret,
      });
    const swapped: Protocol = { ...protocolOf('default'), reading: { ...reading, keyMaterial } };
    const form = { psk: true, observed: true, drawFirst: true };
    expect(proverif(symbols, swapped, form)).not.toBe(textOf('default'));
    expect(verifpal(symbols, swapped, { psk: true, guarded: false })).not.toBe(
      verifpal(symbols, protocolOf('default'), { psk: true, guarded: false }),
    );
  });

  it('without a pre-shared secret does not name one', () => {
    expect(textOf('default', 'traces', false)).not.toMatch(/k_hid_of\(ss_pre|, ss_pre\), k_session/);
  });

  it('every mutant is a protocol of its own name', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
    for (const { id } of mutants) expect(protocols.has(`mutants/${id}`)).toBe(true);
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
  });
});
