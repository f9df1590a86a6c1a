// Where processes that tests start find their modules compiled, and leave them so: one place for each run of tests.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const compiled = join(tmpdir(), `pquake-compiled-${process.pid}`);

/** After all tests. */
export const teardown = (): void => rmSync(compiled, { recursive: true, force: true });
