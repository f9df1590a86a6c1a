import { parsed } from '../../node/terminal/command.ts';
import { parseCount } from '../../node/terminal/words.ts';

/** The option of the work that a guess of the passphrase takes. */
export const iterationsOption = parsed('--iterations <n>', 'of PBKDF2, at least 600000 (default: 600000)', parseCount);
