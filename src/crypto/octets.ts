/** Overwrites secret octets with zeros. Copies that the engine made of them are beyond JavaScript. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Whether all octets are one value, as those of a secret are that was wiped or never set. The time depends on the length only. */
export function isConstant(octets: Uint8Array): boolean {
  let differences = 0;
  for (const octet of octets) differences |= octet ^ (octets[0] ?? 0);
  return differences === 0;
}

/** The octets given, or a `RangeError` that says what was expected; never what they are. */
export function requireOctets(what: string, octets: Uint8Array, length: number): Uint8Array {
  if (octets.length !== length) throw new RangeError(`${what}: expected ${length} octets, got ${octets.length}`);
  return octets;
}

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal digits of octets; not for secrets. */
export function toHex(octets: Uint8Array): string {
  let digits = '';
  for (const octet of octets) digits += hexPairs[octet];
  return digits;
}
