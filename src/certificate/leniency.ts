// What RFC 5280 permits in certificates and the profile refuses. Each is permitted by name only, and none by default.

/**
 * Every leniency, and what it lets through. None touches signatures, validity, basic constraints, name constraints, unknown
 * critical extensions, or a key usage that is stated.
 */
export const leniencies = {
  authorityKeyIdentifierIssuer:
    'an authority key identifier that states the issuer and serial number of the certificate above; they are not compared',
  absentKeyUsage: 'no key usage, in the certificate of a peer or of an authority',
  anyExtendedKeyUsage: 'an extended key usage that contains anyExtendedKeyUsage, which limits nothing',
  addressesAndMailNames:
    'IP addresses and mail addresses beside names that can be expected; no name is compared with them',
} as const;

/** The name of a leniency. */
export type Leniency = keyof typeof leniencies;

export const allLeniencies = Object.keys(leniencies) as readonly Leniency[];

/** Says whether a reader may let something through, and remembers what it let through. */
export interface Allowance {
  /** Asked only where the profile refuses. */
  readonly permits: (leniency: Leniency) => boolean;
  readonly used: ReadonlySet<Leniency>;
}

/** Makes the allowance for one certificate or list. */
export function allowance(permitted: readonly Leniency[]): Allowance {
  const used = new Set<Leniency>();
  return {
    used,
    permits: (leniency) => {
      if (!permitted.includes(leniency)) return false;
      used.add(leniency);
      return true;
    },
  };
}
