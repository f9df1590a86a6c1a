// Levels of assurance (NIST SP 800-63-4): what an authority asserts of the persons whom it certifies.

/** How sure the issuer of a certificate says to be of a person, 1 to 3. Workloads have none. */
export interface Assurance {
  /** Identity assurance level. */
  readonly ial?: 1 | 2 | 3;
  /** Authenticator assurance level. */
  readonly aal?: 1 | 2 | 3;
  /** Federation assurance level. */
  readonly fal?: 1 | 2 | 3;
}

const kinds = ['ial', 'aal', 'fal'] as const;

/**
 * What authorities assert together of whom all of them certify: the least, and nothing when one of them asserts nothing.
 * @param asserted - by the name of the authority
 */
export function assertedBy(
  asserted: ReadonlyMap<string, Assurance>,
  authorities: readonly string[],
): Assurance | undefined {
  const all = authorities.map((name) => asserted.get(name));
  if (all.length === 0 || all.includes(undefined)) return undefined;
  const levels = kinds.flatMap((kind) => {
    const each = all.map((one) => one?.[kind]);
    return each.includes(undefined) ? [] : [[kind, Math.min(...each.map(Number))]];
  });
  return levels.length === 0 ? undefined : (Object.fromEntries(levels) as Assurance);
}

/** Whether levels reach a minimum. A level that is not asserted reaches none. */
export const reaches = (found: Assurance | undefined, least: Assurance): boolean =>
  kinds.every((kind) => (found?.[kind] ?? 0) >= (least[kind] ?? 0));

/** Levels for people: `IAL 2, AAL 3`. */
export const shownAssurance = (assurance: Assurance | undefined): string => {
  const told = kinds.flatMap((kind) =>
    assurance?.[kind] === undefined ? [] : [`${kind.toUpperCase()} ${assurance[kind]}`],
  );
  return told.length === 0 ? 'not applicable' : told.join(', ');
};
