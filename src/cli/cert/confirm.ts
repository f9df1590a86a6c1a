// Asks a person at a terminal to confirm what was shown.
import { createInterface } from 'node:readline';

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Whether somebody can be asked. */
export const isAtTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks; only `yes` confirms, not its absence, nor an end of the input. */
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
