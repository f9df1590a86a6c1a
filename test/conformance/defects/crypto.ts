// Peers that compute or judge wrongly.
import { createHash } from 'node:crypto';
import { mutants } from '../../../properties/mutants/index.ts';
import type { Algebra } from '../../../src/algebra/algebra.ts';
import { certificateValidator } from '../../../src/certificate/validate.ts';
import { at, paths } from '../../../src/conformance/der.ts';
import { anchorOf } from '../../../src/conformance/material.ts';
import type { FailureCode } from '../../../src/failure.ts';
import { passed, refused } from '../../../src/failure.ts';
import { defaultChoice, readingAxes, readingOf } from '../../../src/generated/keySchedule.ts';
import type { EncapsulationKey, HidingKey } from '../../../src/generated/kinds.ts';
import type { Context, Defect } from '../defect.ts';
import { peerSeed } from '../seed.ts';

type Bytes = Uint8Array;
type Change = (a: Algebra<Bytes>, context: Context) => Partial<Algebra<Bytes>>;
const change =
  (of: Change): NonNullable<Defect['algebra']> =>
  (a, context) => ({ ...a, ...of(a, context) });

const same = (left: Bytes, right: Bytes): boolean => Buffer.compare(left, right) === 0;

/** The subject key of a certificate that is none of the profile, wherever it is. */
function subjectKey(certificate: Bytes): EncapsulationKey<Bytes> | undefined {
  try {
    return at(certificate, paths.subjectKey).slice(5).slice(-1568) as EncapsulationKey<Bytes>;
  } catch {
    return undefined;
  }
}

/** Takes a certificate that is refused with this code, and these words. */
const admitting =
  (code: FailureCode, words = /./): NonNullable<Defect['admits']> =>
  (certificate, refusal) => {
    const key = subjectKey(certificate);
    const excused = refusal.code === code && words.test(refusal.detail ?? code);
    return excused && key?.length === 1568 ? passed({ encapsulationKey: key }) : undefined;
  };

/** Mutants of the properties; all but those whose two sides would have to be broken alike for anything to show. */
const fromProperties: Readonly<Record<string, Defect['found']>> = {
  ...{ 'no-transcript': ['sanity'], 'transcript-in-S-only': ['sanity'], 'transcript-in-MAC-only': ['sanity'] },
  ...{ 'no-ss_e': ['sanity'], 'no-ss_i': ['sanity'], 'no-ss_r': ['sanity'], 'one-direction-hashed': ['sanity'] },
  ...{
    'hellos-only-hashed': ['sanity'],
    'certificates-not-hashed': ['sanity'],
    'encapsulations-not-hashed': ['sanity'],
  },
  ...{ 'psk-ignored': ['psk'], 'hiding-key-without-ss_e': ['sanity'], 'certificate-not-verified': ['certificate-'] },
  ...{
    'certificate-in-clear': ['sanity'],
    'constant-initial-vector': ['fresh-IV'],
    'no-confirmation': ['zeros', 'echo'],
  },
  ...{
    'own-confirmation-accepted': ['echo'],
    'one-confirmation-key': ['sanity'],
    'confirmation-keys-swapped': ['sanity'],
  },
  ...{ 'unkeyed-confirmation': ['sanity'], 'own-certificate-accepted': ['own-certificate'] },
  ...{ 'identity-judged-early': ['own-certificate'] },
};

const keptCoins =
  ({ memory, from }: Context) =>
  (octets: number) => {
    const name = `coins-${octets}`;
    if (!memory.has(name)) memory.set(name, from.suite.randomOctets(octets));
    return memory.get(name) as never;
  };

const mutated: readonly Defect[] = mutants.flatMap(({ id, breaks, reading, algebra }): Defect[] => {
  const found = fromProperties[id];
  if (found === undefined) return [];
  const broken: Defect['algebra'] = (a, context) => {
    const { role, identity } = context;
    const own = {
      role,
      certificate: identity.certificate,
      decapsulationKey: identity.key,
      keptCoins: keptCoins(context),
    };
    return (algebra?.(a, { ...own, subjectKey: (one: Bytes) => subjectKey(one) ?? new Uint8Array() } as never) ??
      a) as typeof a;
  };
  return [{ id: `mutant-${id}`, breaks, found, ...(reading && { reading }), ...(algebra && { algebra: broken }) }];
});

/** The alternatives of the draft, where the default reading is asked for. */
const readings: readonly Defect[] = Object.entries(readingAxes).flatMap(([axis, { alternatives }]) =>
  alternatives.slice(1).map((alternative) => ({
    ...{ id: `reads-${axis}-${alternative}`, breaks: `has another reading: ${alternative}`, found: ['sanity'] },
    reading: () => readingOf({ ...defaultChoice, [axis]: alternative }),
  })),
);

/** The rejection value of FIPS 203 (algorithm 18): what a peer that wants to know compares with. */
const rejection = (ciphertext: Bytes): Bytes =>
  createHash('shake256', { outputLength: 32 }).update(peerSeed.slice(32)).update(ciphertext).digest();

const comparing = (equal: (expected: Bytes, received: Bytes) => boolean): NonNullable<Defect['algebra']> =>
  change(() => ({
    confirm: ({ expected, received }) => (equal(expected, received) ? passed(true) : refused('wrong-confirmation')),
  }));

const wrongEncapsulation = { initiator: ['m6-ct'], responder: ['m5-ct'] } as const;

const own: readonly Defect[] = [
  {
    ...{ id: 'explicit-rejection', breaks: 'a wrong ciphertext is refused when it comes', found: wrongEncapsulation },
    algebra: change((a) => ({
      decapsulate: (input) => {
        const secret = a.decapsulate(input);
        if (same(secret, rejection(input.ciphertext))) throw new Error('the ciphertext is wrong');
        return secret;
      },
    })),
  },
  {
    ...{ id: 'other-rejection', breaks: 'a wrong ciphertext gives a secret of zeros', found: ['rejected-ciphertext'] },
    algebra: change((a) => ({
      decapsulate: (input) => {
        const secret = a.decapsulate(input);
        return same(secret, rejection(input.ciphertext)) ? (new Uint8Array(32) as typeof secret) : secret;
      },
    })),
  },
  {
    ...{
      id: 'ephemeral-key-kept',
      breaks: 'one ephemeral key for every handshake',
      roles: ['initiator'],
      found: ['fresh-pk_e'],
    },
    algebra: change((a, context) => ({ generateKeyPair: () => a.generateKeyPair({ coins: keptCoins(context)(64) }) })),
  },
  {
    ...{ id: 'coins-kept', breaks: 'one set of coins for every encapsulation', found: ['fresh-ct'] },
    algebra: change((a, context) => ({
      encapsulate: ({ encapsulationKey }) => a.encapsulate({ encapsulationKey, coins: keptCoins(context)(32) }),
    })),
  },
  {
    ...{ id: 'encapsulates-to-itself', breaks: '3.3 taken literally: encapsulates to its own key', found: ['sanity'] },
    algebra: change((a, { identity, from }) => ({
      encapsulate: ({ encapsulationKey, coins }) =>
        a.encapsulate({
          coins,
          encapsulationKey: same(encapsulationKey, from.tester.key.encapsulationKey)
            ? identity.key.encapsulationKey
            : encapsulationKey,
        }),
    })),
  },
  {
    ...{ id: 'no-modulus-check', breaks: 'a key that fails the modulus check is used, reduced', found: ['modulus'] },
    algebra: change((a, { from }) => ({
      encapsulate: ({ encapsulationKey, coins }) => {
        const done = a.encapsulate({ encapsulationKey, coins });
        return done.ok ? done : a.encapsulate({ encapsulationKey: from.tester.key.encapsulationKey, coins });
      },
    })),
  },
  {
    id: 'first-octet-compared',
    breaks: 'of the confirmation value one octet is compared',
    found: ['-bit'],
    algebra: comparing((e, r) => e[0] === r[0]),
  },
  {
    id: 'half-compared',
    breaks: 'of the confirmation value the first half is compared',
    found: ['-bit'],
    algebra: comparing((e, r) => same(e.slice(0, 24), r.slice(0, 24))),
  },
  {
    id: 'last-octet-not-compared',
    breaks: 'the last octet of the confirmation value is not compared',
    found: ['-bit'],
    algebra: comparing((e, r) => same(e.slice(0, -1), r.slice(0, -1))),
  },
  {
    id: 'first-octet-not-compared',
    breaks: 'the first octet of the confirmation value is not compared',
    found: ['-bit'],
    algebra: comparing((e, r) => same(e.slice(1), r.slice(1))),
  },
  {
    id: 'zeros-accepted',
    breaks: 'a confirmation value of zeros is accepted',
    found: ['zeros'],
    algebra: comparing((e, r) => same(e, r) || r.every((octet) => octet === 0)),
  },
  {
    ...{ id: 'either-key', breaks: 'a value under either confirmation key is accepted', found: ['other-key'] },
    algebra: change((a) => {
      let keys: readonly Bytes[] = [];
      let input: Bytes = a.empty;
      return {
        cut: (octets, lengths) => {
          keys = a.cut(octets, lengths);
          return keys;
        },
        mac: ({ key, message }) => {
          input = message;
          return a.mac({ key, message });
        },
        confirm: ({ received }) => {
          const right = keys.slice(0, 2).some((key) => same(a.mac({ key, message: input }), received));
          return right ? passed(true) : refused('wrong-confirmation');
        },
      };
    }),
  },
  {
    ...{ id: 'either-order', breaks: 'a value over the hashes in either order is accepted', found: ['halves'] },
    algebra: change((a) => {
      let last: { key: Bytes; message: Bytes } | undefined;
      return {
        mac: (input) => {
          last = input;
          return a.mac(input);
        },
        confirm: ({ expected, received }) => {
          const { key, message } = last ?? { key: a.empty, message: a.empty };
          const other = a.mac({ key, message: Uint8Array.from([...message.slice(48), ...message.slice(0, 48)]) });
          return same(expected, received) || same(other, received) ? passed(true) : refused('wrong-confirmation');
        },
      };
    }),
  },
  {
    ...{
      id: 'tag-not-checked',
      breaks: 'a certificate that does not open is taken for the one expected',
      found: ['tag-'],
    },
    algebra: change((a, { from }) => ({
      open: (input) => {
        const opened = a.open(input);
        return opened.ok ? opened : passed(from.tester.certificate as never);
      },
    })),
  },
  {
    ...{ id: 'any-secret', breaks: 'the hiding key is tried without the secret too', found: ['psk'] },
    algebra: change((a) => {
      const tried: HidingKey<Bytes>[] = [];
      return {
        extract: (input) => {
          const { ikm } = input;
          if (ikm.length === 35) {
            const bare = a.extract({ salt: ikm.slice(0, 32), ikm: ikm.slice(32) });
            tried.push(a.expand({ prk: bare, info: a.empty, length: 32 }) as HidingKey<Bytes>);
          }
          return a.extract(input);
        },
        open: (input) => {
          const opened = a.open(input);
          const [hidingKey] = tried;
          return opened.ok || hidingKey === undefined ? opened : a.open({ ...input, hidingKey });
        },
      };
    }),
  },
  {
    id: 'expired-accepted',
    breaks: 'validity periods are not looked at',
    found: ['certificate-expired', 'certificate-not-yet'],
    admits: admitting('certificate-outside-validity'),
  },
  {
    ...{
      id: 'not-yet-valid-accepted',
      breaks: 'only the end of the validity period is looked at',
      found: ['certificate-not-yet'],
    },
    admits: (certificate, refusal, { from }) => {
      const later = certificateValidator({
        trustAnchors: [anchorOf(from)],
        time: new Date(Date.now() + 36 * 3_600_000),
      });
      const checked = later(certificate);
      return refusal.code === 'certificate-outside-validity' && checked.ok ? checked : undefined;
    },
  },
  {
    id: 'any-authority',
    breaks: 'certificates of any authority are accepted',
    found: ['foreign', 'intermediate'],
    admits: admitting('certificate-untrusted', /no trust anchor/),
  },
  {
    id: 'signature-not-checked',
    breaks: 'the signature is not verified, only the name of the authority',
    found: ['signature-', 'changed'],
    admits: admitting('certificate-untrusted', /not signed/),
  },
  {
    id: 'any-key-usage',
    breaks: 'the key usage is not looked at',
    found: ['key-usage'],
    admits: admitting('certificate-wrong-key-usage'),
  },
  {
    ...{
      id: 'more-key-usage',
      breaks: 'other key usages besides keyEncipherment are accepted',
      found: ['key-usage-more'],
    },
    admits: admitting('certificate-wrong-key-usage', /bits (.*, )?2\b/),
  },
  {
    id: 'no-key-usage-accepted',
    breaks: 'a certificate without key usage is accepted',
    found: ['no-key-usage'],
    admits: admitting('certificate-wrong-key-usage', /absent/),
  },
  {
    id: 'any-algorithm',
    breaks: 'the identifiers of algorithms are not looked at',
    found: ['algorithm'],
    admits: admitting('certificate-wrong-algorithm'),
  },
  {
    id: 'critical-ignored',
    breaks: 'unknown critical extensions are passed over',
    found: ['unknown-critical'],
    admits: admitting('certificate-malformed', /critical/),
  },
  {
    id: 'any-x509-version',
    breaks: 'the version of X.509 is not looked at',
    found: ['version-1'],
    admits: admitting('certificate-malformed', /version/),
  },
  {
    ...{
      id: 'octets-behind-certificate',
      breaks: 'octets behind the certificate are passed over',
      found: ['certificate-trailing', 'certificate-two'],
    },
    admits: (certificate, refusal, { from }) => {
      const checked = certificateValidator({ trustAnchors: [anchorOf(from)], time: new Date() })(
        certificate.slice(0, 4 + (certificate[2] ?? 0) * 256 + (certificate[3] ?? 0)),
      );
      return refusal.code === 'certificate-malformed' && checked.ok ? checked : undefined;
    },
  },
  {
    ...{
      id: 'certificate-judged-late',
      breaks: 'an invalid certificate is refused only at the end',
      found: ['certificate-expired'],
    },
    algebra: change((a) => {
      let bad = false;
      return {
        verifyCertificate: ({ certificate }) => {
          const verified = a.verifyCertificate({ certificate });
          const encapsulationKey = subjectKey(certificate);
          bad = !verified.ok;
          return verified.ok || encapsulationKey === undefined ? verified : passed({ certificate, encapsulationKey });
        },
        acceptPeer: (input) => (bad ? refused('certificate-untrusted') : a.acceptPeer(input)),
      };
    }),
  },
];

export const cryptoDefects: readonly Defect[] = [...own, ...mutated, ...readings];
