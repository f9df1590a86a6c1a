// The key log says what the handshake derived, nothing where it was not asked for, and is enough to read a recording.

import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyLogTable } from '../../src/generated/keyLog.ts';
import { type ReadingChoice, readingAxes } from '../../src/generated/keySchedule.ts';
import { initiator } from '../../src/handshake/handshake.ts';
import type { Analysis } from '../../src/inspect/analysis.ts';
import { faultsOf, type InspectOptions, inspect } from '../../src/inspect/inspect.ts';
import { readKeyLog } from '../../src/inspect/keyLog.ts';
import { concat, toHex } from '../../src/octets.ts';
import { anchorFor, credentialsFor, time } from '../handshake/peers.ts';
import fc from '../property.ts';
import { frames, pcap, type Recorded, record, segmentsOf, suite } from './capture.ts';

const psk = Uint8Array.from({ length: 40 }, (_, at) => at + 9);
const labels = Object.values(keyLogTable).map(({ label }) => label);

const combinations = Object.entries(readingAxes).reduce<Partial<ReadingChoice>[]>(
  (all, [axis, { alternatives }]) =>
    all.flatMap((one) => alternatives.map((alternative) => ({ ...one, [axis]: alternative }))),
  [{}],
);

const look = (recorded: Recorded, options: Partial<InspectOptions> = {}, log = recorded.initiatorLog) =>
  inspect([{ name: 'capture', octets: pcap(frames(segmentsOf(recorded.messages))) }], {
    suite,
    keyLog: { name: 'log', text: `# comment\n${log.join('\n')}\n` },
    ...options,
  });
const analysisOf = (...input: Parameters<typeof look>): Analysis => {
  const analysis = look(...input).handshakes[0]?.analysis;
  if (analysis === undefined) throw new Error('no analysis');
  return analysis;
};
const secretsOf = (lines: readonly string[]): Record<string, Buffer> =>
  Object.fromEntries(
    lines.map((line) => line.split(' ')).map(([label, , digits]) => [label, Buffer.from(digits ?? '', 'hex')]),
  );

describe('the lines', () => {
  const hkdf = (salt: Uint8Array, ikm: Uint8Array, length: number): Buffer =>
    Buffer.from(crypto.hkdfSync('sha384', ikm, salt, '', length));
  const sha384 = (...parts: readonly Uint8Array[]): Buffer =>
    crypto.createHash('sha384').update(Buffer.concat(parts)).digest();

  it.each([[undefined], [psk]])(
    'are the values of the key schedule, computed by hand; both sides say the same (secret: %s)',
    (preSharedSecret) => {
      const { messages, initiatorLog, responderLog, sessionKey } = record({ preSharedSecret });
      expect(initiatorLog).toEqual(responderLog);
      expect(initiatorLog.map((line) => line.split(' ')[0])).toEqual(labels);
      const rho = toHex(messages[0]?.octets.subarray(-32) ?? new Uint8Array());
      for (const line of initiatorLog)
        expect(line).toMatch(new RegExp(`^PQUAKE_[A-Z_]+ ${rho} (?:[0-9a-f]{64}|[0-9a-f]{96})$`));
      const secrets = secretsOf(initiatorLog);
      const secret = (label: string): Buffer => secrets[label] ?? Buffer.alloc(0);
      const [ssE, hid] = [secret('PQUAKE_SS_E'), Buffer.from('HID')];
      const hidingKey =
        preSharedSecret === undefined ? hkdf(ssE, hid, 32) : hkdf(preSharedSecret, Buffer.concat([ssE, hid]), 32);
      expect(toHex(secret('PQUAKE_K_HID'))).toBe(toHex(hidingKey));
      const hash = (from: number): Buffer =>
        sha384(
          ...messages
            .filter(({ octets }) => (octets[1] ?? 0) % 2 === from && (octets[1] ?? 0) < 7)
            .map(({ octets }) => octets),
        );
      const keyMaterial = Buffer.concat([ssE, secret('PQUAKE_SS_I'), secret('PQUAKE_SS_R'), hash(1), hash(0)]);
      expect(toHex(secret('PQUAKE_K_SESSION'))).toBe(toHex(hkdf(Buffer.alloc(0), keyMaterial, 144).subarray(96)));
      expect(toHex(secret('PQUAKE_K_SESSION'))).toBe(toHex(sessionKey ?? new Uint8Array()));
    },
  );

  it('PQ-P-39: no session key of a handshake that did not complete; the lines stop where it did', () => {
    const flip = (type: number) =>
      record({}, ({ octets }) => {
        const copy = Uint8Array.from(octets);
        if (octets[1] === type) copy.set([(octets.at(-1) ?? 0) ^ 1], octets.length - 1);
        return [copy];
      });
    const wrong = flip(8);
    expect(wrong.initiatorLog.map((line) => line.split(' ')[0])).toEqual(labels.slice(0, 4));
    expect(flip(3).responderLog.map((line) => line.split(' ')[0])).toEqual(labels.slice(0, 2));
  });

  it('off by default: the handshake is the same, and nothing else tells a secret (PQ-P-11)', () => {
    const logged: string[] = [];
    const common = {
      suite,
      time,
      expectedPeer: 'anyone',
      trustAnchors: [anchorFor(suite)],
      credentials: credentialsFor(suite, 'alice'),
    };
    const coins = { ephemeralKey: new Uint8Array(64).fill(1) };
    const plain = initiator({ ...common, coins });
    const open = initiator({ ...common, coins, keyLog: (line) => logged.push(line) });
    expect(toHex(plain.start().send[0]?.octets ?? new Uint8Array())).toBe(
      toHex(open.start().send[0]?.octets ?? new Uint8Array()),
    );
    expect(logged).toEqual([]);
    const analysis = analysisOf(record());
    const shown = JSON.stringify(analysis);
    const secret = analysis.values.filter((one) => one.secret);
    expect(secret.map(({ symbol }) => symbol)).toEqual([
      'ss_e',
      'k_hid',
      'ss_i',
      'ss_r',
      'S',
      'k_C_i',
      'k_C_r',
      'k_session',
    ]);
    for (const one of secret) {
      const octets = one.value.reveal();
      expect(shown).not.toContain(toHex(octets));
      expect(shown).not.toContain(JSON.stringify(Array.from(octets)).slice(1, -1));
    }
  });
});

describe('a recording with its key log', () => {
  const checks = ['C_i', 'C_r', 'k_hid', 'k_session', 'tag of e_cert_i', 'tag of e_cert_r'];

  it.each([[undefined], [psk]])(
    `every one of the ${combinations.length} readings is recognised, every tag and confirmation right (secret: %s)`,
    (preSharedSecret) => {
      for (const reading of combinations) {
        const recorded = record({ reading, preSharedSecret });
        const { verdicts, readings, preShared, certificates, values } = analysisOf(recorded, { preSharedSecret });
        expect(Object.fromEntries(readings.map(({ axis, alternative }) => [axis, alternative]))).toEqual(reading);
        expect(readings.every(({ verified }) => verified)).toBe(true);
        expect(
          verdicts
            .filter(({ ok }) => ok)
            .map(({ what }) => what)
            .sort(),
        ).toEqual(checks);
        expect(verdicts).toHaveLength(checks.length);
        expect(preShared).toBe(preSharedSecret !== undefined);
        expect(certificates.map(({ parsed }) => parsed?.subject).sort()).toEqual(['CN=alice', 'CN=bob']);
        const session = values.find(({ symbol }) => symbol === 'k_session');
        expect(session?.secret === true && toHex(session.value.reveal())).toBe(
          toHex(recorded.sessionKey ?? new Uint8Array()),
        );
      }
    },
  );

  it('only k_hid: certificates; only ss_e: the same, in any reading; the rest says what is missing', () => {
    const recorded = record({ reading: { hidingKey: 'bound', associatedData: 'header' } });
    const [ssE = '', kHid = ''] = recorded.initiatorLog;
    for (const [line, hiding] of [
      [kHid, { alternative: 'salted', verified: false }],
      [ssE, { alternative: 'bound', verified: true }],
    ] as const) {
      const { certificates, readings, notes, verdicts } = analysisOf(recorded, {}, [line]);
      expect(certificates).toHaveLength(2);
      expect(verdicts.every(({ ok }) => ok)).toBe(true);
      expect(readings.find(({ axis }) => axis === 'hidingKey')).toMatchObject(hiding);
      expect(readings.find(({ axis }) => axis === 'associatedData')).toMatchObject({
        alternative: 'header',
        verified: true,
      });
      expect(notes.join()).toMatch(/S and what follows from it need .*ss_i, ss_r in the log/);
    }
  });

  it('a pre-shared secret that is not given is noticed; a wrong one is a fault', () => {
    const recorded = record({ preSharedSecret: psk });
    const without = look(recorded);
    expect(without.handshakes[0]?.analysis?.notes).toEqual([expect.stringMatching(/a pre-shared secret was used/)]);
    expect(faultsOf(without)).toEqual([]);
    expect(faultsOf(look(recorded, { preSharedSecret: new Uint8Array(32) }))).toEqual([
      'k_hid: does not follow from ss_e in a reading that was tried',
    ]);
    expect(analysisOf(record(), { preSharedSecret: psk }).preShared).toBe(false);
  });

  it('only the readings asked for are tried', () => {
    const recorded = record({ reading: { transcript: 'fields' } });
    expect(faultsOf(look(recorded, { reading: { keyMaterial: 'secrets-and-hashes' } }))).toEqual([]);
    const faults = faultsOf(look(recorded, { reading: { transcript: 'messages' } }));
    expect(
      faults.filter((fault) => /^(C_i|C_r|k_session): not the one (seen|logged), in any reading/.test(fault)),
    ).toHaveLength(3);
    expect(faults).toContain('initiatorConfirmation: wrong-confirmation: not the expected value');
  });

  const damaged = (type: number): Recorded => {
    const recorded = record();
    const messages = recorded.messages.map(({ message, octets }) => {
      const copy = Uint8Array.from(octets);
      if (octets[1] === type) copy.set([(octets.at(-1) ?? 0) ^ 1], octets.length - 1);
      return { message, octets: copy };
    });
    return { ...recorded, messages };
  };

  it.each([
    [3, 'initiatorCertificate: decryption-failed', 'tag of e_cert_i: does not open'],
    [4, 'responderCertificate: decryption-failed', 'tag of e_cert_r: does not open'],
    [5, 'initiatorConfirmation: wrong-confirmation', 'k_session: not the one logged'],
    [6, 'responderConfirmation: wrong-confirmation', 'k_session: not the one logged'],
    [7, 'initiatorConfirmation: wrong-confirmation', 'C_i: not the one seen'],
    [8, 'responderConfirmation: wrong-confirmation', 'C_r: not the one seen'],
  ])('message %i damaged: %s', (type, refusal, verdict) => {
    const faults = faultsOf(look(damaged(type)));
    expect(faults.some((fault) => fault.startsWith(refusal))).toBe(true);
    expect(faults.some((fault) => fault.startsWith(verdict))).toBe(true);
  });

  it('a log of another handshake says so', () => {
    const { handshakes } = look(record(), {}, record().initiatorLog);
    expect(handshakes[0]?.analysis).toBeUndefined();
    expect(handshakes[0]?.notes).toEqual(['the key log has nothing of this handshake: it has 1 others']);
    const noHello = record();
    const rest = { name: 'file', octets: concat(...noHello.messages.slice(3, 5).map(({ octets }) => octets)) };
    const {
      handshakes: [one],
    } = inspect([rest], { suite, keyLog: { name: 'log', text: noHello.initiatorLog.join('\n') } });
    expect(one?.notes).toEqual(['the key log has nothing of this handshake: message 1 was not recorded whole']);
  });
});

describe('a key log that is wrong', () => {
  const recorded = record();
  const hex = (octets: number) => fc.uint8Array({ minLength: octets, maxLength: octets }).map((value) => toHex(value));

  it('any values for a handshake: faults, no exception, and no value in them', () => {
    const values = fc.record({
      PQUAKE_SS_E: hex(32),
      PQUAKE_K_HID: hex(32),
      PQUAKE_SS_I: hex(32),
      PQUAKE_SS_R: hex(32),
      PQUAKE_K_SESSION: hex(48),
    });
    const connection = recorded.initiatorLog[0]?.split(' ')[1];
    fc.assert(
      fc.property(values, fc.subarray(labels, { minLength: 1 }), (all, some) => {
        const wrong = some.map((label) => `${label} ${connection} ${all[label]}`);
        const faults = faultsOf(look(recorded, {}, wrong));
        const opens = some.includes('PQUAKE_K_HID') || some.includes('PQUAKE_SS_E');
        expect(faults.filter((fault) => /decryption-failed/.test(fault))).toHaveLength(opens ? 2 : 0);
        const derives =
          opens && ['PQUAKE_SS_E', 'PQUAKE_SS_I', 'PQUAKE_SS_R'].every((label) => some.some((one) => one === label));
        expect(faults.filter((fault) => /wrong-confirmation/.test(fault))).toHaveLength(derives ? 2 : 0);
        for (const label of some) expect(faults.join()).not.toContain(all[label]);
      }),
      { numRuns: 50 },
    );
  });

  it('any text: problems with lines, no exception', () => {
    const word = fc.oneof(fc.constantFrom(...labels, '#', '', recorded.initiatorLog[0] ?? ''), fc.string(), hex(32));
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 4 })), (lines) => {
        const text = lines.map((words) => words.join(' ')).join('\n');
        for (const { at } of readKeyLog(text).problems) expect('line' in at && at.line).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a key log that is malformed', () => {
  const [id, value] = ['ab'.repeat(32), 'cd'.repeat(32)];

  it.each([
    [`PQUAKE_SS_E ${id}`, 'found another form of line'],
    [`PQUAKE_SS_E ${id} ${value} `, 'found another form of line'],
    [`PQUAKE_SS_E ${id.slice(1)} ${value}`, 'found another connection id'],
    [`PQUAKE_SS_E ${id} ${value}00`, 'found 66 characters for PQUAKE_SS_E, expected 64 lower-case'],
    [`PQUAKE_K_SESSION ${id} ${value}`, 'found 64 characters for PQUAKE_K_SESSION, expected 96'],
    [`PQUAKE_SS_E ${id} ${value.toUpperCase()}`, 'found 64 characters for PQUAKE_SS_E'],
    [`PQUAKE_SS_E ${id} ${'ef'.repeat(32)}`, 'found another PQUAKE_SS_E than before'],
  ])('%s', (line, reason) => {
    const text = `# c\n\nCLIENT_RANDOM a b\nPQUAKE_SS_E ${id} ${value}\n${line}\n`;
    const inspection = inspect([{ name: 'f', octets: Uint8Array.of(1) }], { suite, keyLog: { name: 'log', text } });
    const [fault = ''] = faultsOf(inspection);
    expect(fault).toContain(`log: line 5: ${reason}`);
    expect(JSON.stringify(readKeyLog(text).problems)).not.toMatch(/cdcd|CDCD|efef/);
    expect(toHex(readKeyLog(text).connections.get(id)?.ss_e ?? new Uint8Array())).toBe(value);
  });
});
