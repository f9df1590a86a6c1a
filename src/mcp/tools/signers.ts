// Whose signatures count, over manifests and models: keys, authorities with names, or a trust policy.
import { dirname, resolve } from 'node:path';
import { ConfigurationError } from '../../configuration.ts';
import type { Signer, VerifyingKey } from '../../provenance/contract.ts';
import { policyAuthorities } from '../../provenance/disk/policyTrust.ts';
import { readSignerAuthorities } from '../../provenance/keys/authorities.ts';
import { readVerifyingKey } from '../../provenance/keys/files.ts';
import { readTrustPolicy } from '../../provenance/keys/trustPolicyFile.ts';
import type { SignerAuthorities } from '../../provenance/signature/chain.ts';
import type { TrustPolicy } from '../../provenance/trust/policy.ts';

/** The files that say whose signatures count: a trust policy, or keys and authorities. */
export interface SignerFiles {
  /** A trust policy: spec/schema/trust-policy.schema.json. It stands alone. */
  readonly policy?: string | undefined;
  /** Public keys, PEM. Each must have signed. */
  readonly keys?: readonly string[] | undefined;
  /** Certificates of authorities that certify signers, PEM. */
  readonly ca?: readonly string[] | undefined;
  /** Names of which the certificate of a signer has one: `CN=...`, `URI:...`, `DNS:...`, or a common name. */
  readonly names?: readonly string[] | undefined;
}

/** Whose signatures count. */
export interface Signers {
  /** The files that were read: with others, others may count. */
  readonly files: readonly string[];
  /** Each of these has to have signed. */
  readonly keys: readonly VerifyingKey[];
  readonly authorities?: SignerAuthorities | undefined;
  readonly names?: readonly string[] | undefined;
  /** In the place of the others: whose keys and authorities count, and for what. */
  readonly policy?: TrustPolicy | undefined;
}

/** The files that a policy names, relative to its folder. */
function filesOf(file: string, { document }: TrustPolicy): readonly string[] {
  const {
    signers,
    authorities = [],
    timestampAuthorities = [],
    revocationAuthorities = [],
    keyStatements = [],
  } = document;
  const keys = [...signers.flatMap((one) => one.keys ?? []), ...revocationAuthorities];
  const named = [
    ...keys.flatMap((key) => ('file' in key ? [key.file] : [])),
    ...authorities.flatMap(({ certificates }) => certificates ?? []),
    ...timestampAuthorities,
    ...keyStatements,
  ];
  return [file, ...named.map((name) => resolve(dirname(file), name))];
}

/** Reads whose signatures count. @throws ConfigurationError also when nobody's do */
export function readSigners({ policy: file, keys = [], ca = [], names }: SignerFiles): Signers {
  const isByNames = keys.length > 0 || ca.length > 0;
  if (file !== undefined) {
    if (isByNames || names !== undefined)
      throw new ConfigurationError(
        `${file}: a trust policy says who signs; keys, authorities and names beside it do not`,
      );
    const policy = readTrustPolicy(file);
    return { files: filesOf(file, policy), keys: [], authorities: policyAuthorities(policy), policy };
  }
  if (!isByNames)
    throw new ConfigurationError('signatures are judged by a trust policy, or by keys or authorities of signers');
  if (names !== undefined && ca.length === 0)
    throw new ConfigurationError('names of signers need the authorities that certify them');
  return {
    files: [...keys, ...ca],
    keys: keys.map((one) => readVerifyingKey(one)),
    authorities: ca.length === 0 ? undefined : readSignerAuthorities({ ca }),
    names,
  };
}

/** A signer for people and for the record: its name, its algorithm, and the identifier of its key. */
export const signerText = ({ name, algorithm, key, certificate }: Signer): string =>
  certificate === undefined ? `${name}, ${algorithm}` : `${name}, ${algorithm}, key ${key}`;
