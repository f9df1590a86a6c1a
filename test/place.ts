// One place for the temporary files of a run of tests, keys among them, which goes with the run however that ends. Processes that
// tests start find their modules compiled there, and leave them so: less than half of what a start costs.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { removeDirectory, temporaryDirectory } from '../src/node/temporary/temporary.ts';

let place = '';

/** Before all tests. Workers, and what they start, have the environment of this process. */
export function setup(): void {
  place = temporaryDirectory('tests');
  chmodSync(place, 0o711); // tests that take another user's rights pass through it; what holds secrets in it has a mode of its own
  process.env['TMPDIR'] = place;
  process.env['NODE_COMPILE_CACHE'] = join(place, 'compiled');
}

/** After all tests. */
export const teardown = (): void => removeDirectory(place);
