// Offline deniability: what one peer can show of a handshake, it can make alone. A judge with both static keys tells nothing; broken
// simulators are told. 10,000 handshakes: npm run properties:long.
import { describe, expect, it } from 'vitest';
import type { ParsedCertificate } from '../src/certificate/parse.ts';
import { readingOf } from '../src/generated/keySchedule.ts';
import { guessing } from '../src/lab/deniability/faults.ts';
import { outcomeOf } from '../src/lab/deniability/judge.ts';
import { exhibitOfPeers, exhibitOfSimulator } from '../src/lab/deniability/onOctets.ts';
import { type Bytes, same } from '../src/octets.ts';
import type { Schedule } from '../src/protocol/parameters.ts';
import { otherRole } from '../src/role.ts';
import { coinsOf, compare, honest, judgeOf, type Simulator, tellsApart } from './deniability.ts';
import { seed } from './seed.ts';

const told = (runs: number, simulator?: Simulator): string => tellsApart(compare({ seed, runs }, simulator)).join('\n');

it('a judge with both static keys, all secrets and all coins cannot tell a simulated handshake from a real one', () => {
  const compared = compare({ seed, runs: 24 });
  expect(tellsApart(compared)).toEqual([]);
  expect(compared.simulated.size).toBe(15);
});

describe('a broken simulator is told', () => {
  it('one that does not know the secrets of its ciphertexts', () => {
    const broken: Simulator = ({ keys, ...setting }, accuser, coins) =>
      exhibitOfSimulator(setting, keys[accuser], coins, accuser, guessing);
    const said = told(2, broken);
    expect(said).toContain('simulated: message 7 is not the one that the initiator sends (2 times)');
    expect(said).toContain('simulated: message 8 is not the one that the responder sends (2 times)');
  });

  it('one that shows another secret than it used', () => {
    const broken: Simulator = (judge, accuser, coins) => {
      const shown = honest(judge, accuser, coins);
      return { ...shown, secrets: { ...shown.secrets, ss_i: new Uint8Array(32).fill(7) } };
    };
    expect(told(2, broken)).toContain(
      'simulated: k_session: not the one logged, in any reading that was tried (2 times)',
    );
  });

  it('one whose peer has one initial vector', () => {
    const broken: Simulator = (judge, accuser, coins) => {
      const peer = otherRole(accuser);
      const initialVector = new Uint8Array(12).fill(90) as never;
      return honest(judge, accuser, { ...coins, [peer]: { ...coins[peer], initialVector } });
    };
    const names = ['initiatorCertificate', 'responderCertificate'];
    expect(told(40, broken).split('\n').sort()).toEqual(
      names.map((name) => `IV of ${name}: the octets have another distribution`),
    );
  });

  it('one that has one ephemeral key', () => {
    const { ephemeralKey } = coinsOf('one key').initiator;
    const broken: Simulator = (judge, accuser, coins) =>
      honest(judge, accuser, { ...coins, initiator: { ...coins.initiator, ephemeralKey } });
    expect(told(6, broken)).toBe('pk_e: the octets have another distribution');
  });

  it('one that puts the messages into a wrong order', () => {
    const broken: Simulator = (judge, accuser, coins) => {
      const shown = honest(judge, accuser, coins);
      return { ...shown, octets: [...shown.octets].reverse() };
    };
    const said = told(2, broken);
    expect(said).toContain('simulated: message 8 is shown before the responder sends it (2 times)');
    expect(said).toContain('simulated: headers or lengths differ (2 times)');
  });

  it('one that shows a shorter certificate of its peer', () => {
    const broken: Simulator = ({ keys, ...setting }, accuser, coins) => {
      const peer = otherRole(accuser);
      const certificate = setting.certificates[peer];
      const shorter: ParsedCertificate = { ...certificate, octets: certificate.octets.slice(0, -1) };
      const certificates = { ...setting.certificates, [peer]: shorter };
      return exhibitOfSimulator({ ...setting, certificates }, keys[accuser], coins, accuser);
    };
    const said = told(2, broken);
    expect(said).toContain('simulated: headers or lengths differ (2 times)');
    expect(said).toContain('simulated: certificates differ (2 times)');
  });

  it('one that reads the draft otherwise', () => {
    const broken: Simulator = (judge, accuser, coins) =>
      honest({ ...judge, reading: readingOf({ ...judge.choice, confirmationInput: 'figure' }) }, accuser, coins);
    expect(told(2, broken)).toContain('simulated: the initiator does not accept: wrong-confirmation (2 times)');
  });
});

// The limit: a judge who gave the accuser a ciphertext to use, before the handshake, and kept its coins.
describe('a judge who gives the accuser the ciphertext to send', () => {
  /** What the accuser can show when it does not know the secret of the ciphertext that it sends for this key. */
  function shown(accuser: 'initiator' | 'responder', schedule: Schedule, present: boolean) {
    const judge = { ...judgeOf(undefined), schedule };
    const { encapsulationKey } = judge.certificates[otherRole(accuser)];
    const unknown = new Uint8Array(32).fill(3) as never;
    const encapsulate = (to: Bytes, coins?: Bytes) => {
      const made = judge.suite.encapsulate(to, coins);
      return made && same(to, encapsulationKey) ? { ...made, sharedSecret: unknown } : made;
    };
    const ignorant = { ...judge, suite: { ...judge.suite, encapsulate } };
    const coins = coinsOf(`given ${accuser}`);
    const exhibit = present
      ? exhibitOfPeers(ignorant, judge.keys, coins, accuser)
      : exhibitOfSimulator(ignorant, judge.keys[accuser], coins, accuser);
    return { judge, exhibit };
  }

  for (const accuser of ['initiator', 'responder'] as const) {
    it(`is convinced that the peer of the ${accuser} took part: its confirmation is one that the accuser cannot make`, () => {
      const { judge, exhibit } = shown(accuser, 'eager', true);
      expect(exhibit.released).toEqual([]);
      expect(outcomeOf(judge, exhibit, accuser)).toBe('completed');
      const alone = shown(accuser, 'eager', false);
      expect(outcomeOf(alone.judge, alone.exhibit, accuser)).toBe('wrong-confirmation');
    });

    it(`gets nothing where the peer of the ${accuser} speaks second: it confirms only what was confirmed to it`, () => {
      const { judge, exhibit } = shown(accuser, { first: accuser }, true);
      expect(outcomeOf(judge, exhibit, accuser)).toBe('awaiting');
    });
  }
});
