// Asks a person at a terminal to confirm what was shown.
import { createInterface } from 'node:readline';

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Whether a person can be asked: standard input and standard error are terminals. */
export const isAtTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks for `yes`. Any other answer, and the end of the input, refuse. */
export function confirm(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const lines = createInterface({ input, output, historySize: 0 });
  return new Promise((resolve) => {
    const end = (answer: string): void => {
      lines.removeAllListeners();
      lines.close();
      resolve(answer.trim().toLowerCase() === 'yes');
    };
    lines.once('line', end);
    for (const event of ['close', 'SIGINT'] as const) lines.once(event, () => end(''));
    output.write(`${question} [yes/no] `);
  });
}
