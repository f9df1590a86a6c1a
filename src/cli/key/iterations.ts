import { parsed } from '../../node/terminal/command.ts';
import { parseCount } from '../../node/terminal/words.ts';

/** The option for the iterations of PBKDF2: the work of one guess of the passphrase. */
export const iterationsOption = parsed('--iterations <n>', 'of PBKDF2, at least 600000 (default: 600000)', parseCount);
