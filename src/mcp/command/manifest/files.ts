// Files of manifests, unsigned and signed, and what they are for in one line.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { inDirectory } from '../../../node/files/change.ts';
import { refuseFile } from '../../../node/files/fileErrors.ts';
import { timeText } from '../../../time.ts';
import { isObject } from '../../contract.ts';
import { readJson } from '../../tools/files.ts';
import { labelOf } from '../../tools/pins.ts';
import type { ManifestStatement } from '../../tools/signed.ts';
import { describe } from '../described.ts';

export const isSigned = (file: string): boolean => {
  const value = readJson(file);
  return isObject(value) && value['mediaType'] !== undefined;
};

export function write(file: string, content: Uint8Array | string, isOurs: (file: string) => boolean): void {
  const isThere = existsSync(file);
  if (isThere && !isOurs(file)) refuseFile(file, 'it is there already, and is none of what is written here');
  inDirectory(dirname(file), (all) => all([{ file, content, mode: 0o644, replace: isThere }]));
}

export const isManifest = (file: string): boolean => {
  const value = readJson(file);
  return isObject(value) && value['format'] === 'pquake-mcp-manifest';
};

export const told = ({ server, notAfter, manifest }: ManifestStatement): string =>
  `${labelOf(server)}: ${describe(manifest)}; until ${timeText(notAfter)}`;
