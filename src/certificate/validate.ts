// Path validation (RFC 5280, section 6) for the only path there is: a trust anchor and what it issued.
import { type Checked, refused } from '../failure.ts';
import { same } from './der.ts';
import { type ParsedCertificate, parseCertificate } from './parse.ts';
import type { TrustAnchor } from './trustAnchor.ts';

const holds = (time: Date, { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date }): boolean =>
  notBefore.getTime() <= time.getTime() && time.getTime() <= notAfter.getTime();

/**
 * The judge of certificates at a time: parses (see `parseCertificate`), finds the trust anchors whose subject is the issuer,
 * octet by octet, wants the time within both validity periods (bounds included), and verifies the signature (empty context)
 * under such an anchor. Judges no identity (draft, section 4.4). Never throws. Codes: those of `parseCertificate`,
 * `certificate-untrusted`, `certificate-outside-validity`.
 */
export function certificateValidator(options: {
  readonly trustAnchors: readonly TrustAnchor[];
  readonly time: Date;
}): (der: Uint8Array) => Checked<ParsedCertificate> {
  const { trustAnchors, time } = options;
  return (der) => {
    const parsed = parseCertificate(der);
    if (!parsed.ok) return parsed;
    const { issuer, toBeSigned, signature } = parsed.value;
    const issuers = trustAnchors.filter(({ subject }) => same(subject.octets, issuer.octets));
    if (issuers.length === 0) return refused('certificate-untrusted', `no trust anchor ${issuer.text}`);
    if (!holds(time, parsed.value)) return refused('certificate-outside-validity');
    const current = issuers.filter((anchor) => holds(time, anchor));
    if (current.length === 0) return refused('certificate-outside-validity', `trust anchor ${issuer.text}`);
    const verified = current.some(({ verificationKey }) => verificationKey.verify(toBeSigned, signature));
    return verified ? parsed : refused('certificate-untrusted', `not signed by ${issuer.text}`);
  };
}
