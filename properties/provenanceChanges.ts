// How the properties of provenance change what is signed, and judge it.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Bytes } from '../src/octets.ts';
import type { Judged, SignedEnvelope } from '../src/provenance/contract.ts';
import { verifyEnvelope } from '../src/provenance/signature/envelope.ts';
import * as setting from './provenanceSetting.ts';

const { classicalFile, postQuantumFile } = setting;

/** The octets with one bit the other way round. */
export function flipped(octets: Bytes, bit: number): Bytes {
  const copy = Uint8Array.from(octets);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Judges the model while a file of it has other octets. */
export const withFile =
  (file: string) =>
  async (changed: Bytes): Promise<Judged<unknown>> => {
    const before = readFileSync(file);
    writeFileSync(file, changed);
    try {
      return await setting.verify();
    } finally {
      writeFileSync(file, before);
    }
  };

export const trust = { keys: [setting.classical.publicKey], authorities: setting.authorities, time: new Date() };
export const [classical, postQuantum] = [classicalFile, postQuantumFile].map(setting.bundleOf) as [
  SignedEnvelope,
  SignedEnvelope,
];
export const [leaf = new Uint8Array(), middle = new Uint8Array()] = setting.chain;
export const withChain = (chain: readonly Bytes[]) =>
  verifyEnvelope({ ...postQuantum, reference: { by: 'certificate', chain } }, trust);
