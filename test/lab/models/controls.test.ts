// What stands behind each proof: twins, controls, the use of each weak theory; and attempts to take them away. The attempts edit
// a copy of models/. No prover runs: the record is written anew as a prover would, or as somebody who cheats would.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Evidence, loadEvidence, missingOf, mostExcuses } from '../../../src/lab/report/evidence.ts';

const evidence = loadEvidence('models');
const isOfCryptoverif = (line: string): boolean => line.includes('(cryptoverif) speaks of completes');

describe('what stands behind each proof', () => {
  const missing = missingOf(evidence);

  it('every proof has a twin of the same parts, a control or an excuse; every weak theory is used', () => {
    const twinned = evidence.models.some(
      ({ model, queries }) => model.tool === 'cryptoverif' && queries.some(({ reachability }) => reachability),
    );
    expect(missing.filter((line) => twinned || !isOfCryptoverif(line))).toEqual([]);
  });

  it('few queries are excused', () => {
    expect(evidence.excuses.length).toBeLessThanOrEqual(mostExcuses);
  });
});

describe('somebody edits the models and proves again', () => {
  let place = '';
  let directory = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'pquake-controls-'));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  beforeEach(() => {
    directory = mkdtempSync(join(place, 'models-'));
    cpSync('models', directory, { recursive: true, filter: (path) => !path.startsWith(join('models', 'verdicts')) });
  });

  function edit(file: string, from: string | RegExp, to: string): void {
    const path = join(directory, file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(path, after);
  }

  /**
   * The copy, proved again: texts that changed have the answers expected, but for those that a prover gives for `told`
   * (verdicts seen with the real provers on exactly these edits).
   */
  function provedAgain(told: Readonly<Record<string, string>> = {}): string[] {
    const copy = loadEvidence(directory);
    const before = new Map(evidence.models.map((one) => [one.model.id, one.digest]));
    const recorded: Evidence['recorded'] = (one, id, verdict) =>
      before.get(one.model.id) === one.digest
        ? evidence.recorded(one, id, verdict)
        : verdict === (told[`${one.model.id} ${id}`] ?? one.queries.find((query) => query.id === id)?.expected);
    return missingOf({ ...copy, recorded }).filter((line) => !isOfCryptoverif(line));
  }

  it('the copy as it is has all that it needs', () => {
    expect(provedAgain()).toEqual([]);
  });

  /** Leaves the named entry of a list of the manifest out. */
  const without = (id: string): void => edit('models.yaml', new RegExp(`  - id: ${id}\\n(?: {4}.*\\n)+`), '');

  describe('a scenario in which no session runs or completes', () => {
    const completes = 'weak-psk-passive.completes completes-transcript';
    const empty = (): void => edit('scenarios/weak-psk-passive.pv', '!Transcript(certA, skA, certP, skP, ss_pre)', '0');

    it('weak-psk-passive without a handshake: its twin, proved again, reaches no end', () => {
      empty();
      expect(provedAgain({ [completes]: 'true' })).toContainEqual(
        expect.stringMatching(/^weak-psk-passive: no model of the same parts .* weak-psk-passive /),
      );
    });

    it('the expectation of the twin is turned round too', () => {
      empty();
      edit('queries/proverif/completes-passive.pv', 'expect: false', 'expect: true');
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^weak-psk-passive: no model of the same parts/));
    });

    it('the twin is left out', () => {
      empty();
      edit('models.yaml', 'of: [weak-psk-passive]', 'of: [community]');
      edit(
        'models.yaml',
        'queries: [queries/proverif/completes-passive.pv]\n    ends: true',
        'queries: [queries/proverif/completes.pv]',
      );
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^weak-psk-passive: no model of the same parts/));
    });

    it('unlisted-community whose members hold different secrets', () => {
      edit(
        'scenarios/unlisted-community.pv',
        'Responder(certificate(honest(a), encapsulationKey(sk)), sk, ss_pre,',
        'new own: bitstring; Responder(certificate(honest(a), encapsulationKey(sk)), sk, own,',
      );
      const missing = provedAgain({ 'names.community.completes both-complete': 'true' });
      expect(missing).toContainEqual(expect.stringMatching(/^names\.community: .* name-of-initiator /));
      expect(missing).toContainEqual(expect.stringMatching(/^names\.community: .* name-of-responder /));
    });

    it('a tested responder of an equivalence that never gets its message', () => {
      edit(
        'scenarios/hiding-active-responder-secret-psk.pv',
        '(in(c, expected: bitstring); Responder(choice',
        '(new d: channel; in(d, expected: bitstring); Responder(choice',
      );
      expect(
        provedAgain({ 'hiding-active-responder.secret-psk.completes completes-tested-responder': 'true' }),
      ).toContainEqual(expect.stringMatching(/^hiding-active-responder\.secret-psk: /));
    });

    it('a passive handshake that is repeated for the other agents only', () => {
      edit('scenarios/unlisted-passive.pv', '(!Transcript(certP, skP, certB, skB, ss_pre))', '0');
      expect(provedAgain({ 'names.passive.completes completes-responder-passive': 'true' })).toContainEqual(
        expect.stringMatching(/^names\.passive: no model of the same parts/),
      );
    });

    it('a tester of an attack that never gets the message that it goes by', () => {
      edit(
        'scenarios/hiding-attack/opens-initiator.psk.pvl',
        'in(c, m3: bitstring)',
        'new d: channel; in(d, m3: bitstring)',
      );
      const missing = provedAgain({ 'hiding-attack-initiator.known-psk attack-by-certificate-initiator': 'true' });
      expect(missing).toContainEqual(
        expect.stringMatching(/^hiding-attack-initiator\.known-psk: .* attack-by-certificate-initiator-sound /),
      );
    });

    it('released keys of which none is exported: the twin of the equivalence reaches no end', () => {
      edit('scenarios/keys/export-random.pv', '!in(c, (label', 'new d: channel; !in(d, (label');
      expect(provedAgain({ 'export-random.completes completes-keys': 'true' })).toEqual([
        expect.stringMatching(/^export-random: no model of the same parts .* export-random /),
      ]);
    });

    it('a tester of released keys that never gets a candidate', () => {
      edit('scenarios/keys/exports-identifier.pv', /\| Tester\(.*\) \)/, '| 0 )');
      const missing = provedAgain({ 'exports-shown.identifier reach-candidate-told': 'true' });
      expect(missing).toContainEqual(expect.stringMatching(/^exports-shown\.identifier: .* random-not-taken /));
    });

    it('a query on released keys whose event no twin asks for', () => {
      edit('queries/proverif/exports-shown.pv', 'event(Exports(key)).', 'event(ToldReal).');
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^exports-shown\.identifier: .* export-secret /));
    });

    it('roles are not to be passed off as released keys', () => {
      edit(
        'scenarios/keys/export-random.pv',
        '!in(c, (label',
        'Initiator(empty, k_session, empty, empty) | !in(c, (label',
      );
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^export-random: no model of the same parts/));
    });

    it('a twin that asks for less than the end of a session', () => {
      edit(
        'queries/proverif/completes.pv',
        /query sid: bitstring[\s\S]*/,
        'query sid: bitstring, pk_e: bitstring;\n  event(InitiatorOffers(sid, pk_e)).\n',
      );
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^late-leaks\.psk: no model of the same parts/));
    });

    it('a twin of other parts', () => {
      without('reachability.mac-revealing');
      expect(provedAgain()).toContainEqual(
        expect.stringMatching(/^secrecy\.mac-revealing: no model of the same parts/),
      );
    });
  });

  describe('a weak theory that is none', () => {
    const theory = 'theories/proverif/mac-revealing.pvl';
    const made = (): void => edit(theory, 'message(mac(k, m)) = m', 'message(mac(k, mac(k, m))) = m');

    it('a MAC theory whose weakness was made void', () => {
      made();
      expect(provedAgain({ 'weakness.mac-revealing weakness-mac-shows-message': 'true' })).toEqual([
        `${theory}: no query shows its weakness`,
      ]);
    });

    it('secrets of more than 128 octets that are no key of an HMAC', () => {
      const long = 'theories/proverif/hmac-long-key.pvl';
      edit(long, 'extract(hash(long(p)), x)', 'extract(long(p), x)');
      expect(provedAgain({ 'weakness.hmac-long-key weakness-one-key-of-two-secrets': 'true' })).toEqual([
        `${long}: no query shows its weakness`,
      ]);
    });

    it('the expectation of the tester is turned round too', () => {
      made();
      edit(
        'models.yaml',
        /(id: weakness\.mac-revealing\n(?: {4}.*\n)+)/,
        '$1    expect: { weakness-mac-shows-message: true }\n',
      );
      expect(provedAgain()).toEqual([`${theory}: no query shows its weakness`]);
    });

    it('the tester is left out', () => {
      without('weakness.kem-revealing');
      expect(provedAgain()).toEqual(['theories/proverif/kem-revealing.pvl: no query shows its weakness']);
    });

    it('the tester finds the weakness in every theory', () => {
      edit(
        'scenarios/weaknesses/kem-rejecting.pv',
        'in 0 else event Weakness()',
        'in event Weakness() else event Weakness()',
      );
      expect(provedAgain({ 'strength.kem-rejecting weakness-explicit-rejection': 'false' })).toEqual([
        'theories/proverif/kem-rejecting.pvl: no model shows that the same query fails to find its weakness without it',
      ]);
    });
  });

  describe('a query that never fails', () => {
    it('its control is left out', () => {
      edit('models.yaml', '      leaks.psk: { leaks-same-key-same-session: false }\n', '');
      expect(provedAgain()).toEqual([
        'leaks-same-key-same-session (proverif): it fails in no model, and there is no excuse',
      ]);
    });

    it('its control does not fail', () => {
      edit(
        'models.yaml',
        'leaks.psk: { leaks-same-key-same-session: false }',
        'leaks.psk: { leaks-same-key-same-session: true }',
      );
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^leaks-same-key-same-session .* fails in no model/));
    });

    it('its control is expected to fail, and does not', () => {
      edit('generated/proverif/mutants/no-transcript.psk.traces.pvl', '(* PQuAKE', '(* Edited PQuAKE');
      expect(provedAgain({ 'leaks.psk@mutants.no-transcript leaks-same-key-same-session': 'true' })).toContainEqual(
        expect.stringMatching(/^leaks-same-key-same-session .* fails in no model/),
      );
    });

    it('a proof that is not found is no attack, where the prover could tell one', () => {
      edit(
        'models.yaml',
        'leaks.psk: { leaks-same-key-same-session: false }',
        'leaks.psk: { leaks-same-key-same-session: unproved }',
      );
      expect(provedAgain()).toContainEqual(expect.stringMatching(/^leaks-same-key-same-session .* fails in no model/));
    });

    it('excuses for more queries than are few, or for one that has a control', () => {
      const excuses = Array.from(
        { length: mostExcuses + 1 },
        () => '  - { query: agreement-initiator, tool: proverif, because: none }\n',
      ).join('');
      edit('models.yaml', /\nvariants:\n/, `\nexcuses:\n${excuses}variants:\n`);
      const missing = provedAgain();
      expect(missing).toContain('excuse for agreement-initiator (proverif): there is a control, or no such query');
      expect(missing).toContain(`${mostExcuses + 1} excuses: expected at most ${mostExcuses}`);
    });
  });
});
