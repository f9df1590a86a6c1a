// The parts of messages on octets, for the proposals.
import type { Suite } from '../crypto/suite.ts';
import { passed, refused } from '../failure.ts';
import { sizes } from '../generated/constants.ts';
import type { Certificate } from '../generated/kinds.ts';
import { type Bytes, concat } from '../octets.ts';
import type { Framing } from './algebra.ts';
import { padLengthOctets } from './bytesDerivation.ts';

/** The framing on octets. `held` answers the certificate of a SHA-384, where the application holds it. */
export const bytesFraming = (
  suite: Suite,
  held: (digest: Bytes) => Bytes | undefined = () => undefined,
): Framing<Bytes> => ({
  join: ({ first, rest }) => concat(first, rest),
  split: ({ octets, first }) => [octets.subarray(0, first), octets.subarray(first)],
  unpad: ({ padded, multiple }) => {
    const octets = unpadded(padded, multiple);
    return octets === undefined
      ? refused('certificate-malformed', 'the padding is not the one of the certificate')
      : passed(octets);
  },
  commits: ({ expected, received }) => (suite.equal(expected, received) ? passed(true) : refused('decryption-failed')),
  certificateIn: ({ framed }) => {
    const [form] = framed;
    const content = framed.subarray(1);
    if (form === 0) return passed(content as Certificate<Bytes>);
    if (form !== 1) return refused('certificate-malformed', `found the form ${form}, expected 0 or 1`);
    if (content.length !== sizes.hash)
      return refused('certificate-malformed', `found a digest of ${content.length} octets, expected ${sizes.hash}`);
    const certificate = held(content);
    return certificate === undefined
      ? refused('certificate-untrusted', 'no certificate of this digest is held')
      : passed(certificate as Certificate<Bytes>);
  },
});

/** What was padded to a multiple, if nothing but zeros follows it and no zero more than is needed. */
function unpadded(padded: Bytes, multiple: number): Bytes | undefined {
  if (padded.length < padLengthOctets) return undefined;
  const length = padded.subarray(0, padLengthOctets).reduce((sum, octet) => sum * 256 + octet, 0);
  const filled = Math.ceil((padLengthOctets + length) / multiple) * multiple;
  if (filled !== padded.length) return undefined;
  const rest = padded.subarray(padLengthOctets + length);
  return rest.every((octet) => octet === 0) ? padded.subarray(padLengthOctets, padLengthOctets + length) : undefined;
}
