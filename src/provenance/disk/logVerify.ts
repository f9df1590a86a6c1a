// Whether an entry is in a log, as its files are now; and whether all of a log is as it was signed.
import { passed, refused } from '../../failure.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { auditLog } from '../log/audit.ts';
import { logBounds } from '../log/bounds.ts';
import type { LogCode } from '../log/codes.ts';
import { type JudgedCheckpoint, type LogTrust, readValidCheckpoint } from '../log/judge.ts';
import { leafHash, type Tree } from '../log/merkle.ts';
import { formatProof, type Logged } from '../log/proof.ts';
import { findLeaves, type LogReader, readInclusions } from '../log/reader.ts';

/** An entry that is in a log, with a proof that verifies without it. */
export interface FoundEntry extends Logged {
  readonly proof: Bytes;
}

interface Current {
  readonly octets: Bytes;
  readonly judged: JudgedCheckpoint;
}

async function currentOf(reader: LogReader, trust: LogTrust): Promise<Judged<Current, LogCode>> {
  const octets = await reader.read('checkpoint', logBounds.note);
  if (!octets.ok) return octets;
  const judged = readValidCheckpoint(octets.value, trust);
  return judged.ok ? passed({ octets: octets.value, judged: judged.value }) : judged;
}

/** An entry was not found: that counts only in a log whose files are those that were signed. */
async function absentFrom(reader: LogReader, tree: Tree): Promise<Judged<never, LogCode>> {
  const audited = await auditLog(reader, tree);
  return audited.ok ? refused('log-entry-absent', `${reader.name}: none of its ${tree.size} entries`) : audited;
}

/** Finds an entry in a log whose checkpoint is valid by a policy, and proves that it is there. */
export async function findEntry(
  reader: LogReader,
  entry: Bytes,
  trust: LogTrust,
): Promise<Judged<FoundEntry, LogCode>> {
  const current = await currentOf(reader, trust);
  if (!current.ok) return current;
  const { octets, judged } = current.value;
  const leaf = leafHash(entry);
  const found = await findLeaves(reader, [toHex(leaf)], judged.checkpoint.size);
  if (!found.ok) return found;
  const index = found.value.get(toHex(leaf));
  if (index === undefined) return await absentFrom(reader, judged.checkpoint);
  const paths = await readInclusions(reader, [{ leaf, index }], judged.checkpoint);
  if (!paths.ok) return paths;
  const proof = formatProof({ index, path: paths.value[0] ?? [], checkpoint: octets });
  return passed({ ...judged, index, proof });
}

/** Checks all of a log, each entry and each tile, against its checkpoint, which is valid by a policy. */
export async function verifyLog(reader: LogReader, trust: LogTrust): Promise<Judged<JudgedCheckpoint, LogCode>> {
  const current = await currentOf(reader, trust);
  if (!current.ok) return current;
  const { judged } = current.value;
  const audited = await auditLog(reader, judged.checkpoint);
  return audited.ok ? passed(judged) : audited;
}
