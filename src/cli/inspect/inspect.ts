import { faultsOf, inspect } from '../../inspect/inspect.ts';
import { limits } from '../../limits.ts';
import { readBounded, readPreSharedSecret } from '../../node/files/files.ts';
import { chooseSuite } from '../../node/suite.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { drawInspection } from './draw.ts';
import { inspectionAsJson } from './json.ts';
import type { InspectOptions } from './options.ts';

/** Runs `pquake inspect`. @returns 0 when everything could be read and nothing is refused, else 1 */
export function runInspect(names: readonly string[], options: InspectOptions): number {
  const { keylog, pskFile, reading } = options;
  const inspection = inspect(
    names.map((name) => ({ name, octets: readBounded(name, limits.recording) })),
    {
      suite: chooseSuite(options.crypto),
      reading,
      keyLog:
        keylog === undefined
          ? undefined
          : { name: keylog, text: readBounded(keylog, limits.keyLogFile).toString('latin1') },
      preSharedSecret: pskFile === undefined ? undefined : readPreSharedSecret(pskFile),
    },
  );
  if (pskFile !== undefined && keylog === undefined)
    note('pquake: without a key log a pre-shared secret opens nothing');
  const faults = faultsOf(inspection);
  if (options.json === true) printJson(inspectionAsJson(inspection, faults, options));
  else for (const line of drawInspection(inspection, options)) print(line);
  for (const fault of faults) note(`pquake: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}
