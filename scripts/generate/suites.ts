import { mandatorySuite, type Spec } from '../../src/lab/spec/spec.ts';
import { banner, literal, quoted } from '../../src/lab/spec/text.ts';

/** The algorithms that may differ, and the suites that choose from them. */
export function suites(spec: Spec): string {
  const { suite } = mandatorySuite(spec);
  const rows = (algorithms: Readonly<Record<string, object>>): string =>
    Object.entries(algorithms)
      .map(
        ([name, { source, ...row }]: [string, { source?: string }]) =>
          `/** ${source} */\n  '${name}': ${literal({ name, ...row })},`,
      )
      .join('\n  ');
  const table = spec.suites.map(({ name, kem, signatures, status }) => {
    const signed = signatures.map((one) => `signatureTable['${one}']`).join(', ');
    return `'${name}': { name: '${name}', kem: kemTable['${kem}'], signatures: [${signed}], status: '${status}' },`;
  });
  return `${banner}/** A KEM: sizes in octets; \`platform\` is its name in OpenSSL. */
export interface KemAlgorithm {
  readonly name: string;
  readonly oid: string;
  readonly platform: string;
  readonly encapsulationKey: number;
  readonly decapsulationKey: number;
  readonly ciphertext: number;
}

/** A signature scheme of certificates: sizes in octets; \`privateKey\` is the expanded form in PKCS#8. */
export interface SignatureAlgorithm {
  readonly name: string;
  readonly oid: string;
  readonly platform: string;
  readonly publicKey: number;
  readonly signature: number;
  readonly seed: number;
  readonly privateKey: number;
}

/** The algorithms that a suite may choose; the others are the same in all (section 1.2). */
export interface SuiteAlgorithms {
  readonly name: SuiteId;
  readonly kem: KemAlgorithm;
  /** Of certificates; the first is that with which this project issues. */
  readonly signatures: readonly [SignatureAlgorithm, ...SignatureAlgorithm[]];
  /** \`optional\`: refused unless local policy allows it; \`deprecated\`: with a warning; \`broken\`: never. */
  readonly status: 'mandatory' | 'optional' | 'deprecated' | 'broken';
}

/** The name of a suite of spec/pquake.yaml. */
export type SuiteId = ${quoted(spec.suites.map(({ name }) => name))};

/** The KEMs that suites choose from. */
export const kemTable = {
  ${rows(spec.kems)}
} as const satisfies Record<string, KemAlgorithm>;

/** The signature schemes that suites choose from. */
export const signatureTable = {
  ${rows(spec.signatures)}
} as const satisfies Record<string, SignatureAlgorithm>;

/** Every suite. */
export const suiteTable: Readonly<Record<SuiteId, SuiteAlgorithms>> = {
  ${table.join('\n  ')}
};

/** The suite that every implementation of version 1 has (section 1.2). */
export const mandatorySuite = suiteTable['${suite.name}'];
`;
}
