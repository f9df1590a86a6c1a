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
