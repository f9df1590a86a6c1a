// Warnings of certificates that are configured and not valid, or not for long. The peer would refuse, and not say why.

import { match } from 'ts-pattern';
import type { AuthorityCertificate } from '../certificate/authority.ts';
import { standingAt, untilChange, type Validity } from '../certificate/lifetime.ts';
import { shownName } from '../certificate/name.ts';
import type { ParsedCertificate } from '../certificate/parse.ts';
import type { TrustAnchor } from '../certificate/trustAnchor.ts';
import type { TrustStore } from '../certificate/trustStore.ts';
import { ConfigurationError } from '../configuration.ts';
import { same } from '../octets.ts';
import { timeText } from '../time.ts';

/** The certificates that are configured. */
export interface Configured {
  readonly credentials: { readonly certificate: ParsedCertificate };
  readonly trustAnchors: readonly TrustAnchor[] | TrustStore;
}

interface Named extends Validity {
  /** `the own certificate CN=bob` */
  readonly name: string;
  /** What follows when it is not valid. */
  readonly refused: string;
  readonly renew: string;
}

const ownOf = ({ subjectName, serialNumber, notBefore, notAfter }: ParsedCertificate): Named => ({
  name: `the own certificate ${shownName(subjectName)}, serial number ${serialNumber},`,
  refused: 'peers refuse it',
  renew: 'renew it before',
  notBefore,
  notAfter,
});

function authorityOf({ subject, notBefore, notAfter }: AuthorityCertificate, own: ParsedCertificate): Named {
  const isIssuer = same(subject.octets, own.issuer.octets);
  return {
    name: `the certificate of the authority ${shownName(subject.octets)}${isIssuer ? ', which issued the own certificate,' : ''}`,
    refused: isIssuer ? 'peers under it, and the own certificate, are refused' : 'peers under it are refused',
    renew: 'replace it before',
    notBefore,
    notAfter,
  };
}

/** The own certificate, then every authority once. */
function certificatesOf({ credentials: { certificate }, trustAnchors }: Configured): Named[] {
  const authorities =
    'authorities' in trustAnchors ? trustAnchors.authorities.map((path) => path.certificate) : trustAnchors;
  return [ownOf(certificate), ...[...new Set(authorities)].map((one) => authorityOf(one, certificate))];
}

function warningOf(named: Named, time: Date): string | undefined {
  const { name, refused, renew, notBefore, notAfter } = named;
  const now = `now it is ${timeText(time)}`;
  return match(standingAt(named, time))
    .with('valid', () => undefined)
    .with('expired', () => `${name} expired at ${timeText(notAfter)}; ${now}: ${refused}`)
    .with('not yet valid', () => `${name} is valid from ${timeText(notBefore)}; ${now}: until then ${refused}`)
    .with('ends soon', () => `${name} expires at ${timeText(notAfter)}; ${now}: ${renew}`)
    .exhaustive();
}

/** Says which certificates are not valid at a time, or not for long, with both dates. */
export const lifetimeWarnings = (configured: Configured, time: Date): string[] =>
  certificatesOf(configured).flatMap((one) => warningOf(one, time) ?? []);

/** The milliseconds after a time until another warning is due; `Infinity` when none will be. */
export const untilOtherWarnings = (configured: Configured, time: Date): number =>
  Math.min(...certificatesOf(configured).map((one) => untilChange(one, time)));

/** A warning without the time at which it was given: the same for every time. */
export function withoutNow(warning: string): string {
  const from = warning.indexOf('; now it is ');
  return from < 0 ? warning : `${warning.slice(0, from)};${warning.slice(warning.indexOf('Z: ', from) + 2)}`;
}

/** Whether no peer accepts the certificate, now or later. */
export const isExpired = (certificate: ParsedCertificate, time: Date): boolean =>
  standingAt(certificate, time) === 'expired';

/** Refuses an own certificate that has expired. @throws ConfigurationError */
export function refuseExpired(certificate: ParsedCertificate, time: Date): void {
  if (isExpired(certificate, time))
    throw new ConfigurationError(`${warningOf(ownOf(certificate), time)}. Renew it, or set the clock`);
}
