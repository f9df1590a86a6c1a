import type { SuiteName } from '../../crypto/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { cryptoOption } from '../../node/terminal/suite.ts';

/** The command `demo`. The module that runs it is loaded when it is used. */
export const demoCommand: CommandDefinition = {
  words: 'demo',
  description: 'two processes complete handshakes over loopback TCP, with a throw-away authority',
  options: [cryptoOption],
  examples: ['demo'],
  action: async (options: { readonly crypto?: SuiteName }) => (await import('./demo.ts')).runDemo(options),
};
