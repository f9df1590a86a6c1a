// Peers that judge certificates wrongly.

import { certificateValidator } from '../../../../src/certificate/validate.ts';
import { type FailureCode, passed, refused } from '../../../../src/failure.ts';
import type { EncapsulationKey } from '../../../../src/generated/kinds.ts';
import { at, paths } from '../../../../src/lab/conformance/derEdits.ts';
import { anchorOf } from '../../../../src/lab/conformance/material.ts';
import { type Bytes, same } from '../../../../src/octets.ts';
import type { Defect } from '../defect.ts';

/** The subject key of a certificate that does not follow the profile, wherever it is. */
export function subjectKey(certificate: Bytes): EncapsulationKey<Bytes> | undefined {
  try {
    return at(certificate, paths.subjectPublicKey).slice(5).slice(-1568) as EncapsulationKey<Bytes>;
  } catch {
    return undefined;
  }
}

/** Accepts a certificate that is refused with this code, and these words. */
export const admitting =
  (code: FailureCode, words = /./): NonNullable<Defect['admits']> =>
  (certificate, refusal) => {
    const key = subjectKey(certificate);
    const excused = refusal.code === code && words.test(refusal.detail ?? code);
    return excused && key?.length === 1568 ? passed({ encapsulationKey: key }) : undefined;
  };

export const certificateDefects: readonly Defect[] = [
  {
    id: 'expired-accepted',
    breaks: 'validity periods are not looked at',
    found: ['certificate-expired', 'certificate-not-yet'],
    admits: admitting('certificate-outside-validity'),
  },
  {
    id: 'not-yet-valid-accepted',
    breaks: 'only the end of the validity period is looked at',
    found: ['certificate-not-yet'],
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
    admits: admitting('certificate-untrusted', /no authority/),
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
    id: 'more-key-usage',
    breaks: 'other key usages besides keyEncipherment are accepted',
    found: ['key-usage-more'],
    admits: admitting('certificate-wrong-key-usage', /found .*keyEncipherment.*, expected/),
  },
  {
    id: 'no-key-usage-accepted',
    breaks: 'a certificate without key usage is accepted',
    found: ['no-key-usage'],
    admits: admitting('certificate-wrong-key-usage', /found (none|no key usage)|absent/),
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
    id: 'octets-behind-certificate',
    breaks: 'octets behind the certificate are passed over',
    found: ['certificate-trailing', 'certificate-two'],
    admits: (certificate, refusal, { from }) => {
      const checked = certificateValidator({ trustAnchors: [anchorOf(from)], time: new Date() })(
        certificate.slice(0, 4 + (certificate[2] ?? 0) * 256 + (certificate[3] ?? 0)),
      );
      return refusal.code === 'certificate-malformed' && checked.ok ? checked : undefined;
    },
  },
  {
    id: 'several-certificates-read',
    breaks: 'of several certificates the last one is taken',
    found: ['certificate-issuer-first', 'certificate-twice'],
    admits: (certificate, refusal, { from }) => {
      const behind = certificate.slice(4 + (certificate[2] ?? 0) * 256 + (certificate[3] ?? 0));
      const checked = certificateValidator({ trustAnchors: [anchorOf(from)], time: new Date() })(behind);
      return refusal.code === 'certificate-malformed' && checked.ok ? checked : undefined;
    },
  },
  {
    id: 'any-serial-number',
    breaks: 'the serial number is not looked at',
    found: ['serial-negative', 'serial-zero', 'serial-long'],
    admits: admitting('certificate-malformed', /serial/),
  },
  {
    id: 'names-not-constrained',
    breaks: 'name constraints of authorities are not kept',
    found: ['certificate-outside'],
    admits: admitting('certificate-constraint'),
  },
  {
    id: 'path-length-not-kept',
    breaks: 'path lengths of authorities are not kept',
    found: ['certificate-path-length'],
    startsAnyway: true,
    admits: (certificate, refusal, context) =>
      context.from.intermediates?.length === 2
        ? admitting('certificate-untrusted')(certificate, refusal, context)
        : undefined,
  },
  {
    id: 'revocation-ignored',
    breaks: 'a certificate in a revocation list is accepted',
    found: ['certificate-revoked'],
    admits: admitting('certificate-revoked'),
  },
  {
    id: 'ended-list-used',
    breaks: 'a revocation list is used after its end',
    found: ['certificate-list-ended'],
    admits: admitting('certificate-revocation-unknown'),
  },
  {
    id: 'chain-of-the-peer-used',
    breaks: 'a certificate behind the first one is passed over where its authority is known',
    found: ['certificate-with-intermediate'],
    admits: (certificate, refusal, context) =>
      context.from.intermediates === undefined
        ? undefined
        : admitting('certificate-malformed')(
            certificate.slice(0, 4 + (certificate[2] ?? 0) * 256 + (certificate[3] ?? 0)),
            refusal,
            context,
          ),
  },
  {
    id: 'intermediates-ignored',
    breaks: 'intermediates that are configured are not used',
    found: ['intermediate-known'],
    algebra: (a, { from, identity }) => ({
      ...a,
      verifyCertificate: (input) =>
        from.intermediates === undefined || same(input.certificate, identity.certificate)
          ? a.verifyCertificate(input)
          : refused('certificate-untrusted'),
    }),
  },
  {
    id: 'certificate-judged-late',
    breaks: 'an invalid certificate is refused only at the end',
    found: ['certificate-expired'],
    algebra: (a) => {
      let bad = false;
      return {
        ...a,
        verifyCertificate: ({ certificate }) => {
          const verified = a.verifyCertificate({ certificate });
          const encapsulationKey = subjectKey(certificate);
          bad = !verified.ok;
          return verified.ok || encapsulationKey === undefined ? verified : passed({ certificate, encapsulationKey });
        },
        acceptPeer: (input) => (bad ? refused('certificate-untrusted') : a.acceptPeer(input)),
      };
    },
  },
];
